//! What these tests share: folders with models in them, and pixels without a decoder.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use seekwell_core::analysis::{Later, Models, OnDevice, PixelSource, Threads};
use seekwell_core::imaging::{Refusal, Resample};
use tempfile::TempDir;

use super::sketch::Sketch;

pub(super) const CONFIG: &str =
    r#"{"id2label":{"0":"ACK","1":"BCC","2":"MEL","3":"NEV","4":"SCC","5":"SEK"}}"#;

/// A folder to install from, and one to install into.
pub(super) struct Workshop {
    pub(super) dir: TempDir,
}

impl Workshop {
    pub(super) fn new() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
        }
    }

    /// Where models are installed.
    pub(super) fn models_dir(&self) -> PathBuf {
        self.dir.path().join("models")
    }

    pub(super) async fn models(&self) -> Models {
        Models::open(self.models_dir()).await.unwrap()
    }

    /// A folder with those files.
    pub(super) fn folder(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let folder = self.dir.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, bytes) in files {
            write(&folder.join(file), bytes);
        }
        folder
    }

    /// A folder with that network and plain labels.
    pub(super) fn sketch(&self, name: &str, sketch: &Sketch) -> PathBuf {
        self.folder(
            name,
            &[("model.onnx", &sketch.onnx()), ("config.json", CONFIG.as_bytes())],
        )
    }

    /// Installs what is in that folder and makes an analyser of it.
    pub(super) async fn analyser(&self, folder: PathBuf) -> OnDevice {
        let model = self.models().await.install(folder, &threads()).await.unwrap();
        OnDevice::new(model, Arc::new(PlainPixels), threads())
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) {
    File::create(path).unwrap().write_all(bytes).unwrap();
}

pub(super) fn threads() -> Threads {
    Threads::new(NonZeroUsize::new(2).unwrap())
}

pub(super) fn demo_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/demo-model")
}

/// An error with everything under it.
pub(super) fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        told = format!("{told}: {error}");
        below = error.source();
    }
    told
}

/// Takes "derivatives" that are three bytes long for pictures of that one colour, and longer ones for the pixels
/// themselves; an empty one is refused for good, one of one byte for now.
pub(super) struct PlainPixels;

impl PixelSource for PlainPixels {
    fn pixels(
        &self,
        derivative: Vec<u8>,
        width: u32,
        height: u32,
        _: Resample,
    ) -> Later<'_, Result<Vec<u8>, Refusal>> {
        let answer = match derivative.len() {
            0 => Err(Refusal::Empty),
            1 => Err(Refusal::DecoderDied),
            3 => Ok(derivative.repeat(width as usize * height as usize)),
            _ => Ok(derivative),
        };
        Box::pin(std::future::ready(answer))
    }
}
