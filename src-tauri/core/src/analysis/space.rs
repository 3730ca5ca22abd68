//! The SeekWell Space: a Gradio server that looks at a photo.
//!
//! The dialogue is Gradio's own: the server describes itself (`/config`, and `info` beside its calls), a file is uploaded, the
//! *named* endpoint is called, and its event stream says what came of it. Functions also have numbers, which move between
//! versions and are never used.
//!
//! What leaves the machine is the derivative, under a name that says nothing, and nothing else. Whoever asks must have
//! made sure that the patient agreed. A failure never becomes a result, whatever the server calls it.

mod answer;
mod dialogue;
mod events;

use std::time::{Duration, Instant};

use reqwest::{Client, Url, redirect::Policy};
use zeroize::Zeroizing;

use crate::clinical::Probabilities;

/// How long a Space may be silent, and how long an answer may take in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpaceDeadlines {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the next byte of an answer. A server that works on a photo sends a sign of life every 15 s.
    pub silence: Duration,
    /// From the upload to the probabilities.
    pub total: Duration,
    /// How long a Space that is being started is waited for, out of `total`.
    pub cold: Duration,
    /// Between two looks at a Space that is being started.
    pub look_again: Duration,
}

impl Default for SpaceDeadlines {
    /// A free Space takes one to three minutes to wake.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(40),
            total: Duration::from_secs(300),
            cold: Duration::from_secs(240),
            look_again: Duration::from_secs(5),
        }
    }
}

/// Where a Space is and how to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct SpaceAddress {
    /// Its page: `https://…`; plain `http` on this machine only.
    pub url: String,
    /// A bearer token, where it asks for one.
    pub token: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for SpaceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpaceAddress")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// A Space that can be asked.
pub struct Space {
    web: Client,
    base: Url,
    token: Option<Zeroizing<String>>,
    deadlines: SpaceDeadlines,
}

/// Why a Space gave no probabilities. Nothing of it names a patient, a file or the token.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// The address is none, or not private.
    #[error("the address of the Space must begin with https://")]
    Address,
    /// No connection, or silence.
    #[error("the Space can't be reached: {what}")]
    Unreachable {
        /// In a few words.
        what: &'static str,
    },
    /// It is being started, or has too much to do.
    #[error("the Space is not ready: {what}")]
    NotReady {
        /// In a few words.
        what: &'static str,
    },
    /// It does not let this workstation in.
    #[error("the Space refuses this workstation (HTTP {status})")]
    Refused {
        /// HTTP.
        status: u16,
    },
    /// What answers is no Space: a captive portal, another server.
    #[error("what answers is no Space of this kind: {what}")]
    NotASpace {
        /// In a few words.
        what: &'static str,
    },
    /// It says in words that it failed.
    #[error("the Space could not analyse the photo")]
    Failed,
    /// Its answer is not six percentages.
    #[error("the Space's answer is not understood: {what}")]
    NotAnAnswer {
        /// In a few words.
        what: &'static str,
    },
}

/// What a Space thinks of a photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpaceOpinion {
    /// Six that add up to one.
    pub probabilities: Probabilities,
    /// From the upload to the answer, waiting for the Space to wake included.
    pub duration: Duration,
}

impl Space {
    /// Checks the address; nothing is sent yet.
    ///
    /// # Errors
    /// [`SpaceError::Address`].
    pub fn new(address: &SpaceAddress, deadlines: SpaceDeadlines) -> Result<Self, SpaceError> {
        let mut base: Url = address.url.trim().parse().map_err(|_| SpaceError::Address)?;
        if !crate::address::is_private(&base) || base.cannot_be_a_base() || base.query().is_some() {
            return Err(SpaceError::Address);
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let web = Client::builder()
            // A portal redirects, and a token goes to nobody else.
            .redirect(Policy::none())
            .https_only(!crate::address::is_loopback(&base))
            .referer(false)
            .connect_timeout(deadlines.connect)
            .read_timeout(deadlines.silence)
            .build()
            .map_err(|_| SpaceError::Address)?;
        Ok(Self {
            web,
            base,
            token: address.token.clone(),
            deadlines,
        })
    }

    /// Asks about a derivative (the bytes of a JPEG as `imaging` makes it).
    ///
    /// # Errors
    /// See [`SpaceError`]; in each case nothing was concluded about the photo.
    pub async fn ask(&self, derivative: Vec<u8>) -> Result<SpaceOpinion, SpaceError> {
        let begun = Instant::now();
        let told = tokio::time::timeout(self.deadlines.total, dialogue::ask(self, derivative)).await;
        let text = told.map_err(|_| SpaceError::Unreachable { what: "no answer in time" })??;
        Ok(SpaceOpinion {
            probabilities: answer::probabilities(&text)?,
            duration: begun.elapsed(),
        })
    }
}
