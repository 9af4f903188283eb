# Settings
settings-title = Settings
settings-tabs = Kinds of settings
settings-organs = Organs
settings-people = People
settings-roles = Roles
settings-state-organs = { $n ->
    [one] One organ.
   *[other] { $n } organs.
 } Each change is an entry of the ledger.
settings-state-people = { $n ->
    [one] One person.
   *[other] { $n } people.
 } Each change is an entry of the ledger.
settings-state-roles = { $n ->
    [one] One grant in force.
   *[other] { $n } grants in force.
 } A grant has a period and ends by itself.
settings-code = Code
settings-name = Name
settings-parent = Superior organ
settings-parent-none = none above
settings-person-name = Name
settings-number = Number
settings-post = Post
settings-organ = Organ
settings-initials = Initials
settings-account = Account
settings-account-help = Only for those who sign in; others are in the roster only.
settings-role = Role
settings-role-person = Number
settings-from = From
settings-to = To
settings-to-none = no end
settings-status = State
settings-active = in force
settings-ended = ended
settings-later = not yet
settings-change = Change
settings-end = End
settings-add-organ = Add an organ
settings-add-person = Add a person
settings-add-role = Grant a role
settings-end-organ-title = End the organ { $name }
settings-end-person-title = { $name } leaves
settings-end-role-title = End a role of { $name }
settings-end-organ-means = Nothing can be recorded in its name any more; what is recorded and proved stays.
settings-end-person-means = The person can no longer sign in and all roles end; what was done and read stays in the ledger.
settings-end-role-means = It ends at once, also on pages that are open now; grant and end both stay in the ledger.
settings-end-confirm = End it
settings-done = Entered in the ledger at index { $index }.
settings-import = Import from CSV
settings-import-help-organs = Columns: code,name,parent (code of the superior organ, may be empty). First line: column names. UTF-8 or GBK.
settings-import-help-people = Columns: number,name,organ,post and optionally initials. First line: column names. UTF-8 or GBK.
settings-import-help-roles = Columns: number,role and optionally organ,from,to. First line: column names. UTF-8 or GBK.
settings-import-file = CSV file
settings-import-button = Import
settings-imported = { $taken } lines taken, { $rejected } sent back.
settings-rejects = Lines not taken
settings-rejects-note = All other lines were taken. Put these right and import again; what was taken is not taken twice.
settings-reject-line = Line
settings-reject-field = Column
settings-reject-expected = Expected
settings-empty = None yet
settings-empty-how = Add them one by one, or import a CSV file.
settings-filter = name, number, organ
settings-may = What it may do
settings-organ-people = People
settings-person-roles = Roles
settings-with-ended = also those who left
settings-person-title = { $name }
settings-account-make = Make an account
settings-account-made = Account { $account } is made. Its first password is shown only this once:
settings-account-reset = Reset password
settings-account-reset-done = The password of { $account } is reset. The new one is shown only this once:
settings-account-unlock = Unlock
settings-account-locked = locked until { $until }
settings-account-unlocked = Unlocked.
settings-save = Save
settings-unchanged = { $n } more said what was known.
settings-reject-found = Found

# Why one thing is wrong
problem-required = This is needed.
problem-too_long = Too long.
problem-unknown = There is none of that name.
problem-future = Not later than now.
problem-taken = There is one already.
problem-malformed = Not written as expected.
problem-cycle = The organs would form a circle.
problem-ended = It has ended.
problem-not_yours = Outside what you may change.
problem-not_allowed = The node's settings do not allow this host.
problem-other = Not as expected.
