//! `liuhen demo`: a node with generated casework, served on this machine only. Everybody and everything in it is made up.

use std::{
    collections::HashMap, fmt::Write as _, path::Path, process::Stdio, sync::Arc, time::Instant,
};

use office::{Clock, InitSpec, Micros, Office, SystemClock, may};
use serde::Serialize;
use testkit::casework::{Generator, Person};

use super::{
    node,
    serve::{address, bind, log_to_stderr, until_stopped},
};
use crate::{
    args,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};

/// Of every demo account. The server listens on this machine only, and nothing on it is real.
const PASSWORD: &str = "liuhen-demo-2026";

#[derive(Serialize)]
struct Ready {
    url: String,
    node: String,
    key: String,
    entries: u64,
    accounts: Vec<Account>,
}

#[derive(Serialize)]
struct Account {
    account: String,
    password: String,
    name: String,
    post: String,
    organ: String,
}

/// Fills a node and serves it.
pub(crate) fn run(ui: &Ui, arguments: &args::Demo) -> Result<Exit, Failure> {
    log_to_stderr("warn");
    // Dropped, and so removed, when serving has ended.
    let temporary = match &arguments.dir {
        Some(_) => None,
        None => {
            let made = tempfile::Builder::new().prefix("liuhen-demo-").tempdir();
            Some(made.map_err(|e| file_error(ui.lang, &std::env::temp_dir(), &e))?)
        }
    };
    let dir = match (&arguments.dir, &temporary) {
        (Some(dir), _) => dir.clone(),
        (None, Some(temporary)) => temporary.path().join("node"),
        (None, None) => unreachable!("one of the two was made above"),
    };
    node::runtime()?.block_on(async {
        let listen = format!("127.0.0.1:{}", arguments.port);
        let listener = bind(ui.lang, &listen).await?;
        let url = format!("http://{}", address(&listener)?);
        let accounts = match dir.join("node.toml").is_file() {
            true => Vec::new(),
            false => make(ui, &dir, &listen, arguments).await?,
        };
        let office = node::open(ui, &dir).await?;
        let ready = Ready {
            url,
            node: dir.display().to_string(),
            key: office.info().key.to_string(),
            entries: office.ledger().size(),
            accounts,
        };
        let kept = arguments.dir.is_some();
        ui.result(&ready, &text(ui.lang, &ready, kept));
        if !arguments.no_open {
            open_browser(&ready.url);
        }
        let served = until_stopped(ui, &office, listener, web::Options::default()).await;
        office.close().await;
        served
    })
}

/// Makes the node and pours the generated people, cases and inquiries in.
async fn make(
    ui: &Ui,
    dir: &Path,
    listen: &str,
    arguments: &args::Demo,
) -> Result<Vec<Account>, Failure> {
    let lang = ui.lang;
    let started = Instant::now();
    let cases = count(arguments.cases as u64);
    ui.say(tr!(
        lang,
        "正在生成 {cases} 起案件，人员和案件都是虚构的……",
        "generating {cases} cases; all people and cases are made up…"
    ));
    let broken = |e: &dyn std::fmt::Display| Failure::broken(e.to_string());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let now = Micros::new(clock.now()).map_err(|e| broken(&e))?;
    let generator = Generator::new(arguments.seed, now);
    let roster = generator.roster();
    let city = &roster.organs[0];
    let admin_name = tr!(Lang::Zh, "演示管理员", "");
    let spec = InitSpec {
        origin: format!("demo.liuhen.example/{}", city.code)
            .parse()
            .map_err(|e| broken(&e))?,
        organ: city.code.clone(),
        organ_name: city.name.clone(),
        admin_name: admin_name.clone(),
        admin_account: "admin".to_owned(),
        admin_password: PASSWORD.to_owned(),
        listen: Some(listen.to_owned()),
        public_log: true,
    };
    let init = Office::init(dir, spec, Arc::clone(&clock)).await;
    init.map_err(|e| broken(&e))?;
    let office = node::open(ui, dir).await?;
    let filled = testkit::fill(&office, &generator, arguments.cases, PASSWORD)
        .await
        .map_err(|e| broken(&e))?;

    let permit = node::permit::<may::ManageAccounts>(lang, &office)?;
    let mut accounts = Vec::new();
    for person in cast(&generator, arguments.cases) {
        // Whoever recorded something has an account already: his number.
        let account = match filled.accounts.contains(&person.no) {
            true => person.no.clone(),
            false => {
                let role = person.roles[0].as_str();
                let role = match accounts.iter().any(|a: &Account| a.account == role) {
                    true => format!("city-{role}"),
                    false => role.to_owned(),
                };
                let key = office.person_key(&person.no);
                let made = office
                    .add_account(&permit, key, &role, Some(PASSWORD))
                    .await;
                made.map_err(|e| node::failed(lang, e))?;
                role
            }
        };
        let organ = roster.organ(&person.organ).map(|o| o.name.clone());
        accounts.push(Account {
            account,
            password: PASSWORD.to_owned(),
            name: person.name.clone(),
            post: person.post.to_owned(),
            organ: organ.unwrap_or_default(),
        });
    }
    accounts.push(Account {
        account: "admin".to_owned(),
        password: PASSWORD.to_owned(),
        name: admin_name,
        post: tr!(Lang::Zh, "系统管理员", ""),
        organ: city.name.clone(),
    });
    office.close().await;
    let seconds = started.elapsed().as_secs_f64();
    ui.say(tr!(
        lang,
        "完成，用时 {seconds:.1} 秒",
        "done in {seconds:.1} s"
    ));
    Ok(accounts)
}

/// Those who get an account: an officer with much to show, and the nearest of each other role around him.
fn cast(generator: &Generator, cases: usize) -> Vec<&Person> {
    let roster = generator.roster();
    let cases: Vec<_> = generator.cases(cases).collect();
    let mut weight: HashMap<&str, usize> = HashMap::new();
    for case in &cases {
        *weight.entry(&case.lead).or_default() += 1;
    }
    let inquiries = generator.inquiries(&cases);
    for inquiry in &inquiries {
        // Records are rare: somebody who has cases and records is worth more than somebody with many cases.
        *weight.entry(&inquiry.recorder).or_default() += 5;
    }
    let holds = |person: &Person, role: &str| person.roles.iter().any(|r| r.as_str() == role);
    let weighs = |person: &Person| weight.get(person.no.as_str()).copied().unwrap_or(0);
    let officers = roster.people.iter().filter(|p| holds(p, "officer"));
    let Some(officer) = officers.max_by_key(|p| weighs(p)) else {
        return Vec::new();
    };
    let mut above = vec![&officer.organ];
    while let Some(parent) = roster
        .organ(above[above.len() - 1])
        .and_then(|o| o.parent.as_ref())
    {
        above.push(parent);
    }
    let distance = |person: &Person| {
        let shared = above.iter().position(|code| **code == person.organ);
        shared.unwrap_or(usize::MAX)
    };
    let mut cast = vec![officer];
    for role in [
        "supervisor",
        "unit-head",
        "legal-reviewer",
        "inspector",
        "leader",
        "chief-leader",
    ] {
        let people = roster.people.iter().filter(|p| holds(p, role));
        cast.extend(people.min_by_key(|p| distance(p)));
    }
    // Some steps are decided by the organ above.
    let top = roster.organs.first().map(|o| &o.code);
    let city = |p: &&Person| holds(p, "leader") && Some(&p.organ) == top;
    cast.extend(roster.people.iter().find(city));
    cast
}

fn text(lang: Lang, ready: &Ready, kept: bool) -> String {
    let Ready {
        url,
        node,
        key,
        entries,
        accounts,
    } = ready;
    let entries = count(*entries);
    let mut text = tr!(
        lang,
        "\n留痕已就绪：{url}\n账本 {entries} 条，公钥 {key}\n",
        "\nLiuhen is ready: {url}\nlog of {entries} entries, key {key}\n"
    );
    if !accounts.is_empty() {
        text += &tr!(
            lang,
            "\n演示账号（仅限本机）：\n",
            "\nDemo accounts (this machine only):\n"
        );
        for a in accounts {
            let Account {
                account,
                password,
                name,
                post,
                organ,
            } = a;
            let _ = writeln!(text, "  {account:<16}{password:<20}{name}　{organ}{post}");
        }
        text += &tr!(
            lang,
            "\n不妨先用第一个账号登录：打开一个案件；记录一次过问；到“账本”里让浏览器自己验证回执。\n",
            "\nSign in with the first one: open a case; record an inquiry; let the browser verify its receipt under Ledger.\n"
        );
    }
    text += &match kept {
        true => tr!(
            lang,
            "节点保留在 {node}。按 Ctrl-C 停止。\n",
            "The node is kept in {node}. Ctrl-C stops it.\n"
        ),
        false => tr!(
            lang,
            "按 Ctrl-C 停止，临时数据随即删除。\n",
            "Ctrl-C stops it and removes its temporary data.\n"
        ),
    };
    text
}

/// Where there is a desktop. That no browser opens is not worth a word: the address stands above.
fn open_browser(url: &str) {
    let desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if desktop {
        let _ = std::process::Command::new("xdg-open")
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
    }
}
