//! `liuhen init`: makes a node. Asks on a terminal for what was not given; elsewhere says what is missing.

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
    sync::Arc,
};

use office::{InitError, InitSpec, Office, OrganCode, SystemClock};
use serde::Serialize;

use super::node::runtime;
use crate::{
    args,
    failure::{Exit, Failure},
    lang::{Lang, tr},
    ui::Ui,
};

#[derive(Serialize)]
struct Made {
    node: String,
    origin: String,
    key: String,
    account: String,
    /// Only where it was made up here.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

/// Makes a node.
pub(crate) fn run(ui: &Ui, node: &Path, arguments: args::Init) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let dir = arguments.dir.as_deref().unwrap_or(node);
    let mut asked = Asked {
        lang,
        may_ask: std::io::stdin().is_terminal() && !arguments.password_stdin,
        missing: Vec::new(),
    };
    let organ = asked.get(
        arguments.organ,
        "--organ",
        &tr!(lang, "单位代码", "code of the organ"),
    );
    let organ_name = asked.get(
        arguments.organ_name,
        "--organ-name",
        &tr!(lang, "单位名称", "name of the organ"),
    );
    let admin_name = asked.get(
        arguments.admin_name,
        "--admin-name",
        &tr!(lang, "管理员姓名", "name of the administrator"),
    );
    if !asked.missing.is_empty() {
        let missing = asked.missing.join(", ");
        return Err(
            Failure::usage(tr!(lang, "缺少参数：{missing}", "missing: {missing}")).hint(tr!(
                lang,
                "在终端上运行会逐项询问",
                "on a terminal they are asked for"
            )),
        );
    }
    let organ: OrganCode = organ
        .parse()
        .map_err(|e| Failure::usage(format!("--organ: {e}")))?;
    let origin = arguments
        .origin
        .unwrap_or_else(|| format!("liuhen.local/{organ}"));
    let account = arguments
        .admin_account
        .unwrap_or_else(|| "admin".to_owned());
    let (password, made_up) = password(arguments.password_stdin)?;
    let spec = InitSpec {
        origin: origin
            .parse()
            .map_err(|e| Failure::usage(format!("--origin: {e}")))?,
        organ,
        organ_name,
        admin_name,
        admin_account: account.clone(),
        admin_password: password.clone(),
        listen: arguments.listen,
        public_log: arguments.public_log,
    };
    let key = runtime()?.block_on(async {
        Office::init(dir, spec, Arc::new(SystemClock))
            .await
            .map_err(|e| not_made(lang, e))?;
        let office = super::node::open(ui, dir).await?;
        let key = office.info().key.to_string();
        office.close().await;
        Ok::<_, Failure>(key)
    })?;
    let made = Made {
        node: dir.display().to_string(),
        origin,
        key,
        account,
        password: made_up.then_some(password),
    };
    let text = text(lang, &made);
    ui.result(&made, &text);
    Ok(Exit::Good)
}

fn text(lang: Lang, made: &Made) -> String {
    let Made {
        node,
        origin,
        key,
        account,
        password,
    } = made;
    let mut text = tr!(
        lang,
        "节点已建立：{node}\n账本：{origin}\n公钥：{key}\n管理员账号：{account}\n",
        "node made: {node}\nlog: {origin}\nkey: {key}\nadministrator: {account}\n"
    );
    if let Some(password) = password {
        text += &tr!(
            lang,
            "初始密码（只显示这一次，登录后请修改）：{password}\n",
            "first password (shown only now; change it after signing in): {password}\n"
        );
    }
    text += &tr!(
        lang,
        "\n下一步：liuhen serve --node {node}\n",
        "\nnext: liuhen serve --node {node}\n"
    );
    text
}

fn not_made(lang: Lang, error: InitError) -> Failure {
    match error {
        InitError::Exists(path) => {
            let path = path.display();
            Failure::refused(tr!(
                lang,
                "{path} 里已经有节点，没有动它",
                "{path} already holds a node; it was not touched"
            ))
            .hint(tr!(lang, "换一个目录", "choose another folder"))
        }
        InitError::NotEmpty(path) => {
            let path = path.display();
            Failure::refused(tr!(lang, "{path} 不是空目录", "{path} is not empty")).hint(tr!(
                lang,
                "换一个空目录或新目录",
                "choose an empty or a new folder"
            ))
        }
        InitError::Spec { field, expected } => Failure::usage(format!("{field}: {expected}")),
        InitError::Io { .. } | InitError::Ledger(_) | InitError::Fill(_) => {
            Failure::broken(error.to_string())
        }
    }
}

/// Values that are given, or asked for on a terminal; what is missing elsewhere is collected.
struct Asked {
    lang: Lang,
    may_ask: bool,
    missing: Vec<&'static str>,
}

impl Asked {
    fn get(&mut self, given: Option<String>, flag: &'static str, question: &str) -> String {
        if let Some(given) = given {
            return given;
        }
        if self.may_ask {
            let colon = tr!(self.lang, "：", ": ");
            eprint!("{question}{colon}");
            let _ = std::io::stderr().flush();
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line).is_ok() && !line.trim().is_empty() {
                return line.trim().to_owned();
            }
        }
        self.missing.push(flag);
        String::new()
    }
}

/// The password from standard input, or one that is made up; and which of the two.
fn password(from_stdin: bool) -> Result<(String, bool), Failure> {
    match from_stdin {
        true => Ok((read_password()?, false)),
        false => Ok((made_up_password()?, true)),
    }
}

/// The first line of standard input.
pub(crate) fn read_password() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| Failure::broken(format!("standard input: {e}")))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Sixteen characters of an alphabet of 32 without look-alikes: 80 random bits.
fn made_up_password() -> Result<String, Failure> {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|e| Failure::broken(format!("no randomness: {e}")))?;
    let mut text = String::new();
    for (n, byte) in random.iter().enumerate() {
        if n != 0 && n.is_multiple_of(4) {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Ok(text)
}
