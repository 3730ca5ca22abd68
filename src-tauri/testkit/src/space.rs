//! A fake of the SeekWell Space: the part of Gradio's API that a client needs, over HTTP, with faults at every step.
//!
//! Modelled on the answers of Gradio 6.31: `/config`, `/gradio_api/info`, `/gradio_api/upload`, `/gradio_api/call/predict` and its
//! event stream.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, LOCATION},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

/// What a client asks, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Step {
    Config,
    Info,
    Upload,
    Call,
    Events,
}

impl Step {
    /// In the order in which they are asked.
    pub const ALL: [Self; 5] = [
        Self::Config,
        Self::Info,
        Self::Upload,
        Self::Call,
        Self::Events,
    ];
}

/// What goes wrong instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpaceFault {
    /// The connection ends with no answer.
    Reset,
    /// Nothing comes, for ever.
    Stall,
    /// An answer of that status with a page of HTML.
    Status(u16),
    /// 200 and bytes that mean nothing.
    Garbage,
    /// A network that wants its terms accepted: a redirect to its page.
    Portal,
    /// 200 and the portal's page itself.
    PortalPage,
    /// The event stream ends in the middle of an event.
    HalfEvent,
    /// An event that says that the function failed.
    ErrorEvent,
    /// The result is this text.
    Says(String),
}

const PAGE: &str = "<!doctype html><title>Welcome</title><p>Please accept the terms of this network to go on.";

type Outbound = Full<Bytes>;

#[derive(Default)]
struct State {
    faults: HashMap<Step, (SpaceFault, u32)>,
    asked: HashMap<Step, u32>,
    uploads: Vec<Bytes>,
    token: Option<String>,
}

struct Shared {
    state: Mutex<State>,
    answer: Box<dyn Fn(&[u8]) -> String + Send + Sync>,
}

/// A Space on this machine, until it is dropped.
pub struct FakeSpace {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl FakeSpace {
    /// A Space that says of an upload what `answer` says of its multipart body.
    pub async fn start(answer: impl Fn(&[u8]) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            answer: Box::new(answer),
        });
        let serving = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            serving,
        }
    }

    /// Its page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the step fail so many times from now on.
    pub fn fail(&self, step: Step, fault: SpaceFault, times: u32) {
        self.shared.state().faults.insert(step, (fault, times));
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        self.shared.state().faults.clear();
    }

    /// Lets nobody in who does not bear that token.
    pub fn ask_for(&self, token: &str) {
        self.shared.state().token = Some(token.to_owned());
    }

    /// How often the step was asked for.
    pub fn asked(&self, step: Step) -> u32 {
        self.shared.state().asked.get(&step).copied().unwrap_or_default()
    }

    /// What was uploaded: multipart bodies, whole.
    pub fn uploads(&self) -> Vec<Bytes> {
        self.shared.state().uploads.clone()
    }
}

impl Drop for FakeSpace {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the step and takes its fault.
    fn arrive(&self, step: Step) -> Option<SpaceFault> {
        let mut state = self.state();
        *state.asked.entry(step).or_default() += 1;
        let (fault, left) = state.faults.get_mut(&step)?;
        if *left == 0 {
            return None;
        }
        *left -= 1;
        Some(fault.clone())
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            drop(tokio::spawn(connection(stream, Arc::clone(&shared))));
        }
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { answer(request, &shared).await }
    });
    // How a client ends a connection is its own business.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error ends the connection with no answer.
async fn answer(request: Request<Incoming>, shared: &Shared) -> Result<Response<Outbound>, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let bearer = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let wanted = shared.state().token.clone().map(|token| format!("Bearer {token}"));
    if wanted.is_some() && wanted.as_deref() != bearer {
        return Ok(page(401));
    }
    let Some(step) = step(&parts.method, parts.uri.path()) else {
        return Ok(page(404));
    };
    match shared.arrive(step) {
        None => Ok(good(step, body, shared)),
        Some(SpaceFault::Reset) => Err(Cut),
        Some(SpaceFault::Stall) => std::future::pending().await,
        Some(SpaceFault::Status(status)) => Ok(page(status)),
        Some(SpaceFault::Garbage) => Ok(reply("application/json", "\u{1}\u{2}{[")),
        Some(SpaceFault::PortalPage) => Ok(reply("text/html", PAGE)),
        Some(SpaceFault::Portal) => Ok(redirect()),
        Some(SpaceFault::HalfEvent) => Ok(reply("text/event-stream", "event: complete\ndata: [\"MEL: 9")),
        Some(SpaceFault::ErrorEvent) => Ok(reply("text/event-stream", "event: error\ndata: null\n\n")),
        Some(SpaceFault::Says(text)) => Ok(told(&text)),
    }
}

#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn step(method: &Method, path: &str) -> Option<Step> {
    match (method.as_str(), path) {
        ("GET", "/config") => Some(Step::Config),
        ("GET", "/gradio_api/info") => Some(Step::Info),
        ("POST", "/gradio_api/upload") => Some(Step::Upload),
        ("POST", "/gradio_api/call/predict") => Some(Step::Call),
        ("GET", path) if path.starts_with("/gradio_api/call/predict/") => Some(Step::Events),
        _ => None,
    }
}

fn good(step: Step, body: Bytes, shared: &Shared) -> Response<Outbound> {
    match step {
        Step::Config => reply_json(&json!({ "version": "6.31.0", "api_prefix": "/gradio_api" })),
        Step::Info => reply_json(&info()),
        Step::Upload => {
            shared.state().uploads.push(body);
            reply_json(&json!(["/tmp/gradio/abc/photo.jpg"]))
        }
        Step::Call => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            match asked["data"][0]["path"].as_str() {
                Some("/tmp/gradio/abc/photo.jpg") => reply_json(&json!({ "event_id": "4d1f" })),
                _ => page(422),
            }
        }
        Step::Events => {
            let upload = shared.state().uploads.last().cloned().unwrap_or_default();
            told(&(shared.answer)(&upload))
        }
    }
}

fn info() -> Value {
    json!({
        "named_endpoints": { "/predict": {
            "parameters": [{ "parameter_name": "image", "parameter_has_default": false, "component": "Image" }],
            "returns": [{ "label": "output", "component": "Textbox" }],
        } },
        "unnamed_endpoints": {},
    })
}

fn told(text: &str) -> Response<Outbound> {
    let result = json!([text]);
    reply(
        "text/event-stream",
        &format!("event: heartbeat\ndata: null\n\nevent: complete\ndata: {result}\n\n"),
    )
}

fn reply_json(value: &Value) -> Response<Outbound> {
    reply("application/json", &value.to_string())
}

fn reply(kind: &'static str, body: &str) -> Response<Outbound> {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, kind.parse().expect("a media type"));
    response
}

fn page(status: u16) -> Response<Outbound> {
    let mut response = reply("text/html", "<html><h1>No</h1></html>");
    *response.status_mut() = status.try_into().expect("a status");
    response
}

fn redirect() -> Response<Outbound> {
    let mut response = page(302);
    let portal = "http://portal.example/".parse().expect("an address");
    response.headers_mut().insert(LOCATION, portal);
    response
}
