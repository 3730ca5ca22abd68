//! Keys and the clipboard.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::{Window, WindowError};

/// A file on the clipboard.
#[derive(Debug, Clone, Copy)]
pub struct Pasted<'a> {
    /// Its name, as the clipboard tells it.
    pub name: &'a str,
    /// Its media type, such as `image/jpeg`; whether that is true is for the program to find out.
    pub media_type: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// How much of a file goes to the page in one command; the driver's channel is made for short scripts.
const PIECE: usize = 512 * 1024;

const ADD_PIECE: &str = "
const [index, piece] = arguments;
const pieces = (window.__pasted ??= []);
(pieces[index] ??= []).push(Uint8Array.from(atob(piece), (character) => character.charCodeAt(0)));";

/// Where the engine does not let a script put files on a `DataTransfer`, a stand-in with the same parts does:
/// the program reads `files` and `items`, and can't tell the difference.
const PASTE: &str = "
const [testId, names] = arguments;
const pieces = window.__pasted ?? [];
delete window.__pasted;
const files = names.map(([name, type], index) => new File(pieces[index] ?? [], name, { type }));
const target = testId ? document.querySelector(`[data-testid=${JSON.stringify(testId)}]`) : document.activeElement ?? document.body;
const transfer = new DataTransfer();
for (const file of files) transfer.items.add(file);
const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true, composed: true, clipboardData: transfer });
if (event.clipboardData?.files.length !== files.length) {
  const items = files.map((file) => ({ kind: 'file', type: file.type, getAsFile: () => file }));
  const standIn = { files, items, types: ['Files'], getData: () => '' };
  Object.defineProperty(event, 'clipboardData', { value: standIn });
}
target.dispatchEvent(event);
return event.clipboardData.files.length;";

impl Window {
    /// Pastes files, as Ctrl+V does, into what carries the test id, or where the focus is.
    pub async fn paste(&self, test_id: Option<&str>, files: &[Pasted<'_>]) -> Result<(), WindowError> {
        for (index, file) in files.iter().enumerate() {
            for piece in file.bytes.chunks(PIECE) {
                self.run(ADD_PIECE, &[json!(index), json!(STANDARD.encode(piece))])
                    .await?;
            }
        }
        let names: Vec<Value> = files
            .iter()
            .map(|file| json!([file.name, file.media_type]))
            .collect();
        self.run(PASTE, &[json!(test_id), json!(names)]).await.map(drop)
    }

    /// Presses and releases one key.
    pub async fn press(&self, key: Key) -> Result<(), WindowError> {
        self.press_holding(&[], key).await
    }

    /// Presses one key while others are held down.
    pub async fn press_holding(&self, held: &[Key], key: Key) -> Result<(), WindowError> {
        let held: Vec<char> = held.iter().copied().map(char::from).collect();
        self.strike(&held, char::from(key)).await
    }

    /// Presses a letter while keys are held down, as for a shortcut.
    pub async fn shortcut(&self, held: &[Key], letter: char) -> Result<(), WindowError> {
        let held: Vec<char> = held.iter().copied().map(char::from).collect();
        self.strike(&held, letter).await
    }

    /// Types into whatever has the focus.
    pub async fn write(&self, text: &str) -> Result<(), WindowError> {
        let focused = self
            .told("finding the focus", self.client.active_element())
            .await?;
        self.told("typing", focused.send_keys(text)).await
    }

    /// Presses Tab until the focus is on or inside what carries the test id. Fails after a hundred: a person
    /// with a keyboard alone would not get there either.
    pub async fn tab_to(&self, test_id: &str) -> Result<(), WindowError> {
        self.wait_for(test_id).await?;
        for _ in 0..100 {
            if self.has_focus(test_id).await? {
                return Ok(());
            }
            self.press(Key::Tab).await?;
        }
        Err(self
            .missing(&format!("{test_id} by keyboard"), "a hundred Tabs".into())
            .await)
    }

    /// Whether the focus is on, or inside, what carries the test id.
    pub async fn has_focus(&self, test_id: &str) -> Result<bool, WindowError> {
        let script =
            "return !!document.activeElement?.closest(`[data-testid=${JSON.stringify(arguments[0])}]`)";
        Ok(self.run(script, &[json!(test_id)]).await? == json!(true))
    }

    async fn strike(&self, held: &[char], key: char) -> Result<(), WindowError> {
        let mut keys = KeyActions::new("keyboard".into());
        for value in held.iter().copied().chain([key]) {
            keys = keys.then(KeyAction::Down { value });
        }
        for value in [key].into_iter().chain(held.iter().rev().copied()) {
            keys = keys.then(KeyAction::Up { value });
        }
        self.told("pressing a key", self.client.perform_actions(keys))
            .await
    }
}
