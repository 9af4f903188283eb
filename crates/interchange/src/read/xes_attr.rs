//! Attributes of XES, nested, listed and contained. OCEL 1.0 XML is written in them as well.

use model::{Attr, Value};

use super::{
    out::{Bad, Out},
    xes,
};
use crate::{
    Cause,
    input::{
        scan::Fault,
        xml::{Token, Xml},
    },
};

/// The elements that are attributes.
pub(crate) fn attr_kind(name: &[u8]) -> Option<&'static [u8]> {
    [
        &b"string"[..],
        b"date",
        b"int",
        b"float",
        b"boolean",
        b"id",
        b"list",
        b"container",
    ]
    .into_iter()
    .find(|k| *k == name)
}

/// An attribute whose end has not come yet.
pub(crate) struct AttrBuilder {
    attr: Attr,
    kind: &'static [u8],
    /// What stands in `<values>` of a list, once there was one.
    values: Option<Vec<Attr>>,
    /// The present place is within `<values>`.
    in_values: bool,
}

impl AttrBuilder {
    /// Reads the attribute whose tag was just read, up to its end. Gives it and its size in bytes; `None` where `bad`
    /// says what is wrong. Holds no more than `most` bytes, whatever stands in the file.
    pub(crate) fn read(
        xml: &mut Xml,
        token: Token,
        out: &mut Out<'_>,
        bad: &mut Bad,
        most: usize,
    ) -> Result<Option<(Attr, usize)>, Cause> {
        let limits = out.options.limits;
        let mut size = 0;
        let Some(first) = Self::tag(xml, out, bad, &mut size) else {
            xes::skip(xml, token == Token::Empty)?;
            return Ok(None);
        };
        if token == Token::Empty {
            return Ok(Some((first.done(), size)));
        }
        let mut stack = vec![first];
        loop {
            let token = xml.next()?;
            let top = stack
                .last_mut()
                .expect("the outermost is only taken below, and ends the loop");
            match token {
                Token::Start | Token::Empty => {
                    if top.kind == b"list" && xml.name() == b"values" && !top.in_values {
                        top.values.get_or_insert_default();
                        top.in_values = token == Token::Start;
                        continue;
                    }
                    let key = top.attr.key.clone();
                    if stack.len() > limits.depth {
                        bad.fault(&key, Some(Fault::TooDeep(limits.depth)));
                    }
                    let built = if bad.is_set() {
                        None
                    } else {
                        Self::tag(xml, out, bad, &mut size)
                    };
                    if size > most {
                        bad.set(
                            &key,
                            format!("at most {} bytes with all that is nested (the limit)", most),
                            "more",
                        );
                    }
                    match built.filter(|_| !bad.is_set()) {
                        None => {
                            // The rest of the outermost attribute is of no use any more.
                            xes::skip(xml, token == Token::Empty)?;
                            for open in stack.iter().rev() {
                                for _ in 0..1 + usize::from(open.in_values) {
                                    close(xml)?;
                                }
                            }
                            return Ok(None);
                        }
                        Some(built) if token == Token::Empty => {
                            let attr = built.done();
                            stack.last_mut().expect("not empty").add(attr);
                        }
                        Some(built) => stack.push(built),
                    }
                }
                Token::End if top.in_values => top.in_values = false,
                Token::End => {
                    let attr = stack.pop().expect("not empty").done();
                    match stack.last_mut() {
                        Some(top) => top.add(attr),
                        None => return Ok(Some((attr, size))),
                    }
                }
                Token::Text => bad.set(&top.attr.key, "elements only", "text"),
                Token::Eof => return Ok(None),
            }
        }
    }

    fn tag(xml: &mut Xml, out: &mut Out<'_>, bad: &mut Bad, size: &mut usize) -> Option<Self> {
        let Some(kind) = attr_kind(xml.name()) else {
            let found = format!("<{}>", String::from_utf8_lossy(xml.name()));
            bad.set(
                &found,
                "an attribute of XES (string, date, int, float, boolean, id, list, container)",
                &found,
            );
            return None;
        };
        // A value too long is known before it is asked for.
        let fault = xml.take_fault();
        // OpenXES leaves the key out where it is empty; such attributes stand in published logs.
        let key = xml.attr(b"key").map(|k| k.into_owned()).unwrap_or_default();
        if fault.is_some() {
            bad.fault(if key.is_empty() { "key" } else { &key }, fault);
            return None;
        }
        *size += key.len() + 32;
        let value = match kind {
            b"list" => Value::List(Vec::new()),
            b"container" => Value::Container(Vec::new()),
            _ => match xml.attr(b"value") {
                None => Value::Null,
                Some(text) => {
                    *size += text.len();
                    match xes::value(kind, &text, out) {
                        Ok(value) => value,
                        Err(expected) => {
                            bad.set(&key, expected, &text);
                            Value::Null
                        }
                    }
                }
            },
        };
        bad.fault(&key, xml.take_fault());
        if bad.is_set() {
            return None;
        }
        Some(Self {
            attr: Attr::new(key, value),
            kind,
            values: None,
            in_values: false,
        })
    }

    fn add(&mut self, attr: Attr) {
        match (&mut self.values, self.in_values) {
            (Some(values), true) => values.push(attr),
            _ => self.attr.children.push(attr),
        }
    }

    fn done(mut self) -> Attr {
        match (&mut self.attr.value, self.values) {
            (Value::List(list), Some(values)) => *list = values,
            // Before IEEE 1849 the children were the list.
            (Value::List(list) | Value::Container(list), None) => {
                *list = std::mem::take(&mut self.attr.children)
            }
            _ => {}
        }
        self.attr
    }
}

/// Passes over what is left of the element that is open.
fn close(xml: &mut Xml) -> Result<(), Cause> {
    let inside = xml.depth();
    while xml.depth() >= inside {
        xml.next()?;
    }
    xml.take_fault();
    Ok(())
}
