//! Connections of the fake Space, its replies, and what goes wrong with them.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{
    BodyExt as _, Either, Full,
    channel::{Channel, Sender},
};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::{FakeSpace, Shared, SpaceFault, Step};
use crate::aside::accept;

const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";
const EVENTS: &str = "text/event-stream; charset=utf-8";

/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_millis(50);

type Outbound = Either<Full<Bytes>, Channel<Bytes, Cut>>;

/// Ends a connection at once.
#[derive(Debug)]
pub(super) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cut")
    }
}

impl std::error::Error for Cut {}

/// Takes connections for ever.
pub(super) async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    accept(listener, move |stream| connection(stream, Arc::clone(&shared))).await;
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    // How a client ends a connection is its own business.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error ends the connection with no answer.
async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Outbound>, Cut> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
    let bearer = parts.headers.get(AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let wanted = {
        let mut state = shared.state();
        state.bearers.push(bearer.clone());
        state.token.as_ref().map(|token| format!("Bearer {token}"))
    };
    if wanted.is_some() && wanted != bearer {
        return Ok(page(401));
    }
    let path = parts.uri.path();
    let Some((step, call)) = step(&parts.method, path, shared.prefix) else {
        return Ok(page(404));
    };
    match shared.arrive(step) {
        None => Ok(good(step, call, body, &shared)),
        Some(fault) => bad(fault, step, call, body, shared).await,
    }
}

/// The step, and the number of the call where it is about one.
fn step(method: &Method, path: &str, prefix: &str) -> Option<(Step, usize)> {
    let step = match (method.as_str(), path) {
        ("GET", "/config") => Step::Config,
        (method, path) => match (method, path.strip_prefix(prefix)?) {
            ("GET", "/info") => Step::Info,
            ("POST", "/upload") => Step::Upload,
            ("POST", "/call/predict") => Step::Call,
            ("GET", path) => {
                let call = path.strip_prefix("/call/predict/call-")?;
                return Some((Step::Events, call.parse().ok()?));
            }
            _ => return None,
        },
    };
    Some((step, 0))
}

fn good(step: Step, call: usize, body: Bytes, shared: &Shared) -> Response<Outbound> {
    match step {
        Step::Config if shared.prefix.is_empty() => {
            reply(&json!({ "version": "4.44.1", "space_id": null, "app_id": 7 }))
        }
        Step::Config => reply(
            &json!({ "version": "6.31.0", "api_prefix": shared.prefix, "space_id": FakeSpace::ID, "app_id": 7 }),
        ),
        Step::Info => reply(&info()),
        Step::Upload => {
            let mut state = shared.state();
            state.uploads.push(body);
            let path = format!("/tmp/gradio/{}/photo.jpg", state.uploads.len() - 1);
            reply(&json!([path]))
        }
        Step::Call => {
            let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
            let path = asked["data"][0]["path"].as_str().unwrap_or_default();
            let upload = path.strip_prefix("/tmp/gradio/");
            let upload = upload.and_then(|rest| rest.strip_suffix("/photo.jpg")?.parse().ok());
            let mut state = shared.state();
            match upload.filter(|upload| *upload < state.uploads.len()) {
                Some(upload) => {
                    state.calls.push(upload);
                    reply(&json!({ "event_id": format!("call-{}", state.calls.len() - 1) }))
                }
                None => page(422),
            }
        }
        Step::Events => match opinion(call, shared) {
            Some(text) => whole(EVENTS, &told(&text)),
            None => page(404),
        },
    }
}

/// What is thought of the photo that the call is about.
fn opinion(call: usize, shared: &Shared) -> Option<String> {
    let upload = {
        let state = shared.state();
        state.uploads[*state.calls.get(call)?].clone()
    };
    Some((shared.opinion)(file_of(&upload)))
}

/// The one file of a multipart body: from the first empty line to the last line that begins with `--`.
fn file_of(body: &[u8]) -> &[u8] {
    let find = |what: &[u8]| body.windows(what.len()).position(|window| window == what);
    let from = find(b"\r\n\r\n").map_or(0, |at| at + 4);
    let boundary = find(b"\r\n").map_or(&b"\r\n"[..], |end| &body[..end]);
    let to = body
        .windows(boundary.len())
        .rposition(|window| window == boundary)
        .map_or(body.len(), |at| at.saturating_sub(2));
    body.get(from..to).unwrap_or_default()
}

async fn bad(
    fault: SpaceFault,
    step: Step,
    call: usize,
    body: Bytes,
    shared: Arc<Shared>,
) -> Result<Response<Outbound>, Cut> {
    let kind = match step {
        Step::Events => EVENTS,
        _ => JSON,
    };
    Ok(match fault {
        SpaceFault::Reset => return Err(Cut),
        SpaceFault::Stall => std::future::pending().await,
        SpaceFault::ResetInBody => {
            let (mut sender, response) = streamed(kind);
            tokio::spawn(async move {
                half(&mut sender).await;
                sender.abort(Cut);
            });
            response
        }
        SpaceFault::StallInBody => {
            let (mut sender, response) = streamed(kind);
            tokio::spawn(async move {
                half(&mut sender).await;
                std::future::pending::<()>().await;
            });
            response
        }
        SpaceFault::Endless => {
            let (mut sender, response) = streamed(kind);
            tokio::spawn(async move {
                let piece = "data".repeat(10_000);
                while send(&mut sender, &piece).await {
                    shared.state().poured += piece.len();
                }
            });
            response
        }
        SpaceFault::Late => {
            let (mut sender, response) = streamed(kind);
            let text = opinion(call, &shared).unwrap_or_default();
            tokio::spawn(async move {
                let mut released = shared.released.subscribe();
                while !*released.borrow_and_update() {
                    if !send(&mut sender, "event: heartbeat\ndata: null\n\n").await {
                        return;
                    }
                    let _ = tokio::time::timeout(HEARTBEAT, released.changed()).await;
                }
                send(&mut sender, &told(&text)).await;
            });
            response
        }
        SpaceFault::Status(status) => page(status),
        SpaceFault::RetryAfter(status, after) => {
            let mut response = page(status);
            let after = after.parse().expect("a header's value");
            response.headers_mut().insert(RETRY_AFTER, after);
            response
        }
        SpaceFault::Garbage => whole(kind, "\u{1}\u{2}{[\n\n"),
        SpaceFault::Page(page) => whole(HTML, page),
        SpaceFault::Redirect(to) => {
            let mut response = page(302);
            let to = to.parse().expect("an address");
            response.headers_mut().insert(LOCATION, to);
            response
        }
        SpaceFault::HalfEvent => whole(EVENTS, "event: complete\ndata: [\"MEL: 9"),
        SpaceFault::ErrorEvent => whole(EVENTS, "event: error\ndata: null\n\n"),
        SpaceFault::Says(text) => whole(EVENTS, &told(&text)),
        SpaceFault::Json(value) => {
            if step == Step::Upload {
                shared.state().uploads.push(body);
            }
            reply(&value)
        }
    })
}

async fn half(sender: &mut Sender<Bytes, Cut>) {
    send(sender, "[\"half").await;
}

/// `false` where nobody listens any more.
async fn send(sender: &mut Sender<Bytes, Cut>, text: &str) -> bool {
    sender
        .send_data(Bytes::copy_from_slice(text.as_bytes()))
        .await
        .is_ok()
}

fn info() -> Value {
    let photo = json!({ "parameter_name": "image", "parameter_has_default": false, "component": "Image" });
    let words = json!({ "parameter_name": "text", "parameter_has_default": false, "component": "Textbox" });
    let text = json!({ "label": "output", "component": "Textbox" });
    json!({
        "named_endpoints": {
            "/feedback": { "parameters": [words], "returns": [text] },
            "/predict": { "parameters": [photo], "returns": [text] },
        },
        "unnamed_endpoints": {},
    })
}

fn told(text: &str) -> String {
    let result = json!([text]);
    format!("event: heartbeat\ndata: null\n\nevent: complete\ndata: {result}\n\n")
}

fn reply(value: &Value) -> Response<Outbound> {
    whole(JSON, &value.to_string())
}

fn whole(kind: &'static str, body: &str) -> Response<Outbound> {
    of(
        kind,
        Either::Left(Full::new(Bytes::copy_from_slice(body.as_bytes()))),
    )
}

fn streamed(kind: &'static str) -> (Sender<Bytes, Cut>, Response<Outbound>) {
    let (sender, channel) = Channel::new(1);
    (sender, of(kind, Either::Right(channel)))
}

fn of(kind: &'static str, body: Outbound) -> Response<Outbound> {
    let mut response = Response::new(body);
    let kind = kind.parse().expect("a media type");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn page(status: u16) -> Response<Outbound> {
    let mut response = whole(HTML, "<html><h1>No</h1></html>");
    *response.status_mut() = status.try_into().expect("a status");
    response
}
