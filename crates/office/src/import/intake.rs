//! The threads of an import: one parses, one makes entries and hands them to the log, a few groups in flight.

use std::{
    collections::VecDeque,
    fs::File,
    io::{BufWriter, Read, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

use interchange::{Cause, Item, LogMeta, Mapping, Options, Reject, Sink, Stop, Summary};
use ledger::{EntryBytes, MAX_GROUP_BYTES, Pending, Submission, SubmitError};
use model::{Actor, Attr, Entry, Micros};
use register::ImportRow;
use sha2::{Digest, Sha256};

use super::{
    Import, ImportError, ImportSummary, Progress,
    draft::{Made, Maker, reject},
};
use crate::{Error, append, entry::damaged, event::same, node::Inner};

/// Items and bytes of a chunk between the parser and the maker, and chunks that may wait: about 4 MB.
const CHUNK: usize = 256;
const CHUNK_BYTES: usize = 512 * 1024;
const WAITING: usize = 4;
/// Entries and bytes of a group, and groups in flight: enough that the log flushes while the next is made.
const GROUP: usize = 2_048;
const GROUP_BYTES: usize = 2 * 1024 * 1024;
const IN_FLIGHT: usize = 4;
/// Kinds of rejects that a summary counts apart.
const KINDS: usize = 1_000;

/// What the parser hands on.
enum Piece {
    Item(Item),
    Reject(Reject),
    Guessed(Mapping),
}

/// The parser's side.
struct Chunker {
    out: SyncSender<Vec<Piece>>,
    chunk: Vec<Piece>,
    bytes: usize,
    read: Arc<[AtomicU64; 2]>,
}

impl Chunker {
    fn push(&mut self, piece: Piece, bytes: usize) -> Result<(), Stop> {
        self.chunk.push(piece);
        self.bytes += bytes;
        if self.chunk.len() >= CHUNK || self.bytes >= CHUNK_BYTES {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        self.bytes = 0;
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        self.out.send(chunk).map_err(|_| Stop)
    }
}

impl Sink for Chunker {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        let bytes = match &item {
            Item::Log(_) => 0,
            Item::Object(o) => weight(&o.attrs) + o.relations.len() * 64,
            Item::Event(e) => weight(&e.attrs) + e.objects.len() * 64,
        };
        self.push(Piece::Item(item), bytes)
    }

    fn reject(&mut self, reject: Reject) {
        // Whether anybody still listens shows at the next item.
        let _ = self.push(Piece::Reject(reject), 256);
    }

    fn progress(&mut self, read: u64, total: u64) {
        self.read[0].store(read, Ordering::Relaxed);
        self.read[1].store(total, Ordering::Relaxed);
    }

    fn guessed(&mut self, mapping: &Mapping) {
        let _ = self.push(Piece::Guessed(mapping.clone()), 0);
    }
}

fn weight(attrs: &[Attr]) -> usize {
    let of = |a: &Attr| {
        let value = match &a.value {
            model::Value::String(s) | model::Value::Id(s) => s.len(),
            model::Value::List(l) | model::Value::Container(l) => weight(l),
            _ => 16,
        };
        64 + a.key.len() + value + weight(&a.children)
    };
    attrs.iter().map(of).sum()
}

/// Imports a file; the caller waits for the register.
pub(super) fn run(
    inner: &Inner,
    actor: Actor,
    import: Import,
    known: Vec<ImportRow>,
    progress: impl Progress,
) -> Result<ImportSummary, ImportError> {
    let sha256 = hash_of(&import.file)?;
    let rejects = match &import.rejects {
        Some(path) => {
            let file = File::create(path).map_err(|source| ImportError::Rejects {
                path: path.clone(),
                source,
            })?;
            Some((path.clone(), BufWriter::new(file)))
        }
        None => None,
    };
    let source = match &import.source {
        Some(name) => name.clone(),
        None => known
            .iter()
            .find(|row| row.sha256 == sha256)
            .map_or_else(|| name_of(&import.file), |row| row.source.clone()),
    };
    let options = Options {
        format: import.format,
        mapping: import.mapping.clone(),
        zone: import.zone.clone(),
        encoding: import.encoding.clone(),
        ..Options::default()
    };
    let read = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let (out, chunks) = sync_channel(WAITING);
    let mut chunker = Chunker {
        out,
        chunk: Vec::with_capacity(CHUNK),
        bytes: 0,
        read: Arc::clone(&read),
    };
    let intake = Intake {
        inner,
        maker: Maker::new(
            &inner.key,
            inner.catalogue(),
            inner.info.organ.clone(),
            source.clone(),
            inner.now(),
        ),
        actor: Some(actor),
        file: import
            .file
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default(),
        sha256,
        zone: import.zone.as_ref().map(ToString::to_string),
        first_log: LogMeta::default(),
        later_log: LogMeta::default(),
        group: Vec::new(),
        group_bytes: 0,
        meta: Vec::new(),
        flying: VecDeque::new(),
        summary: ImportSummary {
            source,
            ..ImportSummary::default()
        },
        rejects,
        progress,
        read,
    };
    std::thread::scope(|scope| {
        let file = &import.file;
        let parser = std::thread::Builder::new()
            .name("import-parse".into())
            .spawn_scoped(scope, move || {
                let done =
                    interchange::read(interchange::Source::Path(file), &options, &mut chunker);
                // If nobody listens any more, the maker has failed and says why.
                let _ = chunker.flush();
                done
            });
        let parser = parser.map_err(|e| Error::internal("thread", e))?;
        let taken = intake.take_in(&chunks);
        drop(chunks);
        let parsed = parser
            .join()
            .map_err(|_| Error::Internal("the reader of event logs panicked".into()))?;
        let mut summary = taken?;
        let read: Summary = match parsed {
            Ok(read) => read,
            Err(e) => {
                if let Cause::Open { path, source } = e.cause {
                    return Err(ImportError::Open { path, source });
                }
                summary.ended_early = Some(e.cause.to_string());
                *e.summary
            }
        };
        summary.format = read.format;
        if read.times_without_zone > 0 {
            let zone = import.zone.as_ref().map_or_else(
                || "refused; import again with the zone named, --zone +08:00".to_owned(),
                |z| format!("read as {z}; --zone names another"),
            );
            summary.warnings.push(format!(
                "{} times have no zone: {zone}",
                read.times_without_zone
            ));
        }
        Ok(summary)
    })
}

fn described(log: &LogMeta) -> String {
    serde_json::to_string(log).expect("keys are strings, odd floats are written as text")
}

/// The maker's side.
struct Intake<'i, P> {
    inner: &'i Inner,
    maker: Maker<'i>,
    /// Who imports; taken by the `lh.import` entry.
    actor: Option<Actor>,
    file: String,
    sha256: String,
    /// Zone for times that name none.
    zone: Option<String>,
    first_log: LogMeta,
    later_log: LogMeta,
    group: Vec<Submission>,
    group_bytes: usize,
    meta: Vec<Meta>,
    flying: VecDeque<(Pending, Vec<Meta>)>,
    summary: ImportSummary,
    rejects: Option<(std::path::PathBuf, BufWriter<File>)>,
    progress: P,
    read: Arc<[AtomicU64; 2]>,
}

/// What is remembered of a submission until the log has answered.
struct Meta {
    kind: Kind,
    time: Option<Micros>,
    /// For those that have an id: where they stand, and what they say.
    keyed: Option<(interchange::Place, String, EntryBytes)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Import,
    Log,
    Object,
    Event,
}

impl<P: Progress> Intake<'_, P> {
    fn take_in(mut self, chunks: &Receiver<Vec<Piece>>) -> Result<ImportSummary, ImportError> {
        for chunk in chunks {
            for piece in chunk {
                match piece {
                    Piece::Item(Item::Log(log)) if self.actor.is_some() => {
                        self.first_log.merge(log)
                    }
                    Piece::Item(Item::Log(log)) => self.later_log.merge(log),
                    Piece::Item(Item::Object(object)) => {
                        self.begin()?;
                        let made = self.maker.object(object);
                        self.made(made)?;
                    }
                    Piece::Item(Item::Event(event)) => {
                        self.begin()?;
                        let made = self.maker.event(event);
                        self.made(made)?;
                    }
                    Piece::Reject(r) => self.rejected(r)?,
                    Piece::Guessed(mapping) => self.progress.guessed(&mapping),
                }
            }
        }
        if !self.first_log.is_empty() {
            self.begin()?;
        }
        if !self.later_log.is_empty() {
            let text = described(&self.later_log);
            self.describe(&text)?;
        }
        self.send()?;
        while !self.flying.is_empty() {
            self.land()?;
        }
        if let Some((path, mut file)) = self.rejects.take() {
            file.flush()
                .map_err(|source| ImportError::Rejects { path, source })?;
        }
        self.summary.unknown_activities = std::mem::take(&mut self.maker.unknown);
        Ok(self.summary)
    }

    /// Before the first object or event: the entry of the import itself.
    fn begin(&mut self) -> Result<(), ImportError> {
        let Some(actor) = self.actor.take() else {
            return Ok(());
        };
        let attrs = vec![
            Attr::text("source", self.summary.source.clone()),
            Attr::text("sha256", self.sha256.clone()),
            Attr::text("file", self.file.clone()),
        ];
        // How times without a zone were read is part of what was taken in.
        let attrs: Vec<Attr> = attrs
            .into_iter()
            .chain(self.zone.take().map(|zone| Attr::text("zone", zone)))
            .collect();
        let text = described(&std::mem::take(&mut self.first_log));
        let (log, more) = if text.len() <= super::draft::LOG_TEXT {
            (Some(text), String::new())
        } else {
            (None, text)
        };
        let made = self.maker.import(actor, attrs, &self.sha256, log);
        self.push(
            made,
            Meta {
                kind: Kind::Import,
                time: None,
                keyed: None,
            },
        )?;
        self.describe(&more)
    }

    /// What the file says of itself, beside the entry of the import.
    fn describe(&mut self, text: &str) -> Result<(), ImportError> {
        for submission in self.maker.more_log(&self.sha256, text) {
            self.push(
                submission,
                Meta {
                    kind: Kind::Log,
                    time: None,
                    keyed: None,
                },
            )?;
        }
        Ok(())
    }

    fn made(&mut self, made: Result<Made, Box<Reject>>) -> Result<(), ImportError> {
        match made {
            Ok(Made {
                submission,
                what,
                place,
                id,
                time,
            }) => {
                let kind = if what == interchange::What::Event {
                    Kind::Event
                } else {
                    Kind::Object
                };
                let keyed = id.map(|id| (place, id, submission.entry.clone()));
                self.push(submission, Meta { kind, time, keyed })
            }
            Err(r) => self.rejected(*r),
        }
    }

    fn rejected(&mut self, r: Reject) -> Result<(), ImportError> {
        self.summary.rejected += 1;
        let kind = if r.field.is_empty() {
            r.expected.clone()
        } else {
            format!("{}: {}", r.field, r.expected)
        };
        if self.summary.rejects.len() < KINDS || self.summary.rejects.contains_key(&kind) {
            *self.summary.rejects.entry(kind).or_default() += 1;
        }
        self.progress.reject(&r);
        if let Some((path, file)) = &mut self.rejects {
            let line = serde_json::to_string(&r).map_err(|e| Error::internal("rejects", e))?;
            writeln!(file, "{line}").map_err(|source| ImportError::Rejects {
                path: path.clone(),
                source,
            })?;
        }
        Ok(())
    }

    fn push(&mut self, submission: Submission, meta: Meta) -> Result<(), ImportError> {
        let weight = append::weight(&submission);
        if self.group_bytes + weight > MAX_GROUP_BYTES {
            self.send()?;
        }
        self.group.push(submission);
        self.meta.push(meta);
        self.group_bytes += weight;
        if self.group.len() >= GROUP || self.group_bytes >= GROUP_BYTES {
            self.send()
        } else {
            Ok(())
        }
    }

    fn send(&mut self) -> Result<(), ImportError> {
        if self.group.is_empty() {
            return Ok(());
        }
        while self.flying.len() >= IN_FLIGHT {
            self.land()?;
        }
        self.group_bytes = 0;
        let mut group = std::mem::take(&mut self.group);
        let pending = loop {
            // A full queue empties in milliseconds; people who record something at the same time have their turn.
            let again = group.clone();
            match self.inner.ledger.submit(group) {
                Ok(pending) => break pending,
                Err(SubmitError::Busy { .. }) => std::thread::sleep(Duration::from_millis(5)),
                Err(e) => return Err(Error::from(e).into()),
            }
            group = again;
        };
        self.flying
            .push_back((pending, std::mem::take(&mut self.meta)));
        Ok(())
    }

    /// Waits for the oldest group and counts what became of it.
    fn land(&mut self) -> Result<(), ImportError> {
        let Some((pending, meta)) = self.flying.pop_front() else {
            return Ok(());
        };
        let durable = pending.wait().map_err(Error::from)?;
        for (d, m) in durable.into_iter().zip(meta) {
            if m.kind == Kind::Import {
                self.summary.index = d.index();
                continue;
            }
            if !d.duplicate() {
                match m.kind {
                    Kind::Event => self.summary.events += 1,
                    Kind::Object => self.summary.objects += 1,
                    Kind::Import | Kind::Log => {}
                }
            } else if let Some((place, id, entry)) = m.keyed
                && !self.says_the_same(d.index(), &entry)?
            {
                let expected = format!("the content that this id had before (entry {})", d.index());
                self.rejected(*reject(
                    interchange::What::Event,
                    place,
                    Some(&id),
                    "id",
                    expected,
                    &id,
                ))?;
                continue;
            } else if m.kind != Kind::Log {
                self.summary.duplicates += 1;
            }
            if let Some(t) = m.time {
                let (first, last) = self.summary.period.unwrap_or((t, t));
                self.summary.period = Some((first.min(t), last.max(t)));
            }
        }
        let (read, total) = (
            self.read[0].load(Ordering::Relaxed),
            self.read[1].load(Ordering::Relaxed),
        );
        self.progress
            .step(read, total, self.summary.events + self.summary.duplicates);
        Ok(())
    }

    fn says_the_same(&self, index: u64, sent: &EntryBytes) -> Result<bool, ImportError> {
        let known = self.inner.ledger.entry(index).map_err(damaged)?;
        let known = Entry::parse(&known).map_err(damaged)?.header;
        Ok(same(&known, sent))
    }
}

fn hash_of(path: &Path) -> Result<String, ImportError> {
    let open = |source| ImportError::Open {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(open)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        match file.read(&mut piece).map_err(open)? {
            0 => break,
            n => hash.update(&piece[..n]),
        }
    }
    Ok(model::hex(&hash.finalize()))
}

/// The file's name, without `.gz`: packing it changes nothing of what it says, another ending means another format.
fn name_of(path: &Path) -> String {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    name.strip_suffix(".gz")
        .map_or_else(|| name.clone(), str::to_owned)
}
