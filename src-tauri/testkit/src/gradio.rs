//! A real Gradio server from PyPI with the SeekWell Space's interface, on loopback, gone when its owner is.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use hyper::Request;
use tempfile::TempDir;

use crate::{aside::free_port, process::in_memory, python::Python, web::Web};

/// What to install for a server of today.
pub const TODAY: &[&str] = &["gradio==6.31.0"];

/// The last version whose API has no prefix, with what it was made to run with: newer ones of these have dropped what it calls.
pub const BEFORE_THE_PREFIX: &[&str] = &[
    "gradio==4.44.1",
    "fastapi==0.112.4",
    "huggingface_hub==0.25.2",
    "pydantic==2.10.6",
];

/// The interface: what it says of a photo follows from its mean colour.
const APP: &str = include_str!("gradio.py");

/// Importing it takes seconds; on a machine that does other things meanwhile, many.
const PATIENCE: Duration = Duration::from_secs(180);

/// A running server.
pub struct Gradio {
    url: String,
    server: Child,
    /// Its log, its uploads and everything else that it writes.
    directory: TempDir,
}

impl Gradio {
    /// Installs what is asked for where that was not done yet, starts the server and waits until it describes itself.
    ///
    /// # Panics
    /// Where PyPI can't be reached the first time, or the server does not start: with what it said.
    pub async fn start(requirements: &'static [&'static str]) -> Self {
        let installed = tokio::task::spawn_blocking(|| Python::with(requirements)).await;
        let python = installed.expect("Gradio from PyPI");
        let directory = in_memory();
        let port = free_port().expect("a free port");
        let mut server = Self {
            url: format!("http://127.0.0.1:{port}"),
            server: launch(&python, port, directory.path()),
            directory,
        };
        server.until_it_describes_itself().await;
        server
    }

    /// Its page.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The names of the files that it was given.
    pub fn uploads(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.directory.path().join("uploads")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => files.push(path),
                }
            }
        }
        files
    }

    async fn until_it_describes_itself(&mut self) {
        let web = Web::new();
        let begun = Instant::now();
        loop {
            let config = Request::get(format!("{}/config", self.url)).body(Default::default());
            let told = web.ask(config.expect("a request")).await;
            if told.is_ok_and(|told| told.status == 200) {
                return;
            }
            let ended = self.server.try_wait().expect("the server's state");
            let said = || std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "the Gradio server ended: {}", said());
            assert!(
                begun.elapsed() < PATIENCE,
                "the Gradio server does not start: {}",
                said()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Gradio {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// It ends with its standard input, and so with this process, however that ends.
fn launch(python: &Python, port: u16, directory: &Path) -> Child {
    let log = File::create(directory.join("log")).expect("a log");
    python
        .command()
        .args(["-c", APP])
        .arg(port.to_string())
        .current_dir(directory)
        .env("GRADIO_ANALYTICS_ENABLED", "False")
        .env("HF_HUB_OFFLINE", "1")
        .env("NO_PROXY", "127.0.0.1")
        .env("GRADIO_TEMP_DIR", directory.join("uploads"))
        .env("HF_HOME", directory.join("hugging-face"))
        .env("MPLCONFIGDIR", directory.join("matplotlib"))
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("the log"))
        .stderr(log)
        .spawn()
        .expect("to start Python")
}
