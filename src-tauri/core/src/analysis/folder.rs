//! A model's folder: which files it has, what they say, and everything that can be wrong with them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::labels::Labels;
use super::manifest::Manifest;
use super::{Preprocessing, Retry};
use crate::clinical::LesionClass;

/// The network itself.
pub(super) const NETWORK: &str = "model.onnx";
/// Has `id2label`.
pub(super) const CONFIG: &str = "config.json";
/// Optional; without it a model is fed as ViT is.
pub(super) const PREPROCESSOR: &str = "preprocessor_config.json";
/// Optional where a model comes from, always there once it is installed.
pub(super) const MANIFEST: &str = "seekwell.json";

/// The largest file that Protocol Buffers, which ONNX is written in, can be.
const NETWORK_LIMIT: u64 = 2 << 30;
/// A thousand times what these files usually have.
const TEXT_LIMIT: u64 = 1 << 20;

/// What the small files of a folder say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Folder {
    pub(super) labels: Labels,
    pub(super) preprocessing: Preprocessing,
    /// `None` where the folder says nothing about itself.
    pub(super) manifest: Option<Manifest>,
    /// SHA-256 over the bytes of all of them, in hexadecimal.
    pub(super) digest: String,
}

impl Folder {
    /// Reads `config.json` and the optional files; the network is not touched.
    pub(super) fn read(dir: &Path) -> Result<Self, ModelError> {
        let config = text(dir, CONFIG)?.ok_or(ModelError::FileMissing { file: CONFIG })?;
        let preprocessor = text(dir, PREPROCESSOR)?;
        let manifest = text(dir, MANIFEST)?;
        let digest = digest([Some(&config), preprocessor.as_ref(), manifest.as_ref()]);
        let config: Config =
            serde_json::from_slice(&config).map_err(|source| ModelError::Json { file: CONFIG, source })?;
        let id2label = config.id2label.ok_or(ModelError::LabelsMissing)?;
        let labels = Labels::read(&id2label, config.label2id.as_ref())?;
        let preprocessing = match preprocessor {
            Some(json) => Preprocessing::read(&json)?,
            None => Preprocessing::default(),
        };
        let manifest = manifest.map(|json| Manifest::read(&json)).transpose()?;
        Ok(Self {
            labels,
            preprocessing,
            manifest,
            digest,
        })
    }
}

/// Each file's length before its bytes, so that nothing can move from one to the next.
fn digest(files: [Option<&Vec<u8>>; 3]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        let length = file.map_or(u64::MAX, |file| file.len() as u64);
        hasher.update(length.to_le_bytes());
        hasher.update(file.map_or(&[][..], Vec::as_slice));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[derive(Deserialize)]
struct Config {
    id2label: Option<BTreeMap<String, String>>,
    label2id: Option<BTreeMap<String, u32>>,
}

/// Opens one of a folder's files and says its size; `None` where it is not there.
pub(super) fn open(dir: &Path, file: &'static str) -> Result<Option<(File, u64)>, ModelError> {
    let unreadable = |source| ModelError::Unreadable { file, source };
    let path = dir.join(file);
    // Asked before it is opened: opening a pipe would wait for whoever writes into it. Links are followed,
    // because the Hugging Face cache consists of them.
    let facts = match fs::metadata(&path) {
        Ok(facts) => facts,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(unreadable(source)),
    };
    let limit = limit_of(file);
    match facts.len() {
        _ if !facts.is_file() => Err(ModelError::NotAFile { file }),
        0 => Err(ModelError::FileEmpty { file }),
        bytes if bytes > limit => Err(ModelError::FileTooLarge { file, bytes, limit }),
        bytes => Ok(Some((File::open(path).map_err(unreadable)?, bytes))),
    }
}

/// The most bytes that a file may have.
pub(super) fn limit_of(file: &str) -> u64 {
    match file {
        NETWORK => NETWORK_LIMIT,
        _ => TEXT_LIMIT,
    }
}

fn text(dir: &Path, file: &'static str) -> Result<Option<Vec<u8>>, ModelError> {
    let Some((opened, _)) = open(dir, file)? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    // Limited again, should it grow while it is read.
    opened
        .take(TEXT_LIMIT)
        .read_to_end(&mut bytes)
        .map_err(|source| ModelError::Unreadable { file, source })?;
    Ok(Some(bytes))
}

/// Why a model is not usable. Every sentence is about the folder; none has a path in it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentence beside each says it")]
pub enum ModelError {
    #[error("the folder has no {file}")]
    FileMissing { file: &'static str },
    #[error("{file} can't be read")]
    Unreadable {
        file: &'static str,
        #[source]
        source: io::Error,
    },
    #[error("{file} is not a file")]
    NotAFile { file: &'static str },
    #[error("{file} is empty")]
    FileEmpty { file: &'static str },
    #[error("{file} has {bytes} bytes, more than the {limit} that such a file may have")]
    FileTooLarge {
        file: &'static str,
        bytes: u64,
        limit: u64,
    },
    #[error("the archive can't be used: {reason}")]
    Archive { reason: &'static str },
    #[error("{file} does not say what such a file has to say")]
    Json {
        file: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("config.json has no id2label: the model's outputs have no names")]
    LabelsMissing,
    #[error("the model tells {found} classes apart instead of six")]
    LabelCount { found: usize },
    #[error("id2label names no class for output {id}; they count from 0 to 5")]
    LabelIdMissing { id: u32 },
    #[error("the label \"{label}\" is none of the six classes")]
    LabelUnknown { label: String },
    #[error("two labels mean {class}")]
    LabelTwice { class: LesionClass },
    #[error("id2label and label2id contradict each other about \"{label}\"")]
    LabelsContradict { label: String },
    #[error("preprocessor_config.json asks for what is not done here: {reason}")]
    Preprocessor { reason: &'static str },
    #[error("seekwell.json can't be meant: {reason}")]
    Manifest { reason: &'static str },
    #[error("model.onnx is damaged or no ONNX model, from byte {at} on")]
    NotFramed { at: u64 },
    #[error("model.onnx is not a network that can be run here")]
    NotANetwork {
        #[source]
        source: rten::LoadError,
    },
    #[error("model.onnx keeps its weights in another file; export it as one file")]
    WeightsElsewhere,
    #[error(
        "the network's input has to be `pixel_values`, float32 [1, 3, {height}, {width}], and is {found}"
    )]
    Input { width: u32, height: u32, found: String },
    #[error("the network's output has to be `logits`, float32 [1, 6], and is {found}")]
    Output { found: String },
    #[error("a trial run failed")]
    Trial {
        #[source]
        source: rten::RunError,
    },
    #[error("a trial run gave something that is not six finite numbers")]
    TrialNotAnAnswer,
    #[error("reading or trying the network broke off")]
    BrokeOff {
        #[source]
        source: tokio::task::JoinError,
    },
    #[error("model.onnx is damaged: it no longer has the hash it was installed under")]
    Damaged,
    #[error("the model's small files are not those that were installed; install it again")]
    Changed,
    #[error("no model with that hash is installed")]
    NotInstalled,
    #[error("the model could not be stored")]
    NotStored {
        #[source]
        source: io::Error,
    },
}

impl ModelError {
    /// Whether doing the same again helps.
    pub fn retry(&self) -> Retry {
        match self {
            // Too many open files, a network drive that is away.
            Self::Unreadable { source, .. } if source.kind() != io::ErrorKind::NotFound => Retry::Later,
            Self::BrokeOff { source } if source.is_cancelled() => Retry::Later,
            _ => Retry::NeedsPerson,
        }
    }
}
