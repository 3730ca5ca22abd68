//! What the server says, and how it says no.

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

/// A whole reply.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(super) fn json(value: &Value) -> Self {
        Self::empty(StatusCode::OK).typed("application/json; charset=UTF-8", value.to_string())
    }

    pub(super) fn html(status: StatusCode, page: &'static str) -> Self {
        Self::empty(status).typed("text/html; charset=utf-8", page)
    }

    pub(super) fn typed(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.with(CONTENT_TYPE, media_type)
    }

    /// Sets a header. A value that can't be one, as an object's metadata may hold, is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same for one of Google's own headers.
    pub(super) fn with_goog(self, name: &str, value: &str) -> Self {
        match HeaderName::try_from(name) {
            Ok(name) => self.with(name, value),
            Err(_) => self,
        }
    }
}

/// A request that is refused, in the words of the JSON API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    reason: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            reason,
            message: message.into(),
        }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(super) fn no_bucket() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "notFound",
            "The specified bucket does not exist.",
        )
    }

    pub(super) fn no_object(bucket: &str, name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "notFound",
            format!("No such object: {bucket}/{name}"),
        )
    }

    pub(super) fn precondition() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "conditionNotMet",
            "At least one of the pre-conditions you specified did not hold.",
        )
    }

    /// The body of errors in JSON.
    pub(super) fn reply(&self) -> Reply {
        // Not modified is an answer of HTTP itself and has no body.
        if self.status == StatusCode::NOT_MODIFIED {
            return Reply::empty(self.status);
        }
        let mut one = json!({ "message": self.message, "domain": "global", "reason": self.reason });
        if self.status == StatusCode::PRECONDITION_FAILED {
            one["locationType"] = json!("header");
            one["location"] = json!("If-Match");
        }
        let code = self.status.as_u16();
        let error = json!({ "error": { "code": code, "message": self.message, "errors": [one] } });
        Reply {
            status: self.status,
            ..Reply::json(&error)
        }
    }

    /// Downloads are refused in plain text.
    pub(super) fn plain(&self) -> Reply {
        if self.status == StatusCode::NOT_MODIFIED {
            return Reply::empty(self.status);
        }
        Reply::empty(self.status).typed("text/html; charset=UTF-8", self.message.clone())
    }
}

/// A result as a reply.
pub(super) fn or_refusal(result: Result<Reply, Refusal>) -> Reply {
    result.unwrap_or_else(|refusal| refusal.reply())
}
