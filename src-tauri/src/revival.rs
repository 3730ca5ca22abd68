//! A webview process that was killed comes back to the same screen, twice; the third time it says so. The core goes on.

use tauri::WebviewWindow;

/// How many deaths in one run are mended without a word.
#[cfg(target_os = "linux")]
const QUIETLY: u32 = 2;

/// Watches the window's web process.
#[cfg(target_os = "linux")]
pub(crate) fn watch(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;

    window.with_webview(|platform| {
        let webview = platform.inner();
        let deaths = std::cell::Cell::new(0_u32);
        let address = std::cell::RefCell::new(String::new());
        webview.connect_web_process_terminated(move |webview, reason| {
            deaths.set(deaths.get() + 1);
            tracing::warn!(?reason, deaths = deaths.get(), "the web process ended");
            // A process that dies while it is loading has no address: then it is the one of the death before.
            if let Some(uri) = webview.uri().filter(|uri| !uri.is_empty()) {
                address.replace(uri.into());
            }
            let page = address.borrow();
            if deaths.get() <= QUIETLY {
                webview.load_uri(&page);
            } else {
                // Whoever reads the page decides to go on; then the count begins anew.
                deaths.set(0);
                webview.load_uri(&stopped_page(&page));
            }
        });
    })
}

/// On macOS and Windows the system's webview reloads itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn watch(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// `stopped.html` beside the page that was shown, with that page's fragment to go back to.
#[cfg(target_os = "linux")]
fn stopped_page(page: &str) -> String {
    let (address, fragment) = page.split_once('#').unwrap_or((page, ""));
    let origin = address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!("{origin}/stopped.html#{fragment}")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::stopped_page;

    #[test]
    fn the_page_that_says_so_knows_the_way_back() {
        assert_eq!(
            stopped_page("tauri://localhost/#/photos/1"),
            "tauri://localhost/stopped.html#/photos/1"
        );
        assert_eq!(
            stopped_page("tauri://localhost/index.html"),
            "tauri://localhost/stopped.html#"
        );
    }
}
