//! What a good record of an act says, by activity: the attributes that the rules of the pack `casework` look at, filled in as
//! a careful officer of a lawful case would. A path says only what is particular; what it says itself stays as it is.
//!
//! This is *not* derived from the rules: a generator that asked the rules what they want to hear would prove nothing.

use model::{Attr, Value};

use super::act::{Actor, Procedure};
use super::script::{On, Party, Script};

/// Adds what is not said yet.
struct Say<'a>(&'a mut Vec<Attr>);

impl Say<'_> {
    fn set(&mut self, key: &'static str, value: Value) -> &mut Self {
        if self.0.iter().all(|a| a.key != key) {
            self.0.push(Attr::new(key, value));
        }
        self
    }

    fn is(&mut self, key: &'static str, value: bool) -> &mut Self {
        self.set(key, Value::Bool(value))
    }

    fn yes(&mut self, keys: &[&'static str]) -> &mut Self {
        for key in keys {
            self.is(key, true);
        }
        self
    }

    fn no(&mut self, keys: &[&'static str]) -> &mut Self {
        for key in keys {
            self.is(key, false);
        }
        self
    }

    fn text(&mut self, key: &'static str, value: impl Into<String>) -> &mut Self {
        if self.0.iter().all(|a| a.key != key) {
            self.0.push(Attr::text(key, value));
        }
        self
    }

    fn number(&mut self, key: &'static str, value: i64) -> &mut Self {
        self.set(key, Value::Int(value))
    }

    /// What the rules on one person ask about him, said where he first appears.
    fn person(&mut self, s: &Script<'_>, party: &Party) -> &mut Self {
        self.is("minor", party.minor)
            .is("language_help", party.language_help);
        if s.procedure == Procedure::Administrative {
            self.is("public_security", s.facts.public_security)
                .number("age", party.age)
                .text("sex", if party.female { "female" } else { "male" });
            if party.part == "violator" {
                self.no(&["blind_deaf_mute", "mentally_ill"]);
            }
        } else {
            self.is("major", s.facts.major);
        }
        self
    }

    /// 案件的性质。
    fn case(&mut self, s: &Script<'_>) -> &mut Self {
        let criminal = s.procedure == Procedure::Criminal;
        let nature = if criminal {
            "criminal"
        } else {
            "administrative"
        };
        self.text("nature", nature)
            .is("public_security", s.facts.public_security && !criminal)
    }
}

/// Fills in what a record of this activity says, and who has to stand by.
pub(super) fn standard(
    s: &mut Script<'_>,
    activity: &str,
    on: On<'_>,
    attrs: &mut Vec<Attr>,
    actors: &mut Vec<Actor>,
) {
    let criminal = s.procedure == Procedure::Criminal;
    match activity {
        // An attesting witness.
        "cr.search" | "cr.seize" | "cr.seal" | "cr.scene_exam" | "cr.identify" | "ad.inspect"
        | "ad.seize" => {
            let resident = s.outsider_free(&s.roster.city.residents);
            s.outsider(actors, resident, "R_WITNESS");
        }
        // The adult beside a minor.
        "cr.interrogate" | "ad.question" if on.party().is_some_and(|p| p.minor) => {
            s.outsider(actors, s.guardian, "R_GUARDIAN");
        }
        _ => {}
    }
    let mut say = Say(attrs);
    let say = &mut say;
    match activity {
        "int.alert" => {
            let class = if criminal {
                "criminal"
            } else {
                "public_security"
            };
            say.text("class", class);
        }
        "int.register" => {
            say.case(s).is("accuser", true);
        }
        "int.accept" => {
            say.case(s)
                .is("accuser", true)
                .is("economic", s.facts.economic)
                .is("major", s.facts.major)
                .is("complex", false)
                .is("has_victim", s.facts.has_victim)
                .is("review_listed", true)
                .is("by_station", s.station());
        }
        "int.evidence_receive" => {
            say.case(s);
        }
        "ad.file" => {
            say.case(s).is("complex", false);
        }
        "ad.not_violation" => {
            say.is("reason_told", true);
        }
        "cr.file" => {
            say.text("nature", "criminal")
                .no(&["public_security", "suspect_known"])
                .is("economic", s.facts.economic)
                .is("major", s.facts.major);
        }
        "cr.to_admin" => {
            say.text("nature", "administrative");
        }
        "cr.no_file" => {
            say.text("code", "no_crime");
        }
        "cr.reconsider" => {
            say.is("overturned", false);
        }
        "cr.summon" | "cr.compel" | "cr.freeze" | "cr.body_exam" => {
            say.is("cross_county", s.facts.cross);
        }
        "cr.arrive" => {
            say.is("own_time", true).text("place_kind", "handling_area");
        }
        "cr.leave" => {
            say.yes(&["own_time", "food_rest"])
                .text("place_kind", "handling_area");
        }
        "cr.stay_extend" => {
            say.yes(&["complex", "detain_needed"]);
        }
        "cr.rights_inform" => {
            let minor = on.party().is_some_and(|p| p.minor);
            say.is("legalaid_due", minor);
        }
        "cr.interrogate" => {
            let help = on.party().is_some_and(|p| p.language_help);
            say.is("cross_county", false)
                .text("place_kind", "handling_area")
                .is("signed", true)
                .number("officers_signed", 2)
                .is("interpreter_signed", help);
            night(s, say);
        }
        "cr.detain" => {
            say.is("cross_county", s.facts.cross)
                .yes(&["warrant_shown", "signed"]);
        }
        "cr.arrest" => {
            say.is("cross_county", false);
        }
        "cr.arrest_request" => {
            say.is("in_custody", true);
        }
        "cr.custody_extended" => {
            say.text("code", "cpl156");
        }
        "cr.bail" => {
            say.is("bail_excluded", false);
        }
        "cr.bail_deposit_in" => {
            say.is("kept_by_case_unit", false);
        }
        "cr.rs" => {
            say.is("designated", false).text("place_kind", "home");
        }
        "cr.search" => {
            say.is("cross_county", s.facts.cross)
                .text("place_kind", "home")
                .yes(&["signed", "witness_eligible"]);
        }
        "cr.scene_exam" => {
            say.is("cross_county", false)
                .text("place_kind", "scene")
                .is("witness_eligible", true);
        }
        "cr.seize" => {
            let value = on.item().map_or(0, |i| i.value);
            say.no(&["cross_county", "public_security"])
                .text("place_kind", "office")
                .number("list_copies", 3)
                .yes(&["signed", "witness_eligible", "photographed"])
                .is("high_value", value >= super::property::HIGH_VALUE);
        }
        "cr.identify" => {
            say.text("place_kind", "office")
                .text("lineup_kind", "person_photos")
                .number("lineup_count", 10)
                .is("witness_eligible", true);
        }
        "cr.tech" => {
            say.is("listed_offence", true);
        }
        "cr.case_report" => {
            say.is("evidence_checked", true);
        }
        "cr.withdraw" | "cr.terminate_suspect" => {
            let number = format!("{}-报", s.no);
            say.text("code", "not_a_crime_minor")
                .text("report_no", number)
                .is("filing_standard_met", false)
                .text("withdraw_reason", "情节显著轻微，不认为是犯罪");
        }
        "cr.non_prosecute" => {
            say.is("lift_notice", false);
        }
        "cr.recuse_decide" | "ad.recuse_decide" => {
            say.is("granted", false);
        }
        "cr.legal_review" | "ad.legal_review" | "cr.collective" | "ad.collective"
        | "rec.doc_issue" => {
            if let Some(actor) = actors.first() {
                say.text("terminal", format!("T-{}", actor.no));
            }
            if activity == "rec.doc_issue" {
                say.text("category", "measure");
            } else {
                say.text("opinion", "事实清楚，证据合法，程序合规，同意呈报。");
            }
            if activity.ends_with("legal_review") {
                say.is("passed", true).is("first_time_reviewer", false);
            }
        }
        _ => administrative(s, activity, on, say),
    }
    let first = matches!(
        activity,
        "cr.summon"
            | "cr.summon_oral"
            | "cr.compel"
            | "cr.arrive"
            | "cr.rights_inform"
            | "ad.summon"
            | "ad.summon_oral"
            | "ad.summon_force"
            | "ad.arrive"
            | "ad.question"
    );
    if let Some(party) = on.party().filter(|_| first) {
        say.person(s, party);
    }
}

fn administrative(s: &Script<'_>, activity: &str, on: On<'_>, say: &mut Say<'_>) {
    match activity {
        "ad.summon_oral" | "ad.question" => {
            say.is("card_shown", true);
            if activity == "ad.question" {
                say.text("place_kind", "handling_area");
                night(s, say);
            }
        }
        "ad.arrive" => {
            say.is("summoned", true).text("place_kind", "handling_area");
        }
        "ad.leave" => {
            say.is("food_rest", true)
                .text("place_kind", "handling_area");
        }
        "ad.family_notify" => {
            say.yes(&["reason_told", "place_told"]);
        }
        "plc.info_collect" => {
            say.text("sample_kind", "fingerprint");
        }
        "ad.inspect" => {
            say.text("inspect_of", "place")
                .yes(&["signed", "witness_signed", "witness_eligible"]);
        }
        "ad.seize" => {
            let value = on.item().map_or(0, |i| i.value);
            say.is("public_security", s.facts.public_security)
                .text("place_kind", "office")
                .text("owner_kind", "violator")
                .number("list_copies", 2)
                .yes(&[
                    "counted_on_spot",
                    "signed",
                    "witness_signed",
                    "witness_eligible",
                    "photographed",
                ])
                .is("high_value", value >= super::property::HIGH_VALUE);
        }
        "ad.seize_extend" => {
            say.is("told_in_writing", true);
        }
        "ad.limit_extend" => {
            say.is("complex", true);
        }
        "ad.spot_penalty" => {
            say.text("category", "other")
                .is("disputed", false)
                .is("handed_over", true);
        }
        "ad.fine_collect" => {
            say.text("code", "small_undisputed")
                .is("disputed", false)
                .is("special_receipt", true);
        }
        "ad.fine_remit" => {
            say.text("remit_to", "bank");
        }
        "ad.notice" => {
            let minor = on.party().is_some_and(|p| p.minor);
            say.is("guardian_told", minor).is("guardian_heard", minor);
        }
        "ad.defence" => {
            say.is("checked", true);
        }
        "ad.hearing" => {
            let minor = on.party().is_some_and(|p| p.minor);
            say.is("public_session", !minor);
        }
        "ad.decide" => {
            say.yes(&["paper_complete", "sealed"])
                .number("months_to_discovery", 0)
                .is("public_official", false);
        }
        "ad.detention_exec" => {
            say.number("credited_days", 0)
                .is("pregnant_or_nursing", false)
                .is("first_violation", true);
        }
        "ad.suspend_surety" => {
            say.is("guarantor_fit", true);
        }
        "ad.suspend_decide" => {
            say.is("granted", true).text("code", "reconsideration");
        }
        "ad.mediate" => {
            say.text("mediation_outcome", "kept")
                .text("mediation_excluded", "none")
                .text("mediation_kind", "brawl")
                .yes(&["facts_established", "consent", "minor_circumstances"])
                .number("round", 1);
        }
        "rec.av" => {
            say.is("recorded_whole", true);
        }
        "rec.av_upload" => {
            say.text("av_integrity", "intact");
        }
        "rec.sign" => {
            say.is("electronic", false);
        }
        "rec.correct" => {
            say.yes(&["original_kept", "fingerprinted"]);
        }
        "file.borrow" => {
            say.number("days", 15);
        }
        "file.archive" => {
            say.is("contents_complete", true);
        }
        "prop.register" => {
            if let Some(item) = on.item() {
                say.text("ledger_no", item.id.as_str());
            }
        }
        "prop.check_out" => {
            say.text("use_reason", "送检鉴定").number("days", 30);
        }
        "prop.return_victim" => {
            say.yes(&["photographed", "valued", "listed", "receipt_signed"])
                .text("return_reason", "权属明确，不影响诉讼")
                .no(&["collector_police", "confiscated"]);
        }
        "prop.return_owner" => {
            say.is("collector_police", false);
        }
        "prop.to_treasury" | "prop.sell" => {
            say.is("unclaimed", false);
        }
        _ => {}
    }
}

/// Questioning by night is explained.
fn night(s: &Script<'_>, say: &mut Say<'_>) {
    if !(6..22).contains(&s.now.hour()) {
        say.text("night_reason", "到案时间较晚，情况紧急");
    }
}
