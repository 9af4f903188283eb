//! Packs of this node: proposed, compared on the node's own log, adopted.
//!
//! The packs that come with the program are in force until another version is adopted; that lies below `packs/` of the
//! node, and its adoption is an event. A pack is taken whole or not at all; if what lies there cannot be read the node does
//! not open, so it never answers “no findings” because it has no rules. Who adopts must name the hash of exactly what he was
//! shown the difference of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ::watch::{Columns, Finding, Mismatch, Program, batch};
use law::rule::{Grade, Outcome};
use law::{Catalogue, PackText, RuleChange};
use ledger::Ledger;

use crate::{
    Action, Error, Office, OpenError, Permit,
    append::{Draft, body, object_type_of, texts},
    may, watcher,
};

/// Folder of adopted packs in a node.
const FOLDER: &str = "packs";
/// Files of a pack, together, at most.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Findings of a difference that are given one by one.
const SHOWN: usize = 200;

/// A pack as somebody brings it: files by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFiles(pub BTreeMap<String, String>);

/// What would be different if a pack were in force.
#[derive(Clone, Debug)]
pub struct PackDifference {
    /// Id of the pack.
    pub pack: String,
    /// Version and hash in force, where there is one.
    pub old: Option<(String, String)>,
    /// Version proposed.
    pub version: String,
    /// Hash of what is proposed: names it when it is adopted.
    pub hash: String,
    /// Rules that are new, gone or changed.
    pub rules: Vec<RuleChange>,
    /// Breaches that would be found and are not now; at most 200 of `appearing_count`.
    pub appearing: Vec<Finding>,
    /// How many.
    pub appearing_count: usize,
    /// Breaches that are found now and would not be; at most 200 of `disappearing_count`.
    pub disappearing: Vec<Finding>,
    /// How many.
    pub disappearing_count: usize,
    /// Breaches of red grade that stay.
    pub staying: usize,
}

/// Why a pack is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is too large.
    #[error("a pack has at most {max} bytes of text")]
    TooLarge {
        /// The limit, bytes.
        max: usize,
    },
    /// It has no `pack.toml` with an id.
    #[error("pack.toml with the id of the pack is missing")]
    NoId,
    /// It cannot be read, with all the faults.
    #[error("{0}")]
    Faults(#[from] law::Faults),
    /// Its rules do not say what its own examples say.
    #[error("{} examples come out otherwise than they say", .0.len())]
    Examples(Vec<Mismatch>),
    /// What is to be adopted is not what the difference was shown of, or that is not in force any more.
    #[error("this is not the pack whose difference was shown; look at it again")]
    Changed,
    /// The rest.
    #[error(transparent)]
    Office(#[from] Error),
}

/// An example that comes out otherwise than it says, in that language. English is what `Display` gives.
pub fn mismatch_said(mismatch: &Mismatch, lang: law::Lang) -> String {
    if lang == law::Lang::En {
        return mismatch.to_string();
    }
    let Mismatch {
        rule,
        version,
        example,
        expected,
        ..
    } = mismatch;
    let place = format!("{rule} 第 {version} 版，第 {example} 个示例：");
    if let Some(time) = &mismatch.bad_time {
        return format!("{place}`{time}` 不是当地时间，应如 2026-04-30T15:00 或 2026-04-30");
    }
    let outcome = |o: Outcome| format!("{}（{}）", outcome_zh(o), o.name());
    let expected = outcome(*expected);
    let got = match mismatch.got {
        Some(got) => format!("实为{}", outcome(got)),
        None => "而其中没有一个事件触发这条规则".to_owned(),
    };
    let missing = mismatch
        .missing
        .as_ref()
        .map_or(String::new(), |m| format!("；缺少 {m}"));
    format!("{place}应为{expected}，{got}{missing}")
}

/// An outcome in a word.
fn outcome_zh(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "未到期",
        Outcome::AtRisk => "临期",
        Outcome::Satisfied => "遵守",
        Outcome::SatisfiedRecordedLate => "遵守但补录迟",
        Outcome::Breached => "违反",
        Outcome::Suspended => "中止计算",
        Outcome::Excused => "例外",
        Outcome::NotCheckable => "无法核查",
        Outcome::Withdrawn => "已更正撤回",
    }
}

/// The catalogue of a node: shipped packs, or what was adopted in their place, and overlays.
pub(crate) fn load(dir: &Path) -> Result<Catalogue, OpenError> {
    let folder = dir.join(FOLDER);
    if !folder.exists() {
        return Ok(Catalogue::shipped().clone());
    }
    let fail = |path: &Path, reason: String| OpenError::Settings {
        path: path.to_owned(),
        reason,
    };
    let mut adopted = BTreeMap::new();
    let mut overlays = BTreeMap::new();
    let entries = std::fs::read_dir(&folder).map_err(|e| fail(&folder, e.to_string()))?;
    for entry in entries {
        let entry = entry.map_err(|e| fail(&folder, e.to_string()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || !entry.path().is_dir() {
            continue;
        }
        let files = read(&entry.path()).map_err(|e| fail(&entry.path(), e.to_string()))?;
        if name == "overlay" {
            overlays = files;
        } else {
            adopted.insert(name, files);
        }
    }
    parse(&adopted, &overlays).map_err(|faults| fail(&folder, faults.to_string()))
}

fn read(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".toml") {
            files.insert(name, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(files)
}

/// Shipped packs, those adopted in their place or beside them, and overlays.
fn parse(
    adopted: &BTreeMap<String, BTreeMap<String, String>>,
    overlays: &BTreeMap<String, String>,
) -> Result<Catalogue, law::Faults> {
    let files: BTreeMap<&str, Vec<(&str, &str)>> = (adopted.iter())
        .map(|(id, files)| {
            let files = files.iter().map(|(n, t)| (n.as_str(), t.as_str()));
            (id.as_str(), files.collect())
        })
        .collect();
    let mut packs: Vec<PackText<'_>> = (law::shipped_packs().iter())
        .filter(|p| !files.contains_key(p.folder))
        .copied()
        .collect();
    packs.extend(
        files
            .iter()
            .map(|(folder, files)| PackText { folder, files }),
    );
    let overlays: Vec<(&str, &str)> = (overlays.iter())
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Catalogue::parse_with(&packs, &overlays)
}

impl Office {
    /// What would be different if a pack were in force: its rules, and its findings on everything that this log holds.
    ///
    /// # Errors
    /// [`PackError`]: nothing is changed either way.
    pub async fn propose_pack(
        &self,
        _permit: &Permit<may::AdoptPacks>,
        files: PackFiles,
    ) -> Result<PackDifference, PackError> {
        let (catalogue, id) = self.with_pack(&files).await?;
        let inner = Arc::clone(&self.inner);
        let size = inner.ledger.size();
        self.watched(size).await;
        let proposed = files;
        let compared = tokio::task::spawn_blocking(move || {
            let old = Arc::clone(&inner.watcher.lock().catalogue);
            let now = inner.now().get();
            let was = breaches(&inner.ledger, size, &old, now)?;
            let is = breaches(&inner.ledger, size, &catalogue, now)?;
            Ok::<_, String>(difference(&old, &catalogue, &id, was, is))
        })
        .await;
        let difference = compared
            .map_err(|e| Error::internal("difference", e))?
            .map_err(|e| Error::internal("difference", e))?;
        self.inner
            .watcher
            .propose(difference.hash.clone(), proposed);
        Ok(difference)
    }

    /// Puts a pack into force that was proposed to this running node. `hash` is that of the difference that the viewer was
    /// shown. All findings are made again.
    ///
    /// # Errors
    /// [`PackError`]: the pack that was in force stays.
    pub async fn adopt_pack(
        &self,
        permit: &Permit<may::AdoptPacks>,
        hash: &str,
    ) -> Result<u64, PackError> {
        let files = self
            .inner
            .watcher
            .proposed(hash)
            .ok_or(PackError::Changed)?;
        let (catalogue, id) = self.with_pack(&files).await?;
        let pack = catalogue.packs().iter().find(|p| p.id == id);
        let pack = pack.ok_or(PackError::NoId)?.clone();
        if pack.hash_text() != hash {
            return Err(PackError::Changed);
        }
        let folder = self.inner.dir.join(FOLDER);
        let place = folder.join(&id);
        tokio::task::spawn_blocking(move || put(&place, &files.0))
            .await
            .map_err(|e| Error::internal("pack", e))?
            .map_err(|e| Error::internal("pack", e))?;
        let mut b = body();
        b.attrs = texts([
            ("pack", Some(pack.id.clone())),
            ("version", Some(pack.version.clone())),
            ("hash", Some(pack.hash_text())),
        ]);
        let object = self
            .inner
            .key
            .pseudonym(&object_type_of("pack"), "", &pack.id);
        let draft = Draft::new("lh.pack", self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::AdoptPacks)
            .about("pack", object)
            .body(b);
        let (_, durable) = self.inner.append(draft).await?;
        let size = self.inner.ledger.size();
        self.inner.watcher.adopt(Arc::new(catalogue), size);
        self.inner.caught_up(durable.index()).await?;
        Ok(durable.index())
    }

    /// The catalogue as it would be, checked and rehearsed; and the id of the pack.
    async fn with_pack(&self, files: &PackFiles) -> Result<(Catalogue, String), PackError> {
        let files = files.0.clone();
        let dir = self.inner.dir.clone();
        tokio::task::spawn_blocking(move || {
            if files.values().map(String::len).sum::<usize>() > MAX_BYTES {
                return Err(PackError::TooLarge { max: MAX_BYTES });
            }
            let id = id_of(&files).ok_or(PackError::NoId)?;
            let folder = dir.join(FOLDER);
            let mut adopted = BTreeMap::new();
            let mut overlays = BTreeMap::new();
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with('.') || !entry.path().is_dir() {
                    continue;
                }
                let read = read(&entry.path()).map_err(|e| Error::internal("pack", e))?;
                if name == "overlay" {
                    overlays = read;
                } else {
                    adopted.insert(name, read);
                }
            }
            adopted.insert(id.clone(), files);
            let catalogue = parse(&adopted, &overlays)?;
            let program = Program::new(&catalogue, calendar::Calendar::china());
            let mismatches = ::watch::rehearse(&program);
            if mismatches.is_empty() {
                Ok((catalogue, id))
            } else {
                Err(PackError::Examples(mismatches))
            }
        })
        .await
        .map_err(|e| Error::internal("pack", e))?
    }
}

/// The id that `pack.toml` gives: a name that can be a folder.
fn id_of(files: &BTreeMap<String, String>) -> Option<String> {
    let table: toml::Table = files.get("pack.toml")?.parse().ok()?;
    let id = table.get("id")?.as_str()?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let taken = ["overlay"];
    (!id.is_empty() && id.len() <= 64 && id.chars().all(plain) && !taken.contains(&id))
        .then(|| id.to_owned())
}

/// Puts files in place as a whole: a node that falls over finds the old folder or the new one.
fn put(place: &Path, files: &BTreeMap<String, String>) -> std::io::Result<()> {
    use std::io::Write;
    let parent = place.parent().unwrap_or(place);
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let (fresh, old) = (
        parent.join(format!(".{name}.new")),
        parent.join(format!(".{name}.old")),
    );
    std::fs::create_dir_all(parent)?;
    for left in [&fresh, &old] {
        if left.exists() {
            std::fs::remove_dir_all(left)?;
        }
    }
    std::fs::create_dir(&fresh)?;
    for (name, text) in files {
        let plain =
            name.ends_with(".toml") && !name.contains(['/', '\\']) && !name.starts_with('.');
        if !plain {
            return Err(std::io::Error::other(
                "a file of a pack has a plain name ending in .toml",
            ));
        }
        let mut file = std::fs::File::create_new(fresh.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    std::fs::File::open(&fresh)?.sync_all()?;
    if place.exists() {
        std::fs::rename(place, &old)?;
    }
    std::fs::rename(&fresh, place)?;
    std::fs::File::open(parent)?.sync_all()?;
    if old.exists() {
        std::fs::remove_dir_all(&old)?;
    }
    Ok(())
}

/// Everything that is broken now in the log, under the rules of a catalogue.
fn breaches(
    ledger: &Ledger,
    size: u64,
    catalogue: &Catalogue,
    now: i64,
) -> Result<Vec<Finding>, String> {
    let program = Program::new(catalogue, calendar::Calendar::china());
    let mut columns = Columns::new(&program);
    watcher::replay(ledger, size, |event| {
        columns.push(&program, event);
    })?;
    let report = batch::check(&program, &columns, now, batch::Keep::Findings, 1);
    let broken: Vec<_> = (report.found.into_iter())
        .filter(|f| f.outcome() == Outcome::Breached && program.rule(f.rule()).grade != Grade::Blue)
        .collect();
    Ok(::watch::findings(&program, &columns, &broken))
}

fn difference(
    old: &Catalogue,
    new: &Catalogue,
    id: &str,
    was: Vec<Finding>,
    is: Vec<Finding>,
) -> PackDifference {
    let name = |c: &Catalogue| {
        let pack = c.packs().iter().find(|p| p.id == id);
        pack.map(|p| (p.version.clone(), p.hash_text()))
    };
    let ids = |all: &[Finding]| all.iter().map(|f| f.id.clone()).collect::<BTreeSet<_>>();
    let (before, after) = (ids(&was), ids(&is));
    let mut appearing: Vec<_> = is.into_iter().filter(|f| !before.contains(&f.id)).collect();
    let (mut disappearing, staying): (Vec<_>, Vec<_>) =
        was.into_iter().partition(|f| !after.contains(&f.id));
    let (appearing_count, disappearing_count) = (appearing.len(), disappearing.len());
    appearing.truncate(SHOWN);
    disappearing.truncate(SHOWN);
    let (version, hash) = name(new).unwrap_or_default();
    PackDifference {
        pack: id.to_owned(),
        old: name(old),
        version,
        hash,
        rules: Catalogue::diff(old, new),
        appearing,
        appearing_count,
        disappearing,
        disappearing_count,
        staying: staying.iter().filter(|f| f.grade == "red").count(),
    }
}
