//! Tests of the pages and of the API, against the whole service in one process: requests in, answers out.

mod access;
mod api;
mod client;
mod elements;
mod hooks;
mod looks;
mod pages;
mod record;
mod reviews;
mod security;
mod slow;
mod style;
mod texts;
mod watch;
