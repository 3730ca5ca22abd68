//! The models that are installed: one folder each under `models/`, named by the SHA-256 of its network.
//!
//! A folder appears whole or not at all. It is built under `.incoming`, every file and the folder are made
//! durable, the network is tried out there, and only then is it renamed. A folder that is replaced waits as
//! `.replaced-<hash>` until the new one stands. [`Models::open`] finishes or undoes what a dead process left.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::archive;
use super::folder::{self, CONFIG, Folder, MANIFEST, ModelError, NETWORK, PREPROCESSOR};
use super::manifest::Manifest;
use super::network::{self, Network, Threads};
use super::{ModelCard, Preprocessing};
use crate::analysis::labels::Labels;

const INCOMING: &str = ".incoming";
const UNPACKED: &str = ".unpacked";
const REPLACED: &str = ".replaced-";
const REMOVED: &str = ".removed-";

/// The folder of installed models.
#[derive(Debug, Clone)]
pub struct Models {
    dir: PathBuf,
    /// Held by who changes the folder.
    changing: Arc<Mutex<()>>,
}

/// A model that was verified when it was installed.
#[derive(Debug, Clone, PartialEq)]
pub struct InstalledModel {
    /// What every result of it shows.
    pub card: ModelCard,
    /// When its network was copied here.
    pub installed_at: Timestamp,
    pub(super) dir: PathBuf,
    pub(super) labels: Labels,
    pub(super) preprocessing: Preprocessing,
    /// Of its small files.
    digest: String,
}

/// What is there; one broken model hides no other.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those whose files say what they must, oldest first.
    pub models: Vec<InstalledModel>,
    /// Hash and fault of those that do not.
    pub broken: Vec<(String, ModelError)>,
}

impl Models {
    /// Opens that folder, makes it where it is missing, and clears away what an interrupted change left. Only
    /// one process may have it open.
    ///
    /// # Errors
    /// [`ModelError::NotStored`] where the folder can't be made or changed.
    pub async fn open(dir: PathBuf) -> Result<Self, ModelError> {
        let models = Self::unopened(dir);
        models
            .change(|dir| {
                fs::create_dir_all(dir)?;
                sweep(dir)
            })
            .await?;
        Ok(models)
    }

    /// That folder as it is, for a program that goes on where it does not open: nothing is made or cleared away, and
    /// what is asked of it may fail.
    pub fn unopened(dir: PathBuf) -> Self {
        Self {
            dir,
            changing: Arc::default(),
        }
    }

    /// Copies a model out of a folder or a `.zip`, verifies it and keeps it. Of its files only `model.onnx`,
    /// `config.json`, `preprocessor_config.json` and `seekwell.json` are read. The same network again replaces
    /// what the other files say; a damaged copy is mended so.
    ///
    /// # Errors
    /// See [`ModelError`]; nothing is kept then, and what was installed before stays.
    pub async fn install(&self, from: PathBuf, threads: &Threads) -> Result<InstalledModel, ModelError> {
        let threads = threads.clone();
        self.change(move |dir| match from.is_file() {
            true => install_archive(dir, &from, &threads),
            false => install(dir, &from, &threads),
        })
        .await
    }

    /// All of them. Networks are not opened, so this is quick; damage to one shows when it is used.
    ///
    /// # Errors
    /// [`ModelError::NotStored`] where the folder itself can't be read.
    pub async fn list(&self) -> Result<Listing, ModelError> {
        self.change(|dir| {
            let mut listing = Listing::default();
            for entry in fs::read_dir(dir)? {
                let name = entry?.file_name().to_string_lossy().into_owned();
                if !is_hash(&name) {
                    continue;
                }
                match InstalledModel::read(dir.join(&name), &name) {
                    Ok(model) => listing.models.push(model),
                    Err(fault) => listing.broken.push((name, fault)),
                }
            }
            listing
                .models
                .sort_by(|a, b| (a.installed_at, &a.card.sha256).cmp(&(b.installed_at, &b.card.sha256)));
            listing.broken.sort_by(|(a, _), (b, _)| a.cmp(b));
            Ok(listing)
        })
        .await
    }

    /// The one with that hash.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`], or what is wrong with its files.
    pub async fn find(&self, sha256: &str) -> Result<InstalledModel, ModelError> {
        let sha256 = sha256.to_owned();
        self.change(move |dir| match dir.join(&sha256) {
            path if is_hash(&sha256) && path.is_dir() => InstalledModel::read(path, &sha256),
            _ => Err(ModelError::NotInstalled),
        })
        .await
    }

    /// Deletes the one with that hash. Analyses that it made stay as they are.
    ///
    /// # Errors
    /// [`ModelError::NotInstalled`], or [`ModelError::NotStored`] where it can't be deleted.
    pub async fn remove(&self, sha256: &str) -> Result<(), ModelError> {
        let sha256 = sha256.to_owned();
        self.change(move |dir| {
            let path = dir.join(&sha256);
            if !is_hash(&sha256) || !path.is_dir() {
                return Err(ModelError::NotInstalled);
            }
            // Renamed first, so that it is never half there.
            let removed = dir.join(format!("{REMOVED}{sha256}"));
            clear(&removed)?;
            fs::rename(&path, &removed)?;
            make_durable(dir)?;
            clear(&removed)?;
            Ok(())
        })
        .await
    }

    /// Does that on a blocking thread, with nobody else changing the folder. It runs to its end even if nobody
    /// waits for it any more.
    async fn change<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Path) -> Result<T, ModelError> + Send + 'static,
    ) -> Result<T, ModelError> {
        let alone = self.changing.clone().lock_owned().await;
        let dir = self.dir.clone();
        let acting = move || {
            let result = act(&dir);
            drop(alone);
            result
        };
        tokio::task::spawn_blocking(acting)
            .await
            .unwrap_or_else(|source| Err(ModelError::BrokeOff { source }))
    }
}

impl InstalledModel {
    fn read(dir: PathBuf, sha256: &str) -> Result<Self, ModelError> {
        let said = Folder::read(&dir)?;
        let manifest = said.manifest.ok_or(ModelError::FileMissing { file: MANIFEST })?;
        let (network, bytes) =
            folder::open(&dir, NETWORK)?.ok_or(ModelError::FileMissing { file: NETWORK })?;
        let copied_at = network
            .metadata()
            .and_then(|facts| facts.modified())
            .map_err(unreadable_network)?;
        let card = ModelCard {
            sha256: sha256.to_owned(),
            labels: said.labels.spelt.clone(),
            bytes,
            demo: manifest.demo,
            published_accuracy: manifest.published_accuracy,
            covers: manifest.coverage(),
            name: manifest.name,
        };
        let installed_at = Timestamp::try_from(copied_at).unwrap_or_default();
        Ok(Self {
            card,
            installed_at,
            dir,
            labels: said.labels,
            preprocessing: said.preprocessing,
            digest: said.digest,
        })
    }

    /// SHA-256 over `config.json`, `preprocessor_config.json` and `seekwell.json`, in hexadecimal. The folder's name
    /// vouches for the network only; whoever swaps two labels in these turns a melanoma into a naevus. So it is kept
    /// where the folder's owner can't write, and compared whenever the model is taken up.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Compares with the digest that was kept when it was installed.
    ///
    /// # Errors
    /// [`ModelError::Changed`], for a model too of which none was kept.
    pub fn is_as_installed(&self, digest: Option<&str>) -> Result<(), ModelError> {
        if digest == Some(self.digest.as_str()) {
            Ok(())
        } else {
            Err(ModelError::Changed)
        }
    }

    /// Loads the network if it still is the one that was installed. One that says of itself that it is a demo does not
    /// speak as a real one, whatever its manifest says.
    pub(super) fn load(&self) -> Result<Network, ModelError> {
        let (file, _) = folder::open(&self.dir, NETWORK)?.ok_or(ModelError::FileMissing { file: NETWORK })?;
        if network::hash(file, |_| Ok(())).map_err(unreadable_network)? != self.card.sha256 {
            return Err(ModelError::Damaged);
        }
        let network = Network::load(&self.dir, self.preprocessing)?;
        if network.says_demo() && !self.card.demo {
            return Err(ModelError::Changed);
        }
        Ok(network)
    }
}

/// Takes the files out of the archive beside the models, under the archive's name: a model that says nothing of itself is
/// called by it.
fn install_archive(dir: &Path, archive: &Path, threads: &Threads) -> Result<InstalledModel, ModelError> {
    let unpacked = dir.join(UNPACKED);
    clear(&unpacked)?;
    let folder = unpacked.join(archive.file_stem().unwrap_or_default());
    let installed = archive::unpack(archive, &folder).and_then(|()| install(dir, &folder, threads));
    clear(&unpacked)?;
    installed
}

fn install(dir: &Path, from: &Path, threads: &Threads) -> Result<InstalledModel, ModelError> {
    // The small files first: most mistakes show before hundreds of megabytes are copied.
    let said = Folder::read(from)?;
    let (network_file, _) = folder::open(from, NETWORK)?.ok_or(ModelError::FileMissing { file: NETWORK })?;

    let incoming = dir.join(INCOMING);
    clear(&incoming)?;
    let built = build(&incoming, from, network_file, said, threads);
    if built.is_err() {
        clear(&incoming)?;
    }
    let sha256 = built?;

    let place = dir.join(&sha256);
    let replaced = dir.join(format!("{REPLACED}{sha256}"));
    clear(&replaced)?;
    if place.exists() {
        fs::rename(&place, &replaced)?;
    }
    fs::rename(&incoming, &place)?;
    make_durable(dir)?;
    clear(&replaced)?;
    InstalledModel::read(place, &sha256)
}

/// Fills the folder that is to be renamed, and says the network's hash.
fn build(
    incoming: &Path,
    from: &Path,
    network_file: File,
    said: Folder,
    threads: &Threads,
) -> Result<String, ModelError> {
    fs::create_dir(incoming)?;
    for file in [CONFIG, PREPROCESSOR] {
        if let Some((source, _)) = folder::open(from, file)? {
            copy(source, file, &incoming.join(file))?;
        }
    }
    let sha256 = copy(network_file, NETWORK, &incoming.join(NETWORK))?;

    // From here on the copy counts, whatever happens to where it came from.
    let copied = Folder::read(incoming)?;
    let network = Network::load(incoming, copied.preprocessing)?;
    network.try_out(threads)?;

    let folder_name = from.file_name().unwrap_or_default().to_string_lossy();
    let mut manifest = said.manifest.unwrap_or_else(|| Manifest::unsaid(&folder_name));
    manifest.demo |= network.says_demo();
    let text = serde_json::to_vec_pretty(&manifest).map_err(|source| ModelError::Json {
        file: MANIFEST,
        source,
    })?;
    let mut file = File::create_new(incoming.join(MANIFEST))?;
    file.write_all(&text)?;
    file.sync_all()?;
    make_durable(incoming)?;
    Ok(sha256)
}

/// Copies and syncs; a source that can't be read and a disk that is full are different mistakes.
fn copy(source: File, name: &'static str, to: &Path) -> Result<String, ModelError> {
    let mut target = File::create_new(to)?;
    let mut full = None;
    let copied = network::hash(source, |piece| {
        target.write_all(piece).map_err(|error| {
            let kind = error.kind();
            full = Some(error);
            kind.into()
        })
    });
    match (copied, full) {
        (_, Some(source)) => Err(ModelError::NotStored { source }),
        (Err(source), None) => Err(ModelError::Unreadable { file: name, source }),
        (Ok(sha256), None) => {
            target.sync_all()?;
            Ok(sha256)
        }
    }
}

fn sweep(dir: &Path) -> Result<(), ModelError> {
    clear(&dir.join(INCOMING))?;
    clear(&dir.join(UNPACKED))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let replaced = name.strip_prefix(REPLACED).map(|sha256| dir.join(sha256));
        match replaced {
            // The process died between the two renames.
            Some(place) if !place.exists() => fs::rename(entry.path(), place)?,
            Some(_) => clear(&entry.path())?,
            None if name.starts_with(REMOVED) => clear(&entry.path())?,
            None => {}
        }
    }
    make_durable(dir)?;
    Ok(())
}

/// Deletes a folder that may not be there.
fn clear(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a folder survive a power cut. Windows has no such call and needs none.
fn make_durable(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()
    } else {
        Ok(())
    }
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn unreadable_network(source: io::Error) -> ModelError {
    ModelError::Unreadable {
        file: NETWORK,
        source,
    }
}

impl From<io::Error> for ModelError {
    fn from(source: io::Error) -> Self {
        Self::NotStored { source }
    }
}
