//! What ends a reading ([`Fault`]) and what is wrong with one part only ([`Wrong`]), each with its place and a sentence in both languages.
//!
//! A bill that is cut off or broken is refused as a whole: half a bill would read as if the other half had no flaws. Anything else costs only
//! the part it stands in. Does *not* decide whether a bill is good enough: that is [`super::Quality`] and the reader of it.

use std::fmt;

/// Nothing longer of a document goes into a message.
const SHOWN: usize = 80;

/// Why a document could not be read. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No bytes, or blanks only.
    #[error("the document is empty")]
    Empty,
    /// Longer than the caller allows.
    #[error("the document has {bytes} bytes; at most {limit} are read")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// [`super::Limits::bytes`].
        limit: u64,
    },
    /// Not UTF-8.
    #[error("line {line} is not UTF-8 text{}; save the document as UTF-8 and bring it again", if *.utf16 { ", it looks like UTF-16" } else { "" })]
    Encoding {
        /// Line of the first such byte, from 1.
        line: u64,
        /// It begins with the mark of UTF-16.
        utf16: bool,
    },
    /// The text breaks the rules of its syntax.
    #[error(
        "line {line}, column {column} is not well-formed {syntax}: expected {expected}, found {found}"
    )]
    Syntax {
        /// From 1.
        line: u64,
        /// In bytes, from 1.
        column: u64,
        /// JSON, XML, tag-value.
        syntax: &'static str,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// Nested deeper than any bill.
    #[error("line {line} is nested deeper than {limit} levels")]
    TooDeep {
        /// From 1.
        line: u64,
        /// Levels.
        limit: usize,
    },
    /// More parts than the caller allows.
    #[error(
        "more than {limit} components, the next stands in line {line}; split the bill, or raise the limit"
    )]
    TooMany {
        /// [`super::Limits::components`].
        limit: usize,
        /// From 1.
        line: u64,
    },
    /// A document type declaration: entities could be defined there, to read other files or to grow without bound.
    #[error(
        "line {line} has a DOCTYPE; bills need none, and entities are never expanded: remove it and bring the bill again"
    )]
    Doctype {
        /// From 1.
        line: u64,
    },
    /// An entity that XML itself does not define.
    #[error(
        "line {line} uses the entity `{name}`, which is not one of XML's own five; entities are never expanded"
    )]
    Entity {
        /// From 1.
        line: u64,
        /// Its name.
        name: String,
    },
    /// No bill that we know.
    #[error("neither CycloneDX nor SPDX: {syntax} that begins with `{found}`")]
    Unknown {
        /// JSON, XML, text.
        syntax: &'static str,
        /// What it begins with: names, a root, a line.
        found: String,
    },
    /// A generation of a format that nobody has shown us.
    #[error("{format} version `{found}` is not read; expected {expected}")]
    Version {
        /// CycloneDX or SPDX.
        format: &'static str,
        /// As it stands.
        found: String,
        /// What is read.
        expected: &'static str,
    },
}

impl Fault {
    pub(super) fn syntax(
        bytes: &[u8],
        at: usize,
        syntax: &'static str,
        expected: &'static str,
    ) -> Self {
        let line = line_of(bytes, at);
        let start = memchr::memrchr(b'\n', &bytes[..at.min(bytes.len())]).map_or(0, |n| n + 1);
        let rest = bytes.get(at..).unwrap_or_default();
        let found = if rest.is_empty() {
            "the end of the document".to_owned()
        } else {
            let head = String::from_utf8_lossy(&rest[..rest.len().min(24)]);
            format!("`{}`", short(head.lines().next().unwrap_or("")))
        };
        Self::Syntax {
            line,
            column: (at - start.min(at)) as u64 + 1,
            syntax,
            expected,
            found,
        }
    }

    pub(super) fn too_deep(bytes: &[u8], at: usize, limit: usize) -> Self {
        Self::TooDeep {
            line: line_of(bytes, at),
            limit,
        }
    }

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Empty => "文件为空".to_owned(),
            Self::TooLong { bytes, limit } => format!("文件共 {bytes} 字节,超过上限 {limit} 字节"),
            Self::Encoding { line, utf16 } => format!(
                "第 {line} 行不是 UTF-8 文本{};请另存为 UTF-8 后重新导入",
                if *utf16 { ",疑为 UTF-16" } else { "" }
            ),
            Self::Syntax {
                line,
                column,
                syntax,
                expected,
                found,
            } => {
                format!(
                    "第 {line} 行第 {column} 列不符合 {syntax} 语法:应为 {},实为 {}",
                    wanted(expected),
                    wanted(found)
                )
            }
            Self::TooDeep { line, limit } => format!("第 {line} 行嵌套超过 {limit} 层"),
            Self::TooMany { limit, line } => {
                format!("组件超过 {limit} 个(第 {line} 行起);请拆分清单或提高上限")
            }
            Self::Doctype { line } => {
                format!("第 {line} 行含 DOCTYPE;清单无需此声明,且实体一律不展开,请删除后重新导入")
            }
            Self::Entity { line, name } => {
                format!("第 {line} 行引用实体“{name}”,不属于 XML 预定义实体;实体一律不展开")
            }
            Self::Unknown { syntax, found } => {
                let syntax = wanted(syntax);
                format!("既非 CycloneDX 也非 SPDX:{syntax},开头为“{found}”")
            }
            Self::Version {
                format,
                found,
                expected,
            } => format!("不支持 {format} 版本“{found}”,应为 {}", wanted(expected)),
        }
    }
}

/// Something in a bill that is not as its format wants it. The part was kept as far as it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub what: What,
}

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: u64,
    /// JSON pointer (RFC 6901); empty for other syntaxes.
    pub pointer: String,
}

/// What is not as the format wants it. Texts from the document are shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A field that must be there is not, or is empty.
    Missing {
        /// Its name in the format.
        field: &'static str,
    },
    /// A field is of another kind.
    Kind {
        /// Its name in the format.
        field: &'static str,
        /// text, object, array.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A value that the format does not know.
    Value {
        /// Field.
        field: &'static str,
        /// As it stands.
        found: String,
        /// What the format wants.
        expected: &'static str,
    },
    /// Two things bear one reference; relations go to the first.
    Duplicate {
        /// The reference.
        id: String,
    },
    /// A relation to something that is not in the bill; it was left out.
    Dangling {
        /// The reference.
        id: String,
    },
    /// Components depend on each other in a circle.
    Cycle {
        /// How many components are in it.
        members: usize,
        /// References of some of them.
        ids: Vec<String>,
    },
    /// Components nested too deep; those below were left out.
    TooDeep {
        /// Levels that are read.
        limit: usize,
    },
    /// A text too long; it was left out.
    TooLong {
        /// Field.
        field: &'static str,
        /// Its bytes.
        bytes: usize,
    },
    /// Two fields that exclude each other.
    Both {
        /// The one that was read.
        field: &'static str,
        /// The other.
        other: &'static str,
    },
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { field } => write!(f, "`{field}` is missing"),
            Self::Kind {
                field,
                expected,
                found,
            } => write!(f, "`{field}` should be {expected}, found {found}"),
            Self::Value {
                field,
                found,
                expected,
            } => {
                write!(f, "`{field}` is `{found}`, expected {expected}")
            }
            Self::Duplicate { id } => write!(
                f,
                "reference `{id}` stands twice; relations go to the first"
            ),
            Self::Dangling { id } => write!(
                f,
                "nothing bears the reference `{id}`; the relation was left out"
            ),
            Self::Cycle { members, ids } => {
                write!(
                    f,
                    "{members} components depend on each other in a circle: {}",
                    ids.join(", ")
                )
            }
            Self::TooDeep { limit } => write!(
                f,
                "components nested deeper than {limit} levels were left out"
            ),
            Self::TooLong { field, bytes } => {
                write!(f, "`{field}` has {bytes} bytes and was left out")
            }
            Self::Both { field, other } => write!(
                f,
                "`{field}` and `{other}` exclude each other; `{field}` was read"
            ),
        }
    }
}

impl What {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Missing { field } => format!("缺少“{field}”"),
            Self::Kind {
                field,
                expected,
                found,
            } => format!(
                "“{field}”类型应为 {},实为 {}",
                wanted(expected),
                wanted(found)
            ),
            Self::Value {
                field,
                found,
                expected,
            } => format!("“{field}”的值“{found}”无效,应为 {}", wanted(expected)),
            Self::Duplicate { id } => format!("引用标识“{id}”重复,关系归于首个"),
            Self::Dangling { id } => format!("引用标识“{id}”无对应组件,该关系未采用"),
            Self::Cycle { members, ids } => format!("{members} 个组件循环依赖:{}", ids.join("、")),
            Self::TooDeep { limit } => format!("组件嵌套超过 {limit} 层,更深部分未读取"),
            Self::TooLong { field, bytes } => format!("“{field}”长 {bytes} 字节,未采用"),
            Self::Both { field, other } => format!("“{field}”与“{other}”不能并存,已采用“{field}”"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() {
            write!(f, "line {}", self.line)
        } else {
            write!(f, "line {}, {}", self.line, self.pointer)
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl Wrong {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        let Place { line, pointer } = &self.place;
        if pointer.is_empty() {
            format!("第 {line} 行:{}", self.what.zh())
        } else {
            format!("第 {line} 行 {pointer}:{}", self.what.zh())
        }
    }
}

/// What is expected, in Chinese. What is not in the table is the same in both: words and signs of the formats.
fn wanted(expected: &str) -> &str {
    match expected {
        "text" => "文本",
        "object" => "对象",
        "array" => "数组",
        "number" => "数字",
        "boolean" => "布尔值",
        "null" => "空值",
        "a value" => "一个值",
        "a name in quotes" => "带引号的名称",
        "`,` or `}`" => "`,`或`}`",
        "`,` or `]`" => "`,`或`]`",
        "a digit" => "数字",
        "the end of a string" => "字符串结尾",
        "the end of the document" => "文件结尾",
        "an escape that JSON knows" => "JSON 规定的转义",
        "an element" => "元素",
        "an end tag" => "结束标签",
        "well-formed mark-up" => "格式良好的标记",
        "attributes with a name and a value in quotes" => "名称加带引号的值构成的属性",
        "a component type of CycloneDX 1.7" => "CycloneDX 1.7 的组件类型",
        "required, optional or excluded" => "required、optional 或 excluded",
        "urn:uuid: and a UUID" => "urn:uuid: 加 UUID",
        "an analysis state of CycloneDX" => "CycloneDX 的分析状态",
        "a response of CycloneDX" => "CycloneDX 的应对方式",
        "a text that is not empty" => "非空文本",
        "a time with date, time of day and zone (RFC 3339)" => "含日期、时刻和时区的时间(RFC 3339)",
        "a hash algorithm that the format names" => "格式规定的杂凑算法",
        "hexadecimal digits, as many as the algorithm gives" => "与算法长度相符的十六进制数字",
        "two references and a word between them" => "两个引用标识及其间的关系词",
        "`Tag: value`" => "`标签: 值`",
        "1.1 to 1.7" => "1.1 至 1.7",
        "SPDX-2.2 or SPDX-2.3" => "SPDX-2.2 或 SPDX-2.3",
        "3.0 or 3.0.1" => "3.0 或 3.0.1",
        other => other,
    }
}

/// The line of an offset, from 1.
pub(super) fn line_of(bytes: &[u8], at: usize) -> u64 {
    memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() as u64 + 1
}

/// A text cut to what a message may show.
pub(super) fn short(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let end = (0..=SHOWN)
        .rev()
        .find(|n| text.is_char_boundary(*n))
        .unwrap_or(0);
    format!("{}…", &text[..end])
}
