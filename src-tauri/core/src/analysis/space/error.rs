//! Why a Space gave no probabilities, and whether to ask it again.

use std::{fmt, time::Duration};

use crate::analysis::Retry;

/// A part of the dialogue with a Space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceStep {
    /// What the server says of itself.
    Description,
    /// The photo goes there.
    Upload,
    /// The endpoint is called.
    Call,
    /// The answer is waited for.
    Answer,
}

impl fmt::Display for SpaceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Description => "describing itself",
            Self::Upload => "taking the photo",
            Self::Call => "being called",
            Self::Answer => "answering",
        })
    }
}

/// Why a Space gave no probabilities: in each case nothing was concluded about the photo. Nothing of it names a patient, a file or
/// the token, and nothing of it is the server's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpaceError {
    /// The address is none, or not private, or holds a password.
    #[error("the address of the Space must begin with https:// and hold no password")]
    Address,
    /// It can't be sent.
    #[error("the token of the Space holds characters that no token has")]
    Token,
    /// This machine can't check certificates.
    #[error("no secure connection can be made from this machine")]
    Tls,
    /// No connection, or it broke.
    #[error("the connection to the Space broke at: {step}")]
    Unreachable {
        /// When.
        step: SpaceStep,
    },
    /// The connection is there, but nothing comes.
    #[error("the Space fell silent at: {step}")]
    Silent {
        /// When.
        step: SpaceStep,
    },
    /// It was there, but took too long in all.
    #[error("the Space did not answer in time")]
    OutOfTime,
    /// It is being started.
    #[error("the Space is being started")]
    NotReady {
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It has too much to do (HTTP 429).
    #[error("the Space has too much to do")]
    Busy {
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// It does not let this workstation in.
    #[error("the Space refuses this workstation (HTTP {status})")]
    Refused {
        /// 401 or 403.
        status: u16,
    },
    /// It sends to another place: a network that wants to be signed in to, or a Space that moved. Nothing follows there.
    #[error("the Space, or a network before it, sends elsewhere at: {step}")]
    SendsElsewhere {
        /// When.
        step: SpaceStep,
    },
    /// What answers is not what a Gradio server would answer: a captive portal's page, another server, a damaged reply.
    #[error("what answers is no Space at: {step} ({what})")]
    NotASpace {
        /// When.
        step: SpaceStep,
        /// In a few words.
        what: &'static str,
    },
    /// A Gradio server that has no endpoint which takes one image and gives a text.
    #[error("the Space does not analyse photos")]
    OtherSpace,
    /// It broke down (another 5xx).
    #[error("the Space broke down at: {step} (HTTP {status})")]
    Broken {
        /// When.
        step: SpaceStep,
        /// HTTP.
        status: u16,
    },
    /// It takes no file of that size (HTTP 413).
    #[error("the photo is too large for the Space")]
    TooLarge,
    /// It says, in words or by an event, that it failed.
    #[error("the Space could not analyse the photo")]
    Failed,
    /// Its answer is not six percentages.
    #[error("the Space's answer is not understood: {what}")]
    NotAnAnswer {
        /// In a few words.
        what: &'static str,
    },
}

impl SpaceError {
    /// Whether to ask again. Almost always: servers are mended and networks change with nobody at the workstation doing anything.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Address | Self::Token | Self::Tls | Self::Refused { .. } | Self::OtherSpace => {
                Retry::NeedsPerson
            }
            Self::TooLarge => Retry::Never,
            Self::Unreachable { .. }
            | Self::Silent { .. }
            | Self::OutOfTime
            | Self::NotReady { .. }
            | Self::Busy { .. }
            | Self::SendsElsewhere { .. }
            | Self::NotASpace { .. }
            | Self::Broken { .. }
            | Self::Failed
            | Self::NotAnAnswer { .. } => Retry::Later,
        }
    }

    /// How long the Space wants to be left alone, where it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotReady { retry_after } | Self::Busy { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// Whether the next photo would fare no better now: the Space, or the way to it, is at fault, not what was asked.
    pub fn concerns_every_photo(&self) -> bool {
        !matches!(self, Self::TooLarge | Self::Failed | Self::NotAnAnswer { .. })
    }

    /// Whether a little patience may help.
    pub(super) fn may_pass_soon(&self) -> bool {
        matches!(self, Self::NotReady { .. } | Self::Busy { .. })
    }
}
