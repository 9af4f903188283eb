//! Webhooks (推送): other systems that want to be told of findings and clocks, and what is still to be told to them.
//!
//! A hook listens for an account and is told what that account may see at the moment of telling, never more. Findings come
//! from the ledger, where each is a `sup.alert`: a cursor per hook, so a restart loses none. Clocks (amber, a due time that
//! moved) come from the rules as they run; at a start, and for a new hook, all that are amber then are told. The id of a
//! message is made from what it says, so the same thing is queued once however often it is met.
//!
//! **Is not** the sending: no HTTP here, that is `web`'s. Messages follow the public Standard Webhooks convention; they hold
//! ids, rule, times and a sentence, and no name of anybody. Order is not promised.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use accounts::DeliveryState;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use law::rule::Outcome;
use ledger::BodyState;
use model::{Body, Entry, Header, Micros};
use register::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::broadcast;

use crate::{
    Action, Error, FieldError, Office, Permit, Told, Viewer,
    append::{self, Draft, object_type_of},
    finding::in_scope,
    may,
    node::Inner,
    permissions, text,
    watcher::is_own_alert,
};

/// Hooks of a node at most: each costs a connection and a row for everything that is found.
const MAX_HOOKS: usize = 32;
/// Entries looked at in one go.
const BATCH: usize = 4_096;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// A message is tried for so long, µs: a day.
pub const GIVE_UP: i64 = 24 * 3600 * 1_000_000;
/// The first pause between tries, µs; each further one is three times as long, with a fifth of chance either way.
const FIRST_PAUSE: i64 = 5_000_000;
/// The longest pause, µs.
const LONGEST_PAUSE: i64 = 4 * 3600 * 1_000_000;

/// Which hosts hooks may go to: `[hooks]` of `node.toml`. Without it none may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookRules {
    /// Hosts, or hosts with a port: `cases.example`, `10.1.2.3:8443`. Private addresses are as good as others.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether plain `http://` is allowed too.
    #[serde(default)]
    pub http: bool,
    /// Certificates (PEM) of authorities to trust beside those of the system; relative to the node's directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// Where a hook goes, taken apart. Holds no user and no password, and nothing that could end a header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookAddress {
    /// With TLS.
    pub tls: bool,
    /// Name or address of the host, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The host as it stands in the `Host` header: with brackets and with the port, unless that is the usual one.
    pub authority: String,
    /// Path with query.
    pub path: String,
}

impl HookAddress {
    /// Takes an address apart; `None` if it is not a plain `http` or `https` address.
    pub fn parse(url: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '#' | '"' | '<' | '>');
        if url.len() > 1_000 || !url.chars().all(plain) {
            return None;
        }
        let (tls, rest) = match url.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, url.strip_prefix("http://")?),
        };
        let at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let (host, port) = match authority.strip_prefix('[') {
            Some(six) => {
                let (host, port) = six.split_once(']')?;
                host.parse::<std::net::Ipv6Addr>().ok()?;
                (
                    host,
                    port.strip_prefix(':').or(port.is_empty().then_some("")),
                )
            }
            None => {
                let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
                let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
                (!host.is_empty() && host.chars().all(good)).then_some(())?;
                (host, Some(port))
            }
        };
        let usual = if tls { 443 } else { 80 };
        let port = match port? {
            "" => usual,
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        let path = match path {
            "" => "/".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_owned(),
        };
        let host = host.to_ascii_lowercase();
        let shown = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        (port != 0).then(|| Self {
            authority: if port == usual {
                shown
            } else {
                format!("{shown}:{port}")
            },
            tls,
            host,
            port,
            path,
        })
    }

    fn allowed(&self, rules: &HookRules) -> bool {
        let with_port = match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        };
        let named = |rule: &String| {
            let rule = rule.trim().to_ascii_lowercase();
            rule == self.host || rule == format!("[{}]", self.host) || rule == with_port
        };
        (self.tls || rules.http) && rules.hosts.iter().any(named)
    }
}

/// What a hook wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookWants {
    /// Only these rules; all where there are none.
    #[serde(default)]
    pub rules: BTreeSet<String>,
    /// Only these severities (`A`, `B`, `C`); all where there are none.
    #[serde(default)]
    pub severities: BTreeSet<String>,
    /// Clocks too: what is about to expire, and due times that moved.
    #[serde(default)]
    pub clocks: bool,
}

/// A hook to be made.
#[derive(Clone, Debug)]
pub struct NewHook {
    /// Account for which it listens.
    pub account: String,
    /// What it is called.
    pub label: String,
    /// Where to.
    pub url: String,
    /// What it wants to be told.
    pub wants: HookWants,
}

/// A hook that was made.
#[derive(Clone, Debug)]
pub struct MadeHook {
    /// Its number.
    pub id: i64,
    /// What verifies its messages, `whsec_…`. Shown once.
    pub secret: String,
    /// Entry that says that it was made.
    pub index: u64,
}

/// A hook, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookRow {
    /// Number.
    pub id: i64,
    /// Account for which it listens.
    pub account: String,
    /// What it was called.
    pub label: String,
    /// Where to.
    pub url: String,
    /// What it wants to be told.
    pub wants: HookWants,
    /// When it was made.
    pub created: Micros,
    /// When it ended.
    pub ended: Option<Micros>,
    /// Messages still to be sent.
    pub waiting: u64,
    /// Messages that the other side took.
    pub delivered: u64,
    /// Messages given up.
    pub dead: u64,
    /// Nothing is told: its account may see no events any more, or its host is not allowed any more.
    pub silent: bool,
}

/// A message to a hook, for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookMessage {
    /// Its id, the same in every try.
    pub id: String,
    /// The hook.
    pub hook: i64,
    /// What the hook was called.
    pub label: String,
    /// What it says, JSON.
    pub payload: String,
    /// When it was queued.
    pub created: Micros,
    /// When it was tried last.
    pub tried: Option<Micros>,
    /// Tries so far.
    pub tries: u32,
    /// What the last try met: a status, `timeout`, `connection`, `tls`, `ended`.
    pub answer: String,
    /// Whether it can be sent again: its hook has not ended.
    pub can_go: bool,
}

impl Office {
    /// All hooks, newest last.
    ///
    /// # Errors
    /// Those of the accounts.
    pub async fn hooks(
        &self,
        _permit: &Permit<may::ManageAccounts>,
    ) -> Result<Vec<HookRow>, Error> {
        let mut rows = Vec::new();
        for hook in self.inner.accounts.hooks().await.map_err(store)? {
            let counts = self
                .inner
                .accounts
                .hook_counts(hook.id)
                .await
                .map_err(store)?;
            let silent = hook.ended.is_none() && self.target(&hook).await?.is_none();
            rows.push(HookRow {
                wants: wants(&hook.what),
                id: hook.id,
                account: hook.account,
                label: hook.label,
                url: hook.url,
                created: hook.created,
                ended: hook.ended,
                waiting: counts.waiting,
                delivered: counts.delivered,
                dead: counts.dead,
                silent,
            });
        }
        Ok(rows)
    }

    /// Makes a hook. It is told what is found from now on, and which clocks are amber now.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `url`, `account`, `label`, `rules` or `severities`; those of the log.
    pub async fn new_hook(
        &self,
        permit: &Permit<may::ManageAccounts>,
        new: NewHook,
    ) -> Result<MadeHook, Error> {
        let mut wrong = Vec::new();
        let label = text::note(text::required("label", &new.label, 100), &mut wrong);
        let address = text::note(self.address(&new.url), &mut wrong);
        if let Err(e) = self.known(&new.wants) {
            wrong.push(e);
        }
        let account = new.account.trim().to_owned();
        let viewer = self.viewer_of_account(&account).await?;
        if viewer.is_none_or(|v| !permissions::may_do(&v, Action::ReadEvents)) {
            let expected = "an account whose roles may read events";
            wrong.push(FieldError::new("account", "unknown", expected));
        }
        let hooks = self.inner.accounts.hooks().await.map_err(store)?;
        if hooks.iter().filter(|h| h.ended.is_none()).count() >= MAX_HOOKS {
            return Err(Error::TooLarge {
                max: MAX_HOOKS as u64,
                unit: "hooks",
            });
        }
        let (Some(label), Some(address), true) = (label, address, wrong.is_empty()) else {
            return Err(Error::Invalid(wrong));
        };
        let secret: [u8; 32] = append::random();
        let now = self.now();
        let hook = accounts::Hook {
            id: 0,
            account: account.clone(),
            label,
            url: new.url.trim().to_owned(),
            what: serde_json::to_string(&new.wants).map_err(store)?,
            cursor: self.inner.ledger.size(),
            created: now,
            ended: None,
        };
        let made = self.inner.accounts.new_hook(&hook, &secret).await;
        let id = made.map_err(|e| match e {
            accounts::AccountError::Unknown => Error::NotFound,
            e => store(e),
        })?;
        let index = match self.note_hook(permit, id, "made", &account, &address).await {
            Ok(index) => index,
            Err(e) => {
                // What is not on record does not exist.
                self.inner.accounts.end_hook(id, now).await.map_err(store)?;
                return Err(e);
            }
        };
        self.inner.hooks_changed.notify_one();
        Ok(MadeHook {
            id,
            secret: format!("whsec_{}", STANDARD.encode(secret)),
            index,
        })
    }

    /// Ends a hook. What it was still to be told becomes a dead letter. Returns the index of the entry.
    ///
    /// # Errors
    /// [`Error::NotFound`], or those of the log.
    pub async fn end_hook(
        &self,
        permit: &Permit<may::ManageAccounts>,
        id: i64,
    ) -> Result<u64, Error> {
        let hooks = self.inner.accounts.hooks().await.map_err(store)?;
        let hook = hooks.into_iter().find(|h| h.id == id && h.ended.is_none());
        let hook = hook.ok_or(Error::NotFound)?;
        let address = HookAddress::parse(&hook.url).ok_or(Error::NotFound)?;
        let index = self
            .note_hook(permit, id, "ended", &hook.account, &address)
            .await?;
        let ended = self.inner.accounts.end_hook(id, self.now()).await;
        ended.map_err(store)?;
        Ok(index)
    }

    /// Messages that were given up, newest first, at most 200.
    ///
    /// # Errors
    /// Those of the accounts.
    pub async fn dead_letters(
        &self,
        _permit: &Permit<may::ManageAccounts>,
    ) -> Result<Vec<HookMessage>, Error> {
        let hooks = self.inner.accounts.hooks().await.map_err(store)?;
        let dead = self.inner.accounts.deliveries(DeliveryState::Dead, 200);
        let message = |d: accounts::Delivery| {
            let hook = hooks.iter().find(|h| h.id == d.hook);
            HookMessage {
                id: d.id,
                hook: d.hook,
                label: hook.map(|h| h.label.clone()).unwrap_or_default(),
                payload: d.payload,
                created: d.created,
                tried: d.tried,
                tries: d.tries,
                answer: d.answer.unwrap_or_default(),
                can_go: hook.is_some_and(|h| h.ended.is_none()),
            }
        };
        Ok(dead
            .await
            .map_err(store)?
            .into_iter()
            .map(message)
            .collect())
    }

    /// Sends a dead letter again, under its own id and for another day.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is none, or its hook ended.
    pub async fn send_again(
        &self,
        _permit: &Permit<may::ManageAccounts>,
        id: &str,
    ) -> Result<(), Error> {
        let sent = self.inner.accounts.send_again(id, self.now()).await;
        if sent.map_err(store)? {
            self.inner.hooks_changed.notify_one();
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    /// What sends, for whoever runs the node's server. There should be one.
    pub fn courier(&self) -> Courier {
        Courier {
            office: self.clone(),
            receiver: self.inner.watcher.listen(),
            scan: true,
        }
    }

    fn address(&self, url: &str) -> Result<HookAddress, FieldError> {
        let address = HookAddress::parse(url.trim()).ok_or_else(|| {
            let expected =
                "an address such as https://cases.example/liuhen, without user and password";
            FieldError::new("url", "malformed", expected)
        })?;
        if address.allowed(&self.inner.info.hooks) {
            Ok(address)
        } else {
            let expected = "a host that [hooks] of node.toml allows";
            Err(FieldError::new("url", "not_allowed", expected))
        }
    }

    fn known(&self, wants: &HookWants) -> Result<(), FieldError> {
        let catalogue = self.catalogue();
        let none = |id: &&String| catalogue.rule(id).is_none();
        if let Some(id) = wants.rules.iter().find(none) {
            let expected = format!("rules in force; {id} is none");
            return Err(FieldError::new("rules", "unknown", expected));
        }
        match wants
            .severities
            .iter()
            .all(|s| matches!(&**s, "A" | "B" | "C"))
        {
            true => Ok(()),
            false => Err(FieldError::new("severities", "unknown", "A, B or C")),
        }
    }

    /// Leaves the entry. The address may hold what only the other side should know, so only its host is written.
    async fn note_hook(
        &self,
        permit: &Permit<may::ManageAccounts>,
        id: i64,
        what: &str,
        account: &str,
        address: &HookAddress,
    ) -> Result<u64, Error> {
        let key = object_type_of("hook");
        let object = self.inner.key.pseudonym(&key, "", &id.to_string());
        let mut b = append::body();
        b.attrs = append::texts([
            ("kind", Some(what.to_owned())),
            ("hook", Some(id.to_string())),
            ("account", Some(account.to_owned())),
            ("host", Some(address.authority.clone())),
        ]);
        let draft = Draft::new("lh.hook", self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::ManageAccounts)
            .about("hook", object)
            .body(b);
        let (_, durable) = self.inner.append(draft).await?;
        Ok(durable.index())
    }

    /// Where a hook goes and what it may be told now; `None` if nothing.
    async fn target(&self, hook: &accounts::Hook) -> Result<Option<(HookAddress, Scope)>, Error> {
        let address = HookAddress::parse(&hook.url).filter(|a| a.allowed(&self.inner.info.hooks));
        let viewer = self.viewer_of_account(&hook.account).await?;
        let viewer = viewer.filter(|v| permissions::may_do(v, Action::ReadEvents));
        Ok(match (hook.ended, address, viewer) {
            (None, Some(address), Some(viewer)) => {
                Some((address, self.inner.scope(&viewer, Action::ReadEvents)))
            }
            _ => None,
        })
    }
}

/// A message that is to be sent now.
#[derive(Clone)]
pub struct Outgoing {
    /// Its id: `webhook-id`.
    pub id: String,
    /// The hook.
    pub hook: i64,
    /// Where to.
    pub address: HookAddress,
    /// The bytes of the body.
    pub payload: String,
    /// What signs it.
    pub secret: Vec<u8>,
    began: Micros,
    tries: u32,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookAnswer {
    /// A status of HTTP.
    Status(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Connection,
    /// The other side is not who it should be.
    Tls,
}

impl HookAnswer {
    fn is_good(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }

    fn word(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Timeout => "timeout".to_owned(),
            Self::Connection => "connection".to_owned(),
            Self::Tls => "tls".to_owned(),
        }
    }
}

/// Queues what hooks are to be told, and knows what is to be sent.
pub struct Courier {
    office: Office,
    receiver: broadcast::Receiver<Arc<Told>>,
    /// All clocks that are amber are to be looked at: at the start, and after something was missed.
    scan: bool,
}

impl Courier {
    /// Waits until there may be something new to queue.
    pub async fn stirred(&mut self) {
        let mut sizes = self.office.inner.ledger.sizes();
        tokio::select! {
            _ = sizes.changed() => {}
            () = self.office.inner.hooks_changed.notified() => self.scan = true,
        }
    }

    /// Queues everything that is new.
    ///
    /// # Errors
    /// Those of log and accounts: nothing is lost, the next call begins where this one did.
    pub async fn queue(&mut self) -> Result<(), Error> {
        let inner = Arc::clone(&self.office.inner);
        // Rules that still read the log at a start tell what is long past; it is looked at as a whole afterwards.
        self.office.watched(inner.ledger.size()).await;
        let mut told = Vec::new();
        loop {
            match self.receiver.try_recv() {
                Ok(one) => told.push(one),
                Err(broadcast::error::TryRecvError::Lagged(_)) => self.scan = true,
                Err(_) => break,
            }
        }
        if self.scan {
            inner
                .accounts
                .forget_delivered(inner.now())
                .await
                .map_err(store)?;
            told = amber(&inner);
        }
        for hook in inner.accounts.hooks().await.map_err(store)? {
            let Some((_, scope)) = self.office.target(&hook).await? else {
                continue;
            };
            let wants = wants(&hook.what);
            let now = inner.now();
            let clocks: Vec<_> = (told.iter())
                .filter(|t| wants.clocks && in_scope(&scope, &t.organ) && fits(&wants, t))
                .filter_map(|t| clock(&hook, t, now))
                .collect();
            if !clocks.is_empty() {
                let queued = inner.accounts.enqueue(hook.id, &clocks, None, now).await;
                queued.map_err(store)?;
            }
            self.findings(&hook, &wants, &scope).await?;
        }
        self.scan = false;
        Ok(())
    }

    /// Queues the findings that the log holds beyond the hook's cursor.
    async fn findings(
        &self,
        hook: &accounts::Hook,
        wants: &HookWants,
        scope: &Scope,
    ) -> Result<(), Error> {
        let inner = &self.office.inner;
        let mut cursor = hook.cursor;
        while cursor < inner.ledger.size() {
            let (ledger, catalogue) = (inner.ledger.clone(), self.office.catalogue());
            let (hook_id, wants, scope) = (hook.id, wants.clone(), scope.clone());
            let read = tokio::task::spawn_blocking(move || {
                let records = ledger.read(cursor, BATCH, BATCH_BYTES).map_err(store)?;
                let mut messages = Vec::new();
                let mut next = cursor;
                for record in records {
                    next = record.index + 1;
                    let entry = Entry::parse(&record.entry).map_err(store)?;
                    if !is_own_alert(&entry.header, false)
                        || !in_scope(&scope, entry.header.organ.as_str())
                    {
                        continue;
                    }
                    let body = match (&record.body, &entry.header.body) {
                        (BodyState::Present(bytes), Some(commitment)) => {
                            Body::open(bytes, commitment).map_err(store)?
                        }
                        // Erased: nothing is left to be told.
                        _ => continue,
                    };
                    // Of another system, or about a look: no finding.
                    if body.source.is_some() || body.text("finding").is_none() {
                        continue;
                    }
                    let found = finding(hook_id, record.index, &entry.header, &body);
                    let rule = body.text("rule").unwrap_or_default();
                    let severity = catalogue.rule(rule).map(|r| format!("{:?}", r.severity));
                    if wanted(&wants, rule, severity.as_deref()) {
                        messages.push(found);
                    }
                }
                Ok::<_, Error>((messages, next))
            });
            let (messages, next) = read.await.map_err(store)??;
            if next == cursor {
                break;
            }
            let now = inner.now();
            let queued = (inner.accounts).enqueue(hook.id, &messages, Some(next), now);
            queued.await.map_err(store)?;
            cursor = next;
        }
        Ok(())
    }

    /// Messages that are due now, by hook; of each at most `limit`.
    ///
    /// # Errors
    /// Those of the accounts.
    pub async fn due(&self, limit: u32) -> Result<Vec<Vec<Outgoing>>, Error> {
        let inner = &self.office.inner;
        let mut all = Vec::new();
        for hook in inner.accounts.hooks().await.map_err(store)? {
            let Some((address, _)) = self.office.target(&hook).await? else {
                continue;
            };
            let secret = inner.accounts.hook_secret(hook.id).await.map_err(store)?;
            let Some(secret) = secret else { continue };
            let due = inner.accounts.due(hook.id, inner.now(), limit).await;
            let due: Vec<_> = (due.map_err(store)?.into_iter())
                .map(|d| Outgoing {
                    id: d.id,
                    hook: d.hook,
                    address: address.clone(),
                    payload: d.payload,
                    secret: secret.clone(),
                    began: d.began,
                    tries: d.tries,
                })
                .collect();
            if !due.is_empty() {
                all.push(due);
            }
        }
        Ok(all)
    }
}

impl Office {
    /// Notes what became of a try: taken, to be tried again later, or given up after a day.
    ///
    /// # Errors
    /// Those of the accounts; the message is then sent once more.
    pub async fn hook_answered(&self, sent: &Outgoing, answer: HookAnswer) -> Result<bool, Error> {
        let (accounts, now) = (&self.inner.accounts, self.now());
        let word = answer.word();
        if answer.is_good() {
            let done = accounts.delivered(&sent.id, &word, now).await;
            done.map_err(store)?;
            return Ok(true);
        }
        let [a, b] = append::random::<2>();
        let chance = i64::from(u16::from_be_bytes([a, b]));
        let next = now.get() + pause(sent.tries, chance);
        let next = (next - sent.began.get() <= GIVE_UP).then(|| Micros::new(next));
        let next = next.transpose().map_err(store)?;
        let done = accounts.not_delivered(&sent.id, &word, next, now).await;
        done.map_err(store)?;
        Ok(false)
    }
}

/// The pause after so many failures, µs; `chance` is 0 to 65,535. Exponential, with jitter, so that a receiver that comes back
/// is not met by everything at once.
fn pause(tries: u32, chance: i64) -> i64 {
    let whole = FIRST_PAUSE.saturating_mul(3_i64.saturating_pow(tries));
    let whole = whole.min(LONGEST_PAUSE);
    whole - whole / 5 + whole * 2 / 5 * chance / 65_536
}

fn store(e: impl std::fmt::Display) -> Error {
    Error::internal("hooks", e)
}

/// What a hook wants; what cannot be read wants nothing but findings of a rule that there is none of.
fn wants(text: &str) -> HookWants {
    serde_json::from_str(text).unwrap_or_else(|_| HookWants {
        rules: BTreeSet::from([String::new()]),
        severities: BTreeSet::new(),
        clocks: false,
    })
}

fn wanted(wants: &HookWants, rule: &str, severity: Option<&str>) -> bool {
    (wants.rules.is_empty() || wants.rules.contains(rule))
        && (wants.severities.is_empty() || severity.is_some_and(|s| wants.severities.contains(s)))
}

fn fits(wants: &HookWants, told: &Told) -> bool {
    let severity = told.finding.severity.to_string();
    wanted(wants, &told.finding.rule, Some(&severity))
}

/// All clocks that are amber now.
fn amber(inner: &Inner) -> Vec<Arc<Told>> {
    let state = inner.watcher.lock();
    let standing = state.engine.standing();
    let at_risk = standing.filter(|c| c.outcome() == Outcome::AtRisk && !c.is_unrecorded());
    let told = at_risk.map(|change| Told {
        case: state.engine.named(&change, "case").map(ToOwned::to_owned),
        organ: state.engine.organ(&change).to_owned(),
        previous: None,
        clock: true,
        record: false,
        said_by: None,
        finding: state.engine.finding(&change),
    });
    told.map(Arc::new).collect()
}

fn message_id(hook: i64, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(hook.to_be_bytes());
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    format!("msg_{}", model::hex(&digest[..16]))
}

fn time(t: i64) -> Value {
    Micros::new(t).map_or(Value::Null, |t| json!(t.to_string()))
}

/// The message about a clock; `None` for what is told as a finding, or not at all.
fn clock(hook: &accounts::Hook, told: &Told, now: Micros) -> Option<(String, String)> {
    let f = &told.finding;
    if !told.clock || f.recordable.is_some() {
        return None;
    }
    let kind = match (f.outcome, told.previous) {
        ("at_risk", _) => "clock.at_risk",
        ("pending" | "suspended", Some(_)) => "clock.changed",
        ("satisfied" | "excused" | "withdrawn", Some("at_risk")) => "clock.ended",
        _ => return None,
    };
    let due = f.due.map_or_else(String::new, |d| d.to_string());
    let at = f.activation.position.to_string();
    let witness = f.witness.as_ref().map(|w| w.position.to_string());
    let id = message_id(
        hook.id,
        &[
            &f.id,
            f.outcome,
            &due,
            &at,
            witness.as_deref().unwrap_or(""),
        ],
    );
    let payload = json!({
        "type": kind,
        "timestamp": now.to_string(),
        "data": {
            "finding": f.id,
            "rule": f.rule,
            "outcome": f.outcome,
            "previous": told.previous,
            "grade": f.grade,
            "due": f.due.map_or(Value::Null, time),
            "case": told.case,
            "object": {"type": f.object.0, "id": f.object.1},
            "organ": told.organ,
            "activation": f.activation.position,
            "entry": Value::Null,
            "sentence": f.sentence,
        },
    });
    Some((id, payload.to_string()))
}

/// The message about an alert of the log.
fn finding(hook: i64, index: u64, header: &Header, body: &Body) -> (String, String) {
    let object = |of: &str| header.objects.iter().find(|o| o.object_type.as_str() == of);
    let about = header.objects.last();
    let outcome = body.text("outcome").unwrap_or_default();
    let kind = match outcome {
        "breached" => "finding.breached",
        _ => "finding.cleared",
    };
    let number = |key: &str| {
        let attr = body.attrs.iter().find(|a| a.key == key);
        match attr.map(|a| &a.value) {
            Some(model::Value::Int(n)) => json!(n),
            _ => Value::Null,
        }
    };
    let payload = json!({
        "type": kind,
        "timestamp": header.recorded.to_string(),
        "data": {
            "finding": body.text("finding"),
            "rule": body.text("rule"),
            "outcome": outcome,
            "previous": Value::Null,
            "grade": body.text("grade"),
            "due": body.text("due"),
            "case": object("case").map(|o| o.id.to_string()),
            "object": about.map(|o| json!({"type": o.object_type.as_str(), "id": o.id.to_string()})),
            "organ": header.organ.as_str(),
            "activation": number("activation"),
            "entry": index,
            "sentence": {"zh": body.words, "en": body.text("sentence_en")},
        },
    });
    let id = message_id(hook, &["entry", &index.to_string()]);
    (id, payload.to_string())
}

impl Office {
    async fn viewer_of_account(&self, account: &str) -> Result<Option<Arc<Viewer>>, Error> {
        let known = self.inner.accounts.account(account, self.now()).await;
        match known.map_err(store)? {
            Some(known) => {
                let who = accounts::Who {
                    account: known.name,
                    person: known.person,
                    must_change: false,
                };
                self.viewer_of(&who).await
            }
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
