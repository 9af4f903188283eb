# Cases
cases-title = Cases
cases-state = { $n ->
    [one] One case
   *[other] { $n } cases
 }
cases-found = { $n } found
cases-empty = No cases
cases-empty-how = Import the log of a case system with “liuhen import FILE”, or let that system send its events by the API; cases then appear here.
cases-none-found = No case matches
cases-none-found-how = Write less, or take a filter away.
cases-number = Number
cases-organ = Organ
cases-first = First act
cases-last = Last act
cases-last-act = Last step
cases-events = Events
cases-q = Number
cases-from = From
cases-to = To
case-tab-timeline = Timeline
case-tab-elements = Elements
case-tab-readers = Who looked
case-tab-ledger = Ledger
case-tabs = Sides of the case
case-state = { $organ }, { $n ->
    [one] one step
   *[other] { $n } steps
 }, the last { $last }
case-record = Record an inquiry
case-names = Show names
case-names-note = Names are not shown unless asked for; showing them leaves a trace.
case-names-shown = Names are shown, and that is on record.
case-late = recorded { $time }
case-no-events = No events yet
case-no-events-how = Each step that the case system sends is listed here in its order.
case-no-elements = No persons, items, places or files
case-no-elements-how = Objects that events mention are listed here by kind.
case-object = Object
case-reader = Who
case-reader-when = When
case-ledger-note = Where each step of this case stands in the ledger. Follow an index to its proof and verify it in the browser.
case-ledger-index = Index
case-ledger-act = Activity
case-pseudonym = Pseudonym
cases-object-type = Kind
case-body = Read body
case-body-trace = That the body was opened is on record.
case-body-erased = body erased as the law demands
case-corrects = corrects an earlier step
case-words = Words
case-time-written = Time as the source wrote it
case-name-unknown = no name
case-together = { $n } of these steps were recorded together afterwards ({ $time }); when they occurred is what the source says.
part-suspect = suspect
part-violator = violator
part-victim = victim
part-witness = witness
part-guardian = guardian
part-reporter = reporter
part-lawyer = lawyer
part-scene = scene
part-home = home
part-owner = owner
part-guarantor = guarantor
part-interpreter = interpreter
part-expert = expert
part-relative = relative
part-applicant = applicant
