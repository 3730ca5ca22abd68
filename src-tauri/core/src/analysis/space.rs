//! The SeekWell Space: a Gradio server that looks at a photo.
//!
//! The dialogue is Gradio's own: the server describes itself (`/config`, and `info` beside its calls), a file is uploaded, the
//! *named* endpoint is called, and its event stream says what came of it. Functions also have numbers, which move between
//! versions and are never used.
//!
//! What leaves the machine is the derivative, under a name that says nothing, and nothing else. Whoever asks must have
//! made sure that the patient agreed. A failure never becomes a result, whatever the server calls it.

mod answer;
mod description;
mod dialogue;
mod error;
mod events;
mod patience;
mod wire;

use std::{fmt, time::Duration};

use reqwest::Url;
use zeroize::Zeroizing;

use super::{AnalysisError, Analyzer, Later, ModelCard, Opinion, labels};
use crate::{address::is_private, clinical::policy::Coverage, imaging::Refusal};
pub use error::{SpaceError, SpaceStep};
use wire::Wire;

/// How long a Space may be silent, and how long an answer may take in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceDeadlines {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the next bytes of a reply. An upload has, beyond that, the time that its bytes take on a slow line.
    pub silence: Duration,
    /// For everything, from the first question to the probabilities.
    pub total: Duration,
    /// How long a Space that is being started is waited for, out of `total`.
    pub cold: Duration,
    /// About how long after the first look at a Space that is being started comes the second. Each further wait is twice as
    /// long, up to ten times this.
    pub look_again: Duration,
}

impl Default for SpaceDeadlines {
    /// Connecting over a bad mobile line takes seconds. A Gradio server that works on a photo sends a sign of life every
    /// 15 s (`heartbeat` in its `routes.py`), so after two of them and a little nobody is there any more. A Space that sleeps
    /// takes one to four minutes to wake; one that takes longer is asked again later.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(40),
            total: Duration::from_secs(300),
            cold: Duration::from_secs(240),
            look_again: Duration::from_secs(2),
        }
    }
}

/// Where a Space is and how to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct SpaceAddress {
    base: Url,
    token: Option<Zeroizing<String>>,
}

impl SpaceAddress {
    /// Takes the address of the Space's page (`https://…`; plain `http` on this machine only), and a bearer token where the Space
    /// asks for one. What a browser puts behind the path is dropped. Nothing is sent.
    ///
    /// # Errors
    /// [`SpaceError::Address`], also where a password is in it, and [`SpaceError::Token`].
    pub fn new(url: &str, token: Option<Zeroizing<String>>) -> Result<Self, SpaceError> {
        let mut base: Url = url.trim().parse().map_err(|_| SpaceError::Address)?;
        // A password in an address would be shown wherever the address is.
        let has_password = !base.username().is_empty() || base.password().is_some();
        if !is_private(&base) || has_password {
            return Err(SpaceError::Address);
        }
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        if let Some(token) = &token
            && (token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(SpaceError::Token);
        }
        Ok(Self { base, token })
    }

    /// As it is asked, without the token: `https://space.example/`.
    pub fn url(&self) -> &str {
        self.base.as_str()
    }

    /// The host, and the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl fmt::Debug for SpaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpaceAddress")
            .field("url", &self.url())
            .field("has_token", &self.token.is_some())
            .finish()
    }
}

/// A Space that can be asked. Its card names the host, and no hash: which weights answer there, only the Space knows. What
/// it calls itself is a part of each opinion.
pub struct Space {
    wire: Wire,
    deadlines: SpaceDeadlines,
    card: ModelCard,
}

impl Space {
    /// Sends nothing yet.
    ///
    /// # Errors
    /// [`SpaceError::Tls`] where this machine has no certificates to check a server by.
    pub fn new(address: SpaceAddress, deadlines: SpaceDeadlines) -> Result<Self, SpaceError> {
        let card = ModelCard {
            name: address.host(),
            sha256: String::new(),
            demo: false,
            labels: labels::of_classes(),
            bytes: 0,
            published_accuracy: None,
            covers: Coverage::CLINICAL,
        };
        Ok(Self {
            wire: Wire::new(address, &deadlines)?,
            deadlines,
            card,
        })
    }

    async fn opinion(&self, derivative: &[u8]) -> Result<Opinion, SpaceError> {
        let told = patience::ask(&self.wire, &self.deadlines, derivative);
        let told = tokio::time::timeout(self.deadlines.total, told)
            .await
            .map_err(|_| SpaceError::OutOfTime)??;
        let host = &self.card.name;
        Ok(Opinion {
            probabilities: told.probabilities,
            duration: told.duration,
            speaker: told.space_id.map(|id| format!("{id} ({host})")),
        })
    }
}

impl Analyzer for Space {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        Box::pin(async move {
            if derivative.is_empty() {
                return Err(AnalysisError::Pixels {
                    source: Refusal::Empty,
                });
            }
            self.opinion(&derivative)
                .await
                .map_err(|source| AnalysisError::Space { source })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Result<SpaceAddress, SpaceError> {
        SpaceAddress::new(url, None)
    }

    #[test]
    fn an_address_that_others_can_read_is_refused() {
        for open in [
            "http://space.example",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "https://",
            "https://somebody:password@space.example",
            "https://somebody@space.example",
            "space.example",
            "",
        ] {
            assert!(matches!(at(open), Err(SpaceError::Address)), "{open}");
        }
    }

    #[test]
    fn an_address_is_that_of_the_page() {
        for (given, asked, host) in [
            ("https://space.example", "https://space.example/", "space.example"),
            (
                " https://space.example/?__theme=dark#top ",
                "https://space.example/",
                "space.example",
            ),
            (
                "http://localhost:7860",
                "http://localhost:7860/",
                "localhost:7860",
            ),
            (
                "http://127.0.0.1:7860/app",
                "http://127.0.0.1:7860/app/",
                "127.0.0.1:7860",
            ),
            ("http://[::1]:7860/", "http://[::1]:7860/", "[::1]:7860"),
        ] {
            let address = at(given).unwrap();
            assert_eq!((address.url(), address.host()), (asked, host.to_owned()));
        }
    }

    #[test]
    fn a_token_is_shown_nowhere() {
        let token = |token: &str| Some(Zeroizing::new(token.to_owned()));
        let address = SpaceAddress::new("https://space.example", token("made-for-this-test")).unwrap();
        assert!(!format!("{address:?}").contains("made-for-this-test"));
        for unfit in ["", "two words", "line\nbreak", "tiếng"] {
            let refused = SpaceAddress::new("https://space.example", token(unfit));
            assert!(matches!(refused, Err(SpaceError::Token)), "{unfit}");
        }
    }
}
