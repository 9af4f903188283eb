//! What a catalogue holds, typed. Not how it is written in TOML: that is `read`.

use jiff::civil::Date;
use model::{Activity, ObjectType, RoleId};

/// How well a fact is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The primary text was read at the article cited.
    T,
    /// Known from a secondary page that quotes or describes it.
    S,
    /// General knowledge: advisory until a police legal officer (法制民警) confirms it.
    G,
    /// This project's own design or inference, not a rule of law: advisory.
    D,
}

/// How much of an item rests on general knowledge alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confirm {
    /// Nothing.
    None,
    /// Some part: that part may only give an advisory finding until confirmed.
    Part,
    /// All of it: only advisory findings until confirmed.
    Whole,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A remark on who acts or approves, where the roles alone do not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The remark.
    pub text: Text,
    /// Its own mark, where it is weaker than the item's.
    pub confidence: Option<Confidence>,
}

/// Something that may be done and recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityDef {
    /// Id, as it stands in headers.
    pub id: Activity,
    /// Pack that defines it.
    pub pack: String,
    /// Id of its [`GroupDef`].
    pub group: String,
    /// Type of the object whose trace it belongs to; `None` where it may be any.
    pub object_type: Option<ObjectType>,
    /// Short label, Chinese.
    pub zh: String,
    /// Short label, English.
    pub en: String,
    /// Roles that act. Empty for a party, the node itself, or an act that only its approver does.
    pub actor_roles: Vec<RoleId>,
    /// Fewest persons of these roles at the act.
    pub actor_min: u8,
    /// Mark of that number, where it is weaker than the row.
    pub actor_min_confidence: Option<Confidence>,
    /// More about who acts.
    pub actor_note: Option<Note>,
    /// Roles of which one approves. Empty where no approval is known to be needed.
    pub approver_roles: Vec<RoleId>,
    /// Mark of the approval, where it is weaker than the row.
    pub approver_confidence: Option<Confidence>,
    /// More about who approves.
    pub approver_note: Option<Note>,
    /// Paper or record that the act leaves, in its Chinese name.
    pub document: Option<String>,
    /// Codes with articles and marks, such as `PSC 171; PSA 61 [T]`.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// Who may act, in the words of the law (`R_OFFICER`) or of the software (`officer`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDef {
    /// Id.
    pub id: RoleId,
    /// Pack that defines it.
    pub pack: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// What somebody in this role may do.
    pub may: Option<Text>,
    /// What he may not do, or what limits it.
    pub may_not: Option<Text>,
    /// Place in the order of approvers, from 1; `None` for who approves nothing, or stands outside that order.
    pub rank: Option<u8>,
    /// Codes with articles and marks.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// A type of object that has a trace of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectDef {
    /// Id, as it stands in headers.
    pub id: ObjectType,
    /// Pack that defines it.
    pub pack: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Codes with articles and marks.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// A heading under which activities stand. For reading only: nothing follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDef {
    /// Id.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One answer to “问了什么” (what was asked): a fact, hit with one digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileDef {
    /// Id.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// The digit key, 1–8.
    pub digit: u8,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Codes with articles and marks.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// One manner (方式) in which somebody inquired. May always be left unsaid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MannerDef {
    /// Id.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Codes with articles and marks.
    pub source: String,
    /// The marks of that source.
    pub confidence: Vec<Confidence>,
}

/// An instrument or practice that items cite by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceDef {
    /// Code, such as `PSC`; unique over all packs.
    pub code: String,
    /// Pack that defines it.
    pub pack: String,
    /// Chinese title.
    pub zh: String,
    /// What Chinese lists call it, such as `刑诉法`; English ones have the code.
    pub short: Option<String>,
    /// English title.
    pub en: String,
    /// How much of it is known.
    pub extent: String,
    /// First day on which it applies.
    pub effective_from: Option<Date>,
    /// Last day on which it applies.
    pub effective_to: Option<Date>,
    /// How well it is known.
    pub confidence: Vec<Confidence>,
}

/// A pack that was read: who it is, and the hash that its adoption puts on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Id, the name of its folder.
    pub id: String,
    /// Version, three numbers.
    pub version: String,
    /// Chinese title.
    pub zh: String,
    /// English title.
    pub en: String,
    /// Who answers for it.
    pub who: Text,
    /// How long its rules wait for records, where a rule says nothing itself.
    pub recording: crate::rule::Recording,
    /// SHA-256 over its files in the order of their names: each as the length of its name (8 bytes, big-endian), the
    /// name, the length of its text (likewise), the text.
    pub hash: [u8; 32],
}

impl Confidence {
    /// The letter.
    pub const fn letter(self) -> char {
        match self {
            Self::T => 'T',
            Self::S => 'S',
            Self::G => 'G',
            Self::D => 'D',
        }
    }

    pub(crate) fn from_letter(text: &str) -> Option<Self> {
        Some(match text {
            "T" => Self::T,
            "S" => Self::S,
            "G" => Self::G,
            "D" => Self::D,
            _ => return None,
        })
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}]", self.letter())
    }
}

impl ActivityDef {
    /// How much of this row a police legal officer must still confirm.
    pub fn confirm(&self) -> Confirm {
        let parts = [
            self.actor_min_confidence,
            self.actor_note.as_ref().and_then(|n| n.confidence),
            self.approver_confidence,
            self.approver_note.as_ref().and_then(|n| n.confidence),
        ];
        if self.confidence == [Confidence::G] {
            Confirm::Whole
        } else if self.confidence.contains(&Confidence::G) || parts.contains(&Some(Confidence::G)) {
            Confirm::Part
        } else {
            Confirm::None
        }
    }
}

impl Pack {
    /// `sha256:` and the hash in hexadecimal, as it stands in the ledger.
    pub fn hash_text(&self) -> String {
        let hex = model::hex(&self.hash);
        format!("sha256:{hex}")
    }
}
