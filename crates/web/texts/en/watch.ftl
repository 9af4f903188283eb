# Clocks, findings, rules, units
menu-units = Units
menu-rules = Rules
colon = {": "}
comma = {", "}
confirm-needed = to be confirmed by a legal officer
export-csv = Export CSV
filter-away = take away

# Today and clocks
today-overdue = Overdue
today-nothing = Nothing needs you now.
today-open-case = Open case
today-more = { $n } more, list all
of-label = Whose
of-mine = Mine
of-unit = My unit
clock-due = by { $time }
clocks-title = Clocks
clocks-state-line = { $n ->
    [one] One thing to be done, and not done yet.
   *[other] { $n } things to be done, and not done yet; what expires first on top.
 }
clocks-far = { $n } more expire in more than two years and are not listed.
clocks-q = Case number, duty, article
clocks-when = Due
clocks-risk = Only what is nearly due or overdue
clocks-want = To be done
clocks-case = Case
clocks-article = Article
clocks-organ = Unit
clocks-since = Since
clocks-due = Due
clocks-state = State
clocks-empty = No clock runs
clocks-empty-how = When a step sent by the case system starts a clock it is listed here, until what it wants is done.
clocks-none-found = No clock matches
clocks-none-found-how = Take a filter away.

# Findings
finding-overdue = overdue
finding-broken = broken
finding-attention = look at it
finding-at-risk = nearly due
finding-unrecorded = to be recorded
finding-in-time = in time
finding-recorded-late = recorded late
finding-suspended = clock stands still
finding-excused = exception registered
finding-withdrawn = corrected
finding-kept = done
finding-not-checkable = not checkable
finding-advice = advice
finding-late = done late
finding-why = Why
finding-source = Source
finding-events = Events
finding-due = Due
finding-due-statutory = { $time } with the first hour not counted
finding-reckoning = How it is reckoned
finding-missing = What is missing
finding-searched = Searched
finding-searched-range = what concerns it from entry { $from } to entry { $to } of the ledger
finding-rule = Rule
evidence-began = Began with
evidence-decided = Decided by
missing-actors = nobody is recorded as acting
missing-time = a time is not exact enough
missing-end = no end time is recorded
missing-body = the content of an entry was erased
missing-part = the person’s part in the case is not recorded
missing-table = a table of local values is empty
missing-attribute = “{ $name }” is not recorded
missing-more = the other times of the same rule
findings-title = Findings and clocks
findings-red = overdue or broken: { $n }
findings-amber = nearly due, or to be looked at: { $n }
findings-open = in time: { $n }
findings-blue = advice: { $n }
findings-unchecked = not checkable: { $n }
findings-more-red = { $n } more that are overdue or broken
findings-red-note = A limit or a procedure of law is broken.
findings-all = all of them on the first page
findings-more-amber = { $n } more that are nearly due, or to be looked at
findings-amber-note = No limit of law is broken yet, but something has to be done.
findings-open-title = In time: { $n }
findings-open-note = These are the hollow points of the timeline.
findings-blue-title = Advice: { $n }
findings-blue-note = For a person to look at, no conclusion; also what a legal officer has not confirmed yet.
findings-excused-title = Excepted or corrected: { $n }
findings-excused-note = These do not stand any more, and stay here to be looked up.
findings-unchecked-title = Not checkable: { $n }
findings-unchecked-note = Data are missing, which is not the same as nothing being wrong. They are checked again once the data come.
findings-times = Times
findings-more = { $n } more are not listed
step-planned = to be done
step-missing = nothing recorded
alert-raised = found
alert-cleared = does not stand any more ({ $outcome })
alert-stands = how it stands now
alert-because = because of #{ $index }
case-corrected = corrected later
cite-none = no instrument is named
cite-article = { $title }, article { $article }

# Rules
rules-title = Rules
rules-state = { $n ->
    [one] One rule.
   *[other] { $n } rules.
 }
rules-manual = { $n } of them ({ $share }) cannot be seen from events and are not checked.
rules-unsure = { $n } have a source that a legal officer has to confirm; until then they advise, or say so.
rules-packs = { $n ->
    [one] One pack: who put it into force, and when
   *[other] { $n } packs: who put them into force, and when
 }
rules-pack = Pack
rules-version = Version
rules-version-n = version { $n }
rules-count = Rules
rules-adopted = In force since
rules-adopted-by = Adopted by
rules-adopted-with-node = came with the node
rules-hash = Fingerprint of its files
rules-who = Who answers for it
rules-q = Id, words, article
rules-grade = Grade
rules-template = Kind
rules-unchecked-only = Only those not checked
rules-none-found = No rule matches
rules-none-found-how = Write less, or take a filter away.
rules-adopt = Compare and adopt packs
rules-rule = Rule
rules-sentence = When it is broken
rules-found = Broken / checked
rules-found-of = checked { $of } times, broken { $n } times
rules-not-checked = not checked
rules-words = In words
rules-gate = prevented when an event is written
rules-severity = Severity
rules-violations = Shows
rules-dates = In force
rules-owner = Role that answers for it
rules-off = switched off here
grade-red = breach of law
grade-amber = look at it
grade-blue = advice
shape-response = done within a time
shape-precedence = one before the other
shape-absence = must not happen
shape-count = number of times
shape-min-persons = number of persons
shape-distinct-persons = different persons
shape-authority = rank of the approver
shape-record = must be on record
shape-covered = covered as a whole
shape-exclusive = not at one time
shape-overlap = must not overlap
shape-back-dated = recorded late
shape-score = several signs
shape-manual = checked by a person

# Units
units-title = Units
units-state = How units stand, in the order of their codes; no ranking. The name of a unit leads to its clocks.
units-note = The denominator is how often rules checked: a step that three rules look at counts three times.
units-unit = Unit
units-judged = Checked
units-open = In time
units-red = overdue, broken
units-sum = Sum
units-empty = Nothing to check yet
units-empty-how = Once a case system sends steps the rules check each, and the figures stand here.
