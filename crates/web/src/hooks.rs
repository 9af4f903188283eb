//! Sends what hooks are to be told: signed, with limits of time, and without believing the other side anything.
//!
//! Messages follow the public Standard Webhooks convention: `webhook-id`, `webhook-timestamp`, and `webhook-signature` with
//! `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A status of 2xx is a yes, all else a no; redirects are not
//! followed and the body of an answer is not read. Each hook has one connection at a time, so one that is slow delays nobody
//! else. **Is not** the queue: what is due and what becomes of a try is `office`'s. Log lines name a hook by its number only:
//! its address may hold what nobody else should read.

use std::{collections::HashMap, io, path::Path, sync::Arc, time::Duration};

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use office::{Courier, HookAnswer, HookRules, Office, Outgoing};
use sha2::Sha256;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Mutex,
    task::{AbortHandle, JoinSet},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

/// Messages of one hook in one turn.
const OF_A_TURN: u32 = 100;
/// How often it is looked for what is due, if nothing happens.
const LOOK: Duration = Duration::from_millis(500);
/// Rest after a fault of our own.
const REST: Duration = Duration::from_secs(5);

/// How long the other side may take.
#[derive(Clone, Copy, Debug)]
pub struct HookTimes {
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// Until the head of its answer is there.
    pub answer: Duration,
}

impl Default for HookTimes {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(10),
        }
    }
}

/// The sender of a node's hooks.
pub struct Hooks {
    courier: Mutex<Courier>,
    sender: Arc<Sender>,
}

struct Sender {
    office: Office,
    tls: Option<TlsConnector>,
    times: HookTimes,
}

impl Hooks {
    /// The sender of this node; there should be one at a time.
    pub fn new(office: Office, times: HookTimes) -> Self {
        let info = office.info();
        let tls = match trusted(&info.hooks, &info.dir) {
            Ok(tls) => tls,
            Err(e) => {
                // Fails closed: without knowing whom to trust nothing is sent by TLS.
                tracing::error!("hooks: the certificates to trust cannot be read: {e}");
                None
            }
        };
        Self {
            courier: Mutex::new(office.courier()),
            sender: Arc::new(Sender { office, tls, times }),
        }
    }

    /// Queues what is new and tries everything that is due now, once. Answers how many were taken, and how many not.
    ///
    /// # Errors
    /// Those of the office.
    pub async fn pass(&self) -> Result<(u64, u64), office::Error> {
        let mut courier = self.courier.lock().await;
        courier.queue().await?;
        let mut turns = JoinSet::new();
        for due in courier.due(OF_A_TURN).await? {
            turns.spawn(Arc::clone(&self.sender).turn(due));
        }
        let all = turns.join_all().await;
        Ok(all.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)))
    }

    /// Sends until the task is ended. What is under way then is sent once more by the next one, under the same id.
    pub async fn run(self) {
        let mut courier = self.courier.lock().await;
        let mut turns = JoinSet::new();
        let mut busy: HashMap<i64, AbortHandle> = HashMap::new();
        loop {
            if let Err(e) = self.begin(&mut courier, &mut turns, &mut busy).await {
                tracing::error!("hooks: {e}");
                tokio::time::sleep(REST).await;
            }
            while turns.try_join_next().is_some() {}
            tokio::select! {
                () = courier.stirred() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Begins a turn of each hook that has something due and is not at it.
    async fn begin(
        &self,
        courier: &mut Courier,
        turns: &mut JoinSet<(u64, u64)>,
        busy: &mut HashMap<i64, AbortHandle>,
    ) -> Result<(), office::Error> {
        courier.queue().await?;
        busy.retain(|_, turn| !turn.is_finished());
        for due in courier.due(OF_A_TURN).await? {
            if let Some(hook) = due.first().map(|d| d.hook)
                && !busy.contains_key(&hook)
            {
                let turn = turns.spawn(Arc::clone(&self.sender).turn(due));
                busy.insert(hook, turn);
            }
        }
        Ok(())
    }
}

/// Whom to believe: the authorities of the system, and those that `node.toml` names.
fn trusted(rules: &HookRules, dir: &Path) -> Result<Option<TlsConnector>, String> {
    if rules.hosts.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(system.certs);
    if let Some(ca) = &rules.ca {
        let wrong = |e: &dyn std::fmt::Display| format!("hooks.ca: {e}");
        for certificate in CertificateDer::pem_file_iter(dir.join(ca)).map_err(|e| wrong(&e))? {
            let certificate = certificate.map_err(|e| wrong(&e))?;
            roots.add(certificate).map_err(|e| wrong(&e))?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(TlsConnector::from(Arc::new(config))))
}

/// The value of `webhook-signature`.
fn signature(secret: &[u8], id: &str, timestamp: i64, payload: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key of any length will do");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(payload.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

impl Sender {
    /// Sends one after the other. The first no ends the turn: whoever is down is not knocked at a hundred times.
    async fn turn(self: Arc<Self>, due: Vec<Outgoing>) -> (u64, u64) {
        let mut good = 0;
        for message in due {
            let answer = self.post(&message).await;
            match self.office.hook_answered(&message, answer).await {
                Ok(true) => good += 1,
                Ok(false) => {
                    tracing::info!(hook = message.hook, ?answer, "hook: not taken");
                    return (good, 1);
                }
                Err(e) => {
                    tracing::error!(hook = message.hook, "hook: {e}");
                    return (good, 1);
                }
            }
        }
        (good, 0)
    }

    async fn post(&self, message: &Outgoing) -> HookAnswer {
        let address = &message.address;
        let connected = async {
            let stream = TcpStream::connect((address.host.as_str(), address.port)).await;
            let stream = stream.map_err(|_| HookAnswer::Connection)?;
            if !address.tls {
                return Ok(Connected::Plain(stream));
            }
            let tls = self.tls.as_ref().ok_or(HookAnswer::Tls)?;
            let name = ServerName::try_from(address.host.clone()).map_err(|_| HookAnswer::Tls)?;
            let secured = tls.connect(name, stream).await.map_err(|e| match e.kind() {
                io::ErrorKind::InvalidData => HookAnswer::Tls,
                _ => HookAnswer::Connection,
            });
            Ok(Connected::Tls(Box::new(secured?)))
        };
        let connected = match timeout(self.times.connect, connected).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(answer)) => return answer,
            Err(_) => return HookAnswer::Timeout,
        };
        let Ok(request) = self.request(message) else {
            return HookAnswer::Connection;
        };
        let answered = async {
            match connected {
                Connected::Plain(stream) => exchange(stream, request).await,
                Connected::Tls(stream) => exchange(*stream, request).await,
            }
        };
        match timeout(self.times.answer, answered).await {
            Ok(Ok(status)) => HookAnswer::Status(status),
            Ok(Err(_)) => HookAnswer::Connection,
            Err(_) => HookAnswer::Timeout,
        }
    }

    fn request(&self, message: &Outgoing) -> Result<Request<Body>, axum::http::Error> {
        // Each try has a time of its own, so that a receiver can refuse what is old.
        let timestamp = self.office.now().get().div_euclid(1_000_000);
        let signature = signature(&message.secret, &message.id, timestamp, &message.payload);
        Request::post(message.address.path.as_str())
            .header(header::HOST, message.address.authority.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("liuhen/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::CONNECTION, "close")
            .header("webhook-id", message.id.as_str())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(Body::from(message.payload.clone()))
    }
}

enum Connected {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::client::TlsStream<TcpStream>>),
}

/// Sends a request and reads the head of its answer.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Result<u16, hyper::Error> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(16 * 1024)
        .handshake(TokioIo::new(stream))
        .await?;
    // Ends with this function, whatever the other side still sends.
    let mut moving = JoinSet::new();
    moving.spawn(async move {
        let _ended = connection.await;
    });
    let answer = sender.send_request(request).await?;
    Ok(answer.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::{STANDARD, signature};
    use base64::Engine as _;

    /// The example that the specification of Standard Webhooks gives.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = STANDARD
            .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .expect("base64");
        let signed = signature(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
