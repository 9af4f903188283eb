//! Attachments: streamed to disk, kept under their SHA-256, named by it in bodies.

use std::path::Path;

use model::{EventId, FileRef};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::{Error, Office, Permit, append, entry::blocking, may};

/// Bytes of one attachment: 50 MiB.
pub const MAX_FILE: u64 = 50 * 1024 * 1024;

/// An attachment to be sent out.
#[derive(Debug)]
pub struct Attachment {
    /// Name, hash and size.
    pub file: FileRef,
    /// The open file.
    pub content: tokio::fs::File,
}

/// Pieces in which an attachment is read.
const PIECE: usize = 64 * 1024;
/// An attachment that nothing names is removed after a day.
const UNNAMED_SECONDS: u64 = 24 * 60 * 60;

impl Office {
    /// Takes an attachment in, never holding more than a piece of it. It belongs to nothing until a record names it.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond [`MAX_FILE`], [`Error::Invalid`] on `file` for an empty one; nothing of it is then kept.
    pub async fn attach(
        &self,
        _permit: &Permit<may::Record>,
        name: &str,
        content: impl AsyncRead + Unpin + Send,
    ) -> Result<FileRef, Error> {
        let files = self.inner.dir.join("files");
        let hex: String = append::random::<16>()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let part = files.join(format!("part-{hex}"));
        let kept = self.keep(&files, &part, name, content).await;
        if kept.is_err() {
            // It may never have been made; what is left anyway is removed at the next start.
            let _ = tokio::fs::remove_file(&part).await;
        }
        kept
    }

    async fn keep(
        &self,
        files: &Path,
        part: &Path,
        name: &str,
        mut content: impl AsyncRead + Unpin + Send,
    ) -> Result<FileRef, Error> {
        let disk = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::Busy {
                reason: "the disk is full".into(),
            },
            _ => Error::internal("files", e),
        };
        let mut file = tokio::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(part)
            .await
            .map_err(disk)?;
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut piece = vec![0; PIECE];
        loop {
            let n = content
                .read(&mut piece)
                .await
                .map_err(|_| Error::field("file", "malformed", "a file that arrives whole"))?;
            if n == 0 {
                break;
            }
            size += n as u64;
            if size > MAX_FILE {
                return Err(Error::TooLarge {
                    max: MAX_FILE,
                    unit: "bytes of a file",
                });
            }
            hash.update(&piece[..n]);
            file.write_all(&piece[..n]).await.map_err(disk)?;
        }
        if size == 0 {
            return Err(Error::field("file", "required", "a file that is not empty"));
        }
        file.sync_all().await.map_err(disk)?;
        let sha256 = model::hex(&hash.finalize());
        // The same bytes sent again are the same file: replacing it changes nothing.
        tokio::fs::rename(part, files.join(&sha256))
            .await
            .map_err(disk)?;
        let dir = files.to_owned();
        blocking(move || std::fs::File::open(dir)?.sync_all())
            .await?
            .map_err(disk)?;
        Ok(FileRef {
            name: base_name(name),
            sha256,
            size,
        })
    }

    /// An attachment of a record that the viewer may read: his own, or one that he receives and has opened.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn attachment(
        &self,
        permit: &Permit<may::ReadOwnRecords>,
        event: EventId,
        sha256: &str,
    ) -> Result<Attachment, Error> {
        let viewer = permit.viewer();
        let register = &self.inner.register;
        let record = match register.inquiry_by(event, viewer.person).await? {
            Some(own) => own,
            None => self
                .received(viewer, event)
                .await?
                .filter(|r| r.opened_by_reader.is_some())
                .ok_or(Error::NotFound)?,
        };
        let (_, body) = self.inner.open_body(record.index).await?;
        let file = body
            .and_then(|b| b.files.into_iter().find(|f| f.sha256 == sha256))
            .ok_or(Error::NotFound)?;
        let content = tokio::fs::File::open(self.inner.dir.join("files").join(&file.sha256)).await;
        let content = content.map_err(|e| Error::internal("files", e))?;
        Ok(Attachment { file, content })
    }

    /// Whether an attachment is there, whole.
    pub(crate) async fn is_kept(&self, file: &FileRef) -> bool {
        let is_hash = file.sha256.len() == 64
            && file
                .sha256
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let meta = tokio::fs::metadata(self.inner.dir.join("files").join(&file.sha256)).await;
        is_hash && meta.is_ok_and(|m| m.is_file() && m.len() == file.size)
    }

    /// Removes what was sent but never named, and what was cut off.
    pub(crate) async fn sweep_files(&self) -> Result<(), Error> {
        let broken = |e: std::io::Error| Error::internal("files", e);
        let mut dir = tokio::fs::read_dir(self.inner.dir.join("files"))
            .await
            .map_err(broken)?;
        while let Some(entry) = dir.next_entry().await.map_err(broken)? {
            let name = entry.file_name().to_string_lossy().into_owned();
            let age = entry
                .metadata()
                .await
                .and_then(|m| m.modified())
                .ok()
                .and_then(|t| t.elapsed().ok());
            let old = age.is_some_and(|a| a.as_secs() > UNNAMED_SECONDS);
            if old
                && (name.starts_with("part-") || !self.inner.register.file_is_named(&name).await?)
            {
                tokio::fs::remove_file(entry.path()).await.map_err(broken)?;
            }
        }
        Ok(())
    }
}

/// The last part of a path as a sender may have written it, without control characters.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim().is_empty() {
        "file".to_owned()
    } else {
        clean
    }
}
