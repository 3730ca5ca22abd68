//! Pillow in a virtual environment of its own: what the web backend prepares images with, and so the
//! reference for ours.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The versions that the reference figures were taken with.
const PACKAGES: [&str; 2] = ["pillow==12.*", "numpy==2.*"];

/// A Python that has Pillow and NumPy.
#[derive(Debug)]
pub struct Pillow {
    python: PathBuf,
}

impl Pillow {
    /// Finds it under `target/peers`, or installs it there with Python's own tools (needs `python3-venv`
    /// on Debian, and once the network). Several tests may ask at once.
    pub fn installed() -> Self {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
        fs::create_dir_all(&peers).expect("target is writable");
        let lock = File::create(peers.join("pillow.lock")).expect("target is writable");
        lock.lock().expect("a file lock");
        let folder = peers.join("pillow");
        let python = folder.join(if cfg!(windows) {
            "Scripts/python.exe"
        } else {
            "bin/python"
        });
        let complete = folder.join("complete");
        if !complete.exists() {
            run(Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(&folder));
            run(Command::new(&python)
                .args(["-m", "pip", "install", "--quiet"])
                .args(PACKAGES));
            File::create(&complete).expect("target is writable");
        }
        Self { python }
    }

    /// Writes the picture `base` into `folder` as `NAME.original`, in every colour model and
    /// orientation, and gives the names.
    pub fn variants(&self, base: &Path, folder: &Path) -> Vec<String> {
        let names = self.ask(
            &["variants".as_ref(), base.as_ref(), folder.as_ref()],
            &Value::Null,
        );
        serde_json::from_value(names).expect("a list of names")
    }

    /// For each `NAME.original` with `NAME.ours` beside it in `folder`: how ours compares.
    pub fn compare(&self, folder: &Path) -> Vec<Comparison> {
        let answer = self.ask(&["compare".as_ref(), folder.as_ref()], &Value::Null);
        let entries = answer.as_object().expect("an entry for each name");
        entries
            .iter()
            .map(|(name, entry)| Comparison::read(name, entry))
            .collect()
    }

    /// What `Image.thumbnail((1024, 1024))` makes of each size.
    pub fn thumbnail_sizes(&self, sizes: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let answer = self.ask(&["sizes".as_ref()], &serde_json::json!(sizes));
        serde_json::from_value(answer).expect("a list of sizes")
    }

    /// Resizes every `NAME.jpg` in `folder` as an image processor does, to `NAME.FILTER.rgb`.
    pub fn resize(&self, folder: &Path, width: u32, height: u32) {
        let (width, height) = (width.to_string(), height.to_string());
        self.ask(
            &[
                "resize".as_ref(),
                folder.as_ref(),
                width.as_ref(),
                height.as_ref(),
            ],
            &Value::Null,
        );
    }

    fn ask(&self, arguments: &[&std::ffi::OsStr], input: &Value) -> Value {
        let mut child = Command::new(&self.python)
            .args(["-c", include_str!("pillow.py")])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(input.to_string().as_bytes())
            .expect("Python reads");
        drop(stdin);
        let output = child.wait_with_output().expect("Python ends");
        assert!(output.status.success(), "the reference failed: {}", output.status);
        serde_json::from_slice(&output.stdout).expect("the reference answers in JSON")
    }
}

/// One photo, prepared by us and by Pillow.
#[derive(Debug)]
pub struct Comparison {
    /// The name of the photo.
    pub name: String,
    /// Width and height of ours.
    pub ours_size: (u32, u32),
    /// Width and height of Pillow's.
    pub pillow_size: (u32, u32),
    /// Pillow's word for the colour model of ours.
    pub ours_mode: String,
    /// Decibels between ours and an exact Lanczos result; `None` if the sizes differ.
    pub ours_psnr: Option<f64>,
    /// Decibels between Pillow's and the same.
    pub pillow_psnr: Option<f64>,
}

impl Comparison {
    fn read(name: &str, entry: &Value) -> Self {
        let size = |key: &str| serde_json::from_value(entry[key].clone()).expect("two numbers");
        Self {
            name: name.to_owned(),
            ours_size: size("ours_size"),
            pillow_size: size("pillow_size"),
            ours_mode: entry["ours_mode"].as_str().expect("a word").to_owned(),
            ours_psnr: entry["ours_psnr"].as_f64(),
            pillow_psnr: entry["pillow_psnr"].as_f64(),
        }
    }
}

fn run(command: &mut Command) {
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
