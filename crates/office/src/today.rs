//! Today (待办): what needs the viewer, what expires first on top.

use model::{Activity, EventId, Micros};

use crate::{
    Action, CaseKey, ClockQuery, ClockRow, Error, Office, PageRequest, Permit, Viewer,
    append::object_type_of, clocks::sees_unit, may, permissions,
};

/// What needs the viewer, on one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Today {
    /// What is no clock: records, roles, cases of one's own that owe nothing.
    pub items: Vec<TodayItem>,
    /// Clocks, soonest first: of each group the first few.
    pub clocks: Vec<ClockRow>,
    /// How many clocks there are in each group of [`crate::DueGroup::ALL`].
    pub counts: [u64; 4],
    /// Whether the viewer may choose between his own and his unit's.
    pub may_choose: bool,
    /// Whether these are his own only.
    pub mine: bool,
}

/// Something that needs the viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodayItem {
    /// What is wanted.
    pub kind: TodayKind,
    /// Number of the case, name of the organ or of the person it is about; never a name out of a record.
    pub about: String,
    /// How many, where several are one item.
    pub count: u64,
    /// Since when it waits.
    pub since: Micros,
    /// The act that is proposed, where it is a review.
    pub activity: Option<Activity>,
    /// Until when, if a limit is known.
    pub due: Option<Micros>,
    /// Where to do it.
    pub link: Link,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TodayKind {
    /// A proposed key step waits for one's review or approval.
    Review,
    /// A record that one receives has not been opened by anybody.
    OpenInquiry,
    /// Somebody opened a record of one's own.
    RecordOpened,
    /// A case in which one acted lately.
    MyCase,
    /// An organ in which nobody receives records.
    NoSupervisor,
}

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// A proposed step.
    Step(EventId),
    /// A record that one receives.
    Inquiry(EventId),
    /// One's own record.
    MyRecord(EventId),
    /// A case.
    Case(CaseKey),
    /// Roles.
    Roles,
}

/// How far back "lately" reaches.
const LATELY: i64 = 14 * 24 * 60 * 60 * 1_000_000;
/// Items of one kind.
const OF_A_KIND: u32 = 20;

/// Clocks of a page: over, today, within the week, later. What can still be kept is not pushed out by what is over.
const CLOCKS: [usize; 4] = [12, 20, 12, 6];

impl Office {
    /// What needs the viewer, with the clocks of his own cases; or, where he sees his unit and does not ask for his own,
    /// of his unit.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn today_page(
        &self,
        permit: &Permit<may::SeeToday>,
        mine: Option<bool>,
    ) -> Result<Today, Error> {
        let viewer = permit.viewer();
        let mut today = Today {
            items: self.today(permit).await?,
            may_choose: sees_unit(viewer),
            ..Today::default()
        };
        if permissions::may_do(viewer, Action::ReadCase) {
            today.mine = mine.unwrap_or(!today.may_choose) || !today.may_choose;
            let query = ClockQuery {
                mine: today.mine,
                limit: usize::MAX,
                ..ClockQuery::default()
            };
            let list = self.clock_rows(viewer, &query, Some(CLOCKS)).await?;
            (today.clocks, today.counts) = (list.rows, list.counts);
        }
        let listed = |link: &Link| match link {
            Link::Case(key) => today.clocks.iter().any(|c| c.case == Some(*key)),
            _ => false,
        };
        today.items.retain(|i| !listed(&i.link));
        Ok(today)
    }

    /// How much is to be done: what is over or runs out today, and what else waits. Cases of one's own that owe nothing do
    /// not count.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn today_count(&self, permit: &Permit<may::SeeToday>) -> Result<usize, Error> {
        let viewer = permit.viewer();
        let items = self.today(permit).await?;
        let waiting = items.iter().filter(|i| i.kind != TodayKind::MyCase);
        let clocks = match permissions::may_do(viewer, Action::ReadCase) {
            true => self.clocks_due(viewer, !sees_unit(viewer)),
            false => 0,
        };
        Ok(waiting.count() + clocks)
    }

    /// What needs the viewer: what expires first on top, then what waits longest.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn today(&self, permit: &Permit<may::SeeToday>) -> Result<Vec<TodayItem>, Error> {
        let viewer = permit.viewer();
        let mut items = Vec::new();
        if permissions::may_do(viewer, Action::ReviewSteps) {
            self.reviews(viewer, &mut items).await?;
        }
        if permissions::may_do(viewer, Action::ReadInquiries) {
            self.unopened(viewer, &mut items).await?;
        }
        if permissions::may_do(viewer, Action::ReadOwnRecords) {
            self.opened(viewer, &mut items).await?;
        }
        if permissions::may_do(viewer, Action::ReadCase) {
            self.my_cases(viewer, &mut items).await?;
        }
        if permissions::may_do(viewer, Action::EditRoles) {
            self.without_supervisor(viewer, &mut items).await?;
        }
        items.sort_by_key(|i| (i.due.is_none(), i.due, i.kind as u8, i.since));
        Ok(items)
    }

    async fn reviews(&self, viewer: &Viewer, items: &mut Vec<TodayItem>) -> Result<(), Error> {
        for row in self.steps_waiting(viewer, OF_A_KIND as usize).await? {
            items.push(TodayItem {
                kind: TodayKind::Review,
                about: row.number.unwrap_or_else(|| row.case.to_string()),
                count: 1,
                since: row.proposed,
                activity: Some(row.activity),
                due: row.due,
                link: Link::Step(row.event),
            });
        }
        Ok(())
    }

    async fn unopened(&self, viewer: &Viewer, items: &mut Vec<TodayItem>) -> Result<(), Error> {
        let permit = Permit::<may::ReadInquiries>::check(&std::sync::Arc::new(viewer.clone()))?;
        let page = PageRequest {
            number: 1,
            size: OF_A_KIND,
        };
        let rows = self.inquiries_for_me(&permit, page).await?.rows;
        items.extend(
            rows.into_iter()
                .filter(|r| r.opened == 0 && !r.erased)
                .map(|r| TodayItem {
                    kind: TodayKind::OpenInquiry,
                    about: r.organ_name,
                    count: 1,
                    since: r.recorded,
                    activity: None,
                    due: None,
                    link: Link::Inquiry(r.event),
                }),
        );
        Ok(())
    }

    async fn opened(&self, viewer: &Viewer, items: &mut Vec<TodayItem>) -> Result<(), Error> {
        let since = Micros::new(self.now().get() - LATELY).unwrap_or_default();
        let mut by_record: Vec<TodayItem> = Vec::new();
        for read in self.inner.register.reads_for(viewer.person, since).await? {
            let link = Link::MyRecord(read.record);
            match by_record.iter_mut().find(|i| i.link == link) {
                Some(item) => item.count += 1,
                None => by_record.push(TodayItem {
                    kind: TodayKind::RecordOpened,
                    about: String::new(),
                    count: 1,
                    since: read.at,
                    activity: None,
                    due: None,
                    link,
                }),
            }
        }
        items.extend(by_record);
        Ok(())
    }

    async fn my_cases(&self, viewer: &Viewer, items: &mut Vec<TodayItem>) -> Result<(), Error> {
        let since = self.now().get() - LATELY;
        let scope = self.inner.scope(viewer, Action::ReadCase);
        let rows = self
            .inner
            .register
            .objects_of(viewer.person, &object_type_of("case"), OF_A_KIND)
            .await?;
        items.extend(
            rows.into_iter()
                .filter(|r| r.last.get() >= since && scope.holds(&r.organ))
                .map(|r| TodayItem {
                    kind: TodayKind::MyCase,
                    about: r.name.clone().unwrap_or_else(|| r.id.to_string()),
                    count: r.events,
                    since: r.last,
                    activity: None,
                    due: None,
                    link: Link::Case(CaseKey(r.id)),
                }),
        );
        Ok(())
    }

    /// Organs with people whose records nobody would receive.
    async fn without_supervisor(
        &self,
        viewer: &Viewer,
        items: &mut Vec<TodayItem>,
    ) -> Result<(), Error> {
        let now = self.now();
        let supervisors = self
            .inner
            .register
            .grants_in_force(Some("supervisor"), now)
            .await?;
        let people = self.inner.register.people_by_organ().await?;
        let scope = self.inner.scope(viewer, Action::EditRoles);
        let tree = self.inner.register.tree();
        for (_, organ) in tree.rows() {
            let watched = tree
                .line_up(&organ.code)
                .iter()
                .any(|o| supervisors.iter().any(|g| g.organ == *o));
            let peopled = people.get(&organ.code).copied().unwrap_or(0);
            if !watched
                && peopled > 0
                && organ.ended.is_none()
                && scope.holds(&organ.code)
                && items.len() < 100
            {
                items.push(TodayItem {
                    kind: TodayKind::NoSupervisor,
                    about: organ.name.clone(),
                    count: peopled,
                    since: now,
                    activity: None,
                    due: None,
                    link: Link::Roles,
                });
            }
        }
        Ok(())
    }
}
