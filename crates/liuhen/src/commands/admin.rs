//! `liuhen admin`: what an administrator does at the machine. The node must not be running.

use std::{fmt::Write as _, path::Path};

use model::Micros;
use office::{NewAccount, Office, TableSummary, may};
use serde_json::json;

use super::{init, node};
use crate::{
    args::{Account, Admin, Table, Token},
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, expected, tr},
    ui::Ui,
};

/// Which table to take in.
#[derive(Clone, Copy)]
enum Kind {
    Organs,
    People,
    Roles,
}

/// Does one thing with the node.
pub(crate) fn run(ui: &Ui, node: &Path, command: Admin) -> Result<Exit, Failure> {
    if let Admin::Key = command {
        return key(ui, node);
    }
    let ui = *ui;
    node::with(&ui, node, async |office| match command {
        Admin::Key => unreachable!("answered above, without opening the node"),
        Admin::Account(command) => account(&ui, office, command).await,
        Admin::Token(command) => token(&ui, office, command).await,
        Admin::ImportOrgans(table) => import(&ui, office, Kind::Organs, &table).await,
        Admin::ImportPeople(table) => import(&ui, office, Kind::People, &table).await,
        Admin::ImportRoles(table) => import(&ui, office, Kind::Roles, &table).await,
    })
}

/// The verifier key: needs no lock, so it can be asked for while the node runs.
fn key(ui: &Ui, dir: &Path) -> Result<Exit, Failure> {
    let info = Office::describe(dir).map_err(|e| node::not_opened(ui.lang, dir, &e))?;
    let (origin, key) = (&info.origin, info.key.to_string());
    ui.result(&json!({"origin": origin, "key": key}), &format!("{key}\n"));
    Ok(Exit::Good)
}

async fn account(ui: &Ui, office: &Office, command: Account) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let permit = node::permit::<may::ManageAccounts>(lang, office)?;
    let failed = |e| node::failed(lang, e);
    match command {
        Account::List => {
            let rows = office.accounts(&permit).await.map_err(failed)?;
            let data: Vec<_> = rows
                .iter()
                .map(|r| {
                    json!({
                        "account": r.account,
                        "person": r.person.to_string(),
                        "name": r.name,
                        "created": r.created.to_string(),
                        "locked_until": r.locked.map(|l| l.to_string()),
                        "must_change": r.must_change,
                    })
                })
                .collect();
            let mut text = String::new();
            for row in &rows {
                let name = row.name.as_deref().unwrap_or("–");
                let locked = match row.locked {
                    Some(until) => tr!(lang, "\t锁定至 {until}", "\tlocked until {until}"),
                    None => String::new(),
                };
                let _ = writeln!(text, "{}\t{name}{locked}", row.account);
            }
            ui.result(&data, &text);
        }
        Account::Add {
            number,
            account,
            password_stdin,
        } => {
            let given = password_stdin.then(init::read_password).transpose()?;
            let person = office.person_key(&number);
            let made = office
                .add_account(&permit, person, &account, given.as_deref())
                .await
                .map_err(failed)?;
            shown_once(ui, &made, given.is_none());
        }
        Account::Reset { account } => {
            let made = office
                .reset_account(&permit, &account)
                .await
                .map_err(failed)?;
            shown_once(ui, &made, true);
        }
        Account::Unlock { account } => {
            office
                .unlock_account(&permit, &account)
                .await
                .map_err(failed)?;
            ui.result(
                &json!({"account": account, "locked": false}),
                &tr!(lang, "{account} 已解锁\n", "{account} is unlocked\n"),
            );
        }
    }
    Ok(Exit::Good)
}

/// An account and, if it was made up here, its password: the one moment in which it is seen.
fn shown_once(ui: &Ui, made: &NewAccount, made_up: bool) {
    let NewAccount { account, password } = made;
    match made_up {
        true => ui.result(
            &json!({"account": account, "password": password}),
            &tr!(
                ui.lang,
                "账号 {account} 的密码（只显示这一次）：{password}\n",
                "password of {account} (shown only now): {password}\n"
            ),
        ),
        false => ui.result(
            &json!({"account": account}),
            &tr!(
                ui.lang,
                "账号 {account} 已建立\n",
                "account {account} was made\n"
            ),
        ),
    }
}

async fn token(ui: &Ui, office: &Office, command: Token) -> Result<Exit, Failure> {
    const DAY: i64 = 86_400_000_000;
    let lang = ui.lang;
    let permit = node::permit::<may::ManageAccounts>(lang, office)?;
    let failed = |e| node::failed(lang, e);
    match command {
        Token::List => {
            let rows = office.tokens(&permit).await.map_err(failed)?;
            let data: Vec<_> = rows
                .iter()
                .map(|r| {
                    json!({
                        "id": r.id,
                        "account": r.account,
                        "label": r.label,
                        "created": r.created.to_string(),
                        "expires": r.expires.map(|e| e.to_string()),
                    })
                })
                .collect();
            let mut text = String::new();
            for row in &rows {
                let ends = match row.expires {
                    Some(at) => tr!(lang, "{at} 失效", "ends {at}"),
                    None => tr!(lang, "不自动失效", "does not end by itself"),
                };
                let _ = writeln!(text, "{}\t{}\t{}\t{ends}", row.id, row.account, row.label);
            }
            ui.result(&data, &text);
        }
        Token::New {
            account,
            label,
            days,
        } => {
            let expires = days
                .map(|days| Micros::new(office.now().get() + i64::from(days) * DAY))
                .transpose()
                .map_err(|e| Failure::usage(format!("--days: {e}")))?;
            let made = office
                .new_token(&permit, &account, &label, expires)
                .await
                .map_err(failed)?;
            let token = &made.token;
            ui.result(
                &json!({"label": made.label, "token": token}),
                &tr!(
                    lang,
                    "令牌（只显示这一次）：{token}\n用法：Authorization: Bearer {token}\n",
                    "token (shown only now): {token}\nto be sent as: Authorization: Bearer {token}\n"
                ),
            );
        }
        Token::End { id } => {
            office.end_token(&permit, id).await.map_err(failed)?;
            ui.result(
                &json!({"id": id, "ended": true}),
                &tr!(lang, "令牌 {id} 已废止\n", "token {id} has ended\n"),
            );
        }
    }
    Ok(Exit::Good)
}

async fn import(ui: &Ui, office: &Office, kind: Kind, table: &Table) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let csv = std::fs::read(&table.file).map_err(|e| file_error(lang, &table.file, &e))?;
    let summary = match kind {
        Kind::Organs => {
            let permit = node::permit::<may::EditOrgans>(lang, office)?;
            office.import_organs(&permit, &csv).await
        }
        Kind::People => {
            let permit = node::permit::<may::EditPeople>(lang, office)?;
            office.import_people(&permit, &csv).await
        }
        Kind::Roles => {
            let permit = node::permit::<may::EditRoles>(lang, office)?;
            office.import_roles(&permit, &csv).await
        }
    }
    .map_err(|e| node::failed(lang, e))?;
    let rejects: Vec<_> = summary
        .rejects
        .iter()
        .map(
            |r| json!({"line": r.line, "field": r.field, "expected": r.expected, "found": r.found}),
        )
        .collect();
    let data = json!({
        "taken": summary.taken,
        "unchanged": summary.unchanged,
        "rejects": rejects,
    });
    ui.result(&data, &table_text(lang, &summary));
    Ok(if summary.rejects.is_empty() {
        Exit::Good
    } else {
        Exit::NotGood
    })
}

fn table_text(lang: Lang, summary: &TableSummary) -> String {
    let (taken, unchanged) = (count(summary.taken), count(summary.unchanged));
    let rejected = count(summary.rejects.len() as u64);
    let mut text = tr!(
        lang,
        "收下 {taken} 行，{unchanged} 行没有变化，退回 {rejected} 行\n",
        "rows: {taken} taken in, {unchanged} unchanged, {rejected} rejected\n"
    );
    for reject in &summary.rejects {
        let (line, field) = (reject.line, &reject.field);
        let (expected, found) = (expected(lang, &reject.expected), &reject.found);
        text += &tr!(
            lang,
            "  第 {line} 行 {field}：应为 {expected}，却是 {found:?}\n",
            "  line {line} {field}: expected {expected}, found {found:?}\n"
        );
    }
    text
}
