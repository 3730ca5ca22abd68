//! One question to a Gradio server: description, upload, call, answer.

use std::time::{Duration, Instant};

use reqwest::{
    Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::{
    SpaceError, SpaceStep, answer,
    description::{Server, endpoint, is_plain},
    events::{Event, Events},
    wire::Wire,
};
use crate::clinical::Probabilities;

/// A name that says nothing.
const FILE: &str = "photo.jpg";

/// What the Space thinks of a photo.
pub(super) struct Told {
    pub(super) probabilities: Probabilities,
    /// From the upload to the answer.
    pub(super) duration: Duration,
    /// `owner/name`, where the server knows that it is a Space of Hugging Face's.
    pub(super) space_id: Option<String>,
}

/// Asks once.
pub(super) async fn once(wire: &Wire, derivative: &[u8]) -> Result<Told, SpaceError> {
    let server = Server::read(&describe(wire, "config").await?)?;
    let endpoint = endpoint(&describe(wire, &format!("{}info", server.prefix)).await?)?;
    let begun = Instant::now();
    let path = upload(wire, &server, derivative).await?;
    // Slashes and all: what goes into an address here was found to be plain.
    let call = format!("{}call/{endpoint}", server.prefix);
    let id = start(wire, &call, &path).await?;
    let answer = wire.send(SpaceStep::Answer, wire.get(&format!("{call}/{id}"))?, 0);
    let text = follow(wire, answer.await?).await?;
    Ok(Told {
        probabilities: answer::probabilities(&text)?,
        duration: begun.elapsed(),
        space_id: server.space_id,
    })
}

async fn describe(wire: &Wire, path: &str) -> Result<Value, SpaceError> {
    let step = SpaceStep::Description;
    let response = wire.send(step, wire.get(path)?, 0).await?;
    wire.json(step, response).await
}

/// Sends the photo and gives the server's own path of it.
async fn upload(wire: &Wire, server: &Server, derivative: &[u8]) -> Result<String, SpaceError> {
    let step = SpaceStep::Upload;
    let not_taken = SpaceError::NotASpace {
        step,
        what: "an upload without a path",
    };
    let part = Part::bytes(derivative.to_vec()).file_name(FILE);
    let part = part.mime_str("image/jpeg").map_err(|_| not_taken.clone())?;
    let request = wire.post(&format!("{}upload", server.prefix))?;
    let request = request.multipart(Form::new().part("files", part));
    let response = wire.send(step, request, derivative.len()).await?;
    match wire.json(step, response).await?.as_array().map(Vec::as_slice) {
        Some([Value::String(path)]) => Ok(path.clone()),
        _ => Err(not_taken),
    }
}

/// Calls the endpoint with the uploaded photo and gives the call's id.
async fn start(wire: &Wire, call: &str, path: &str) -> Result<String, SpaceError> {
    let step = SpaceStep::Call;
    let image = json!({ "path": path, "meta": { "_type": "gradio.FileData" } });
    let request = wire.post(call)?.json(&json!({ "data": [image] }));
    let response = wire.send(step, request, 0).await?;
    match &wire.json(step, response).await?["event_id"] {
        Value::String(id) if is_plain(id) => Ok(id.clone()),
        _ => Err(SpaceError::NotASpace {
            step,
            what: "a call without a number",
        }),
    }
}

/// Reads the event stream to the event that ends the call, and gives the first thing that the endpoint returned: a text.
async fn follow(wire: &Wire, mut response: Response) -> Result<String, SpaceError> {
    let step = SpaceStep::Answer;
    wire.expect(step, &mut response, "text/event-stream").await?;
    let mut events = Events::default();
    while let Some(piece) = wire.piece(step, &mut response).await? {
        let read = events.take(&piece).map_err(|_| SpaceError::NotASpace {
            step,
            what: "no stream of events",
        })?;
        for event in read {
            match event {
                Event::Complete(data) => return first_text(&data),
                Event::Error => return Err(SpaceError::Failed),
                Event::StillThere => {}
            }
        }
    }
    // It ended before the call did.
    Err(SpaceError::Unreachable { step })
}

fn first_text(data: &str) -> Result<String, SpaceError> {
    match serde_json::from_str::<Vec<Value>>(data).as_deref() {
        Ok([Value::String(text), ..]) => Ok(text.clone()),
        _ => Err(SpaceError::NotAnAnswer {
            what: "a result that is no text",
        }),
    }
}
