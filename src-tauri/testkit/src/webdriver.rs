//! One window of the program, used as a person would: find what carries a test id, click, type, read, look.
//!
//! A test names what it waits for; nothing here waits for time to pass. Errors carry the end of the program's
//! log, because by the time somebody reads a failed run the process is gone.

mod axe;
mod close;
mod dialog;
mod error;
mod input;
mod nurse;
mod patience;
mod sight;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use crate::desktop::process::{self, Started};

pub use self::axe::Violation;
pub use self::error::WindowError;
pub use self::input::Pasted;
pub use self::nurse::{DemoPatient, Nurse, demo};
pub use fantoccini::key::Key;

/// How long anything on the screen may take; the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key under which WebDriver hands over an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The program's window. Dropping it kills the program; [`Window::close`] ends it as a person would.
#[derive(Debug)]
pub struct Window {
    client: Client,
    driver: Started,
    application: PathBuf,
    display: String,
    marker: String,
    patience: Duration,
}

impl Window {
    pub(crate) async fn open<A: AsRef<OsStr>>(
        driver: Started,
        port: u16,
        application: &Path,
        arguments: &[A],
        display: &str,
        marker: String,
    ) -> Result<Self, WindowError> {
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| argument.as_ref().to_string_lossy())
            .collect();
        let mut capabilities = Map::new();
        capabilities.insert(
            "tauri:options".into(),
            json!({ "application": application, "args": arguments }),
        );
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connected = builder
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await;
        let client = connected.map_err(|source| WindowError::Session {
            application: application.display().to_string(),
            said: driver.said(),
            source: Box::new(source),
        })?;
        Ok(Self {
            client,
            driver,
            application: application.into(),
            display: display.into(),
            marker,
            patience: PATIENCE,
        })
    }

    /// How long to wait for what is asked for from now on; 20 s unless told.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Returns once something with this test id can be seen.
    pub async fn wait_for(&self, test_id: &str) -> Result<(), WindowError> {
        self.element(test_id).await.map(drop)
    }

    /// Returns once nothing with this test id can be seen.
    pub async fn wait_until_gone(&self, test_id: &str) -> Result<(), WindowError> {
        self.patiently(&format!("the end of {test_id}"), async || {
            Ok(self.seen(test_id).await?.is_none().then_some(()))
        })
        .await
    }

    /// Returns once the text of a test id contains `words`, with the whole text.
    pub async fn wait_for_text(&self, test_id: &str, words: &str) -> Result<String, WindowError> {
        self.patiently(&format!("“{words}” in {test_id}"), async || {
            let Some(element) = self.seen(test_id).await? else {
                return Ok(None);
            };
            Ok(Some(element.text().await?).filter(|text| text.contains(words)))
        })
        .await
    }

    /// Returns once exactly `count` elements carry this test id.
    pub async fn wait_for_count(&self, test_id: &str, count: usize) -> Result<(), WindowError> {
        self.patiently(&format!("{count} × {test_id}"), async || {
            let found = self.client.find_all(Locator::Css(&selector(test_id))).await?;
            Ok((found.len() == count).then_some(()))
        })
        .await
    }

    /// Returns once `count` elements carry this test id and are in `state` (their `data-state`).
    pub async fn wait_for_state(&self, test_id: &str, state: &str, count: usize) -> Result<(), WindowError> {
        let wanted = format!("{}[data-state={}]", selector(test_id), Value::from(state));
        self.patiently(&format!("{count} × {test_id} {state}"), async || {
            let found = self.client.find_all(Locator::Css(&wanted)).await?;
            Ok((found.len() == count).then_some(()))
        })
        .await
    }

    /// Returns once the pictures inside what carries the test id have been drawn, with their widths in pixels of
    /// the file. At least `count` of them are waited for.
    pub async fn wait_for_pictures(&self, test_id: &str, count: usize) -> Result<Vec<u64>, WindowError> {
        let script = "const all = [...document.querySelectorAll(arguments[0] + ' img')]; \
            return all.every((one) => one.complete) ? all.map((one) => one.naturalWidth) : []";
        self.patiently(&format!("{count} pictures in {test_id}"), async || {
            let widths = self
                .client
                .execute(script, vec![json!(selector(test_id))])
                .await?;
            let widths: Vec<u64> = widths
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_u64)
                .collect();
            Ok((widths.len() >= count && widths.iter().all(|width| *width > 0)).then_some(widths))
        })
        .await
    }

    /// Returns once the pictures inside what carries the test id are on the screen, not only loaded: for a picture of it.
    pub async fn wait_until_painted(&self, test_id: &str) -> Result<(), WindowError> {
        let script = "const [pictures, done] = arguments; \
            const all = [...document.querySelectorAll(pictures)]; \
            Promise.all(all.map((one) => one.decode())) \
                .then(() => requestAnimationFrame(() => requestAnimationFrame( \
                    () => done(all.length > 0 && all.every((one) => one.getBoundingClientRect().width > 1))))) \
                .catch(() => done(false))";
        self.patiently(&format!("pictures of {test_id} on the screen"), async || {
            let pictures = json!(format!("{} img", selector(test_id)));
            let painted = self.client.execute_async(script, vec![pictures]).await?;
            Ok((painted == json!(true)).then_some(()))
        })
        .await
    }

    /// Chooses an option of the platform's own select by its value.
    pub async fn choose(&self, test_id: &str, value: &str) -> Result<(), WindowError> {
        self.patiently(&format!("the choice {value} of {test_id}"), async || {
            let Some(element) = self.seen(test_id).await? else {
                return Ok(None);
            };
            element.select_by_value(value).await.map(Some)
        })
        .await
    }

    /// How many elements carry this test id now.
    pub async fn count(&self, test_id: &str) -> Result<usize, WindowError> {
        let found = self
            .told("counting", self.client.find_all(Locator::Css(&selector(test_id))))
            .await?;
        Ok(found.len())
    }

    /// Clicks on what carries the test id, once it can be clicked on: an animation that still covers it is
    /// waited out.
    pub async fn click(&self, test_id: &str) -> Result<(), WindowError> {
        self.patiently(&format!("a click on {test_id}"), async || {
            let Some(element) = self.seen(test_id).await? else {
                return Ok(None);
            };
            self.bring_into_view(&element).await?;
            element.click().await.map(Some)
        })
        .await
    }

    /// Clicks on the `index`th (from 0) of several elements with one test id.
    pub async fn click_nth(&self, test_id: &str, index: usize) -> Result<(), WindowError> {
        self.patiently(&format!("a click on {test_id}[{index}]"), async || {
            let found = self.client.find_all(Locator::Css(&selector(test_id))).await?;
            let Some(element) = found.get(index) else {
                return Ok(None);
            };
            self.bring_into_view(element).await?;
            element.click().await.map(Some)
        })
        .await
    }

    /// Replaces what a text field holds. The test id may sit on the field or on what surrounds it.
    pub async fn type_into(&self, test_id: &str, text: &str) -> Result<(), WindowError> {
        self.patiently(&format!("typing into {test_id}"), async || {
            let Some(field) = self.field(test_id).await? else {
                return Ok(None);
            };
            self.empty(&field).await?;
            if text.is_empty() {
                return Ok(Some(()));
            }
            field.send_keys(text).await.map(Some)
        })
        .await?;
        self.patiently(&format!("“{text}” in {test_id}"), async || {
            let Some(field) = self.field(test_id).await? else {
                return Ok(None);
            };
            Ok((field.prop("value").await?.as_deref() == Some(text)).then_some(()))
        })
        .await
    }

    /// What a text field holds.
    pub async fn value(&self, test_id: &str) -> Result<String, WindowError> {
        self.patiently(&format!("the field {test_id}"), async || {
            let Some(field) = self.field(test_id).await? else {
                return Ok(None);
            };
            field.prop("value").await
        })
        .await
    }

    /// The text a person reads in what carries the test id.
    pub async fn text(&self, test_id: &str) -> Result<String, WindowError> {
        self.wait_for_text(test_id, "").await
    }

    /// An attribute of what carries the test id; `None` when it has none of that name.
    pub async fn attribute(&self, test_id: &str, name: &str) -> Result<Option<String>, WindowError> {
        let element = self.element(test_id).await?;
        self.told("reading an attribute", element.attr(name)).await
    }

    /// The text of the whole page.
    pub async fn page(&self) -> Result<String, WindowError> {
        let text = self.run("return document.body.innerText", &[]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs JavaScript in the page as the body of a function, with `arguments`, and returns what it returns.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Result<Value, WindowError> {
        self.told(
            "running a script",
            self.client.execute(script, arguments.to_vec()),
        )
        .await
    }

    /// Runs JavaScript whose last argument is a function to be called with the result.
    pub async fn run_async(&self, script: &str, arguments: &[Value]) -> Result<Value, WindowError> {
        self.told(
            "running a script",
            self.client.execute_async(script, arguments.to_vec()),
        )
        .await
    }

    /// Waits until a script returns something truthy. `awaited` says what that means, for the error.
    pub async fn wait_for_script(&self, awaited: &str, script: &str) -> Result<Value, WindowError> {
        self.patiently(awaited, async || {
            let value = self.client.execute(script, Vec::new()).await?;
            let nothing =
                matches!(&value, Value::Null | Value::Bool(false)) || value == json!("") || value == json!(0);
            Ok((!nothing).then_some(value))
        })
        .await
    }

    /// Makes the window this many CSS pixels wide and high.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), WindowError> {
        self.told("resizing", self.client.set_window_size(width, height))
            .await?;
        let reached = format!("return Math.abs(innerWidth - {width}) <= 2");
        self.wait_for_script(&format!("a width of {width}"), &reached)
            .await
            .map(drop)
    }

    /// Goes to an address. The program does this itself; tests of this module have no program.
    pub async fn go_to(&self, address: &str) -> Result<(), WindowError> {
        self.told("going to an address", self.client.goto(address)).await
    }

    /// The program's process.
    pub fn process(&self) -> Option<i32> {
        let name = self.application.file_name()?.to_string_lossy().into_owned();
        process::marked(&self.marker, &name).into_iter().next()
    }

    /// Kills the process that draws the page, as the kernel does when memory runs out. False when there is none.
    pub fn kill_web_process(&self) -> bool {
        process::kill_web_processes(&self.marker)
    }

    /// Kills the program itself, as a power cut would, and returns when it is gone.
    pub fn kill(self) -> bool {
        let Some(pid) = self.process() else { return false };
        process::kill(pid);
        process::wait_until(PATIENCE, || !process::is_running(pid))
    }

    /// What the program printed, the end of it.
    pub fn said(&self) -> String {
        self.driver.said()
    }

    /// The first visible element with the test id, once there is one.
    pub(crate) async fn element(&self, test_id: &str) -> Result<Element, WindowError> {
        self.patiently(test_id, async || self.seen(test_id).await).await
    }

    /// The first element with the test id that takes up room on the page. A radio button under a drawn label is
    /// seen although it is transparent: it is what the click lands on.
    async fn seen(&self, test_id: &str) -> Result<Option<Element>, CmdError> {
        let script = "return [...document.querySelectorAll(arguments[0])].find((element) => \
            element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden') ?? null";
        let found = self
            .client
            .execute(script, vec![json!(selector(test_id))])
            .await?;
        let id = found.get(ELEMENT).and_then(Value::as_str);
        Ok(id.map(|id| Element::from_element_id(self.client.clone(), ElementRef::from(id.to_owned()))))
    }

    /// Scrolls to it, as a person would. The driver scrolls the page and not the area in it that scrolls.
    async fn bring_into_view(&self, element: &Element) -> Result<(), CmdError> {
        let script = "arguments[0].scrollIntoView({ block: 'nearest', behavior: 'instant' })";
        let element = serde_json::to_value(element)?;
        self.client.execute(script, vec![element]).await.map(drop)
    }

    /// Empties a text field as a person's keys would. WebDriver's own way tells the page of a change and not of an
    /// input, and a page that listens to inputs puts the old text back.
    async fn empty(&self, field: &Element) -> Result<(), CmdError> {
        let script = "const [field] = arguments;
            Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, '');
            field.dispatchEvent(new Event('input', { bubbles: true }));";
        let field = serde_json::to_value(field)?;
        self.client.execute(script, vec![field]).await.map(drop)
    }

    async fn field(&self, test_id: &str) -> Result<Option<Element>, CmdError> {
        let Some(element) = self.seen(test_id).await? else {
            return Ok(None);
        };
        if matches!(
            element.tag_name().await?.to_ascii_lowercase().as_str(),
            "input" | "textarea"
        ) {
            return Ok(Some(element));
        }
        let inner = element
            .find_all(Locator::Css("input, textarea:not([aria-hidden=true])"))
            .await?;
        Ok(inner.into_iter().next())
    }
}

fn selector(test_id: &str) -> String {
    format!("[data-testid={}]", Value::from(test_id))
}
