# Looks: the reason before, who looked, review
menu-looks = Looks
error-reason-title = A reason is wanted first
error-reason-next = Say why, and the case opens; the reason is on record and is reviewed.
reason-title = Before the case opens: why?
reason-missing = Nothing on record connects you with this case.
reason-nearest = Nearest: { $what }.
reason-how = After you say why, it opens for { $n } minutes. The reason is on record, stands under “Who looked” of the case, and is reviewed. If you do handle the case, ask the unit head to register it.
reason-which = On what occasion
reason-words = What it is about
reason-words-help = What, on whose word, what you need to see; at most 500 characters.
reason-paper = Number of the paper
reason-paper-help = Needed for a written instruction from above.
reason-open = Say why and open
case-looks-how = Each time the case opens is on record: who saw what, when, and by what right.
case-looks-title = Looks
look-what = What
look-why = By what right
look-missing = Missing: { $what }
look-explained = explained
look-explained-late = recorded afterwards
look-registered = inquiry on record
look-break-glass = opened with a reason
look-unexplained = unexplained
look-not-judged = not judged
look-kind-case = case opened
look-kind-names = names shown
look-kind-body = body read
look-kind-step = proposal read
look-kind-events = read through the API
look-kind-export = exported
look-kind-review = look reviewed
look-signal-export = exported
look-signal-sensitive = specially protected case
look-signal-soon = { $n ->
    [one] outcome within a day
   *[other] outcome within { $n } days
 }
look-signal-acted = { $n ->
    [one] acted in it within a day
   *[other] acted in it within { $n } days
 }
look-signal-names = names or words read
look-signal-night = at night
look-justified = justified
look-not-justified = not justified
look-follow-up = to be followed up
look-many-cases = more than one case
look-case = Case
look-signals = Signs
look-no-signals = none
look-asked = The look in question
look-said = He said
look-paper = Number of the paper
look-read = Read under this reason
look-read-none = The case was not opened after the reason was given.
look-answers = Findings
look-own = This look is your own: somebody else reviews it.
look-verdict = Conclusion
look-note = What was found out
look-note-help = Whom you asked, what you compared. “Not justified” becomes an alert of the case.
look-answer = Record it
looks-title = Looks to be reviewed
looks-state = { $n ->
    [one] one look to be reviewed
   *[other] { $n } looks to be reviewed
 }
looks-how = Unexplained is a question, not guilt: ask first. The order comes from the look alone; nobody is scored and nothing of it is kept.
looks-empty = No looks to be reviewed
looks-empty-how = Looks that were opened with a reason, or that nothing explains, are listed here.
looks-week = This week
looks-week-help = More signs come first. Each unit has a weekly number; those on top come first.
looks-later = Later
looks-later-help = Beyond this week's number; each one is still reviewed.
looks-late = Explained by what was recorded afterwards
looks-late-help = A relation that was registered within seven days explains the look; compare where in doubt.
looks-answered = Reviewed
looks-answered-help = The last ones.
looks-more = There are more; the newest are listed.
looks-units = Units
looks-units-note = By the unit of those who looked: for planning, no ranking.
looks-open = Open
looks-done-week = Reviewed in seven days
looks-budget = Weekly number
relations-title = Who has to do with it
relations-none = No relation is registered
relations-none-how = Handling and approving explain a look by themselves; assignments, joint tasks, inquiries and links are registered here.
relation-kind = Relation
relation-whom = Person or case
relation-document = Number of the paper
relation-by = Registered by
relation-add = Register a relation
relation-number = Police number; for a link, number of the other case
relation-why = Why
relation-help = A paper or a reason is needed; joint tasks and inquiries need an end. Nobody registers himself.
