//! Connections, requests and the faults between them.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::{Either, Full, channel::Channel};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_LENGTH, LOCATION, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    Fault, Kind, Seen,
    connection::{Line, Wire},
    inbound::{Inbound, Middle},
    reply::{Refusal, Reply, or_refusal},
    request::{Asked, Target},
    resumable,
    route::route,
    state::Shared,
    token,
};
use crate::aside::{PORTAL_PAGE, accept};

type Outbound = Either<Full<Bytes>, Channel<Bytes>>;

const GATEWAY: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";

/// Takes connections for ever.
pub(super) async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) {
    accept(listener, move |stream| connection(stream, Arc::clone(&shared))).await;
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    // Replies are small, and waiting for more of them would be measured as the client's slowness.
    let _ = stream.set_nodelay(true);
    let line = Line::new();
    let io = TokioIo::new(Wire::new(stream, Arc::clone(&line)));
    let of_line = Arc::clone(&line);
    let service = service_fn(move |request| {
        // A task of its own: what was received takes effect even if the client is gone by then.
        let task = tokio::spawn(answer(request, Arc::clone(&shared), Arc::clone(&of_line)));
        async move {
            let panicked = |_| Response::new(Either::Left(Full::default()));
            Ok::<_, Infallible>(task.await.unwrap_or_else(panicked))
        }
    });
    let served = http1::Builder::new().serve_connection(io, service);
    tokio::select! {
        // First, so that a reply that is ready as well is not sent.
        biased;
        () = line.until_cut() => {}
        // How a client ends a connection is its own business.
        _ = served => {}
    }
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>, line: Arc<Line>) -> Response<Outbound> {
    let (parts, body) = request.into_parts();
    let asked = Asked::new(parts);
    let (number, fault) = arrive(&shared, &asked);
    let middle = match fault {
        Some(Fault::ResetInBody) => Some(Middle::Reset),
        Some(Fault::StallInBody) => Some(Middle::Stall),
        _ => None,
    };
    let (inward, outward) = match asked.kind.has_body() {
        true => (middle, None),
        false => (None, middle),
    };
    let body = Inbound::new(body, inward, Arc::clone(&line), Arc::clone(&shared));
    let Some(reply) = act(&shared, &asked, body, fault, &line).await else {
        // The connection is broken; this reply goes nowhere.
        return Response::new(Either::Left(Full::default()));
    };
    shared.change(|state| {
        if let Some(seen) = state.history.requests.get_mut(number) {
            seen.status = Some(reply.status.as_u16());
        }
    });
    send(reply, outward, line, shared).await
}

/// Notes a request and draws its fault. Gives its number in the history.
fn arrive(shared: &Shared, asked: &Asked) -> (usize, Option<Fault>) {
    let at = shared.now();
    shared.change(|state| {
        let session = match &asked.target {
            Target::Session { id } => state.sessions.get(id),
            _ => None,
        };
        let name = session.map(resumable::Session::name).or(asked.object_name());
        let name = name.map(str::to_owned);
        let mut orders = state.orders.iter_mut();
        let fault = match asked.target {
            // The page behind a redirect is not the storage.
            Target::Login => None,
            _ => orders.find_map(|order| order.meets(asked.kind, name.as_deref())),
        };
        let account = asked
            .bearer()
            .and_then(|bearer| token::account(state, bearer, at));
        state.history.requests.push(Seen {
            kind: asked.kind,
            method: asked.method.to_string(),
            target: asked.text(),
            name,
            bearer: asked.bearer().map(str::to_owned),
            account,
            fault,
            status: None,
            at,
        });
        (state.history.requests.len() - 1, fault)
    })
}

/// Does what was asked, or what a fault makes of it. `None` means that there is no reply.
async fn act(
    shared: &Shared,
    asked: &Asked,
    body: Inbound,
    fault: Option<Fault>,
    line: &Line,
) -> Option<Reply> {
    let mut body = body;
    if fault == Some(Fault::ResetBeforeBody) {
        line.cut();
        return None;
    }
    if let Some(reply) = fault.and_then(|fault| instead(fault, shared, asked)) {
        body.collect().await.ok()?;
        return Some(reply);
    }
    if fault == Some(Fault::StallBeforeReply) {
        body = body.read().await.ok()?;
        shared.stall().await;
    }
    let flip = fault == Some(Fault::FlippedBit);
    let replayed = fault == Some(Fault::Replayed);
    let reply = match &asked.target {
        Target::Session { id } if asked.kind == Kind::ResumableChunk => {
            let reply = resumable::chunk(shared, asked, id, body, flip).await?;
            match replayed {
                // The bytes are there; a second chunk only asks how far the upload is.
                true => or_refusal(resumable::query(shared, asked, id)),
                false => or_refusal(reply),
            }
        }
        _ => {
            let body = body.collect().await.ok()?;
            let reply = route(shared, asked, &body, flip);
            match replayed {
                true => route(shared, asked, &body, flip),
                false => reply,
            }
        }
    };
    match fault {
        Some(Fault::CommitThenCut) => {
            line.cut();
            return None;
        }
        Some(Fault::StallAfterCommit) => shared.stall().await,
        _ => {}
    }
    Some(reply)
}

/// The reply of a fault that keeps a request from the storage.
fn instead(fault: Fault, shared: &Shared, asked: &Asked) -> Option<Reply> {
    let refused = |status, reason, message| Refusal::new(status, reason, message).reply();
    Some(match fault {
        Fault::Unauthorized => refused(StatusCode::UNAUTHORIZED, "authError", "Invalid Credentials"),
        Fault::Forbidden => Refusal::forbidden("The caller does not have access to the object.").reply(),
        Fault::RequestTimeout => refused(
            StatusCode::REQUEST_TIMEOUT,
            "uploadBrokenConnection",
            "Request Timeout",
        ),
        Fault::TooManyRequests => {
            let reason = "rateLimitExceeded";
            let reply = refused(StatusCode::TOO_MANY_REQUESTS, reason, "Rate limit exceeded");
            reply.with(RETRY_AFTER, "1")
        }
        Fault::InternalError => refused(StatusCode::INTERNAL_SERVER_ERROR, "backendError", "Backend Error"),
        Fault::BadGateway => Reply::html(StatusCode::BAD_GATEWAY, GATEWAY),
        Fault::Unavailable => {
            let reply = refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "backendError",
                "Service Unavailable",
            );
            reply.with(RETRY_AFTER, "1")
        }
        Fault::CaptivePortal => Reply::html(StatusCode::OK, PORTAL_PAGE),
        Fault::LoginRedirect => {
            let place = format!("http://{}/login", shared.host(asked.host()));
            Reply::empty(StatusCode::FOUND).with(LOCATION, &place)
        }
        _ => return None,
    })
}

/// Sends a reply, whole or with something happening in its middle.
async fn send(
    reply: Reply,
    middle: Option<Middle>,
    line: Arc<Line>,
    shared: Arc<Shared>,
) -> Response<Outbound> {
    let Reply {
        status,
        headers,
        body,
    } = reply;
    let mut response = match middle {
        None => Response::new(Either::Left(Full::new(body))),
        Some(middle) if body.is_empty() => {
            match middle {
                Middle::Reset => line.cut(),
                Middle::Stall => shared.stall().await,
            }
            Response::new(Either::Left(Full::new(body)))
        }
        Some(middle) => {
            let length = body.len();
            let mut response = Response::new(Either::Right(broken(body, middle, line, shared)));
            response.headers_mut().insert(CONTENT_LENGTH, length.into());
            response
        }
    };
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

/// A body that is interrupted after its first half.
fn broken(body: Bytes, middle: Middle, line: Arc<Line>, shared: Arc<Shared>) -> Channel<Bytes> {
    let (mut sender, channel) = Channel::new(1);
    let before = line.written();
    tokio::spawn(async move {
        let half = body.len() / 2;
        if sender.send_data(body.slice(..half)).await.is_err() {
            return;
        }
        match middle {
            Middle::Reset => {
                line.until_written(before).await;
                line.cut();
                // Held until then: without it the body would end in good order.
                drop(sender);
            }
            Middle::Stall => {
                shared.stall().await;
                // The client may be gone by now.
                let _ = sender.send_data(body.slice(half..)).await;
            }
        }
    });
    channel
}
