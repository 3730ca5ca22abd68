//! What a Gradio server says of itself: where its API is, what it is called, and which endpoint takes a photo.

use serde_json::Value;

use super::{SpaceError, SpaceStep};

/// How the server is spoken to, by its own word.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Server {
    /// Before every path of the API: `gradio_api/`; empty where it has none, as in versions before 5.
    pub(super) prefix: String,
    /// `owner/name`, where it runs as a Space of Hugging Face's. (`app_id`, beside it, is drawn anew at every start and names
    /// nothing.)
    pub(super) space_id: Option<String>,
}

impl Server {
    /// Reads `/config`.
    pub(super) fn read(config: &Value) -> Result<Self, SpaceError> {
        if !config["version"].is_string() {
            return Err(no("no description of a Gradio server"));
        }
        let prefix = match &config["api_prefix"] {
            Value::Null => "",
            Value::String(prefix) => prefix.trim_matches('/'),
            _ => return Err(no("a prefix that is none")),
        };
        if !(prefix.is_empty() || is_plain(prefix)) {
            return Err(no("a prefix that is none"));
        }
        let id = config["space_id"].as_str();
        let is_id = |id: &str| {
            id.len() <= 200
                && id
                    .split_once('/')
                    .is_some_and(|(owner, name)| is_name(owner) && is_name(name))
        };
        Ok(Self {
            prefix: match prefix {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            },
            space_id: id.filter(|id| is_id(id)).map(str::to_owned),
        })
    }
}

/// Finds, in `info`, the named endpoint that takes one image and gives a text: `predict` where there are several, else the
/// first by name. A wrong one gives no six percentages, and so no result.
pub(super) fn endpoint(info: &Value) -> Result<String, SpaceError> {
    let Some(named) = info["named_endpoints"].as_object() else {
        return Err(no("no list of endpoints"));
    };
    named
        .iter()
        .filter(|(_, described)| takes_an_image(described))
        .filter_map(|(name, _)| name.strip_prefix('/').filter(|name| is_plain(name)))
        .min_by_key(|name| (*name != "predict", *name))
        .map(str::to_owned)
        .ok_or(SpaceError::OtherSpace)
}

fn takes_an_image(described: &Value) -> bool {
    let components = |part: &str| -> Vec<&str> {
        described[part]
            .as_array()
            .into_iter()
            .flatten()
            .map(|each| each["component"].as_str().unwrap_or_default())
            .collect()
    };
    matches!(components("parameters")[..], ["Image"])
        && matches!(components("returns")[..], ["Textbox" | "Text" | "Markdown", ..])
}

/// Letters, digits, `_` and `-`: what can stand in an address as it is.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// What Hugging Face allows in a name: a dot too.
fn is_name(text: &str) -> bool {
    is_plain(&text.replace('.', "_"))
}

fn no(what: &'static str) -> SpaceError {
    SpaceError::NotASpace {
        step: SpaceStep::Description,
        what,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(parameters: &[&str], returns: &[&str]) -> Value {
        let all = |components: &[&str]| -> Vec<Value> {
            components
                .iter()
                .map(|component| json!({ "component": component }))
                .collect()
        };
        json!({ "parameters": all(parameters), "returns": all(returns) })
    }

    fn info(endpoints: &[(&str, Value)]) -> Value {
        let named: serde_json::Map<_, _> = endpoints
            .iter()
            .map(|(name, described)| ((*name).to_owned(), described.clone()))
            .collect();
        json!({ "named_endpoints": named, "unnamed_endpoints": {} })
    }

    #[test]
    fn the_endpoint_that_takes_a_photo_is_found_by_its_description() {
        let photo = described(&["Image"], &["Textbox"]);
        let words = described(&["Textbox"], &["Textbox"]);
        let picture = described(&["Image"], &["Image"]);
        let two = described(&["Image", "Slider"], &["Textbox"]);
        for (endpoints, found) in [
            (
                vec![("/lambda", words.clone()), ("/classify", photo.clone())],
                "classify",
            ),
            (
                vec![("/classify", photo.clone()), ("/predict", photo.clone())],
                "predict",
            ),
            (
                vec![("/predict", words.clone()), ("/look", photo.clone())],
                "look",
            ),
            (
                vec![("/predict_2", photo.clone()), ("/predict_1", photo.clone())],
                "predict_1",
            ),
            (
                vec![("/predict", described(&["Image"], &["Markdown", "Label"]))],
                "predict",
            ),
        ] {
            assert_eq!(endpoint(&info(&endpoints)).unwrap(), found);
        }
        for none in [
            vec![],
            vec![("/predict", words)],
            vec![("/predict", picture)],
            vec![("/predict", two)],
            vec![("/../secret", photo.clone())],
            vec![("/a/b", photo.clone())],
            vec![("predict", photo)],
        ] {
            assert_eq!(endpoint(&info(&none)), Err(SpaceError::OtherSpace), "{none:?}");
        }
        for nothing in [json!({}), json!([]), json!({ "detail": "Not found" })] {
            assert!(
                matches!(endpoint(&nothing), Err(SpaceError::NotASpace { .. })),
                "{nothing}"
            );
        }
    }

    #[test]
    fn a_server_says_where_its_api_is_and_what_it_is_called() {
        let read = |config: Value| Server::read(&config).unwrap();
        let new = read(
            json!({ "version": "6.31.0", "api_prefix": "/gradio_api", "space_id": "some-clinic/look.at.skin" }),
        );
        assert_eq!(new.prefix, "gradio_api/");
        assert_eq!(new.space_id.as_deref(), Some("some-clinic/look.at.skin"));
        let old = read(json!({ "version": "4.44.1", "space_id": null, "app_id": 123 }));
        assert_eq!((old.prefix.as_str(), old.space_id), ("", None));
        for strange in ["nobody", "a/b/c", "a/<b>", "/", "a b/c"] {
            let read = read(json!({ "version": "6.31.0", "space_id": strange }));
            assert_eq!(read.space_id, None, "{strange}");
        }
        for none in [
            json!({}),
            json!({ "version": 6 }),
            json!({ "version": "6.31.0", "api_prefix": "/../elsewhere" }),
            json!({ "version": "6.31.0", "api_prefix": "https://elsewhere.example" }),
            json!({ "version": "6.31.0", "api_prefix": 1 }),
        ] {
            assert!(
                matches!(Server::read(&none), Err(SpaceError::NotASpace { .. })),
                "{none}"
            );
        }
    }
}
