//! Packs from folders on disk, and what is wrong with them in the words of whoever edits the files.
//!
//! The pack `node` of this program is added where it is not among them: the roles that answer for rules are its. Nothing
//! is looked for anywhere else: a pack that builds on `casework` names its folder too. Not a store of adopted packs: that is
//! the ledger's.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use law::{Catalogue, Fault, PackText};
use watch::{Mismatch, Program, rehearse};

use crate::{
    failure::{Failure, file_error},
    lang::{Lang, tr},
};

/// The pack in which roles such as `legal-reviewer` stand.
const NODE: &str = "node";

const NODE_FILES: &[(&str, &str)] = &[
    (
        "activities.toml",
        include_str!("../../../../../packs/node/activities.toml"),
    ),
    (
        "pack.toml",
        include_str!("../../../../../packs/node/pack.toml"),
    ),
    (
        "roles.toml",
        include_str!("../../../../../packs/node/roles.toml"),
    ),
];

/// The pack `node` of this program.
pub(crate) fn node() -> PackText<'static> {
    PackText {
        folder: NODE,
        files: NODE_FILES,
    }
}

/// Packs as they lie in folders.
#[derive(Debug)]
pub(crate) struct Folders {
    folders: Vec<Folder>,
}

#[derive(Debug)]
struct Folder {
    /// As the user gave it.
    path: PathBuf,
    name: String,
    files: Vec<(String, String)>,
}

impl Folders {
    /// Reads every `.toml` of each folder.
    pub(crate) fn read(lang: Lang, paths: &[PathBuf]) -> Result<Self, Failure> {
        let folders: Result<Vec<Folder>, Failure> =
            paths.iter().map(|path| folder(lang, path)).collect();
        Ok(Self { folders: folders? })
    }

    /// Checks them as a whole, with the pack `node` where it is not given.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, Vec<Fault>> {
        let files: Vec<Vec<(&str, &str)>> = (self.folders.iter())
            .map(|f| {
                let files = f.files.iter();
                files.map(|(n, t)| (n.as_str(), t.as_str())).collect()
            })
            .collect();
        let mut texts: Vec<PackText<'_>> = (self.folders.iter().zip(&files))
            .map(|(f, files)| PackText {
                folder: &f.name,
                files,
            })
            .collect();
        // Last: where both declare an object type, the words of the pack that was named count.
        if !self.folders.iter().any(|f| f.name == NODE) {
            texts.push(node());
        }
        Catalogue::parse(&texts).map_err(|faults| faults.0)
    }

    /// Where a fault stands, for an editor that follows `file:line`.
    pub(crate) fn path(&self, fault: &Fault) -> String {
        let Some((folder, file)) = fault.file.split_once('/') else {
            return fault.file.clone();
        };
        let found = self.folders.iter().find(|f| f.name == folder);
        found.map_or_else(
            || fault.file.clone(),
            |f| f.path.join(file).display().to_string(),
        )
    }

    /// One line for each fault: file, line, item, key, what.
    pub(crate) fn lines(&self, lang: Lang, faults: &[Fault]) -> String {
        let words = lang.of_packs();
        let mut text = String::new();
        for fault in faults {
            let file = self.path(fault);
            let fault = Fault {
                file,
                ..fault.clone()
            };
            let _ = writeln!(text, "{}", fault.said(words));
        }
        text
    }

    /// Whether the user named this pack himself.
    pub(crate) fn named(&self, pack: &str) -> bool {
        self.folders.iter().any(|f| f.name == pack)
    }
}

fn folder(lang: Lang, path: &Path) -> Result<Folder, Failure> {
    let failed = |e: std::io::Error| Failure::usage(file_error(lang, path, &e).message);
    // `.` and `..` have names only once they are resolved.
    let resolved = path.canonicalize().map_err(failed)?;
    let name = resolved.file_name().unwrap_or_default();
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&file)
            .map_err(|e| Failure::usage(file_error(lang, &file, &e).message))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        files.insert(name.into_owned(), text);
    }
    Ok(Folder {
        path: path.to_owned(),
        name: name.to_string_lossy().into_owned(),
        files: files.into_iter().collect(),
    })
}

/// The packs of these folders, or a failure that lists everything that is wrong with them.
pub(crate) fn catalogue(lang: Lang, paths: &[PathBuf]) -> Result<Catalogue, Failure> {
    let folders = Folders::read(lang, paths)?;
    folders.catalogue().map_err(|faults| {
        let n = faults.len();
        let lines = folders.lines(lang, &faults);
        let lines = lines.trim_end();
        Failure::usage(tr!(
            lang,
            "规则包有 {n} 处错误，未使用：\n{lines}",
            "the packs are not used, because of their faults ({n}):\n{lines}"
        ))
    })
}

/// A program of rules whose own examples come out as they say.
pub(crate) fn program(
    lang: Lang,
    catalogue: &Catalogue,
    calendar: calendar::Calendar,
) -> Result<Program, Failure> {
    let program = Program::new(catalogue, calendar);
    let wrong = examples(catalogue);
    if wrong.is_empty() {
        return Ok(program);
    }
    let n = wrong.len();
    let lines: Vec<String> = (wrong.iter())
        .map(|m| office::mismatch_said(m, lang.of_packs()))
        .collect();
    let lines = lines.join("\n");
    Err(Failure::usage(tr!(
        lang,
        "规则包有 {n} 个示例的结果与所写不符，未使用：\n{lines}",
        "the packs are not used, because examples come out otherwise than they say ({n}):\n{lines}"
    )))
}

/// Examples that come out otherwise than they say. They are written in local times of any place, and so do not hang on the
/// zone of the log: China's is used, because packs may count its working days.
pub(crate) fn examples(catalogue: &Catalogue) -> Vec<Mismatch> {
    rehearse(&Program::new(catalogue, calendar::Calendar::china()))
}

/// The calendar of a zone: days begin at its midnight. Only China's holidays are known.
pub(crate) fn calendar(lang: Lang, zone: &str) -> Result<calendar::Calendar, Failure> {
    if zone == CHINA {
        return Ok(calendar::Calendar::china());
    }
    let parsed = match zone {
        "Z" | "z" | "utc" => Ok(TimeZone::UTC),
        _ if zone.starts_with(['+', '-']) => fixed(zone).ok_or(()),
        name => TimeZone::get(name).map_err(|_| ()),
    };
    let zone = parsed.map_err(|()| {
        Failure::usage(tr!(
            lang,
            "--zone：{zone} 不是时区，应如 +08:00 或 Asia/Shanghai",
            "--zone: `{zone}` is not a time zone; write an offset such as +08:00 or a name such as Asia/Shanghai"
        ))
    })?;
    Ok(calendar::Calendar::new(zone, calendar::Holidays::none()))
}

/// The zone whose holidays are known.
pub(crate) const CHINA: &str = "Asia/Shanghai";

/// `+08:00`, `-0330`, `+8`.
fn fixed(text: &str) -> Option<TimeZone> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |t: &str| {
        let all = !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        all.then(|| t.parse::<i32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    let offset = jiff::tz::Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()?;
    Some(TimeZone::fixed(offset))
}
