//! A fake of the SeekWell Space: the part of Gradio's API that a client needs, over HTTP, with faults at every step.
//!
//! Modelled on the answers of Gradio 6.31 (`/config`, and below `/gradio_api`: `info`, `upload`, `call/predict` and its event
//! stream) and, without that prefix, of Gradio 4.44.

mod reply;

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;

use crate::aside::Aside;

/// What a client asks, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Step {
    Config,
    Info,
    Upload,
    Call,
    Events,
}

impl Step {
    /// In the order in which they are asked.
    pub const ALL: [Self; 5] = [Self::Config, Self::Info, Self::Upload, Self::Call, Self::Events];
}

/// What goes wrong instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpaceFault {
    /// The connection ends with no answer.
    Reset,
    /// It ends in the middle of an answer.
    ResetInBody,
    /// Nothing comes, for ever.
    Stall,
    /// Half an answer comes, and then nothing, for ever.
    StallInBody,
    /// An answer of that status with a page of HTML.
    Status(u16),
    /// The same with `Retry-After`.
    RetryAfter(u16, &'static str),
    /// 200, the right content type, and bytes that mean nothing.
    Garbage,
    /// 200 and an answer without an end.
    Endless,
    /// 302 to that address.
    Redirect(String),
    /// 200 and a page of HTML.
    Page(&'static str),
    /// The event stream ends, in good order, in the middle of an event.
    HalfEvent,
    /// An event that says that the function failed.
    ErrorEvent,
    /// Signs of life come, and the answer only after [`FakeSpace::release`].
    Late,
    /// The result is this text.
    Says(String),
    /// The answer is this, as JSON.
    Json(Value),
}

pub use crate::aside::PORTAL_PAGE;

/// What Hugging Face shows while a Space is made.
pub const BUILDING_PAGE: &str = "<!doctype html><html><head><title>Skin - a Hugging Face Space</title>\
     <link href=\"https://huggingface.co/front/build/style.css\"></head><body>Building</body></html>";

#[derive(Default)]
struct State {
    faults: HashMap<Step, (SpaceFault, u32)>,
    asked: HashMap<Step, u32>,
    bearers: Vec<Option<String>>,
    uploads: Vec<Bytes>,
    /// Which upload each call is about.
    calls: Vec<usize>,
    token: Option<String>,
    poured: usize,
}

type Opinion = Box<dyn Fn(&[u8]) -> String + Send + Sync>;

struct Shared {
    state: Mutex<State>,
    opinion: Opinion,
    /// `/gradio_api`, or nothing.
    prefix: &'static str,
    released: watch::Sender<bool>,
}

/// A Space on this machine, until it is dropped.
pub struct FakeSpace {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: Aside,
}

impl FakeSpace {
    /// The id that it says it has at Hugging Face.
    pub const ID: &'static str = "some-clinic/skin";

    /// A Space that says of a photo what `opinion` says of its bytes.
    pub fn start(opinion: impl Fn(&[u8]) -> String + Send + Sync + 'static) -> Self {
        Self::with_prefix("/gradio_api", Box::new(opinion))
    }

    /// The same of a version whose API has no prefix, and which is no Space of Hugging Face's.
    pub fn start_old(opinion: impl Fn(&[u8]) -> String + Send + Sync + 'static) -> Self {
        Self::with_prefix("", Box::new(opinion))
    }

    fn with_prefix(prefix: &'static str, opinion: Opinion) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            opinion,
            prefix,
            released: watch::Sender::new(false),
        });
        let serving = {
            let shared = Arc::clone(&shared);
            Aside::run("fake Space", move || reply::serve(listener, shared))
        };
        Self {
            address,
            shared,
            _serving: serving,
        }
    }

    /// Its page.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the step fail so many times from now on.
    pub fn fail(&self, step: Step, fault: SpaceFault, times: u32) {
        self.shared.state().faults.insert(step, (fault, times));
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        self.shared.state().faults.clear();
    }

    /// Lets go what is late.
    pub fn release(&self) {
        self.shared.released.send_replace(true);
    }

    /// Lets nobody in who does not bear that token.
    pub fn ask_for(&self, token: &str) {
        self.shared.state().token = Some(token.to_owned());
    }

    /// How often the step was asked for.
    pub fn asked(&self, step: Step) -> u32 {
        self.shared.state().asked.get(&step).copied().unwrap_or_default()
    }

    /// What each request bore as a token, of whatever came.
    pub fn bearers(&self) -> Vec<Option<String>> {
        self.shared.state().bearers.clone()
    }

    /// How many bytes of answers without an end were taken off its hands.
    pub fn poured(&self) -> usize {
        self.shared.state().poured
    }

    /// What was uploaded: multipart bodies, whole.
    pub fn uploads(&self) -> Vec<Bytes> {
        self.shared.state().uploads.clone()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the step and takes its fault.
    fn arrive(&self, step: Step) -> Option<SpaceFault> {
        let mut state = self.state();
        *state.asked.entry(step).or_default() += 1;
        let (fault, left) = state.faults.get_mut(&step)?;
        if *left == 0 {
            return None;
        }
        *left -= 1;
        Some(fault.clone())
    }
}
