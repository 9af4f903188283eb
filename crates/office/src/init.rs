//! How a node begins: keys, log, the first entries, the first account.

use std::{fs, path::Path, sync::Arc};

use accounts::{Accounts, check_strength};
use ledger::{Clock, Ledger};
use model::{Micros, ObjectRef, PseudonymKey};

use crate::{
    InitError, InitSpec, Office,
    append::{Draft, body, object_type_of, random, texts},
    role,
    settings::{LISTEN, OrganSettings, Settings, ZONE, write_key},
};

pub(crate) async fn init(
    dir: &Path,
    spec: InitSpec,
    clock: Arc<dyn Clock>,
) -> Result<(), InitError> {
    if dir.join("node.toml").exists() {
        return Err(InitError::Exists(dir.to_owned()));
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| InitError::Io { path, source }
    };
    check(&spec)?;
    fs::create_dir_all(dir).map_err(io(dir))?;
    if fs::read_dir(dir).map_err(io(dir))?.next().is_some() {
        return Err(InitError::NotEmpty(dir.to_owned()));
    }
    for sub in ["keys", "files"] {
        private_dir(&dir.join(sub)).map_err(io(&dir.join(sub)))?;
    }
    let log_key = random();
    for (name, key) in [("log.key", log_key), ("pseudonym.key", random())] {
        let path = dir.join("keys").join(name);
        write_key(&path, &key).map_err(io(&path))?;
    }
    let key =
        tlog::note::SigningKey::from_seed(spec.origin.as_str(), log_key, tlog::note::KeyKind::Log)
            .map_err(|e| InitError::Spec {
                field: "origin",
                expected: e.to_string(),
            })?;
    let mut config = ledger::Config::new(spec.origin.clone(), key);
    config.clock = Arc::clone(&clock);
    let log = dir.join("log");
    fs::create_dir(&log).map_err(io(&log))?;
    let created = tokio::task::spawn_blocking(move || Ledger::create(&log, &config)).await;
    created
        .map_err(|e| InitError::Ledger(e.to_string()))?
        .map_err(|e| InitError::Ledger(e.to_string()))?;
    let settings = Settings {
        origin: spec.origin.as_str().to_owned(),
        listen: spec.listen.clone().unwrap_or_else(|| LISTEN.to_owned()),
        public_log: spec.public_log,
        zone: ZONE.to_owned(),
        organ: OrganSettings {
            code: spec.organ.clone(),
            name: spec.organ_name.clone(),
        },
        hooks: crate::HookRules::default(),
    };
    let text = toml::to_string(&settings).map_err(|e| InitError::Fill(e.to_string()))?;
    // Written last of all files: a directory without it holds no node.
    let path = dir.join("node.toml");
    fs::write(&path, text).map_err(io(&path))?;

    let office = Office::open(dir, clock)
        .await
        .map_err(|e| InitError::Fill(e.to_string()))?;
    let filled = fill(&office, &spec).await;
    office.close().await;
    filled
}

fn check(spec: &InitSpec) -> Result<(), InitError> {
    let wrong = |field, expected: &str| {
        Err(InitError::Spec {
            field,
            expected: expected.to_owned(),
        })
    };
    if check_strength(&spec.admin_account, &spec.admin_password).is_err() {
        return wrong(
            "admin_password",
            "8 to 256 characters, without the account in it",
        );
    }
    if spec.organ_name.trim().is_empty() {
        return wrong("organ_name", "a name");
    }
    if spec.admin_name.trim().is_empty() {
        return wrong("admin_name", "a name");
    }
    Ok(())
}

/// The first entries: what this log is, whose it is, who runs it, which packs are in force.
async fn fill(office: &Office, spec: &InitSpec) -> Result<(), InitError> {
    let inner = &office.inner;
    let failed = |e: &dyn std::fmt::Display| InitError::Fill(e.to_string());
    let now = office.now();
    let console = office.console();
    let person = inner.staff(&spec.admin_account);

    let mut genesis = body();
    genesis.attrs = texts([
        ("origin", Some(spec.origin.as_str().to_owned())),
        ("organ", Some(spec.organ.to_string())),
    ]);
    let mut drafts = vec![Draft::new("lh.genesis", now, spec.organ.clone()).body(genesis)];
    drafts.push(organ_draft(&inner.key, spec, now));
    drafts.push(crate::person::draft(
        inner,
        &console,
        person,
        &spec.admin_account,
        spec.admin_name.trim(),
        &crate::pinyin::initials(spec.admin_name.trim()),
        &spec.organ,
        "",
    ));
    drafts.push(role::draft(
        inner,
        &console,
        person,
        "admin",
        &spec.organ,
        now,
        None,
    ));
    for pack in law::Catalogue::shipped().packs() {
        let mut b = body();
        b.attrs = texts([
            ("pack", Some(pack.id.clone())),
            ("version", Some(pack.version.clone())),
            ("hash", Some(pack.hash_text())),
        ]);
        let id = inner.key.pseudonym(&object_type_of("pack"), "", &pack.id);
        drafts.push(
            Draft::new("lh.pack", now, spec.organ.clone())
                .about("pack", id)
                .body(b),
        );
    }
    let done = inner.append_all(drafts).await.map_err(|e| failed(&e))?;
    if let Some((_, last)) = done.last() {
        office
            .caught_up(last.index())
            .await
            .map_err(|e| failed(&e))?;
    }
    let accounts: &Accounts = &inner.accounts;
    accounts
        .add(
            &spec.admin_account,
            person,
            &spec.admin_password,
            false,
            now,
        )
        .await
        .map_err(|e| InitError::Spec {
            field: "admin_account",
            expected: e.to_string(),
        })
}

fn organ_draft(key: &PseudonymKey, spec: &InitSpec, now: Micros) -> Draft {
    let id = key.pseudonym(&object_type_of("organ"), "", spec.organ.as_str());
    let mut b = body();
    b.attrs = texts([
        ("code", Some(spec.organ.to_string())),
        ("name", Some(spec.organ_name.trim().to_owned())),
    ]);
    let mut draft = Draft::new("lh.organ", now, spec.organ.clone()).body(b);
    draft.objects.push(ObjectRef {
        object_type: object_type_of("organ"),
        id,
        qualifier: None,
    });
    draft
}

fn private_dir(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}
