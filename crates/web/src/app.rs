//! Every address of the node, in one place, and what lies around them all.
//!
//! [`routes`] lists them: the test of the ✔/✘ table goes over that list, so an address cannot be added and forgotten.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::{Method, StatusCode},
    middleware,
    routing::{MethodRouter, get, post},
};
use office::{MAX_FILE, Office};
use tower_http::{
    csrf::{CsrfLayer, ProtectionError},
    timeout::TimeoutLayer,
};

use crate::{
    api, assets,
    edge::edge,
    fail::Fail,
    pages::{
        about, cases, elements, hooks, inquiries, ledger, looks, my_records, off_book, packs,
        people, record, reviews, rules, settings, sign_in, today, units,
    },
    server::Limits,
};

/// How a node is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A reverse proxy in front speaks TLS: cookies are then `Secure` and bound to this very host.
    pub behind_tls: bool,
    /// Limits of the server loop.
    pub limits: Limits,
}

/// An address and the method that it takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As in `axum`: `/cases/{key}`.
    pub path: String,
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) office: Office,
    pub(crate) options: Options,
}

impl Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Bytes of an ordinary form: words of a record are the longest thing in it.
const FORM: usize = 256 * 1024;
/// Bytes of a table of organs, people or roles: 50,000 lines of 160 bytes.
const TABLE: usize = 8 * 1024 * 1024;
/// Bytes of the files of a pack.
const PACK: usize = 16 * 1024 * 1024;
/// Attachments of one record.
pub(crate) const MAX_FILES: usize = 10;
/// Bytes of a record with its attachments.
const UPLOAD: usize = MAX_FILES * MAX_FILE as usize + 1024 * 1024;
/// A request that takes longer is given up. An attachment of 50 MiB over 1 Mbit/s takes seven minutes.
const REQUEST: Duration = Duration::from_secs(15 * 60);

/// A router that remembers its addresses.
struct Book {
    router: Router<App>,
    routes: Vec<Route>,
}

impl Book {
    fn add(mut self, method: &'static str, path: &str, handler: MethodRouter<App>) -> Self {
        self.routes.push(Route {
            method,
            path: path.to_owned(),
        });
        self.router = self.router.route(path, handler);
        self
    }

    fn get<T: 'static>(self, path: &str, handler: impl Handler<T, App>) -> Self {
        self.add("GET", path, get(handler))
    }

    fn post<T: 'static>(self, path: &str, handler: impl Handler<T, App>) -> Self {
        self.add("POST", path, post(handler))
    }

    /// `POST` with a body larger than a form.
    fn post_large<T: 'static>(
        self,
        path: &str,
        limit: usize,
        handler: impl Handler<T, App>,
    ) -> Self {
        self.add(
            "POST",
            path,
            post(handler).layer(DefaultBodyLimit::max(limit)),
        )
    }
}

fn book() -> Book {
    let (api, document) = api::router();
    let mut routes: Vec<Route> = document
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            [("GET", item.get.is_some()), ("POST", item.post.is_some())]
                .into_iter()
                .filter(|(_, there)| *there)
                .map(|(method, _)| Route {
                    method,
                    path: path.clone(),
                })
        })
        .collect();
    routes.push(Route {
        method: "GET",
        path: api::OPENAPI.to_owned(),
    });

    Book {
        router: api,
        routes,
    }
    .get("/assets/{version}/{name}", assets::serve)
    .get("/sign-in", sign_in::form)
    .post("/sign-in", sign_in::submit)
    .post("/sign-out", sign_in::out)
    .get("/password", sign_in::password)
    .post("/password", sign_in::change_password)
    .get("/", today::list)
    .get("/clocks", today::clocks)
    .get("/clocks.csv", today::clocks_csv)
    .get("/record", record::form)
    .post_large("/record", UPLOAD, record::submit)
    .post("/record/roster", record::roster)
    .get("/my-records", my_records::list)
    .get("/my-records/{event}", my_records::one)
    .get("/my-records/{event}/receipt", my_records::receipt)
    .get("/records/{event}/files/{sha256}", my_records::file)
    .get("/inquiries", inquiries::list)
    .post("/inquiries/{event}", inquiries::open)
    .get("/cases", cases::list)
    .get("/cases.csv", cases::csv)
    .get("/cases/{key}", cases::one)
    .get("/cases/{key}/elements", elements::list)
    .post("/cases/{key}/names", elements::names)
    .post("/cases/{key}/events/{event}", cases::body)
    .get("/cases/{key}/reason", looks::reason)
    .post("/cases/{key}/reason", looks::give_reason)
    .get("/cases/{key}/looks", looks::of_case)
    .post("/cases/{key}/relations", looks::relate)
    .post("/cases/{key}/relations/end", looks::end_relation)
    .get("/cases/{key}/reviews", reviews::of_case)
    .get("/cases/{key}/propose", reviews::form)
    .post_large("/cases/{key}/propose", UPLOAD, reviews::propose)
    .get("/reviews", reviews::list)
    .get("/reviews/{event}", reviews::one)
    .post("/reviews/{event}", reviews::decide)
    .get("/reviews/{event}/files/{sha256}", reviews::file)
    .get("/looks", looks::list)
    .get("/looks/{index}", looks::one)
    .post("/looks/{index}", looks::answer)
    .get("/rules", rules::list)
    .get("/rules/packs", packs::list)
    .post_large("/rules/packs/difference", PACK, packs::difference)
    .post("/rules/packs/adopt", packs::adopt)
    .get("/rules/{id}", rules::one)
    .get("/units", units::list)
    .get("/off-book", off_book::list)
    .get("/ledger", ledger::home)
    .get("/ledger/{index}", ledger::entry)
    .get("/ledger/{index}/receipt", ledger::receipt)
    .get("/settings/organs", settings::organs)
    .post("/settings/organs", settings::save_organ)
    .post("/settings/organs/end", settings::end_organ)
    .post_large("/settings/organs/import", TABLE, settings::import_organs)
    .get("/settings/people", people::list)
    .post("/settings/people", people::save)
    .post_large("/settings/people/import", TABLE, people::import)
    .get("/settings/people/{person}", people::one)
    .post("/settings/people/{person}/end", people::end)
    .post("/settings/people/{person}/account", people::make_account)
    .post("/settings/people/{person}/reset", people::reset_account)
    .post("/settings/people/{person}/unlock", people::unlock_account)
    .get("/settings/roles", settings::roles)
    .post("/settings/roles", settings::add_role)
    .post("/settings/roles/end", settings::end_role)
    .post_large("/settings/roles/import", TABLE, settings::import_roles)
    .get("/settings/hooks", hooks::list)
    .post("/settings/hooks", hooks::make)
    .post("/settings/hooks/end", hooks::end)
    .post("/settings/hooks/again", hooks::again)
    .get("/style", about::style)
    .get("/help", about::help)
}

/// Every address with its method, in order.
pub fn routes() -> Vec<Route> {
    let mut routes = book().routes;
    routes.sort();
    routes
}

/// The whole service, without a socket.
pub fn router(office: Office, options: Options) -> Router {
    let app = App(Arc::new(Shared { office, options }));
    let csrf = CsrfLayer::new().with_rejection_response(|_: ProtectionError| {
        use axum::response::IntoResponse as _;
        Fail::CrossSite.into_response()
    });
    book()
        .router
        .fallback(|| async { Fail::NotFound })
        .method_not_allowed_fallback(|_: Method| async { Fail::Method })
        .layer(DefaultBodyLimit::max(FORM))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST,
        ))
        .layer(csrf)
        .layer(middleware::from_fn_with_state(app.clone(), edge))
        .with_state(app)
}
