//! A node: its directory, its parts, how it begins and how it is opened.
//!
//! `node.toml` settings · `keys/` secrets (0600) · `log/` the ledger · `files/` attachments under their SHA-256 ·
//! `register.sqlite` derived · `accounts.sqlite` accounts.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use accounts::Accounts;
use ledger::{Clock, Ledger};
use model::{Micros, OrganCode, Pseudonym, PseudonymKey, RoleId};
use register::{Register, Scope};
use tlog::{checkpoint::Origin, note::VerifierKey};
use tokio::sync::watch;

use crate::{
    Action, Error, Grant, Permission, Permit, Refused, Viewer,
    append::object_type_of,
    follower::{Follower, Position},
    permissions, settings,
    watcher::Watcher,
};

/// A running node. Cheap to clone.
#[derive(Clone)]
pub struct Office {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) dir: PathBuf,
    pub(crate) info: NodeInfo,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key: PseudonymKey,
    pub(crate) ledger: Ledger,
    pub(crate) register: Register,
    pub(crate) accounts: Accounts,
    pub(crate) position: Position,
    pub(crate) watcher: Watcher,
    /// A hook was made, or a dead letter is to go again.
    pub(crate) hooks_changed: tokio::sync::Notify,
    pub(crate) alarmed: AtomicBool,
    stop: watch::Sender<bool>,
    tasks: tokio::sync::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

/// What a new node has to be told.
#[derive(Clone)]
pub struct InitSpec {
    /// Origin of the log, e.g. `liuhen.example/A330100`; also the name of its key.
    pub origin: Origin,
    /// Code of the organ that runs the node.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Name of the first administrator.
    pub admin_name: String,
    /// His account; also his number on the roster.
    pub admin_account: String,
    /// His password, at least eight characters.
    pub admin_password: String,
    /// Address on which the server listens; `None` = `127.0.0.1:7878`.
    pub listen: Option<String>,
    /// Whether entry bundles are served to everybody. They hold headers only.
    pub public_log: bool,
}

impl std::fmt::Debug for InitSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitSpec")
            .field("origin", &self.origin)
            .field("organ", &self.organ)
            .finish_non_exhaustive()
    }
}

/// Why a node cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one already.
    #[error("{0} already holds a node; choose another directory")]
    Exists(PathBuf),
    /// The directory is there and holds something else.
    #[error("{0} is not empty; choose an empty or a new directory")]
    NotEmpty(PathBuf),
    /// Something in the specification.
    #[error("{field}: expected {expected}")]
    Spec {
        /// Which.
        field: &'static str,
        /// What was expected.
        expected: String,
    },
    /// The disk.
    #[error("cannot write {path}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// The log.
    #[error("cannot begin the log: {0}")]
    Ledger(String),
    /// The rest.
    #[error("cannot fill the node: {0}")]
    Fill(String),
}

/// Why a node does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No node there.
    #[error("{0} holds no node (no node.toml); make one with `liuhen init`")]
    NoNode(PathBuf),
    /// A setting.
    #[error("{path}: {reason}")]
    Settings {
        /// File.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A key file is missing, malformed, or readable by others.
    #[error("{path}: {reason}")]
    Key {
        /// File.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The log refuses.
    #[error("the log does not open: {0}")]
    Ledger(#[from] ledger::OpenError),
    /// The register cannot be opened or caught up.
    #[error("the register does not open: {0}; `liuhen rebuild` makes it anew from the log")]
    Register(String),
    /// The accounts cannot be opened.
    #[error("the accounts do not open: {0}")]
    Accounts(String),
}

/// What everybody may know about a node.
#[derive(Clone, Debug)]
pub struct NodeInfo {
    /// Origin of its log.
    pub origin: String,
    /// Key that verifies its checkpoints.
    pub key: VerifierKey,
    /// Code of its organ.
    pub organ: OrganCode,
    /// Name of its organ when the node was made.
    pub organ_name: String,
    /// Where the server listens.
    pub listen: String,
    /// Whether entry bundles are served to everybody.
    pub public_log: bool,
    /// Zone of times that name none, for who imports; [`Office::import`] itself assumes nothing.
    pub zone: interchange::Zone,
    /// Where other systems may be told of findings.
    pub hooks: crate::HookRules,
    /// The directory.
    pub dir: PathBuf,
}

impl Office {
    /// Makes a node in `dir`: keys, log, register, accounts, and the first entries (genesis, organ, administrator, packs).
    ///
    /// # Errors
    /// [`InitError`]; nothing of an existing node is ever touched.
    pub async fn init(dir: &Path, spec: InitSpec, clock: Arc<dyn Clock>) -> Result<(), InitError> {
        crate::init::init(dir, spec, clock).await
    }

    /// What everybody may know of the node in `dir`, without opening it: takes no lock, so a running node may be asked.
    ///
    /// # Errors
    /// [`OpenError`] of its settings and keys.
    pub fn describe(dir: &Path) -> Result<NodeInfo, OpenError> {
        settings::read(dir).map(|node| node.info)
    }

    /// Opens a node: recovers its log, opens register and accounts, starts the follower. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let node = settings::read(dir)?;
        let mut config = ledger::Config::new(node.origin, node.log_key);
        config.clock = Arc::clone(&clock);
        let log = dir.join("log");
        let opened = tokio::task::spawn_blocking(move || Ledger::open(&log, config)).await;
        let (ledger, recovered) = opened.map_err(|e| OpenError::Register(e.to_string()))??;
        tracing::info!(entries = recovered.size, "log opened");
        let (register, writer) = Register::open(&dir.join("register.sqlite"))
            .await
            .map_err(|e| OpenError::Register(e.to_string()))?;
        if writer.next() > ledger.size() {
            return Err(OpenError::Register(
                "it knows more entries than the log has".into(),
            ));
        }
        let accounts = Accounts::open(&dir.join("accounts.sqlite"))
            .await
            .map_err(|e| OpenError::Accounts(e.to_string()))?;
        let (follower, position) =
            Follower::new(ledger.clone(), register.clone(), writer, dir.join("files"));
        let (stop, stopped) = watch::channel(false);
        let watcher = Watcher::new(Arc::new(crate::pack::load(dir)?), ledger.size());
        let follower = follower.behind(watcher.judged());
        let follower = tokio::spawn(follower.run(stopped.clone()));
        let inner = Inner {
            dir: dir.to_owned(),
            info: node.info,
            clock,
            key: node.pseudonym_key,
            ledger,
            register,
            accounts,
            position,
            watcher,
            hooks_changed: tokio::sync::Notify::new(),
            alarmed: AtomicBool::new(false),
            stop,
            tasks: tokio::sync::Mutex::new(vec![follower]),
        };
        let inner = Arc::new(inner);
        let watcher = tokio::spawn(Watcher::run(Arc::clone(&inner), stopped));
        inner.tasks.lock().await.push(watcher);
        Ok(Self { inner })
    }

    /// Stops the follower and closes the log. What was acknowledged is on disk either way.
    pub async fn close(&self) {
        self.inner.stop.send_replace(true);
        // Newest first: the watch asks the register.
        for task in self.inner.tasks.lock().await.drain(..).rev() {
            if let Err(e) = task.await {
                tracing::error!("a task of the node ended badly: {e}");
            }
        }
        self.inner.register.close().await;
        self.inner.accounts.close().await;
        let ledger = self.inner.ledger.clone();
        if let Err(e) = tokio::task::spawn_blocking(move || ledger.close()).await {
            tracing::error!("closing the log: {e}");
        }
    }

    /// Leaves the entry that the node was started, and removes attachments that no record came to name within a day.
    /// For a server, when it listens.
    ///
    /// # Errors
    /// Those of the log.
    pub async fn started(&self) -> Result<u64, Error> {
        let draft =
            crate::append::Draft::new("lh.start", self.now(), self.inner.info.organ.clone());
        let (_, durable) = self.inner.append(draft).await?;
        self.inner.caught_up(durable.index()).await?;
        self.sweep_files().await?;
        Ok(durable.index())
    }

    /// What everybody may know.
    pub fn info(&self) -> &NodeInfo {
        &self.inner.info
    }

    /// The clock's time.
    pub fn now(&self) -> Micros {
        self.inner.now()
    }

    /// The log itself: for benches and audits, which know no permits. Not for pages.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// A permit, if the viewer's roles allow the action.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn permit<A: Permission>(&self, viewer: &Arc<Viewer>) -> Result<Permit<A>, Refused> {
        Permit::check(viewer)
    }

    /// Waits until the register holds entry `index`: for a page that must read its own write.
    ///
    /// # Errors
    /// [`Error::Internal`] if the register has stopped.
    pub async fn caught_up(&self, index: u64) -> Result<(), Error> {
        self.inner.caught_up(index).await
    }

    /// Waits until the register holds everything that is in the log now.
    ///
    /// # Errors
    /// [`Error::Internal`] if the register has stopped.
    pub async fn caught_up_all(&self) -> Result<(), Error> {
        self.inner.position.reach(self.inner.ledger.size()).await
    }

    /// How many entries the register holds, and the log.
    pub fn progress(&self) -> (u64, u64) {
        (*self.inner.position.next.borrow(), self.inner.ledger.size())
    }

    /// Whoever sits at the machine: an administrator of the node's own organ, without a name. For the command line.
    pub fn console(&self) -> Arc<Viewer> {
        let organ = self.inner.info.organ.clone();
        Arc::new(Viewer {
            person: self.inner.staff("console"),
            name: "console".into(),
            organ_name: self.inner.register.tree().name(&organ),
            grants: vec![Grant {
                role: RoleId::new("admin").expect("a role id"),
                organ: organ.clone(),
            }],
            organ,
            account: String::new(),
        })
    }

    /// Makes the register anew from the log. The node must not be open. `progress` gets entries applied and entries to
    /// apply. The old register is replaced only when the new one is complete.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn rebuild(
        dir: &Path,
        clock: Arc<dyn Clock>,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<u64, OpenError> {
        let node = settings::read(dir)?;
        let mut config = ledger::Config::new(node.origin, node.log_key);
        config.clock = clock;
        let log = dir.join("log");
        let opened = tokio::task::spawn_blocking(move || Ledger::open(&log, config)).await;
        let (ledger, _) = opened.map_err(|e| OpenError::Register(e.to_string()))??;
        let fail = |e: String| OpenError::Register(e);
        let fresh = dir.join("register.new.sqlite");
        remove_database(&fresh).map_err(|e| fail(e.to_string()))?;
        let (register, writer) = Register::open(&fresh)
            .await
            .map_err(|e| fail(e.to_string()))?;
        let (mut follower, position) =
            Follower::new(ledger.clone(), register.clone(), writer, dir.join("files"));
        let (_keep, stop) = watch::channel(false);
        let total = ledger.size();
        let task = tokio::spawn(async move {
            let done = follower.catch_up(&stop).await;
            (done, follower)
        });
        let mut next = position.next.clone();
        while *next.borrow_and_update() < total && next.changed().await.is_ok() {
            progress(*next.borrow(), total);
            if task.is_finished() {
                break;
            }
        }
        let (done, follower) = task.await.map_err(|e| fail(e.to_string()))?;
        let done = done.map_err(fail)?;
        follower.end().await.map_err(fail)?;
        register.close().await;
        tokio::task::spawn_blocking(move || ledger.close())
            .await
            .map_err(|e| fail(e.to_string()))?;
        let place = dir.join("register.sqlite");
        remove_database(&place)
            .and_then(|()| crate::snapshot::remove(dir))
            .and_then(|()| std::fs::rename(&fresh, &place))
            .map_err(|e| fail(e.to_string()))?;
        Ok(done)
    }

    /// All tables of the register as text, for comparing a rebuilt one: for tests and small nodes.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn dump(&self) -> Result<String, Error> {
        self.caught_up_all().await?;
        Ok(self.inner.register.dump().await?)
    }

    /// Rows of the register and a hash over all of them: for comparing a rebuilt one.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn digest(&self) -> Result<(u64, u128), Error> {
        self.caught_up_all().await?;
        Ok(self.inner.register.digest().await?)
    }
}

/// Removes a SQLite file with what belongs to it.
fn remove_database(path: &Path) -> std::io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(PathBuf::from(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

impl Inner {
    pub(crate) fn now(&self) -> Micros {
        // A clock outside the years 0000 to 9999 is the epoch: wrong enough to be seen, and nothing panics.
        Micros::new(self.clock.now()).unwrap_or_default()
    }

    pub(crate) async fn caught_up(&self, index: u64) -> Result<(), Error> {
        self.position.reach(index + 1).await
    }

    /// How many entries the register holds now.
    pub(crate) fn applied(&self) -> u64 {
        *self.position.next.borrow()
    }

    /// Pseudonym of the person with that number.
    pub(crate) fn staff(&self, number: &str) -> Pseudonym {
        self.key.pseudonym(&object_type_of("staff"), "", number)
    }

    /// Organs on which the viewer may do it: those of his grants and all below. The node's own organ means all.
    pub(crate) fn scope(&self, viewer: &Viewer, action: Action) -> Scope {
        let organs: Vec<&OrganCode> = permissions::organs_for(viewer, action).collect();
        if organs.contains(&&self.info.organ) {
            return Scope::All;
        }
        Scope::Only(self.register.tree().subtree(organs))
    }
}

impl From<register::Error> for Error {
    fn from(e: register::Error) -> Self {
        Self::internal("register", e)
    }
}
