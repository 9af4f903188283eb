//! A whole node in a temporary directory, with a small roster and one user for each role.
//!
//! ```text
//! 甲市公安局 A330100          admin, legal-reviewer, inspector, supervisor (city), protector, …
//! ├ 城东分局 A330103          supervisor
//! │ └ 城东分局刑侦大队 A33010301   officer, colleague, unit-head
//! └ 城西分局 A330104          stranger (an officer), supervisor of the west
//! ```

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
};

use model::{Micros, OrganCode, Pseudonym};
use office::{CaseKey, InitSpec, NewPerson, NewReason, Office, Permission, Permit, Viewer, may};
use tlog::checkpoint::Origin;

use crate::clock::FakeClock;

/// Password of every user of a test node.
pub const PASSWORD: &str = "a long test secret";
/// When a test node begins: a Monday morning in China.
pub const BEGINS: &str = "2026-11-23T01:00:00Z";

/// The roster: handle, number, name, organ, post, role, organ of the role.
const PEOPLE: [(&str, &str, &str, &str, &str, &str, &str); 16] = [
    (
        "officer",
        "100001",
        "王小明",
        "A33010301",
        "办案民警",
        "officer",
        "A33010301",
    ),
    (
        "colleague",
        "100002",
        "李文静",
        "A33010301",
        "办案民警",
        "officer",
        "A33010301",
    ),
    (
        "unit-head",
        "100003",
        "赵刚",
        "A33010301",
        "大队长",
        "unit-head",
        "A33010301",
    ),
    (
        "supervisor",
        "100004",
        "孙立",
        "A330103",
        "督察民警",
        "supervisor",
        "A330103",
    ),
    (
        "city-supervisor",
        "100005",
        "周正",
        "A330100",
        "纪检干部",
        "supervisor",
        "A330100",
    ),
    (
        "west-supervisor",
        "100006",
        "吴清",
        "A330104",
        "督察民警",
        "supervisor",
        "A330104",
    ),
    (
        "stranger",
        "100007",
        "郑海",
        "A330104",
        "办案民警",
        "officer",
        "A330104",
    ),
    (
        "legal-reviewer",
        "100008",
        "冯敏",
        "A330100",
        "法制民警",
        "legal-reviewer",
        "A330100",
    ),
    (
        "inspector",
        "100009",
        "陈光",
        "A330100",
        "执法检查",
        "inspector",
        "A330100",
    ),
    (
        "protector",
        "100010",
        "褚安",
        "A330100",
        "保护专员",
        "protector",
        "A330100",
    ),
    (
        "operator",
        "100011",
        "卫信",
        "A330100",
        "关基运营者",
        "operator",
        "A330100",
    ),
    (
        "protector-dept",
        "100012",
        "蒋平",
        "A330100",
        "保护工作部门",
        "protector-dept",
        "A330100",
    ),
    (
        "cyber-police",
        "100013",
        "沈波",
        "A330100",
        "网安民警",
        "cyber-police",
        "A330100",
    ),
    (
        "witness",
        "100014",
        "韩实",
        "A330100",
        "见证人",
        "witness",
        "A330100",
    ),
    (
        "leader",
        "100015",
        "杨威",
        "A330100",
        "副局长",
        "unit-head",
        "A330100",
    ),
    ("nobody", "100016", "朱闲", "A330103", "文职", "", ""),
];

/// A node, removed when it is dropped.
pub struct TestNode {
    dir: tempfile::TempDir,
    /// The office.
    pub office: Office,
    /// Its clock.
    pub clock: FakeClock,
    users: Mutex<HashMap<&'static str, Arc<Viewer>>>,
}

/// Closes the log before its directory goes: a publisher that cannot write any more ends the process, as it should.
impl Drop for TestNode {
    fn drop(&mut self) {
        self.office.ledger().close();
    }
}

impl TestNode {
    /// A node with the roster above.
    pub async fn new() -> Self {
        let node = Self::bare().await;
        let console = node.office.console();
        let organs = "code,name,parent\nA330103,城东分局,A330100\nA33010301,城东分局刑侦大队,A330103\nA330104,城西分局,A330100\n";
        let taken = node
            .office
            .import_organs(&node.permit(&console), organs.as_bytes())
            .await
            .expect("organs");
        assert_eq!((taken.taken, taken.rejects.len()), (3, 0), "{taken:?}");
        let (mut people, mut roles) = (
            "number,name,organ,post\n".to_owned(),
            "number,role,organ\n".to_owned(),
        );
        for (_, number, name, organ, post, role, on) in PEOPLE {
            people.push_str(&format!("{number},{name},{organ},{post}\n"));
            if !role.is_empty() {
                roles.push_str(&format!("{number},{role},{on}\n"));
            }
        }
        let taken = node
            .office
            .import_people(&node.permit(&console), people.as_bytes())
            .await
            .expect("people");
        assert_eq!(
            (taken.taken as usize, taken.rejects.len()),
            (PEOPLE.len(), 0),
            "{taken:?}"
        );
        let taken = node
            .office
            .import_roles(&node.permit(&console), roles.as_bytes())
            .await
            .expect("roles");
        assert_eq!(
            (taken.taken as usize, taken.rejects.len()),
            (PEOPLE.len() - 1, 0),
            "{taken:?}"
        );
        node
    }

    /// A node with its organ and its administrator only.
    pub async fn bare() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let clock = FakeClock::at(BEGINS.parse().expect("a time"));
        let spec = InitSpec {
            origin: Origin::new("test.example/A330100").expect("an origin"),
            organ: OrganCode::new("A330100").expect("a code"),
            organ_name: "甲市公安局".into(),
            admin_name: "管理员".into(),
            admin_account: "admin".into(),
            admin_password: PASSWORD.into(),
            listen: None,
            public_log: false,
        };
        let place = dir.path().join("node");
        Office::init(&place, spec, Arc::new(clock.clone()))
            .await
            .expect("a new node");
        let office = Office::open(&place, Arc::new(clock.clone()))
            .await
            .expect("it opens");
        Self {
            dir,
            office,
            clock,
            users: Mutex::default(),
        }
    }

    /// Its directory.
    pub fn dir(&self) -> std::path::PathBuf {
        self.dir.path().join("node")
    }

    /// The directory around it, for other files of a test.
    pub fn around(&self) -> &Path {
        self.dir.path()
    }

    /// Closes the office and opens it again.
    pub async fn reopen(&mut self) {
        self.office.close().await;
        self.office = Office::open(&self.dir(), Arc::new(self.clock.clone()))
            .await
            .expect("it opens again");
    }

    /// Signs a user of the roster in, with an account of his own.
    ///
    /// # Panics
    /// If the handle is not one of the roster.
    pub async fn user(&self, handle: &'static str) -> Arc<Viewer> {
        if let Some(known) = self
            .users
            .lock()
            .expect("no test panics in here")
            .get(handle)
        {
            return Arc::clone(known);
        }
        if handle != "admin" {
            let person = self.person(handle);
            let console = self.office.console();
            let added = self
                .office
                .add_account(&self.permit(&console), person, handle, Some(PASSWORD))
                .await;
            added.unwrap_or_else(|e| panic!("account for {handle}: {e}"));
        }
        let session = self
            .office
            .sign_in(handle, PASSWORD)
            .await
            .unwrap_or_else(|e| panic!("{handle}: {e}"));
        self.users
            .lock()
            .expect("no test panics in here")
            .insert(handle, Arc::clone(&session.viewer));
        session.viewer
    }

    /// Pseudonym of somebody of the roster.
    ///
    /// # Panics
    /// If the handle is not one of the roster.
    pub fn person(&self, handle: &str) -> Pseudonym {
        self.office.person_key(Self::number(handle))
    }

    /// Number of somebody of the roster.
    ///
    /// # Panics
    /// If the handle is not one of the roster.
    pub fn number(handle: &str) -> &'static str {
        PEOPLE
            .iter()
            .find(|p| p.0 == handle)
            .unwrap_or_else(|| panic!("nobody is called {handle}"))
            .1
    }

    /// Handles of the roster, and `admin`.
    pub fn handles() -> impl Iterator<Item = &'static str> {
        PEOPLE.iter().map(|p| p.0).chain(["admin"])
    }

    /// A permit that the viewer must get.
    ///
    /// # Panics
    /// If he does not.
    pub fn permit<A: Permission>(&self, viewer: &Arc<Viewer>) -> Permit<A> {
        self.office
            .permit(viewer)
            .unwrap_or_else(|e| panic!("{}: {e}", viewer.account))
    }

    /// The officer of the criminal unit in the east.
    pub async fn officer(&self) -> Arc<Viewer> {
        self.user("officer").await
    }

    /// The supervisor of the east.
    pub async fn supervisor(&self) -> Arc<Viewer> {
        self.user("supervisor").await
    }

    /// The administrator.
    pub async fn admin(&self) -> Arc<Viewer> {
        self.user("admin").await
    }

    /// Adds somebody with one role on his own organ, and signs him in.
    ///
    /// # Panics
    /// If the office refuses.
    pub async fn add(&self, number: &str, name: &str, organ: &str, role: &str) -> Arc<Viewer> {
        let console = self.office.console();
        let person = NewPerson {
            number: number.into(),
            name: name.into(),
            organ: organ.into(),
            ..NewPerson::default()
        };
        self.office
            .add_person(&self.permit(&console), person)
            .await
            .expect("a person");
        let grant = office::NewGrant {
            number: number.into(),
            role: role.into(),
            organ: None,
            from: None,
            to: None,
        };
        self.office
            .add_grant(&self.permit::<may::EditRoles>(&console), grant)
            .await
            .expect("a role");
        let key = self.office.person_key(number);
        self.office
            .add_account(&self.permit(&console), key, number, Some(PASSWORD))
            .await
            .expect("an account");
        self.office
            .sign_in(number, PASSWORD)
            .await
            .expect("he signs in")
            .viewer
    }

    /// Says why the viewer opens a case that nothing on record explains to him: the way that everybody has to go.
    ///
    /// # Panics
    /// If the office does not take it, or wanted no reason.
    pub async fn say_why(&self, viewer: &Arc<Viewer>, case: CaseKey) -> u64 {
        let reason = NewReason {
            reason: "urgent".into(),
            words: "值班期间群众来电，须核对案情。".into(),
            paper: None,
        };
        let permit = self.permit(viewer);
        let given = self.office.give_reason(&permit, case, &reason);
        given
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", viewer.account))
            .expect("a reason that was wanted")
    }

    /// The clock's time.
    pub fn now(&self) -> Micros {
        self.clock.micros()
    }
}
