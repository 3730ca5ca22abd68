//! The body of a request on its way in, and the faults that meet it there.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};

use super::{connection::Line, state::Shared};

/// The connection broke before the body was whole.
#[derive(Debug)]
pub(super) struct Broken;

/// What happens in the middle of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Middle {
    Reset,
    Stall,
}

/// A body that is read piece by piece.
pub(super) struct Inbound {
    source: Source,
    expected: Option<u64>,
    passed: u64,
    middle: Option<Middle>,
    line: Arc<Line>,
    shared: Arc<Shared>,
}

enum Source {
    Line(Incoming),
    /// It is all here already.
    Read(Option<Bytes>),
}

impl Inbound {
    pub(super) fn new(body: Incoming, middle: Option<Middle>, line: Arc<Line>, shared: Arc<Shared>) -> Self {
        Self {
            expected: body.size_hint().exact(),
            source: Source::Line(body),
            passed: 0,
            middle,
            line,
            shared,
        }
    }

    /// Size in bytes, where the client announced it.
    pub(super) fn expected(&self) -> Option<u64> {
        self.expected
    }

    /// The next piece, or `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        if self.middle.is_some() && self.is_in_the_middle() {
            match self.middle.take() {
                Some(Middle::Reset) => {
                    self.line.cut();
                    return Err(Broken);
                }
                Some(Middle::Stall) => self.shared.stall().await,
                None => {}
            }
        }
        let incoming = match &mut self.source {
            Source::Line(incoming) => incoming,
            Source::Read(bytes) => return Ok(bytes.take()),
        };
        loop {
            match incoming.frame().await {
                None => return Ok(None),
                Some(Err(_)) => return Err(Broken),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.passed += bytes.len() as u64;
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Reads it whole.
    pub(super) async fn collect(&mut self) -> Result<Bytes, Broken> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await? {
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The same body, read whole first.
    pub(super) async fn read(mut self) -> Result<Self, Broken> {
        let whole = self.collect().await?;
        self.expected = Some(whole.len() as u64);
        self.source = Source::Read(Some(whole));
        Ok(self)
    }

    /// At least half of what was announced, or anything where nothing was.
    fn is_in_the_middle(&self) -> bool {
        match self.expected {
            Some(expected) => self.passed * 2 >= expected,
            None => self.passed > 0,
        }
    }
}
