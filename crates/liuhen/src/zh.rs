//! Chinese texts of the help: for each command and argument the words that `args` has in English.
//!
//! Keys are `command`, `command.argument` and, for arguments of all commands, `.argument`. A test compares both sides.

/// What `--help` ends with.
pub(crate) const AFTER: &str = "\
退出码：
  0  完成；所核查的都成立
  1  完成；但核查有不成立的，或有行被退回
  2  命令写错了
  3  被拒绝，需要人来处理（节点正在使用、不存在、恢复时拒绝启动）
  4  读写失败，或程序内部错误
  check 按查出的结果另定，见 liuhen check --help

数据写到标准输出，提示写到标准错误。语言取自 LANG，可用 --lang 指定。";

/// What `check --help` ends with.
pub(crate) const CHECK_AFTER: &str = "\
退出码：
  0  没有发现问题
  1  没有发现问题，但有行被退回，或日志里没有规则包所认的事件
  2  命令、规则包或日志有误，无法核查
  3  有黄色或蓝色的结果
  4  有红色的结果";

/// Key and text.
pub(crate) const TEXTS: &[(&str, &str)] = &[
    (
        "",
        "留痕：办案全程留痕、记录过问，一经记下不可改，可向任何人证明",
    ),
    (".node", "节点目录 [默认：./liuhen-data]"),
    (".json", "以 JSON 输出结果"),
    (".lang", "语言：zh-CN 或 en [默认取自 LANG]"),
    (".help", "显示帮助"),
    (".version", "显示版本"),
    ("demo", "生成演示案件并提供服务：最快看到留痕的办法"),
    ("demo.port", "127.0.0.1 上的端口 [默认：7878]"),
    ("demo.no_open", "不打开浏览器"),
    ("demo.cases", "生成多少起案件 [默认：200]"),
    (
        "demo.dir",
        "把节点保留在这个目录 [默认用临时目录，结束即删]",
    ),
    ("demo.seed", "生成器的种子：种子相同，案件相同 [默认：1]"),
    ("init", "建立节点：密钥、空账本、第一位管理员"),
    ("init.dir", "要建立的目录 [默认同 --node]"),
    ("init.organ", "节点所属单位的代码，如 A330100"),
    ("init.organ_name", "单位名称"),
    (
        "init.origin",
        "账本的名字：主机加单位代码，定了不再改 [默认：liuhen.local/代码]",
    ),
    ("init.admin_name", "第一位管理员的姓名"),
    ("init.admin_account", "第一位管理员的账号 [默认：admin]"),
    (
        "init.password_stdin",
        "从标准输入读取管理员密码 [默认自动生成，只显示一次]",
    ),
    ("init.listen", "服务监听的地址 [默认：127.0.0.1:7878]"),
    (
        "init.public_log",
        "账本各条的头部向所有人公开，而不只限有权复制的人",
    ),
    ("serve", "提供页面和接口服务"),
    ("serve.listen", "监听的地址 [默认取自 node.toml]"),
    (
        "serve.behind_tls",
        "前面有反向代理负责 TLS：Cookie 加 Secure",
    ),
    (
        "import",
        "导入事件日志：XES、OCEL 2.0（JSON、XML、SQLite）、旧版 .jsonocel、CSV",
    ),
    ("import.files", "要导入的文件"),
    ("import.map", "CSV 的映射文件 [默认自动猜测，并打印出来]"),
    (
        "import.source",
        "日志出自哪个系统 [默认取日志或文件自己的名字]",
    ),
    (
        "import.encoding",
        "文本文件没写编码时按哪种编码读，如 gb18030；默认 UTF-8",
    ),
    (
        "import.zone",
        "没写时区的时间按哪个时区理解，如 +08:00；refuse 表示退回；默认用 node.toml 里的时区",
    ),
    (
        "import.format",
        "内容看不出格式时指定：xes、ocel-json、ocel-xml、ocel-sqlite、csv",
    ),
    (
        "import.rejects",
        "退回的行写到哪里，每行一个 JSON [默认：当前目录下 文件名.rejects.jsonl]",
    ),
    ("export", "把事件导出为其他工具能读的事件日志"),
    (
        "export.format",
        "ocel-json、ocel-xml、ocel-sqlite、xes 或 csv",
    ),
    ("export.out", "写到哪个文件；已有的文件不会覆盖"),
    ("export.import", "只导出编号为此的那次导入"),
    ("export.source", "只导出这个来源"),
    ("export.case", "只导出这个案号的案件"),
    (
        "export.case_type",
        "XES 和 CSV 里以哪类对象为案件 [默认：case]",
    ),
    ("verify", "验证回执：只需要回执、记录和公钥，不需要节点"),
    ("verify.receipt", "回执文件（.tlog-proof）"),
    ("verify.key", "账本公钥，或存放公钥的文件"),
    ("verify.policy", "策略文件：承认哪些账本、需要多少见证"),
    ("verify.event", "记录原文 [默认取回执所带的一份]"),
    ("verify.body", "记录的正文：核对它是否就是当时承诺的那一份"),
    ("audit", "核查整本账：树、签名、正文"),
    ("audit.dir", "节点目录，或单独一份账本 [默认同 --node]"),
    ("audit.structure_only", "只核查树和检查点，不看各条内容"),
    ("audit.key", "账本公钥 [默认取节点自己的]"),
    ("check", "用规则包核查事件日志：不需要节点"),
    (
        "check.file",
        "事件日志：XES、OCEL 1.0 或 2.0、CSV；可以是 gzip 压缩的",
    ),
    ("check.pack", "规则包目录；可给多个，合在一起用"),
    (
        "check.now",
        "以哪一刻为准判断，如 2026-04-30 [默认：日志中最新的时间]",
    ),
    ("check.format", "table、json、sarif 或 xlsx [默认：table]"),
    ("check.out", "全部结果写到这个文件，标准输出只给汇总"),
    ("check.all", "列出全部结果和全部规则，而不只是前面一些"),
    (
        "check.zone",
        "单位所在时区：按它算日子，没写时区的时间也按它理解 [默认：Asia/Shanghai]",
    ),
    ("check.days", "正好零点的时间只当作日期，不知道几点"),
    ("check.map", "CSV 的映射文件 [默认自动猜测，并打印出来]"),
    (
        "check.encoding",
        "文本文件没写编码时按哪种编码读，如 gb18030 [默认：UTF-8]",
    ),
    (
        "check.object_type_map",
        "日志里的对象类型对应规则包里的哪一类，如 case=fine",
    ),
    (
        "check.actor",
        "记载办理人的属性 [默认：org:resource、resource、actor]",
    ),
    ("check.role", "记载办理人角色的属性 [默认：org:role、role]"),
    ("check.threads", "线程数 [默认：机器有多少用多少]"),
    ("check.allow_rejects", "有行被退回也不影响退出码"),
    (
        "check.timings",
        "在标准错误输出读入和核查的用时：一次核查与逐个事件核查（加 --json 时为 JSON）",
    ),
    ("pack", "规则包：检查、查看、比较、启用、从日志起草"),
    (
        "pack check",
        "整体检查规则包：每处错误指明文件、行和键；并运行规则自带的示例",
    ),
    ("pack check.dirs", "规则包目录"),
    ("pack show", "用中英文列出规则包中的规则，以及哪些无法核查"),
    ("pack show.dir", "规则包目录"),
    ("pack show.rule", "只看这一条规则"),
    ("pack show.with", "它所依据的其他规则包目录"),
    (
        "pack diff",
        "比较规则包的两个版本：规则有何变化，在一份日志上结果有何变化",
    ),
    ("pack diff.old", "现有规则包的目录"),
    ("pack diff.new", "拟用规则包的目录"),
    ("pack diff.with", "两者所依据的其他规则包目录"),
    ("pack diff.on", "在这份日志上各运行一遍：多出哪些、少了哪些"),
    ("pack diff.now", "以哪一刻为准判断 [默认：日志中最新的时间]"),
    (
        "pack diff.zone",
        "单位所在时区：按它算日子，没写时区的时间也按它理解 [默认：Asia/Shanghai]",
    ),
    ("pack diff.days", "正好零点的时间只当作日期，不知道几点"),
    ("pack diff.map", "CSV 的映射文件 [默认自动猜测，并打印出来]"),
    (
        "pack diff.encoding",
        "文本文件没写编码时按哪种编码读，如 gb18030 [默认：UTF-8]",
    ),
    (
        "pack diff.object_type_map",
        "日志里的对象类型对应规则包里的哪一类，如 case=fine",
    ),
    (
        "pack diff.actor",
        "记载办理人的属性 [默认：org:resource、resource、actor]",
    ),
    (
        "pack diff.role",
        "记载办理人角色的属性 [默认：org:role、role]",
    ),
    (
        "pack adopt",
        "在没有运行的节点上启用规则包；先列出规则和结果有哪些变化",
    ),
    ("pack adopt.dir", "规则包目录"),
    (
        "pack adopt.yes",
        "确认启用：写上列出差异时给出的哈希 [默认：在终端上询问]",
    ),
    (
        "pack draft",
        "从事件日志起草规则包：活动、对象类型、候选规则及其支持度，供人修改",
    ),
    ("pack draft.file", "事件日志"),
    ("pack draft.out", "要建立的目录；不能已经存在"),
    (
        "pack draft.zone",
        "单位所在时区：按它算日子，没写时区的时间也按它理解 [默认：Asia/Shanghai]",
    ),
    ("pack draft.days", "正好零点的时间只当作日期，不知道几点"),
    (
        "pack draft.map",
        "CSV 的映射文件 [默认自动猜测，并打印出来]",
    ),
    (
        "pack draft.encoding",
        "文本文件没写编码时按哪种编码读，如 gb18030 [默认：UTF-8]",
    ),
    (
        "pack draft.object_type_map",
        "日志里的对象类型对应规则包里的哪一类，如 case=fine",
    ),
    (
        "pack draft.actor",
        "记载办理人的属性 [默认：org:resource、resource、actor]",
    ),
    (
        "pack draft.role",
        "记载办理人角色的属性 [默认：org:role、role]",
    ),
    ("rebuild", "从账本重新生成查询库"),
    ("receipt", "开具一条记录的回执"),
    ("receipt.entry", "记录的序号，或事件编号"),
    ("receipt.out", "写到哪个文件 [默认：标准输出]"),
    ("admin", "账号、令牌、公钥、单位、人员、角色"),
    ("admin key", "打印别人验证本账本所用的公钥"),
    ("admin account", "账号：谁可以登录"),
    ("admin account list", "列出账号"),
    ("admin account add", "给名册上的人开账号"),
    ("admin account add.number", "此人在名册上的编号"),
    ("admin account add.account", "账号名"),
    (
        "admin account add.password_stdin",
        "从标准输入读取密码 [默认自动生成，只显示一次]",
    ),
    (
        "admin account reset",
        "重设密码，只显示一次；已登录的全部退出",
    ),
    ("admin account reset.account", "账号名"),
    ("admin account unlock", "解除锁定"),
    ("admin account unlock.account", "账号名"),
    ("admin token", "令牌：其他系统代表某账号访问"),
    ("admin token list", "列出令牌"),
    ("admin token new", "新建令牌，只显示一次"),
    ("admin token new.account", "代表哪个账号"),
    ("admin token new.label", "令牌叫什么，如对方系统的名称"),
    ("admin token new.days", "多少天后失效 [默认不自动失效]"),
    ("admin token end", "废止令牌"),
    ("admin token end.id", "令牌编号"),
    ("admin import-organs", "从 CSV 导入单位：code,name,parent"),
    ("admin import-organs.file", "文件"),
    (
        "admin import-people",
        "从 CSV 导入人员：number,name,organ,post",
    ),
    ("admin import-people.file", "文件"),
    (
        "admin import-roles",
        "从 CSV 导入角色：number,role，可另有 organ,from,to",
    ),
    ("admin import-roles.file", "文件"),
    ("bench", "测量性能，与目标对照"),
    (
        "bench.cases",
        "每个种子生成多少起案件（用于 score）[默认：10000]",
    ),
    ("bench.dir", "在这个目录所在的磁盘上测 [默认：当前目录]"),
    (
        "bench.log",
        "另用这个 XES 日志测解析器，重复到五百万个事件为止",
    ),
    ("bench.names", "要测的项目；all 为全部"),
    (
        "bench.parse",
        "只解析这个文件并说明用时：xes 一项作为单独进程启动的就是它",
    ),
    ("bench.seeds", "生成案件用的种子（用于 score）[默认：7,8,9]"),
];

/// What libraries say was expected, for readers of Chinese. They know no language but English; what is not here stays so.
const EXPECTED: &[(&str, &str)] = &[
    (
        "a time with its zone, such as +08:00 (name the zone to read it)",
        "带时区的时间，如 +08:00（或指明按哪个时区理解）",
    ),
    (
        "a date and time such as 2026-11-23T14:05:00+08:00",
        "日期和时间，如 2026-11-23T14:05:00+08:00",
    ),
    (
        "a time within the years 0000 to 9999",
        "公元 0000 至 9999 年之间的时间",
    ),
    (
        "the code of an organ of the node or of this file",
        "本节点或本文件中某单位的代码",
    ),
    ("the code of an organ", "某单位的代码"),
    ("the number of somebody on the roster", "名册上某人的编号"),
    (
        "a code that stands in the file once",
        "在文件中只出现一次的代码",
    ),
    (
        "a number that stands in the file once",
        "在文件中只出现一次的编号",
    ),
    ("1 to 32 characters", "1 至 32 个字符"),
];

/// The same in Chinese, where it is known; a field may stand before it.
pub(crate) fn expected(text: &str) -> String {
    let known = EXPECTED
        .iter()
        .find_map(|(en, zh)| Some((text.strip_suffix(en)?, zh)));
    match known {
        Some((field, zh)) => format!("{field}{zh}"),
        None => match text.strip_prefix("one of ") {
            Some(choices) => format!("{choices} 之一"),
            None => text.to_owned(),
        },
    }
}

/// A warning of an import, in Chinese where it is known.
pub(crate) fn warning(text: &str) -> String {
    match text.split_once(" times have no zone: ") {
        Some((n, done)) if done.starts_with("refused") => {
            format!("{n} 个时间没写时区，已退回；用 --zone +08:00 说明时区后再导入")
        }
        Some((n, done)) => {
            let zone = done
                .strip_prefix("read as ")
                .and_then(|d| d.split(';').next())
                .unwrap_or(done);
            format!("{n} 个时间没写时区，按 {zone} 理解（不对的话，用 --zone 说明）")
        }
        None => text.to_owned(),
    }
}
