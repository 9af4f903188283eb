# Sign in
sign-in-title = Sign in
sign-in-account = Account
sign-in-password = Password
sign-in-button = Sign in
sign-in-wrong = Account or password is wrong.
sign-in-locked = Too many wrong attempts. This account is locked; try again after { $until }.
sign-in-ended = Your session has ended. Sign in again and you return to where you were.
sign-in-out = You have signed out.
sign-in-note = Five wrong attempts lock the account for fifteen minutes. Without activity you are signed out after 30 minutes.
password-title = Change password
password-old = Present password
password-new = New password
password-again = New password again
password-help = 8 characters or more, without the account in it. It need not be changed regularly and must not be used elsewhere.
password-weak = It needs 8 to 256 characters and must not contain the account.
password-differ = The two differ.
password-wrong = The present password is wrong.
password-button = Change
password-done = The password is changed; sessions elsewhere have ended.

# Today
today-title = Today
today-due-today = Due today
today-due-week = Within seven days
today-due-rest = The rest
today-open = Open
today-empty = Nothing to do
today-empty-how = New records of inquiries, changes to your records and limits that come near are listed here.
today-since = since { $time }
today-left = { $span } left
today-over = { $span } over
today-next-record = Record an inquiry
today-open-inquiry = Record of an inquiry, not read yet
today-record-opened = Your record was read
today-review = Waits for your review
today-my-case = A case of yours
today-no-supervisor = An organ in which nobody receives records

# Record
record-title = Record an inquiry
record-state = Facts only; somebody else judges their nature. Three answers, about a minute.
record-who = Who asked
record-who-help = Search by name, initials, number or post. If the roster does not have the person, just write the name.
record-who-hint = e.g. 张某, zm, 330102, deputy
record-who-find = Search
record-who-choose = The roster has these people. Which one?
record-who-none = None of them; keep what I wrote
record-who-nobody = The roster has no “{ $q }”. The name can be recorded as written.
record-unit = Unit
record-post = Post
record-free = If the roster does not have the person
record-tile = What was asked
record-tile-help = Digits 1–8 choose.
record-case = Which case
record-case-other = Another case
record-case-other-hint = case number
record-case-unknown = Cannot say which
record-case-help = Only cases that you worked on are listed; write the number of any other.
record-more = More (optional)
record-when = When
record-when-help = Empty means now.
record-manner = How
record-on-behalf = On whose behalf
record-on-behalf-help = If staff or relatives came forward, the person behind them.
record-place = Where
record-words = Words used, or what happened
record-answer = What you answered
record-files = Files
record-files-help = Recordings, screenshots, photographs of letters. At most 50 MB each, ten of them.
record-send = Send
record-hide = Back to the page
record-hide-hint = Esc covers the screen when somebody passes; nothing typed is lost.
record-receives = Who receives it
record-receives-1 = Supervisors and discipline staff of { $organ } ({ $n })
record-receives-nobody = Nobody may receive it at present. It still stands, and arrives once somebody may.
record-receives-2 = You see who opened it and when
record-never = Who can never see it
record-never-1 = The person it names, even with a supervisor's role
record-never-2 = Administrators, colleagues, all other roles; it is in no search, count or export
record-protects = What it protects you from
record-protects-1 = Once sent, nobody can change or remove it: no superior, no administrator
record-protects-2 = The receipt proves that you recorded at that moment, and can be verified without this system
record-protects-not = What it does not protect you from
record-protects-not-1 = It does not prove that the content is true, nor that the other person did wrong
record-protects-not-2 = Whoever can reach the server's disk could technically read the text: this version does not seal it by encryption yet
record-protects-not-3 = People who can see your screen
record-error-who = Write who asked, or choose somebody from the roster.
record-error-choose = The roster has people of that or a similar name; please say which.
record-error-tile = Choose what was asked.
record-error-case = Choose a case, or “Cannot say which”.
record-error-when = Write the time like 2026-11-23T14:05, not later than now.
record-error-file = “{ $name }” has more than 50 MB and was not taken.
record-error-files = At most ten files.
record-error-words = Too long, at most { $max } characters.
record-error-files-again = Files have to be chosen again.

# My records
my-title = My records
my-state = { $n ->
    [0] You have not recorded anything yet.
    [one] One record. Only you and those who may receive it can see it.
   *[other] { $n } records. Only you and those who may receive them can see them.
 }
my-empty = No records yet
my-empty-how = When somebody asks about a case, record it; it takes less than a minute. Records and their receipts are listed here.
my-recorded = Recorded
my-what = What was asked
my-case = Case
my-read = Read by
my-receipt = Receipt
my-read-none = not read yet
my-read-by = { $n } ×, last { $time }
my-new = Recorded.
my-new-how = The receipt is below; take it with you. Once published, usually within seconds, it can be verified without this system.
my-not-published = Not published yet; reload in a moment to download the receipt.
my-content = What you recorded
my-who = Who asked
my-when = When
my-manner = How
my-on-behalf = On whose behalf
my-place = Where
my-words = Words used, or what happened
my-answer = Answer
my-files = Files
my-readers = Who opened it
my-readers-none = Nobody has opened it yet. Whoever does is listed here with the time.
my-reader = Opened by
my-reader-when = When
my-reader-organ = Organ
my-one-title = Record

# Receipt
receipt-title = Receipt
receipt-index = Index in the ledger
receipt-event = Event id
receipt-time = Recorded
receipt-print = Fingerprint
receipt-line = Verify line
receipt-qr = QR code of the verify line
receipt-stage = State
receipt-durable = durable
receipt-published = published
receipt-witnessed = witnessed
receipt-durable-means = Survives a power cut.
receipt-published-means = The node has signed it; should it deny the entry, its signature convicts it.
receipt-witnessed-means = Outside witnesses confirm that history was not rewritten.
receipt-download = Download receipt
receipt-verify = Verify in the browser

# Records received (supervisors)
inquiries-title = Records received
inquiries-state = { $n ->
    [0] None is unread.
   *[other] { $n } unread.
 }
inquiries-trace = Opening a record leaves a trace: its recorder sees that you opened it, and when. Records that name you do not appear here.
inquiries-empty = No records have arrived
inquiries-empty-how = When somebody of your organ or of one below records an inquiry, it arrives here.
inquiries-recorded = Recorded
inquiries-organ = Organ
inquiries-unread = not read
inquiries-read = read
inquiries-open = Open
inquiries-open-again = Open again
inquiries-opened = Your reading is on record
inquiries-one-title = Record of an inquiry
inquiries-recorder = Recorded by
inquiries-back = Back to the list
inquiries-what = Content
inquiries-erased = erased as the law demands
my-erased = The text was erased as the law demands. The entry and its proof still stand.
inquiries-opened-times = opened { $n } ×
