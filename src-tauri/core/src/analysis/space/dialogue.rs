//! One question to a Gradio server.

use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::CONTENT_TYPE,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    Space, SpaceError,
    events::{Event, Events},
};

/// More than any description of a server or path of an upload has.
const LONGEST: usize = 4 * 1024 * 1024;

/// A name that says nothing.
const FILE: &str = "photo.jpg";

/// How the server is spoken to, by its own word.
struct Endpoint {
    /// Before every path of the API: `/gradio_api`, or nothing in old versions.
    prefix: String,
    /// The endpoint that takes one image: `/predict`.
    name: String,
}

/// Gives what the Space says of the photo, in its own words.
pub(super) async fn ask(space: &Space, derivative: Vec<u8>) -> Result<String, SpaceError> {
    let endpoint = describe(space).await?;
    let path = upload(space, &endpoint, derivative).await?;
    let image = json!({ "path": path, "meta": { "_type": "gradio.FileData" } });
    let url = space.url(&format!("{}/call{}", endpoint.prefix, endpoint.name))?;
    let called = space.send(space.web.post(url.clone()).json(&json!({ "data": [image] })));
    let called = json_of(called.await?).await?;
    let id = called["event_id"].as_str().filter(|id| is_plain(id));
    let id = id.ok_or(SpaceError::NotASpace {
        what: "a call without a number",
    })?;
    let stream = space.url(&format!("{}/call{}/{id}", endpoint.prefix, endpoint.name))?;
    let told = follow(space.send(space.web.get(stream)).await?).await?;
    let outputs: Value = serde_json::from_str(&told).map_err(|_| SpaceError::NotAnAnswer {
        what: "a result that is no JSON",
    })?;
    match outputs.as_array().map(Vec::as_slice) {
        Some([Value::String(text), ..]) => Ok(text.clone()),
        _ => Err(SpaceError::NotAnAnswer {
            what: "a result that is no text",
        }),
    }
}

/// Asks the server for its prefix and its endpoints, and waits for one that is being started.
async fn describe(space: &Space) -> Result<Endpoint, SpaceError> {
    let until = Instant::now() + space.deadlines.cold;
    loop {
        match described(space).await {
            Err(SpaceError::NotReady { .. }) if Instant::now() + space.deadlines.look_again < until => {
                tokio::time::sleep(space.deadlines.look_again).await;
            }
            result => return result,
        }
    }
}

async fn described(space: &Space) -> Result<Endpoint, SpaceError> {
    let config = json_of(space.send(space.web.get(space.url("/config")?)).await?).await?;
    if !config["version"].is_string() {
        return Err(SpaceError::NotASpace {
            what: "no description of a Gradio server",
        });
    }
    let prefix = config["api_prefix"].as_str().unwrap_or_default();
    if !(prefix.is_empty() || prefix.strip_prefix('/').is_some_and(is_plain)) {
        return Err(SpaceError::NotASpace {
            what: "a prefix that is none",
        });
    }
    let info = json_of(space.send(space.web.get(space.url(&format!("{prefix}/info"))?)).await?).await?;
    Ok(Endpoint {
        prefix: prefix.to_owned(),
        name: endpoint(&info)?,
    })
}

/// The endpoint that takes one image and gives text; `/predict` where there are several.
fn endpoint(info: &Value) -> Result<String, SpaceError> {
    let named = info["named_endpoints"].as_object();
    let mut fitting: Vec<&String> = named
        .into_iter()
        .flatten()
        .filter(|(name, described)| name.strip_prefix('/').is_some_and(is_plain) && takes_an_image(described))
        .map(|(name, _)| name)
        .collect();
    fitting.sort_by_key(|name| name.as_str() != "/predict");
    fitting
        .first()
        .map(|name| (*name).clone())
        .ok_or(SpaceError::NotASpace {
            what: "no endpoint that takes one image",
        })
}

fn takes_an_image(described: &Value) -> bool {
    let parameters = described["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let returns = described["returns"].as_array().map_or(&[][..], Vec::as_slice);
    let needed: Vec<&Value> = parameters
        .iter()
        .filter(|parameter| parameter["parameter_has_default"] != true)
        .collect();
    let first_is_image = parameters
        .first()
        .is_some_and(|parameter| parameter["component"] == "Image");
    let answers_in_words = returns.first().is_some_and(|returned| {
        matches!(
            returned["component"].as_str(),
            Some("Textbox" | "Text" | "Markdown")
        )
    });
    first_is_image && needed.len() <= 1 && answers_in_words
}

/// Sends the photo and gives the server's own path of it.
async fn upload(space: &Space, endpoint: &Endpoint, derivative: Vec<u8>) -> Result<String, SpaceError> {
    let part = Part::bytes(derivative).file_name(FILE).mime_str("image/jpeg");
    let part = part.map_err(|_| SpaceError::Address)?;
    let url = space.url(&format!("{}/upload", endpoint.prefix))?;
    let sent = space.send(space.web.post(url).multipart(Form::new().part("files", part)));
    let paths = json_of(sent.await?).await?;
    match paths.as_array().map(Vec::as_slice) {
        Some([Value::String(path)]) => Ok(path.clone()),
        _ => Err(SpaceError::NotASpace {
            what: "an upload without a path",
        }),
    }
}

/// Reads the event stream to the event that ends the call.
async fn follow(mut response: Response) -> Result<String, SpaceError> {
    let mut events = Events::default();
    while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
        let read = events.take(&piece).map_err(|_| SpaceError::NotASpace {
            what: "an answer that is no stream of events",
        })?;
        for event in read {
            match event {
                Event::Complete(data) => return Ok(data),
                Event::Error => return Err(SpaceError::Failed),
                Event::StillThere => {}
            }
        }
    }
    Err(SpaceError::Unreachable {
        what: "the answer broke off",
    })
}

impl Space {
    /// A path of the server, below the address that it was given with.
    fn url(&self, path: &str) -> Result<Url, SpaceError> {
        self.base
            .join(path.trim_start_matches('/'))
            .map_err(|_| SpaceError::Address)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, SpaceError> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        };
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        match response.status() {
            StatusCode::OK => Ok(response),
            StatusCode::TOO_MANY_REQUESTS => Err(SpaceError::NotReady {
                what: "it has too much to do",
            }),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Err(SpaceError::NotReady {
                    what: "it is being started",
                })
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(SpaceError::Refused {
                status: response.status().as_u16(),
            }),
            status if status.is_redirection() => Err(SpaceError::NotASpace {
                what: "it sends elsewhere",
            }),
            status if status.is_server_error() => Err(SpaceError::Failed),
            _ => Err(SpaceError::NotASpace {
                what: "it does not know what was asked",
            }),
        }
    }
}

/// The body as JSON, of which no more is read than anything honest has.
async fn json_of(mut response: Response) -> Result<Value, SpaceError> {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_json = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !is_json {
        return Err(SpaceError::NotASpace {
            what: "an answer that is no JSON",
        });
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
        body.extend_from_slice(&piece);
        if body.len() > LONGEST {
            return Err(SpaceError::NotASpace {
                what: "an answer without an end",
            });
        }
    }
    serde_json::from_slice(&body).map_err(|_| SpaceError::NotASpace {
        what: "an answer that is no JSON",
    })
}

/// The client's own words hold addresses.
fn unreachable(error: &reqwest::Error) -> SpaceError {
    SpaceError::Unreachable {
        what: if error.is_timeout() {
            "it is silent"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke"
        },
    }
}

/// Letters, digits, `_` and `-`: what can stand in a path as it is.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(parameters: Value) -> Value {
        json!({ "parameters": parameters, "returns": [{ "component": "Textbox" }] })
    }

    #[test]
    fn the_endpoint_that_takes_an_image_is_found_by_its_description() {
        let image = json!([{ "component": "Image", "parameter_has_default": false }]);
        let words = json!([{ "component": "Textbox", "parameter_has_default": false }]);
        let info = json!({ "named_endpoints": { "/lambda": described(words.clone()), "/classify": described(image.clone()) } });
        assert_eq!(endpoint(&info).unwrap(), "/classify");
        let info =
            json!({ "named_endpoints": { "/classify": described(image.clone()), "/predict": described(image.clone()) } });
        assert_eq!(endpoint(&info).unwrap(), "/predict");
        for info in [
            json!({}),
            json!({ "named_endpoints": { "/lambda": described(words) } }),
            json!({ "named_endpoints": { "/../secret": described(image) } }),
        ] {
            assert!(matches!(endpoint(&info), Err(SpaceError::NotASpace { .. })), "{info}");
        }
    }
}
