//! Pages and REST API of a node, by noun; templates, languages, and the server loop.
//!
//! What is seen and sent is decided elsewhere: a handler names the permission that it needs in its signature
//! ([`May`](session::May)), calls one use case of `office`, and turns the answer into a page or into JSON.
//!
//! **Is not:** the place for decisions, for SQL, or for secrets; and no TLS for those who call: a reverse proxy in front
//! does that ([`Options::behind_tls`]).
//!
//! Reading order: `app.rs` (every address), `edge.rs` (what holds for each request), `session.rs` (who asks, and may he),
//! `pages/record.rs` (the page that matters most), `server.rs` (the loop), `hooks.rs` (whom we call). Texts are in `texts/`, pages in `templates/`,
//! style and scripts in `assets/`; `/style` shows every piece.

mod api;
mod app;
mod assets;
mod edge;
mod fail;
mod format;
mod forms;
mod frame;
pub mod graph;
mod hooks;
mod pages;
mod server;
mod session;
mod texts;

pub use api::openapi;
pub use app::{Options, Route, router, routes};
pub use hooks::{HookTimes, Hooks};
pub use server::{Limits, serve};
