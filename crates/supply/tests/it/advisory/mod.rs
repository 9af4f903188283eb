//! Advisories: real files of every format, broken ones, and classes of aliases.

mod broken;
mod classes;
mod formats;
mod real;
mod support;
