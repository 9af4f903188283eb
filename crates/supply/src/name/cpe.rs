//! Names of products: CPE 2.3 formatted strings (NISTIR 7695, 6.2), and the older URI form (6.1).
//!
//! Does *not* match names fuzzily: vendor and product must be equal, and neither may be ANY or NA; such a name finds nothing
//! rather than everything. A match by CPE is weaker than one by package URL and must say so.

use std::borrow::Cow;

/// Longest name that is read, in bytes.
pub const MAX_CPE: usize = 4096;

/// One attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value<'a> {
    /// `*`: says nothing.
    Any,
    /// `-`: does not apply.
    NotApplicable,
    /// A value, unescaped, in small letters.
    Text(Cow<'a, str>),
    /// A value with a wildcard (`10.*`, `foo?`), as written: never equal to a text.
    Pattern(Cow<'a, str>),
}

impl Value<'_> {
    /// The text, where it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A name in its attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cpe<'a> {
    /// `a` application, `o` operating system, `h` hardware.
    pub part: char,
    /// Vendor.
    pub vendor: Value<'a>,
    /// Product.
    pub product: Value<'a>,
    /// Version.
    pub version: Value<'a>,
    /// Update (service pack, patch).
    pub update: Value<'a>,
    /// Edition, language, software edition, target software, target hardware, other: in this order.
    pub rest: [Value<'a>; 6],
}

/// Why a text is no CPE name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CpeError {
    /// Over [`MAX_CPE`].
    #[error("the CPE name is longer than {MAX_CPE} bytes")]
    TooLong,
    /// Begins with neither `cpe:2.3:` nor `cpe:/`.
    #[error("a CPE name begins with cpe:2.3: or cpe:/")]
    Prefix,
    /// Not eleven attributes.
    #[error("a CPE 2.3 name has 11 attributes, this one {0}")]
    Attributes(usize),
    /// Part is none of `a`, `o`, `h`.
    #[error("the part of a CPE name is a, o or h")]
    Part,
    /// An attribute that is empty, or ends in a backslash, or has a broken escape.
    #[error("attribute {0} of the CPE name is wrong")]
    Attribute(usize),
}

impl<'a> Cpe<'a> {
    /// Reads a name of either form.
    ///
    /// # Errors
    /// [`CpeError`].
    pub fn parse(text: &'a str) -> Result<Self, CpeError> {
        let text = text.trim();
        if text.len() > MAX_CPE {
            return Err(CpeError::TooLong);
        }
        if let Some(rest) = text.strip_prefix("cpe:2.3:") {
            return Self::formatted(rest);
        }
        match text.strip_prefix("cpe:/") {
            Some(rest) => Self::uri(rest),
            None => Err(CpeError::Prefix),
        }
    }

    fn formatted(text: &'a str) -> Result<Self, CpeError> {
        let mut attributes = Vec::with_capacity(11);
        let mut start = 0;
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b':' => {
                    attributes.push(&text[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
        attributes.push(&text[start..]);
        if attributes.len() != 11 {
            return Err(CpeError::Attributes(attributes.len()));
        }
        Self::build(&attributes, value)
    }

    fn uri(text: &'a str) -> Result<Self, CpeError> {
        let mut attributes: Vec<&str> = text.split(':').collect();
        if attributes.len() > 7 {
            return Err(CpeError::Attributes(attributes.len()));
        }
        attributes.resize(11, "");
        Self::build(&attributes, |text| match text {
            "" => Some(Value::Any),
            "-" => Some(Value::NotApplicable),
            // %01 and %02 are the wildcards of this form.
            _ if text.contains("%01") || text.contains("%02") => {
                Some(Value::Pattern(Cow::Borrowed(text)))
            }
            // A tilde first packs five attributes into the edition: kept as it stands.
            _ => {
                let decoded = super::decode(text)?;
                Some(Value::Text(super::lower(decoded)))
            }
        })
    }

    fn build(
        attributes: &[&'a str],
        read: impl Fn(&'a str) -> Option<Value<'a>>,
    ) -> Result<Self, CpeError> {
        let part = match attributes[0] {
            "a" | "A" => 'a',
            "o" | "O" => 'o',
            "h" | "H" => 'h',
            _ => return Err(CpeError::Part),
        };
        let at = |n: usize| read(attributes[n]).ok_or(CpeError::Attribute(n + 1));
        Ok(Self {
            part,
            vendor: at(1)?,
            product: at(2)?,
            version: at(3)?,
            update: at(4)?,
            rest: [at(5)?, at(6)?, at(7)?, at(8)?, at(9)?, at(10)?],
        })
    }

    /// Part, vendor and product, where all three name something: what an index is keyed by.
    #[must_use]
    pub fn product_key(&self) -> Option<Vec<u8>> {
        let (vendor, product) = (self.vendor.text()?, self.product.text()?);
        let mut out = vec![self.part as u8, 0];
        out.extend_from_slice(vendor.as_bytes());
        out.push(0);
        out.extend_from_slice(product.as_bytes());
        Some(out)
    }

    /// The version with its update, as one text for [`crate::version::Scheme::Dotted`] or another order; `None` without a
    /// version, which is triage and no match.
    #[must_use]
    pub fn version_text(&self) -> Option<Cow<'_, str>> {
        let version = self.version.text()?;
        match &self.update {
            Value::Any | Value::NotApplicable => Some(Cow::Borrowed(version)),
            Value::Text(update) => Some(Cow::Owned(format!("{version}-{update}"))),
            Value::Pattern(_) => None,
        }
    }
}

/// The canonical formatted string.
impl std::fmt::Display for Cpe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cpe:2.3:{}", self.part)?;
        let first = [&self.vendor, &self.product, &self.version, &self.update];
        for value in first.into_iter().chain(&self.rest) {
            f.write_str(":")?;
            match value {
                Value::Any => f.write_str("*")?,
                Value::NotApplicable => f.write_str("-")?,
                Value::Pattern(text) => f.write_str(text)?,
                Value::Text(text) => {
                    for c in text.chars() {
                        // A dash alone would say "does not apply".
                        let plain = c.is_ascii_alphanumeric()
                            || !c.is_ascii()
                            || matches!(c, '_' | '.')
                            || (c == '-' && text.len() > 1);
                        if !plain {
                            f.write_str("\\")?;
                        }
                        write!(f, "{c}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A value of a formatted string; `None` where it is empty or its last escape has nothing behind it.
fn value(text: &str) -> Option<Value<'_>> {
    match text {
        "" => return None,
        "*" => return Some(Value::Any),
        "-" => return Some(Value::NotApplicable),
        _ => {}
    }
    if !text.contains(['\\', '*', '?']) {
        return Some(Value::Text(super::lower(Cow::Borrowed(text))));
    }
    let mut out = String::with_capacity(text.len());
    let mut pattern = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()?.to_lowercase()),
            '*' | '?' => {
                pattern = true;
                out.push(c);
            }
            _ => out.push(c.to_ascii_lowercase()),
        }
    }
    Some(if pattern {
        Value::Pattern(Cow::Borrowed(text))
    } else {
        Value::Text(Cow::Owned(out))
    })
}
