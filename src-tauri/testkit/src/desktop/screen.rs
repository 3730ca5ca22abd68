//! The X server behind the window: which windows a program has there, and the keys that its own dialogs hear.
//!
//! WebDriver sees the page only. What the system draws (the cross, the file dialog) is reached as a person's hands
//! reach it.

use std::error::Error;
use std::time::{Duration, Instant};

use image::{RgbImage, imageops};
use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat, InputFocus, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window as WindowId,
};
use x11rb::protocol::xtest::{self, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::process::{is_running, wait_until};

/// What a conversation with the X server comes to.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The key that begins a new line, by X's number.
const RETURN: u32 = 0xff0d;
/// The key that goes to the next control.
const TAB: u32 = 0xff09;
/// The left Control key.
const CONTROL: u32 = 0xffe3;
/// The left Shift key.
const SHIFT: u32 = 0xffe1;

/// How long a program may take to end before its cross is clicked again.
pub(crate) const CLICK_AGAIN: Duration = Duration::from_secs(2);

/// How long a screen has to stay the same to stand still.
const STILL: Duration = Duration::from_millis(250);

/// A connection to one X server.
pub(crate) struct Screen {
    connection: RustConnection,
    root: WindowId,
}

impl Screen {
    pub(crate) fn open(display: &str) -> Outcome<Self> {
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let root = connection.setup().roots[screen].root;
        Ok(Self { connection, root })
    }

    /// Clicks on the cross until the process has ended.
    pub(crate) fn close(&self, pid: i32, within: Duration) -> Outcome {
        let deadline = Instant::now() + within;
        loop {
            let asked = self.ask_to_close(pid)?;
            if wait_until(CLICK_AGAIN, || !is_running(pid)) {
                return Ok(());
            }
            if asked == 0 {
                return Err("the program has no window that listens to its cross".into());
            }
            if Instant::now() >= deadline {
                return Err("the program was still running".into());
            }
        }
    }

    /// Clicks on the cross once.
    pub(crate) fn click_cross(&self, pid: i32) -> Outcome {
        match self.ask_to_close(pid)? {
            0 => Err("the program has no window that listens to its cross".into()),
            _ => Ok(()),
        }
    }

    /// Clicks on the cross of the window that the process shows until it is shown no longer, while the process goes on.
    pub(crate) fn close_window(&self, pid: i32, within: Duration) -> Outcome {
        let window = self.shown_by(pid, within)?;
        let deadline = Instant::now() + within;
        while Instant::now() < deadline {
            self.ask_to_close(pid)?;
            if wait_until(CLICK_AGAIN, || !self.is_shown(window) || !is_running(pid)) {
                return match is_running(pid) {
                    true => Ok(()),
                    false => Err("the program ended with its window".into()),
                };
            }
        }
        Err("the window stayed".into())
    }

    /// Sends `WM_DELETE_WINDOW`, as the cross does, to every window of the process that understands it, and says to
    /// how many.
    fn ask_to_close(&self, pid: i32) -> Outcome<usize> {
        let (protocols, delete) = (self.atom("WM_PROTOCOLS")?, self.atom("WM_DELETE_WINDOW")?);
        let mut asked = 0;
        for window in self.windows_of(pid)? {
            if self
                .property(window, protocols, AtomEnum::ATOM.into())?
                .contains(&delete)
            {
                let message =
                    ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
                self.connection
                    .send_event(false, window, EventMask::NO_EVENT, message)?;
                asked += 1;
            }
        }
        self.move_mouse()?;
        Ok(asked)
    }

    /// Moves the mouse a little: the event loop of the program takes what the cross sent out of its queue when GTK has the next
    /// event for it, which a hand on a mouse gives at once and an empty screen does not.
    fn move_mouse(&self) -> Outcome {
        for place in [40, 44] {
            self.connection.xtest_fake_input(
                MOTION_NOTIFY_EVENT,
                0,
                x11rb::CURRENT_TIME,
                self.root,
                place,
                place,
                0,
            )?;
        }
        self.connection.flush()?;
        Ok(())
    }

    /// The dialog that the process shows, once it does.
    pub(crate) fn dialog_of(&self, pid: i32, within: Duration) -> Outcome<WindowId> {
        let (kind, dialog) = (
            self.atom("_NET_WM_WINDOW_TYPE")?,
            self.atom("_NET_WM_WINDOW_TYPE_DIALOG")?,
        );
        let mut found = None;
        wait_until(within, || {
            let windows = self.windows_of(pid).unwrap_or_default();
            found = windows.into_iter().find(|&window| {
                let kinds = self.property(window, kind, AtomEnum::ATOM.into());
                kinds.is_ok_and(|kinds| kinds.contains(&dialog)) && self.is_shown(window)
            });
            found.is_some()
        });
        found.ok_or_else(|| format!("no dialog within {} s", within.as_secs()).into())
    }

    /// The window that the process shows, or the first of several, once there is one.
    pub(crate) fn shown_by(&self, pid: i32, within: Duration) -> Outcome<WindowId> {
        let mut shown = None;
        wait_until(within, || {
            let windows = self.windows_of(pid).unwrap_or_default();
            shown = windows.into_iter().find(|&window| self.is_shown(window));
            shown.is_some()
        });
        shown.ok_or_else(|| "the program shows no window".into())
    }

    /// Returns once the screen stands still for a moment, or after `within`: what is drawn by then is what hears the keys.
    pub(crate) fn settle(&self, within: Duration) -> Outcome {
        let deadline = Instant::now() + within;
        let mut before = self.pixels()?;
        while Instant::now() < deadline {
            std::thread::sleep(STILL);
            let now = self.pixels()?;
            if now == before {
                break;
            }
            before = now;
        }
        Ok(())
    }

    /// Every pixel of the screen, four bytes each.
    pub(crate) fn pixels(&self) -> Outcome<Vec<u8>> {
        Ok(self.all()?.1)
    }

    /// What a person sees on the screen, a system's dialog before the window included.
    pub(crate) fn picture(&self) -> Outcome<RgbImage> {
        let ((width, height), pixels) = self.all()?;
        let (pixels, _) = pixels.as_chunks();
        let colours = pixels
            .iter()
            .flat_map(|&[blue, green, red, _]| [red, green, blue]);
        RgbImage::from_raw(width, height, colours.collect())
            .ok_or_else(|| "the screen has other pixels".into())
    }

    /// What a person sees where that window is.
    pub(crate) fn picture_of(&self, window: WindowId) -> Outcome<RgbImage> {
        let size = self.connection.get_geometry(window)?.reply()?;
        let at = self
            .connection
            .translate_coordinates(window, self.root, 0, 0)?
            .reply()?;
        let (left, top) = (at.dst_x.max(0).try_into()?, at.dst_y.max(0).try_into()?);
        let (width, height) = (size.width.into(), size.height.into());
        // What is beyond the screen's edge is cut off.
        Ok(imageops::crop_imm(&self.picture()?, left, top, width, height).to_image())
    }

    /// The screen's width and height, and its pixels in rows from the top left corner.
    fn all(&self) -> Outcome<((u32, u32), Vec<u8>)> {
        let size = self.connection.get_geometry(self.root)?.reply()?;
        let format = ImageFormat::Z_PIXMAP;
        let (width, height) = (size.width, size.height);
        let image = self
            .connection
            .get_image(format, self.root, 0, 0, width, height, u32::MAX)?;
        Ok(((width.into(), height.into()), image.reply()?.data))
    }

    /// Whether the window is on the screen.
    pub(crate) fn is_shown(&self, window: WindowId) -> bool {
        let attributes = self.connection.get_window_attributes(window).ok();
        attributes
            .and_then(|attributes| attributes.reply().ok())
            .is_some_and(|attributes| attributes.map_state == MapState::VIEWABLE)
    }

    /// Gives a window the keyboard and types a text into it. Only characters that the server's keyboard has can be typed.
    pub(crate) fn type_text(&self, window: WindowId, text: &str) -> Outcome {
        self.strike(window, text.chars().map(u32::from))
    }

    /// Gives a window the keyboard and presses Enter in it.
    pub(crate) fn press_enter(&self, window: WindowId) -> Outcome {
        self.strike(window, [RETURN].into_iter())
    }

    /// Gives a window the keyboard and presses Tab in it.
    pub(crate) fn press_tab(&self, window: WindowId) -> Outcome {
        self.strike(window, [TAB].into_iter())
    }

    /// Gives a window the keyboard and presses Ctrl+A in it: what is typed next replaces what a field holds.
    pub(crate) fn select_all(&self, window: WindowId) -> Outcome {
        self.focus(window)?;
        let keyboard = Keyboard::of(&self.connection)?;
        let keys = [CONTROL, u32::from('a')].map(|symbol| keyboard.key(symbol).map(|(key, _)| key));
        self.press_together(&keys.into_iter().flatten().collect::<Vec<_>>())
    }

    fn strike(&self, window: WindowId, symbols: impl Iterator<Item = u32>) -> Outcome {
        self.focus(window)?;
        let keyboard = Keyboard::of(&self.connection)?;
        for symbol in symbols {
            let (key, shifted) = keyboard
                .key(symbol)
                .ok_or_else(|| format!("no key for the character {symbol:#x}"))?;
            let shift = keyboard.key(SHIFT).map(|(key, _)| key).filter(|_| shifted);
            self.press_together(&shift.into_iter().chain([key]).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn focus(&self, window: WindowId) -> Outcome {
        self.connection
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(())
    }

    /// Presses the keys one after the other and lets go of the last one first.
    fn press_together(&self, keys: &[u8]) -> Outcome {
        let extension = self.connection.extension_information(xtest::X11_EXTENSION_NAME)?;
        extension.ok_or("the X server has no XTEST")?;
        let down = keys.iter().map(|key| (KEY_PRESS_EVENT, *key));
        let up = keys.iter().rev().map(|key| (KEY_RELEASE_EVENT, *key));
        for (event, key) in down.chain(up) {
            self.connection
                .xtest_fake_input(event, key, x11rb::CURRENT_TIME, self.root, 0, 0, 0)?
                .check()?;
        }
        Ok(())
    }

    /// The top-level windows of a process.
    fn windows_of(&self, pid: i32) -> Outcome<Vec<WindowId>> {
        let owner = self.atom("_NET_WM_PID")?;
        let mut windows = self.connection.query_tree(self.root)?.reply()?.children;
        let mut error = None;
        windows.retain(
            |&window| match self.property(window, owner, AtomEnum::CARDINAL.into()) {
                Ok(owners) => owners.first().copied() == u32::try_from(pid).ok(),
                Err(reason) => {
                    error = Some(reason);
                    false
                }
            },
        );
        error.map_or(Ok(windows), Err)
    }

    /// A window's property as numbers; empty when it has none, or is gone by now.
    fn property(&self, window: WindowId, name: Atom, kind: Atom) -> Outcome<Vec<u32>> {
        match self
            .connection
            .get_property(false, window, name, kind, 0, 64)?
            .reply()
        {
            Ok(reply) => Ok(reply.value32().map(Iterator::collect).unwrap_or_default()),
            Err(ReplyError::X11Error(_)) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    fn atom(&self, name: &str) -> Outcome<Atom> {
        Ok(self.connection.intern_atom(false, name.as_bytes())?.reply()?.atom)
    }
}

/// Which key gives which symbol.
struct Keyboard {
    first: u8,
    per_key: usize,
    symbols: Vec<u32>,
}

impl Keyboard {
    fn of(connection: &RustConnection) -> Outcome<Self> {
        let setup = connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let mapping = connection
            .get_keyboard_mapping(first, last - first + 1)?
            .reply()?;
        Ok(Self {
            first,
            per_key: usize::from(mapping.keysyms_per_keycode).max(1),
            symbols: mapping.keysyms,
        })
    }

    /// The key, and whether Shift is held with it.
    fn key(&self, symbol: u32) -> Option<(u8, bool)> {
        self.symbols
            .chunks(self.per_key)
            .zip(self.first..)
            .find_map(|(symbols, key)| {
                let at = symbols.iter().take(2).position(|&given| given == symbol)?;
                Some((key, at == 1))
            })
    }
}
