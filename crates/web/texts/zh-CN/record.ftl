# 登录
sign-in-title = 登录
sign-in-account = 账号
sign-in-password = 密码
sign-in-button = 登录
sign-in-wrong = 账号或密码不对。
sign-in-locked = 输错次数过多，此账号暂时锁定，请在 { $until } 之后再试。
sign-in-ended = 登录已过期，请重新登录。登录后会回到刚才的页面。
sign-in-out = 已退出登录。
sign-in-note = 连续输错五次，账号锁定十五分钟。30 分钟不操作自动退出。
password-title = 修改密码
password-old = 现在的密码
password-new = 新密码
password-again = 再输一次新密码
password-help = 8 个字符以上，不能包含账号。不用定期更换，不要与别处相同。
password-weak = 要有 8 到 256 个字符，且不能包含账号。
password-differ = 两次输入不一样。
password-wrong = 现在的密码不对。
password-button = 修改
password-done = 密码已修改，其他地方的登录已全部失效。

# 待办
today-title = 待办
today-due-today = 今天到期
today-due-week = 本周（七天内）
today-due-rest = 其余
today-open = 打开
today-empty = 没有待办
today-empty-how = 有新的过问记录送达、记录状态变化或期限将到时，会列在这里。
today-since = { $time } 起
today-left = 还剩 { $span }
today-over = 超期 { $span }
today-next-record = 记录过问
today-open-inquiry = 过问记录待查阅
today-record-opened = 你的记录已被查阅
today-review = 等你审核
today-my-case = 你经办的案件
today-no-supervisor = 没有人接收过问记录的机关

# 记录过问
record-title = 记录过问
record-state = 只记事实，不判断性质。三项必答，约一分钟。
record-who = 谁问的
record-who-help = 可用姓名、拼音首字母、警号或职务查找。名册里没有的，直接写姓名。
record-who-hint = 如 张某、zm、330102、副局长
record-who-find = 查找
record-who-choose = 名册里有这些人，是哪一位？
record-who-none = 都不是，按我写的记
record-who-nobody = 名册里没有“{ $q }”。可以直接按所写姓名记录。
record-unit = 单位
record-post = 职务
record-free = 名册里没有此人时
record-tile = 问了什么
record-tile-help = 按数字键 1–8 选择。
record-case = 哪个案件
record-case-other = 其他案件
record-case-other-hint = 案号
record-case-unknown = 说不清是哪个案件
record-case-help = 只列你经办过的案件；其他案件写案号。
record-more = 补充（可不填）
record-when = 什么时候
record-when-help = 不填就是现在。
record-manner = 方式
record-on-behalf = 替谁问的
record-on-behalf-help = 如由身边人员、亲属出面，写背后的人。
record-place = 地点
record-words = 原话或经过
record-answer = 你怎么答复的
record-files = 附件
record-files-help = 录音、截图、函件照片等。每个不超过 50 MB，最多 10 个。
record-send = 提交记录
record-hide = 返回页面
record-hide-hint = 有人经过时按 Esc 遮住屏幕，已填的不会丢。
record-receives = 谁会收到
record-receives-1 = { $organ }的督察、纪检人员（{ $n } 人）
record-receives-nobody = 目前没有人有权接收。记录照样生效，有人任职后即可收到。
record-receives-2 = 谁打开过、什么时候打开的，你都看得到
record-never = 谁永远看不到
record-never-1 = 被记录的人，即使他有督察、纪检角色
record-never-2 = 系统管理员、你的同事和其他角色；搜索、统计、导出里都没有它
record-protects = 它保护你什么
record-protects-1 = 提交后谁也改不了、删不掉，包括你的领导和系统管理员
record-protects-2 = 回执能证明你在那个时刻记录过，不依赖本系统也能验证
record-protects-not = 它不能保护什么
record-protects-not-1 = 它不证明所记属实，也不判断对方违规
record-protects-not-2 = 能接触服务器磁盘的人，技术上有可能读到正文：本版本还没有加密封存
record-protects-not-3 = 看得到你屏幕的人
record-error-who = 写上是谁问的，或从名册里选一位。
record-error-choose = 名册里有同名或相近的人，请选定是哪一位。
record-error-tile = 选一项，问了什么。
record-error-case = 选一个案件；说不清就选“说不清是哪个案件”。
record-error-when = 时间写成 2026-11-23T14:05 的样子，不能晚于现在。
record-error-file = “{ $name }”超过 50 MB，没有收下。
record-error-files = 附件最多 10 个。
record-error-words = 文字太长，最多 { $max } 字。
record-error-files-again = 附件需要重新选一次。

# 我的记录
my-title = 我的记录
my-state = { $n ->
    [0] 你还没有记录过。
   *[other] 共 { $n } 条。只有你和有权接收的人能看到。
 }
my-empty = 还没有记录
my-empty-how = 有人过问案件时，用“记录过问”记下来，一分钟之内能完成。记录和回执会列在这里。
my-recorded = 记录时间
my-what = 问了什么
my-case = 案件
my-read = 查阅情况
my-receipt = 回执
my-read-none = 尚未查阅
my-read-by = { $n } 人次，最近 { $time }
my-new = 已记下。
my-new-how = 回执在下面，可以下载带走。公布之后回执才能离开本系统独立验证，一般只要几秒。
my-not-published = 还没有公布，稍后刷新即可下载回执。
my-content = 记录内容
my-who = 谁问的
my-when = 发生时间
my-manner = 方式
my-on-behalf = 替谁问的
my-place = 地点
my-words = 原话或经过
my-answer = 答复
my-files = 附件
my-readers = 谁打开过
my-readers-none = 还没有人打开过。打开后，时间和打开的人会列在这里。
my-reader = 打开的人
my-reader-when = 时间
my-reader-organ = 机关
my-one-title = 记录

# 回执
receipt-title = 回执
receipt-index = 账本序号
receipt-event = 事件编号
receipt-time = 记入时间
receipt-print = 指纹
receipt-line = 核对行
receipt-qr = 核对行的二维码
receipt-stage = 状态
receipt-durable = 已落盘
receipt-published = 已公布
receipt-witnessed = 已见证
receipt-durable-means = 断电也不会丢。
receipt-published-means = 节点已对它签名；如有抵赖，签名就是证据。
receipt-witnessed-means = 外部见证方已确认没有改写过历史。
receipt-download = 下载回执
receipt-verify = 在浏览器里验证

# 过问接收（督察、纪检）
inquiries-title = 过问接收
inquiries-state = { $n ->
    [0] 没有未查阅的记录。
   *[other] { $n } 条未查阅。
 }
inquiries-trace = 打开一条记录会留下查阅痕迹，记录人看得到你在何时打开。涉及你本人的记录不会出现在这里。
inquiries-empty = 没有送达的记录
inquiries-empty-how = 本机关和下级机关的人记录过问之后，会送到这里。
inquiries-recorded = 记录时间
inquiries-organ = 机关
inquiries-unread = 未查阅
inquiries-read = 已查阅
inquiries-open = 打开
inquiries-open-again = 再次打开
inquiries-opened = 已留下查阅痕迹
inquiries-one-title = 过问记录
inquiries-recorder = 记录人
inquiries-back = 返回列表
inquiries-what = 内容
inquiries-erased = 正文已依法删除
my-erased = 正文已依法删除。账本里的条目和证明仍在。
inquiries-opened-times = 共打开 { $n } 次
