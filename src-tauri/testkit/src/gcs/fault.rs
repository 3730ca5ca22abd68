//! What can go wrong on order, and for which requests.

use super::Kind;

/// One way in which a request goes wrong. "Commit" means that the request had its effect at the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// 401: the token is not valid (any more). No commit.
    Unauthorized,
    /// 403: no right to do this. No commit.
    Forbidden,
    /// 408 Request Timeout. No commit.
    RequestTimeout,
    /// 429 with `Retry-After: 1` (seconds). No commit.
    TooManyRequests,
    /// 500 Internal Server Error. No commit.
    InternalError,
    /// 502 Bad Gateway, with a page of HTML as gateways send it. No commit.
    BadGateway,
    /// 503 Service Unavailable with `Retry-After: 1` (seconds). No commit.
    Unavailable,
    /// The connection is reset after the head of the request, before its body is read. No commit.
    ResetBeforeBody,
    /// The connection is reset in the middle of the request's body, where it has one, and of the reply's body
    /// otherwise. No commit of an upload, but a chunk of a resumable upload may leave whole quanta of 256 KiB.
    ResetInBody,
    /// Commit, then the connection is reset before the reply.
    CommitThenCut,
    /// The request is read whole, then nothing happens until [`release`](super::FakeGcs::release); then it commits,
    /// even if the client has long given up: the late arrival.
    StallBeforeReply,
    /// Nothing more is read in the middle of the request's body, where it has one, or sent in the middle of the
    /// reply's body otherwise, until [`release`](super::FakeGcs::release).
    StallInBody,
    /// Commit, then no reply until [`release`](super::FakeGcs::release).
    StallAfterCommit,
    /// The request arrives twice, and the reply is the one to the second: a create-only upload commits and answers
    /// 412. (The last chunk of a resumable upload answers 200 again, as Google does.)
    Replayed,
    /// One bit of the object's bytes flips on the line, in an upload or a download. Other requests pass unharmed.
    FlippedBit,
    /// The page of a captive portal: status 200, HTML, whatever was asked. No commit.
    CaptivePortal,
    /// 302 to a login page, which answers 200 and HTML. No commit.
    LoginRedirect,
}

impl Fault {
    /// Every fault, for tests that go through all.
    pub const ALL: [Self; 17] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::RequestTimeout,
        Self::TooManyRequests,
        Self::InternalError,
        Self::BadGateway,
        Self::Unavailable,
        Self::ResetBeforeBody,
        Self::ResetInBody,
        Self::CommitThenCut,
        Self::StallBeforeReply,
        Self::StallInBody,
        Self::StallAfterCommit,
        Self::Replayed,
        Self::FlippedBit,
        Self::CaptivePortal,
        Self::LoginRedirect,
    ];

    /// Whether the client waits until [`release`](super::FakeGcs::release).
    pub fn stalls(self) -> bool {
        matches!(
            self,
            Self::StallBeforeReply | Self::StallInBody | Self::StallAfterCommit
        )
    }

    /// Whether the server commits the request in spite of it. (Stalls before the commit do so after the release.)
    pub fn commits(self) -> bool {
        matches!(
            self,
            Self::CommitThenCut | Self::StallAfterCommit | Self::Replayed
        )
    }
}

/// Which fault meets which requests, and how often.
#[derive(Debug, Clone)]
pub struct Order {
    fault: Fault,
    often: Often,
    kinds: Vec<Kind>,
    name: Option<String>,
}

#[derive(Debug, Clone)]
enum Often {
    Next(u64),
    Always,
    Sometimes { probability: f64, seed: u64 },
}

impl Order {
    /// The next `times` requests that fit.
    pub fn next(times: u64, fault: Fault) -> Self {
        Self::new(fault, Often::Next(times))
    }

    /// Every request that fits, until [`clear_orders`](super::FakeGcs::clear_orders).
    pub fn always(fault: Fault) -> Self {
        Self::new(fault, Often::Always)
    }

    /// Each request that fits with a `probability` of 0 to 1, drawn from `seed` in the order of arrival.
    pub fn sometimes(probability: f64, seed: u64, fault: Fault) -> Self {
        Self::new(fault, Often::Sometimes { probability, seed })
    }

    /// Only requests of these kinds; without this, of every kind.
    pub fn on(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Only requests about the object of this name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    fn new(fault: Fault, often: Often) -> Self {
        Self {
            fault,
            often,
            kinds: Vec::new(),
            name: None,
        }
    }

    pub(super) fn armed(self) -> Armed {
        let dice = match self.often {
            Often::Sometimes { seed, .. } => seed,
            Often::Next(_) | Often::Always => 0,
        };
        Armed { order: self, dice }
    }
}

/// An order that the server holds.
#[derive(Debug)]
pub(super) struct Armed {
    order: Order,
    dice: u64,
}

impl Armed {
    /// The fault for a request, if this order fits and its turn has come.
    pub(super) fn meets(&mut self, kind: Kind, name: Option<&str>) -> Option<Fault> {
        let order = &mut self.order;
        let fits = order.kinds.is_empty() || order.kinds.contains(&kind);
        if !fits || order.name.as_deref().is_some_and(|wanted| Some(wanted) != name) {
            return None;
        }
        let now = match &mut order.often {
            Often::Next(0) => false,
            Often::Next(left) => {
                *left -= 1;
                true
            }
            Often::Always => true,
            Often::Sometimes { probability, .. } => roll(&mut self.dice) < *probability,
        };
        now.then_some(order.fault)
    }

    pub(super) fn left(&self) -> u64 {
        match self.order.often {
            Often::Next(left) => left,
            Often::Always | Often::Sometimes { .. } => 0,
        }
    }
}

/// SplitMix64: a number of 0 to 1, the same sequence for a seed on every machine.
fn roll(dice: &mut u64) -> f64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *dice;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_meets_what_fits_as_often_as_it_says() {
        let kind = Kind::UploadMultipart;
        let mut twice = Order::next(2, Fault::Unavailable).on([kind]).named("a").armed();
        assert_eq!(twice.meets(Kind::ObjectGet, Some("a")), None);
        assert_eq!(twice.meets(kind, Some("b")), None);
        let met: Vec<_> = (0..3).filter_map(|_| twice.meets(kind, Some("a"))).collect();
        assert_eq!(met, [Fault::Unavailable; 2]);
        assert_eq!(twice.left(), 0);
    }

    #[test]
    fn a_seed_gives_the_same_faults_again() {
        let draw = |seed| {
            let mut order = Order::sometimes(0.3, seed, Fault::FlippedBit).armed();
            (0..1000).map(move |_| order.meets(Kind::ObjectGet, None).is_some())
        };
        assert!(draw(7).eq(draw(7)));
        assert!(!draw(7).eq(draw(8)));
        let met = draw(7).filter(|met| *met).count();
        assert!((200..400).contains(&met), "{met}");
    }
}
