//! A workstation with analysed photos that nobody has sent yet, and the same images as files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use seekwell_core::accounts::Caller;
use seekwell_core::clinical::{PatientId, PhotoId};
use seekwell_core::imaging::worker::Workers;
use seekwell_core::workstation::{Rendition, Workstation};
use seekwell_testkit::process::Dice;
use tokio::task::JoinSet;

use crate::clinic::{self, Clinic};
use crate::photos::numbered;
use crate::program::Outcome;

/// What a prepared photo is to have.
const BYTES: usize = 100_000;
/// As wide as a prepared photo gets.
const SIZE: (u32, u32) = (1024, 768);
/// Photos of one patient, a lesion each.
const EACH: usize = 10;
/// The demo model's weights are random; it answers as fast as a small one would.
const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/demo-model");

/// A closed workstation.
pub(crate) struct Ward {
    pub(crate) clinic: Clinic,
    pub(crate) photos: usize,
    /// Every image under a name as the bucket has it.
    pub(crate) files: PathBuf,
    /// Bytes of the first photo's images: prepared, original, thumbnail.
    pub(crate) sizes: [usize; 3],
}

impl Ward {
    /// Keeps and analyses that many photos.
    pub(crate) async fn filled(photos: usize) -> Outcome<Self> {
        let clinic = Clinic::new()?;
        let (workstation, caller, kept) = fill(&clinic, photos).await?;
        let files = clinic.path("files");
        let mut sizes = [0; 3];
        for (patient, photo) in kept {
            let folder = files.join(format!("patients/{patient}/analyses"));
            sizes = export(&workstation, &caller, &folder, photo).await?;
        }
        workstation.close().await;
        Ok(Self {
            clinic,
            photos,
            files,
            sizes,
        })
    }
}

/// Sets a workstation up, keeps and analyses that many photos, and leaves it open. Each photo comes with its patient's number.
pub(crate) async fn fill(
    clinic: &Clinic,
    photos: usize,
) -> Outcome<(Workstation, Caller, Vec<(usize, PhotoId)>)> {
    let original = grainy().await?;
    let (workstation, caller) = clinic.set_up().await?;
    workstation.install_model(&caller, MODEL.into()).await?;
    let desk = Arc::new((workstation, caller));
    let mut kept = Vec::new();
    for first in (0..photos).step_by(EACH) {
        let name = format!("Nguyễn Văn {first} (mẫu)");
        let patient = desk.0.register_patient(&desk.1, clinic::draft(&name)).await?.id;
        let mut tasks = JoinSet::new();
        for number in first..(first + EACH).min(photos) {
            let (desk, photo) = (Arc::clone(&desk), numbered(&original, number as u64));
            tasks.spawn(async move { keep(&desk.0, &desk.1, patient, photo).await });
        }
        while let Some(done) = tasks.join_next().await {
            kept.push((first, done??));
        }
    }
    desk.0.analyse_pending(&desk.1).await?;
    let (workstation, caller) = Arc::into_inner(desk).ok_or("a photo is still being kept")?;
    Ok((workstation, caller, kept))
}

async fn keep(
    workstation: &Workstation,
    caller: &Caller,
    patient_id: PatientId,
    photo: Vec<u8>,
) -> Outcome<PhotoId> {
    let staged = workstation.stage(caller, "lesion.jpg".into(), photo).await?;
    clinic::keep(workstation, caller, patient_id, staged.staged.id).await
}

/// Writes a photo's three images and gives their sizes.
#[expect(clippy::disallowed_methods, reason = "what a peer sends can be made again")]
async fn export(
    workstation: &Workstation,
    caller: &Caller,
    folder: &Path,
    photo: PhotoId,
) -> Outcome<[usize; 3]> {
    fs::create_dir_all(folder)?;
    let mut sizes = [0; 3];
    let images = [
        (Rendition::Derivative, ""),
        (Rendition::Original, "_original"),
        (Rendition::Thumbnail, "_thumbnail"),
    ];
    for ((rendition, ending), size) in images.into_iter().zip(&mut sizes) {
        let bytes = workstation.image(caller, photo, rendition).await?;
        fs::write(folder.join(format!("{}{ending}.jpg", photo.0)), &bytes)?;
        *size = bytes.len();
    }
    Ok(sizes)
}

/// A JPEG whose prepared form has about [`BYTES`]: skin with as much grain as that takes.
async fn grainy() -> Outcome<Vec<u8>> {
    let workers = Workers::for_current_exe()?;
    for grain in (2..128).step_by(2) {
        let jpeg = workers.prepare(&bitmap(grain)).await?.derivative;
        if jpeg.len() >= BYTES {
            return Ok(jpeg);
        }
    }
    Err("no grain makes the picture large enough".into())
}

/// An uncompressed picture of one colour under a grain of so many levels.
fn bitmap(grain: usize) -> Vec<u8> {
    let (width, height) = SIZE;
    let row = (width * 3).next_multiple_of(4);
    let mut dice = Dice::new(1);
    let mut bytes = b"BM".to_vec();
    for number in [
        54 + row * height,
        0,
        54,
        40,
        width,
        height,
        1 | 24 << 16,
        0,
        row * height,
        0,
        0,
        0,
        0,
    ] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((0..width * height).flat_map(|_| {
        let light = u8::try_from(dice.below(grain)).unwrap_or(u8::MAX);
        [110_u8, 130, 170].map(|colour| colour.saturating_add(light))
    }));
    bytes
}
