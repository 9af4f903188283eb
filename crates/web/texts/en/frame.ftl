# Frame: head, menu, foot, words that recur
brand = Liuhen
skip = Skip to content
find-label = Search cases
find-hint = case number
due-count = To do
menu-label = Main menu
menu-today = Today
menu-record = Record an inquiry
menu-my-records = My records
menu-inquiries = Records received
menu-cases = Cases
menu-ledger = Ledger
menu-settings = Settings
crumbs-label = You are here
language-label = Language
theme-label = Light or dark
theme-system = As system
theme-light = Light
theme-dark = Dark
sign-out = Sign out
change-password = Change password
help = Help
my-account = Account
my-roles = Roles
foot-origin = Ledger
foot-size = { $n } durable
foot-published = { $n } published
foot-nothing-published = nothing published yet
foot-time = made { $time }
foot-reader = seen by { $name }
print = Print
copy = Copy
copied = Copied
search = Search
apply = Apply
all = All
add = Add
cancel = Cancel
optional = optional
unknown = not stated
page-of = { $from }–{ $to } of { $total }
page-next = Next
page-previous = Previous
errors-on-top = { $n ->
    [one] One thing needs to be put right; what you typed is still here:
   *[other] { $n } things need to be put right; what you typed is still here:
 }
days = { $n ->
    [one] { $n } day
   *[other] { $n } days
 }
hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
 }
minutes = { $n } min
span-two = { $a } { $b }

# Errors
error-bad-title = This request cannot be read
error-bad-next = Go back, put it right and send it again.
error-sign-in-title = Please sign in
error-sign-in-next = Sign in and try again.
error-forbidden-title = Your role may not do this
error-forbidden-next = If you need it, ask the administrator to grant it under Settings › Roles; the grant itself leaves a trace.
error-cross-site-title = The request came from another site and was refused
error-cross-site-next = Start again from a page of this system.
error-not-found-title = There is no such page, or you may not see it
error-not-found-next = Check the address, or start from the menu.
error-method-title = This address does not take that kind of request
error-method-next = Start from the menu.
error-gated-title = A rule stands against it
error-gated-next = Do what comes first, or let somebody else do it, then try again; each rule says where it stands.
error-conflict-title = This contradicts what is already there
error-conflict-next = Reload, compare with what is there, then decide.
error-too-large-title = Larger than allowed
error-too-large-next = A file has at most 50 MB, ten of them at a time; a batch has at most 10,000 lines.
error-timeout-title = Waited too long
error-timeout-next = The network is slow or broken. Try again; what has no receipt was not taken in.
error-busy-title = The system is busy
error-busy-next = Wait a few seconds and try again; what has no receipt was not taken in.
error-internal-title = Something broke inside the system
error-internal-next = Give this number to the administrator. What has no receipt was not taken in.
error-number = Number
error-back = To Today
