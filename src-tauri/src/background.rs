//! The program without its window: while anything waits for the centre it goes on sending, says so in the tray, and ends by
//! itself when all is sent. Nobody is signed in meanwhile.
//!
//! Many desktops show no tray. There the program is seen only by its notification; starting it again opens the window.

use std::{sync::Arc, time::Duration};

use seekwell_core::{error::Error, workstation::Workstation};
use tauri::{AppHandle, Manager, async_runtime};
use tokio::sync::{Notify, broadcast::error::RecvError};

use crate::{desk::Desk, notification, window, words, words::Left};

#[cfg(desktop)]
use tray::Tray;

/// How often it is looked whether anything is left, where nothing tells of a change.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Rung when a window opens.
#[derive(Default)]
pub(crate) struct WindowBell(Notify);

impl WindowBell {
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }
}

/// The last window was closed. Goes on without one where anything waits that is sent by itself; `false` where nothing does
/// and the program may end.
pub(crate) fn begin(app: &AppHandle) -> bool {
    let Ok(workstation) = app.state::<Desk>().opened() else {
        return false;
    };
    match async_runtime::block_on(left(&workstation)) {
        Ok(Some(left)) => {
            app.state::<Desk>().leave();
            let language = async_runtime::block_on(words::language(app));
            notification::show(words::goes_on(language, left));
            #[cfg(desktop)]
            let tray = Tray::show(app, language, left);
            let say = move |app: &AppHandle, left| {
                #[cfg(desktop)]
                match left {
                    Some(left) => tray.say(app, language, left),
                    None => tray::remove(app),
                }
            };
            async_runtime::spawn(go_on(app.clone(), workstation, left, say));
            true
        }
        Ok(None) => false,
        Err(error) => {
            tracing::error!(%error, "what waits for the centre is not known");
            false
        }
    }
}

/// What waits, where any of it is sent by itself.
async fn left(workstation: &Workstation) -> Result<Option<Left>, Error> {
    if !workstation.has_work_for_centre().await? {
        return Ok(None);
    }
    let status = workstation.sync_status().await?;
    Ok(Some(Left {
        records: status.waiting_records,
        images: status.waiting_images,
    }))
}

/// Until everything is sent, or the window is there again.
async fn go_on(
    app: AppHandle,
    workstation: Arc<Workstation>,
    mut now: Left,
    say: impl Fn(&AppHandle, Option<Left>),
) {
    let mut changes = workstation.changes();
    let bell = app.state::<WindowBell>();
    loop {
        let is_closed = tokio::select! {
            heard = changes.recv() => matches!(heard, Err(RecvError::Closed)),
            () = bell.0.notified() => false,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        if is_closed || window::is_open(&app) {
            break;
        }
        match left(&workstation).await {
            Ok(Some(left)) if left == now => {}
            Ok(Some(left)) => {
                now = left;
                say(&app, Some(now));
            }
            Ok(None) => {
                tracing::info!("everything is sent");
                app.exit(0);
                break;
            }
            Err(error) => tracing::warn!(%error, "what waits for the centre is not known"),
        }
    }
    say(&app, None);
}

#[cfg(desktop)]
mod tray {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use tauri::{
        AppHandle, Manager, Wry, async_runtime,
        menu::{Menu, MenuEvent, MenuItem},
        tray::TrayIconBuilder,
    };
    use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};

    use super::left;
    use crate::{
        desk::Desk,
        preferences::Language,
        window,
        words::{self, Left},
    };

    const TRAY: &str = "background";
    const OPEN: &str = "open";
    const QUIT: &str = "quit";

    /// The program's sign in the tray.
    pub(super) struct Tray {
        /// The line that says what waits; `None` where the desktop takes no sign.
        line: Option<MenuItem<Wry>>,
    }

    impl Tray {
        /// Where the desktop has no tray, or can't show a sign in it, the program goes on without one. To be called on the
        /// main thread.
        pub(super) fn show(app: &AppHandle, language: Language, left: Left) -> Self {
            // On Linux the library of trays is looked for now, and panics where it is not installed.
            let built = catch_unwind(AssertUnwindSafe(|| Self::build(app, language, left)));
            let line = match built {
                Ok(Ok(line)) => Some(line),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the tray can't be used");
                    None
                }
                Err(_) => {
                    tracing::warn!("there is no library for the tray");
                    None
                }
            };
            Self { line }
        }

        fn build(app: &AppHandle, language: Language, left: Left) -> tauri::Result<MenuItem<Wry>> {
            let says = words::waiting(language, left);
            let line = MenuItem::with_id(app, "waiting", &says, false, None::<&str>)?;
            let open = MenuItem::with_id(app, OPEN, words::open(language), true, None::<&str>)?;
            let quit = MenuItem::with_id(app, QUIT, words::quit(language), true, None::<&str>)?;
            let menu = Menu::with_items(app, &[&line, &open, &quit])?;
            let mut tray = TrayIconBuilder::with_id(TRAY)
                .menu(&menu)
                .tooltip(format!("SeekWell: {says}"))
                .on_menu_event(answer);
            if let Some(icon) = app.default_window_icon() {
                tray = tray.icon(icon.clone());
            }
            tray.build(app)?;
            Ok(line)
        }

        pub(super) fn say(&self, app: &AppHandle, language: Language, left: Left) {
            let says = words::waiting(language, left);
            let said = self.line.as_ref().map_or(Ok(()), |line| line.set_text(&says));
            let tip = app
                .tray_by_id(TRAY)
                .map_or(Ok(()), |tray| tray.set_tooltip(Some(format!("SeekWell: {says}"))));
            if let Err(error) = said.and(tip) {
                tracing::warn!(%error, "the tray does not say how much is left");
            }
        }
    }

    pub(super) fn remove(app: &AppHandle) {
        drop(app.remove_tray_by_id(TRAY));
    }

    fn answer(app: &AppHandle, event: MenuEvent) {
        if event.id() == OPEN {
            window::show(app);
        } else if event.id() == QUIT {
            async_runtime::spawn(ask_and_quit(app.clone()));
        }
    }

    /// Says what is left before the program ends.
    async fn ask_and_quit(app: AppHandle) {
        let language = words::language(&app).await;
        let workstation = app.state::<Desk>().opened();
        let left = match workstation {
            Ok(workstation) => left(&workstation).await.unwrap_or_default(),
            Err(_) => None,
        };
        let Some(left) = left else {
            return app.exit(0);
        };
        let answered = app.clone();
        app.dialog()
            .message(words::really_quit(language, left))
            .title(window::TITLE)
            .kind(MessageDialogKind::Warning)
            .buttons(MessageDialogButtons::OkCancelCustom(
                words::quit(language).to_owned(),
                words::go_on(language).to_owned(),
            ))
            .show(move |quits| {
                if quits {
                    answered.exit(0);
                }
            });
    }
}
