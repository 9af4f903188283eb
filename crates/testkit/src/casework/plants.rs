//! What is planted: one line for each way to break the law, with the rules that must find it. To add one is to add a line.
//!
//! A plant breaks what it says. What else is broken with necessity stands in `also`, and nothing else may be red.

use super::act::{Case, Planted};
use super::draft::{Draft, Mark};
use super::moment::Moment;
use super::rng::Rng;
use super::script::closed;

/// A way to break the law on purpose.
pub struct Plant {
    /// Kind of violation (`V-11`), and which of several.
    pub id: &'static str,
    /// Rules that must find it.
    pub rules: &'static [&'static str],
    /// Rules that may be broken with it, because one thing follows from the other.
    pub also: &'static [&'static str],
    edit: fn(&mut Draft<'_>) -> Option<Mark>,
}

impl std::fmt::Debug for Plant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl Plant {
    /// Whether few cases offer it.
    fn scarce(&self) -> bool {
        let kinds = [
            "V-06", "V-08", "V-15", "V-19", "V-21", "V-23", "V-24", "V-28",
        ];
        kinds.contains(&self.violation())
            || self.id.contains("tapped")
            || self.id.contains("surveillance")
            || self.id.contains("returned without")
    }

    /// Kind of violation: `V-11`.
    pub fn violation(&self) -> &'static str {
        &self.id[..4]
    }
}

type Rules = &'static [&'static str];

const fn plant(id: &'static str, rules: Rules, edit: fn(&mut Draft<'_>) -> Option<Mark>) -> Plant {
    Plant {
        id,
        rules,
        also: &[],
        edit,
    }
}

const fn with(
    id: &'static str,
    rules: Rules,
    also: Rules,
    edit: fn(&mut Draft<'_>) -> Option<Mark>,
) -> Plant {
    Plant {
        id,
        rules,
        also,
        edit,
    }
}

/// Hours after which a limit of up to a month is over, holidays included.
const GONE: i64 = 24 * 40;

/// What goes on where a case is left lying: whatever was begun is finished, and a paper is called for now and then.
const GOES_ON: &[&str] = &[
    "cr.leave",
    "plc.exit",
    "cr.bail_exec_notify",
    "cr.bail_check",
    "cr.obtain",
    "cr.appraise",
    "cr.appraise_result",
    "cr.appraise_inform",
    "cr.legalaid_notify",
    "cr.recuse_decide",
    "prop.handover",
    "prop.register",
    "prop.deposit_account",
    "prop.report_inspect",
    "prop.check_out",
    "prop.check_in",
    "rec.av_upload",
];

/// All of them.
pub const PLANTS: &[Plant] = &[
    // 有案不立、不登记
    with("V-01a not registered", &["V-01a"], &["RC-001"], |d| {
        d.cut("int.alert", &["int.dispatch"], 50)
    }),
    with("V-01a registered late", &["V-01a"], &["CR-001.2"], |d| {
        d.says(
            "int.register",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        d.hold("int.register", 1)
    }),
    with("V-01b registered, not accepted", &["V-01b"], &[], |d| {
        d.says(
            "int.register",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        d.cut("int.register", &["rec.av_upload"], 50)
    }),
    plant("V-01c neither filed nor refused", &["CR-004"], |d| {
        d.says("int.accept", "economic", &model::Value::Bool(false))?;
        d.says(
            "int.accept",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        d.lacks("int.evidence_receive")?;
        d.cut("int.accept", &["int.receipt", "rec.av_upload"], GONE)
    }),
    plant("V-01c economic case not filed", &["CR-005"], |d| {
        d.says("int.accept", "economic", &model::Value::Bool(true))?;
        d.says(
            "int.accept",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        d.lacks("int.evidence_receive")?;
        d.cut("int.accept", &["int.receipt", "rec.av_upload"], GONE)
    }),
    with("V-01 filed five weeks late", &["CR-004"], &[], |d| {
        d.says("int.accept", "economic", &model::Value::Bool(false))?;
        d.says(
            "int.accept",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        d.lacks("cr.no_file")?;
        d.lacks("cr.review_extend")?;
        d.lacks("int.evidence_receive")?;
        d.hold("cr.file", 5)
    }),
    with(
        "V-01 accepted off the record",
        &["CR-002.2"],
        &["V-01b"],
        |d| {
            d.says(
                "int.accept",
                "nature",
                &model::Value::String("criminal".into()),
            )?;
            let at = d.find("int.accept")?;
            d.acts[at]
                .objects
                .retain(|o| o.object_type.as_str() != "alert");
            Some(d.mark(at))
        },
    ),
    // 降格处理
    plant("V-02a crime punished as a violation", &["V-02a"], |d| {
        d.has("ad.decide")?;
        d.set("int.accept", "injury_grade", "minor")
    }),
    with("V-02a crime suspected, fined", &["AD-076"], &[], |d| {
        d.has("ad.decide")?;
        d.since_2026("ad.question")?;
        d.set("ad.question", "crime_suspected", true)
    }),
    // 压案不查
    with("V-03 decided months late", &["AD-029"], &["AD-012"], |d| {
        d.lacks("ad.seize")?;
        d.lacks("ad.hearing")?;
        d.lacks("ad.appraise_result")?;
        d.says("int.accept", "public_security", &model::Value::Bool(true))?;
        d.lacks("ad.fast_consent")?;
        d.hold("ad.notice", 10)
    }),
    // 插手经济纠纷
    plant("V-04 filed without legal review", &["CR-018"], |d| {
        let at = d.find_if("cr.legal_review", |a| {
            a.attrs.iter().any(|x| x.value.as_str() == Some("cr.file"))
        })?;
        d.acts.remove(at);
        let at = d.find("cr.file")?;
        Some(d.mark(at))
    }),
    // 违法采取强制措施
    plant("V-05 seized before filing", &["CR-009.2"], |d| {
        d.says(
            "int.accept",
            "nature",
            &model::Value::String("criminal".into()),
        )?;
        let at = d.find("cr.seize")?;
        let item = d.acts[at].objects.get(1)?.id.clone();
        let seized = d.acts[at].clone();
        let to = Moment::from_micros(d.acts[d.find("cr.file")?].occurred).plus(-1800);
        let stored = [
            "prop.handover",
            "prop.register",
            "prop.deposit_account",
            "prop.report_inspect",
        ];
        let back = seized.occurred.seconds() - to.micros().seconds();
        for act in &mut d.acts {
            let own =
                act.activity.as_str() == "cr.seize" || stored.contains(&act.activity.as_str());
            if own && act.objects.iter().any(|o| o.id == item) {
                act.occurred = Moment::from_micros(act.occurred).plus(-back).micros();
                act.recorded = Moment::from_micros(act.recorded).plus(-back).micros();
            }
        }
        d.acts
            .iter()
            .find(|a| a.activity.as_str() == "cr.seize")
            .map(|a| (a.occurred, a.activity.clone()))
    }),
    with(
        "V-05 not questioned after detention",
        &["CR-035"],
        &["RC-005"],
        |d| {
            d.has("cr.release")
                .or(d.has("cr.bail"))
                .or(d.has("cr.arrest"))?;
            let at = d.find("cr.detain")?;
            let detained = d.acts[at].clone();
            let end = Moment::from_micros(detained.occurred).plus(30 * 3600);
            if end > d.until {
                return None;
            }
            let from = detained.occurred;
            let suspect = detained.objects.get(1)?.id.clone();
            d.acts.retain(|a| {
                !(a.occurred > from
                    && a.occurred < end.micros()
                    && matches!(a.activity.as_str(), "cr.interrogate" | "rec.sign")
                    && a.objects.iter().any(|o| o.id == suspect))
            });
            Some((detained.occurred, detained.activity))
        },
    ),
    plant("V-05 detained below rank", &["CR-040"], |d| {
        d.below_rank("cr.detain")
    }),
    plant("V-05 no warrant shown", &["CR-040.2"], |d| {
        d.set("cr.detain", "warrant_shown", false)
    }),
    with("V-05 delivered late", &["CR-041"], &["CR-029"], |d| {
        d.late("cr.detain", "cr.deliver_custody", 30)
    }),
    plant("V-05 family not told", &["CR-042"], |d| {
        let at = d.find("cr.detain")?;
        let who = d.acts[at].objects.get(1)?.id.clone();
        d.find_if("cr.arrest", |a| a.objects.iter().any(|o| o.id == who))
            .is_none()
            .then_some(())?;
        d.without("cr.detain", &["cr.family_notify"], 26)
    }),
    with(
        "V-05 arrested without approval",
        &["CR-048"],
        &["CR-047"],
        |d| d.never(&["cr.arrest_approved"], "cr.arrest"),
    ),
    plant("V-05 one officer arrested", &["CR-051"], |d| {
        d.lone("cr.arrest")
    }),
    plant("V-05 bailed below rank", &["CR-070"], |d| {
        d.below_rank("cr.bail")
    }),
    plant("V-05 deposit below the least", &["CR-072"], |d| {
        d.set("cr.bail_deposit_in", "amount_yuan", 300)
    }),
    plant("V-05 no deposit manager", &["CR-073"], |d| {
        d.own("cr.bail_deposit_in", "R_DEPOSIT")
    }),
    plant("V-05 surveillance in an office", &["CR-084"], |d| {
        d.set("cr.rs", "place_kind", "office")
    }),
    plant("V-05 searched below rank", &["CR-090"], |d| {
        d.below_rank("cr.search")
    }),
    plant("V-05 tapped below rank", &["CR-100.2"], |d| {
        d.below_rank("cr.tech")
    }),
    plant("V-05 tapped for a small thing", &["CR-100.3"], |d| {
        d.set("cr.tech", "listed_offence", false)
    }),
    // 取保到期不处理
    with("V-06 bail for more than a year", &["CR-074"], &[], |d| {
        d.lacks("cr.detain")?;
        d.lacks("cr.rs")?;
        d.lacks("cr.freeze")?;
        d.cut("cr.bail", GOES_ON, 24 * 370)
    }),
    // 超期羁押
    plant("V-08 arrest not requested in time", &["CR-043"], |d| {
        d.lacks("cr.detain_extend")?;
        d.has("cr.arrest_request")?;
        let at = d.find("cr.detain")?;
        let due = Moment::from_micros(d.acts[at].occurred)
            .day_start()
            .plus(104 * 3600);
        let who = d.acts[at].objects.get(1)?.id.clone();
        let request = d.find_if("cr.arrest_request", |a| {
            a.objects.iter().any(|o| o.id == who)
        })?;
        let answer = |a: &super::act::Act| {
            a.activity.as_str() != "cr.arrest_request"
                && a.activity.as_str().starts_with("cr.arrest")
                && a.objects.iter().any(|o| o.id == who)
        };
        let answered = d.acts.iter().find(|a| answer(a))?.occurred;
        if due.plus(7200) > d.until
            || d.acts[request].occurred > due.micros()
            || answered < due.plus(3600).micros()
        {
            return None;
        }
        d.acts[request].occurred = due.micros();
        d.acts[request].recorded = due.plus(300).micros();
        Some(d.mark(request))
    }),
    plant("V-08 asked to extend too late", &["CR-057.2"], |d| {
        d.set("cr.custody_extend_request", "days_left", 3)
    }),
    plant(
        "V-08 extended without request",
        &["PRE-cr.custody_extended"],
        |d| d.never(&["cr.custody_extend_request"], "cr.custody_extended"),
    ),
    with("V-08 held too long in the lock-up", &["AD-069"], &[], |d| {
        d.late("ad.detention_exec", "ad.release_detention", 24 * 20 + 5)
    }),
    plant("V-08 nursing woman held", &["AD-067"], |d| {
        let at = d.find("ad.detention_exec")?;
        let female = model::Value::String("female".into());
        d.says("ad.arrive", "sex", &female)?;
        d.since_2026("ad.detention_exec")?;
        Some(d.set_at(at, "pregnant_or_nursing", true))
    }),
    // 滥用三十日
    with(
        "V-09 thirty days without a ground",
        &["CR-045"],
        &["CR-043", "CR-062"],
        |d| {
            d.says("cr.detain_extend", "days", &model::Value::Int(30))?;
            let at = d.find_if("cr.detain_extend", |a| {
                a.attrs.iter().any(|x| x.key == "category")
            })?;
            d.set_at(at, "suspects", 1);
            Some(d.set_at(at, "category", "gang"))
        },
    ),
    // 变相拘禁
    with(
        "V-10 twelve hours exceeded",
        &["CR-020"],
        &["RC-008"],
        |d| {
            d.lacks("cr.stay_extend")?;
            let at = d.find("cr.arrive")?;
            let who = d.acts[at].objects.get(1)?.id.clone();
            for measure in ["cr.detain", "cr.bail", "cr.rs", "cr.arrest"] {
                let own = d.find_if(measure, |a| a.objects.iter().any(|o| o.id == who));
                own.is_none().then_some(())?;
            }
            d.late("plc.enter", "plc.exit", 15)?;
            d.late("cr.arrive", "cr.leave", 14)
        },
    ),
    plant("V-10 own time not written", &["CR-024"], |d| {
        d.set("cr.leave", "own_time", false)
    }),
    plant("V-10 no food, no rest", &["CR-025"], |d| {
        d.set("cr.leave", "food_rest", false)
    }),
    plant("V-10 not checked at the door", &["RC-007"], |d| {
        d.never(&["plc.body_check"], "plc.enter")
    }),
    with(
        "V-10 taken away without leaving",
        &["RC-008.2"],
        &["RC-008"],
        |d| {
            d.has("cr.deliver_custody")?;
            d.never(&["plc.exit"], "cr.deliver_custody")
        },
    ),
    with("V-10 questioned too long", &["AD-002"], &[], |d| {
        d.lacks("ad.seize")?;
        d.late("ad.arrive", "plc.exit", 27)?;
        d.late("ad.arrive", "ad.leave", 26)
    }),
    plant("V-10 extended below rank", &["CR-021"], |d| {
        let at = d.find("cr.stay_extend")?;
        d.acts[at].actors.retain(|a| a.role.as_str() == "R_OFFICER");
        d.lacks("cr.compel")?;
        Some(d.mark(at))
    }),
    // 违规处置涉案财物
    plant("V-11a not handed over", &["PR-001"], |d| {
        d.lacks("prop.check_out")?;
        d.late("cr.seize", "prop.handover", 25)?;
        d.late("cr.seize", "prop.register", 26)?;
        d.late("cr.seize", "prop.report_inspect", 27)
    }),
    plant("V-11b custodian is the investigator", &["PR-003"], |d| {
        d.own("prop.register", "R_PROPERTY")
    }),
    plant("V-11c sum in the ledger differs", &["PR-004.4"], |d| {
        let at = d.find_if("prop.register", |a| {
            a.attrs.iter().any(|x| x.key == "amount_yuan")
        })?;
        Some(d.set_at(at, "amount_yuan", 17))
    }),
    plant("V-11c no number in the ledger", &["PR-004.3"], |d| {
        d.unset("prop.register", "ledger_no")
    }),
    plant("V-11d no custodian at the hand-over", &["PR-003.2"], |d| {
        d.nobody("prop.handover", "R_PROPERTY")
    }),
    plant("V-11e lent and not brought back", &["PR-006"], |d| {
        d.without("prop.check_out", &["prop.check_in"], 24 * 32)
            .and_then(|m| {
                let at = d.find("prop.check_out")?;
                d.set_at(at, "days", 1);
                Some(m)
            })
    }),
    plant("V-11e lent without a reason", &["PR-005.2"], |d| {
        d.unset("prop.check_out", "use_reason")
    }),
    plant("V-11e lent without approval", &["PR-005"], |d| {
        d.nobody("prop.check_out", "R_DEPT_HEAD")
    }),
    plant("V-11g collected by an officer", &["PR-010.4"], |d| {
        d.set("prop.return_owner", "collector_police", true)
    }),
    plant("V-11g returned without papers", &["PR-010.2"], |d| {
        d.set("prop.return_victim", "valued", false)
    }),
    plant("V-11h item left at the end", &["CR-118", "PR-008"], |d| {
        let at = d.find("cr.send")?;
        let sent = (d.acts[at].occurred, d.acts[at].activity.clone());
        let gone = d.find_if("prop.send_with_case", |_| true)?;
        let item = d.acts[gone].objects.get(1)?.id.clone();
        d.find_if("cr.seize", |a| a.objects.iter().any(|o| o.id == item))?;
        d.acts.remove(gone);
        Some(sent)
    }),
    plant("V-11j protected property seized", &["AD-058"], |d| {
        d.since_2026("ad.seize")?;
        d.says("ad.seize", "public_security", &model::Value::Bool(true))?;
        d.set("ad.seize", "owner_kind", "unrelated")
    }),
    plant("V-11k freeze lapsed", &["CR-095"], |d| {
        d.lacks("cr.to_admin")?;
        d.without("cr.freeze", &["cr.freeze_renew"], 24 * 190)
    }),
    plant("V-11 seized without approval", &["CR-093"], |d| {
        let at = d.find_if("cr.seize", |a| {
            a.actors.iter().any(|x| x.role.as_str() == "R_DEPT_HEAD")
        })?;
        d.acts[at]
            .actors
            .retain(|a| a.role.as_str() != "R_DEPT_HEAD");
        Some(d.mark(at))
    }),
    plant("V-11 list in one copy", &["CR-099"], |d| {
        d.set("cr.seize", "list_copies", 1)
    }),
    // 讯问询问违规
    plant("V-12 one officer interrogated", &["CR-026"], |d| {
        d.lone("cr.interrogate")
    }),
    plant("V-12 one officer searched", &["CR-091"], |d| {
        d.lone("cr.search")
    }),
    plant("V-12 one officer examined the scene", &["AD-007"], |d| {
        d.lone("ad.scene_exam")
    }),
    plant("V-12 no rights told", &["CR-028"], |d| {
        d.never(
            &["cr.rights_inform", "cr.legalaid_notify"],
            "cr.interrogate",
        )
    }),
    with(
        "V-12 interrogated in an office",
        &["CR-030"],
        &["RC-008"],
        |d| {
            let at = d.find_if("cr.interrogate", |a| {
                a.attrs
                    .iter()
                    .any(|x| x.value.as_str() == Some("handling_area"))
            })?;
            Some(d.set_at(at, "place_kind", "office"))
        },
    ),
    plant("V-12 taken out after delivery", &["CR-029"], |d| {
        let at = d.find_if("cr.interrogate", |a| {
            a.attrs
                .iter()
                .any(|x| x.value.as_str() == Some("detention_centre"))
        })?;
        Some(d.set_at(at, "place_kind", "handling_area"))
    }),
    plant("V-12 record not signed", &["CR-038"], |d| {
        d.set("cr.interrogate", "signed", false)
    }),
    plant("V-12 guardian not told", &["CR-034"], |d| {
        d.never(&["cr.guardian_notify"], "cr.interrogate")
    }),
    plant("V-12 guardian not there", &["CR-034.2"], |d| {
        let at = d.find_if("cr.interrogate", |a| {
            a.actors.iter().any(|x| x.role.as_str() == "R_GUARDIAN")
        })?;
        d.acts[at]
            .actors
            .retain(|a| a.role.as_str() != "R_GUARDIAN");
        Some(d.mark(at))
    }),
    plant("V-12 witness questioned in the lock-up", &["AD-084"], |d| {
        let at = d.find_if("ad.question", |a| {
            a.attrs.iter().any(|x| x.value.as_str() == Some("home"))
        })?;
        (Moment::from_micros(d.acts[at].occurred).date().0 >= 2026).then_some(())?;
        d.says("int.accept", "public_security", &model::Value::Bool(true))?;
        Some(d.set_at(at, "place_kind", "lockup"))
    }),
    // 程序倒置
    plant("V-13 filed below rank", &["CR-010"], |d| {
        d.below_rank("cr.file")
    }),
    plant("V-13 summoned before the paper", &["RC-006"], |d| {
        let at = d.find("ad.summon")?;
        let paper = d.find("rec.doc_issue")?;
        (paper < at).then_some(())?;
        let to = Moment::from_micros(d.acts[at].occurred).plus(3600);
        d.acts[paper].occurred = to.micros();
        d.acts[paper].recorded = to.plus(60).micros();
        Some((d.acts[at].occurred, d.acts[at].activity.clone()))
    }),
    with("V-13 entered weeks later", &["V-13.2"], &[], |d| {
        let at = d.find("cr.leave").or(d.find("ad.leave"))?;
        let to = Moment::from_micros(d.acts[at].occurred).plus(12 * 24 * 3600);
        (to <= d.until).then_some(())?;
        d.acts[at].recorded = to.micros();
        Some(d.mark(at))
    }),
    // 未告知未通知
    plant("V-14 refusal not served", &["CR-012"], |d| {
        d.lacks("cr.reconsider")?;
        d.without("cr.no_file", &["cr.no_file_serve"], GONE)
    }),
    plant("V-14 family not told of the arrest", &["CR-053"], |d| {
        d.without("cr.arrest", &["cr.family_notify"], 26)
    }),
    with("V-14 opinion not served", &["AD-014"], &["AD-014.2"], |d| {
        d.without("ad.appraise_result", &["ad.appraise_serve"], GONE)
            .filter(|_| d.lacks("ad.seize").is_some())
    }),
    plant("V-14 decision not served", &["AD-031"], |d| {
        d.without("ad.decide", &["ad.serve"], GONE)
    }),
    plant("V-14 victim not served", &["AD-032"], |d| {
        d.has("ad.decide")?;
        d.without("ad.decide", &["ad.serve_victim"], GONE)
            .or_else(|| {
                let at = d.find("ad.decide")?;
                let shown = d.mark(at);
                let until = d.until;
                (Moment::from_micros(shown.0).plus(GONE * 3600) <= until).then_some(())?;
                let before = d.acts.len();
                d.acts.retain(|a| a.activity.as_str() != "ad.serve_victim");
                (d.acts.len() < before).then_some(shown)
            })
    }),
    plant("V-14 no reason given for not filing", &["AD-043.2"], |d| {
        d.set("ad.not_violation", "reason_told", false)
    }),
    // 违规撤案
    plant("V-15 withdrawn without a ground", &["V-15.1"], |d| {
        d.set("cr.withdraw", "code", "tired")
    }),
    plant("V-15 withdrawn against the evidence", &["V-15.5"], |d| {
        d.set("cr.withdraw", "filing_standard_met", true)
    }),
    plant("V-15 withdrawal not told", &["CR-123"], |d| {
        d.without("cr.withdraw", &["cr.withdraw_inform"], GONE)
    }),
    plant("V-15 withdrawn below rank", &["CR-121"], |d| {
        d.below_rank("cr.withdraw")
    }),
    plant("V-15 turned administrative below rank", &["CR-121"], |d| {
        d.below_rank("cr.to_admin")
    }),
    // 违规取保
    plant("V-16 excluded person bailed", &["CR-080"], |d| {
        d.set("cr.bail", "bail_excluded", true)
    }),
    // 体外循环
    plant(
        "V-18 in the handling area without a case",
        &["V-18.1"],
        |d| {
            let at = d.find("plc.enter")?;
            (d.acts[at].objects).retain(|o| !matches!(o.object_type.as_str(), "case" | "alert"));
            Some(d.mark(at))
        },
    ),
    plant("V-18 item in the store without a case", &["V-18.4"], |d| {
        let at = d.find("prop.handover")?;
        (d.acts[at].objects).retain(|o| o.object_type.as_str() != "case");
        Some(d.mark(at))
    }),
    plant(
        "V-18 released, never delivered",
        &["PRE-ad.release_detention"],
        |d| {
            d.since_2026("ad.release_detention")?;
            d.never(&["ad.detention_exec"], "ad.release_detention")
        },
    ),
    // 超期办理
    plant("V-19 nobody's case", &["AD-030"], |d| {
        d.says("int.accept", "public_security", &model::Value::Bool(false))?;
        d.says(
            "int.accept",
            "nature",
            &model::Value::String("administrative".into()),
        )?;
        d.lacks("int.evidence_receive")?;
        d.cut("int.accept", &["int.receipt", "rec.av_upload"], 24 * 110)
    }),
    plant("V-19 extended by the wrong rank", &["AD-041"], |d| {
        d.says("int.accept", "by_station", &model::Value::Bool(false))?;
        d.below_rank("ad.limit_extend")
    }),
    // 未审先批
    with("V-20 no notice", &["AD-019"], &["AD-063"], |d| {
        d.lacks("ad.defence")?;
        d.never(&["ad.notice"], "ad.decide")
    }),
    plant("V-20 notice without the penalty", &["AD-019.2"], |d| {
        d.since_2026("ad.notice")?;
        d.unset("ad.notice", "planned_penalty")
    }),
    plant("V-20 defence not checked", &["AD-019.4"], |d| {
        d.set("ad.defence", "checked", false)
    }),
    plant("V-20 decided without review", &["AD-026"], |d| {
        d.never(&["ad.legal_review"], "ad.decide")
    }),
    plant("V-20 heavier after the defence", &["AD-042"], |d| {
        d.has("ad.defence")?;
        d.lacks("ad.hearing")?;
        d.has("ad.decide")?;
        d.set("ad.notice", "notice_fine_yuan", 0)?;
        d.set("ad.notice", "notice_detention_days", 0)
    }),
    plant("V-20 arrest requested without review", &["CR-046"], |d| {
        let of = |a: &super::act::Act| {
            a.attrs
                .iter()
                .any(|x| x.value.as_str() == Some("cr.arrest_request"))
        };
        d.find_if("cr.legal_review", of)?;
        d.acts
            .retain(|a| a.activity.as_str() != "cr.legal_review" || !of(a));
        let at = d.find("cr.arrest_request")?;
        Some(d.mark(at))
    }),
    plant("V-20 own step reviewed", &["SD-001"], |d| {
        // In a few cases the lead officer himself did not investigate: then he reviews nothing of his own.
        d.investigated(d.lead)?;
        d.own("cr.legal_review", "R_LEGAL")
            .or_else(|| d.own("ad.legal_review", "R_LEGAL"))
    }),
    plant("V-20 review without an opinion", &["SD-008"], |d| {
        d.unset("cr.legal_review", "opinion")
            .or_else(|| d.unset("ad.legal_review", "opinion"))
    }),
    plant("V-20 punished after the time for it", &["AD-081"], |d| {
        d.says("int.accept", "public_security", &model::Value::Bool(true))?;
        d.set("ad.decide", "months_to_discovery", 9)
    }),
    // 退而不补
    plant("V-21 returned, not supplemented", &["CR-119"], |d| {
        d.without("cr.returned", &["cr.supp_done"], GONE)
    }),
    // 该回避不回避
    plant("V-22 recused officer goes on", &["CR-128"], |d| {
        d.has("cr.interrogate")?;
        let at = d.insert("cr.file", "cr.recuse_decide", 60)?;
        let lead = d.actor(d.lead, "R_OFFICER");
        d.acts[at].actors.retain(|a| a.role.as_str() != "R_OFFICER");
        d.acts[at].actors.push(lead);
        let mark = d.set_at(at, "granted", true);
        Some(mark)
    }),
    // 违规调解
    plant("V-23 excluded from mediation", &["AD-038"], |d| {
        d.set("ad.mediate", "mediation_excluded", "hired")
    }),
    plant("V-23 facts not established", &["AD-077"], |d| {
        d.set("ad.mediate", "facts_established", false)
    }),
    plant("V-23 third round", &["AD-037.2"], |d| {
        let at = d
            .acts
            .iter()
            .rposition(|a| a.activity.as_str() == "ad.mediate")?;
        Some(d.set_at(at, "round", 3))
    }),
    // 异地违规办案
    plant("V-24 no cooperation asked for", &["CR-107"], |d| {
        d.lacks("cr.coop_request")?;
        d.set("cr.detain", "cross_county", true)
    }),
    // 音视频
    with("V-25 scene not recorded", &["RC-001"], &[], |d| {
        d.find("int.scene_handle")?;
        let at = d.find("rec.av")?;
        d.acts.remove(at);
        let at = d.find("int.scene_handle")?;
        let shown = d.mark(at);
        (Moment::from_micros(shown.0).plus(48 * 3600) <= d.until).then_some(shown)
    }),
    plant("V-25 recording cut", &["RC-004"], |d| {
        let at = d.find_if("rec.av", |a| {
            a.attrs
                .iter()
                .any(|x| x.value.as_str() == Some("interrogation"))
        })?;
        Some(d.set_at(at, "recorded_whole", false))
    }),
    with("V-25 recording altered", &["V-25.3"], &["RC-012"], |d| {
        d.set("rec.av_upload", "av_integrity", "altered")
    }),
    with("V-25 recording deleted", &["RC-003"], &["RC-003.2"], |d| {
        let at = d.insert("rec.av", "rec.av_delete", 3 * 24 * 60)?;
        d.set_at(at, "retention_ended", true);
        Some(d.set_at(at, "keep_permanently", false))
    }),
    // 监督不闭环
    plant("V-28 procuratorate not answered", &["V-28.3"], |d| {
        d.without("sup.proc_correct", &["sup.rectify"], 24 * 24)
    }),
    plant("V-05 surveillance too long", &["CR-082"], |d| {
        d.lacks("cr.detain")?;
        d.lacks("cr.bail")?;
        d.lacks("cr.freeze")?;
        d.cut("cr.rs", GOES_ON, 24 * 190)
    }),
];

/// Spoils a case in one of the ways that it offers; those that few cases offer come first in half of the cases.
pub(super) fn spoil(case: &mut Case, rng: &mut Rng, until: Moment, head: &str) {
    let mut order: Vec<&'static Plant> = PLANTS.iter().collect();
    for n in (1..order.len()).rev() {
        order.swap(n, rng.below(n + 1));
    }
    if rng.percent(50) {
        order.sort_by_key(|p| !p.scarce());
    }
    for plant in order {
        let mut draft = Draft {
            acts: case.acts.clone(),
            until,
            head,
            lead: &case.lead,
        };
        let Some((occurred, activity)) = (plant.edit)(&mut draft) else {
            continue;
        };
        draft.sort();
        let shows = |a: &super::act::Act| a.occurred == occurred && a.activity == activity;
        let Some(act) = draft.acts.iter().position(shows) else {
            continue;
        };
        case.acts = draft.acts;
        case.closed = closed(&case.acts);
        case.planted = vec![Planted { plant, act }];
        return;
    }
}
