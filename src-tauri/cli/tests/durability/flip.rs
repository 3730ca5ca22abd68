//! One changed bit in the closed database or in a sealed photo: it is told, and nothing of it is shown.

use std::path::{Path, PathBuf};

use seekwell_core::{
    clinical::PhotoId,
    error::{Code, Failure},
    workstation::{DamagedThing, Rendition},
};
use seekwell_testkit::process::{Clinic, Dice, picture};

use super::{PROGRAM, open};

const RENDITIONS: [Rendition; 3] = [Rendition::Original, Rendition::Derivative, Rendition::Thumbnail];

#[tokio::test]
async fn five_hundred_flipped_bits_in_the_database_are_all_told() {
    flip_database(500).await;
}

#[tokio::test]
async fn five_hundred_flipped_bits_in_photos_are_all_told_and_none_is_shown() {
    flip_photos(500).await;
}

#[tokio::test]
#[ignore = "the long form takes many minutes"]
async fn ten_thousand_flipped_bits() {
    flip_database(10_000).await;
    flip_photos(10_000).await;
}

async fn flip_database(times: usize) {
    let (clinic, mut dice) = (Clinic::found(PROGRAM), Dice::thrown());
    kept(&clinic, 3);
    let database = clinic.data_dir().join("seekwell.db");
    let whole = std::fs::read(&database).unwrap();
    let photos = sealed(&clinic.data_dir());
    for _ in 0..times {
        let bit = dice.below(whole.len() * 8);
        write(&database, &flipped(&whole, bit));
        let told = match open(&clinic.data_dir(), &clinic.key_file()).await {
            Err(error) => {
                let failure = Failure::from(&error);
                assert_eq!(
                    failure.code,
                    Code::DatabaseDamaged,
                    "bit {bit}: {}",
                    failure.message
                );
                true
            }
            Ok((workstation, caller)) => {
                let report = workstation.check(&caller, |_| {}).await;
                workstation.close().await;
                report.is_ok_and(|report| {
                    !report.ok
                        && report
                            .damaged
                            .iter()
                            .any(|damage| damage.what == DamagedThing::Database)
                })
            }
        };
        assert!(told, "bit {bit} of the database went unnoticed");
        for left in ["seekwell.db-wal", "seekwell.db-shm"] {
            let _ = std::fs::remove_file(clinic.data_dir().join(left));
        }
    }
    assert_eq!(
        sealed(&clinic.data_dir()),
        photos,
        "a damaged database costs no photo"
    );
    write(&database, &whole);
    assert_eq!(clinic.ask(&["check"]).json()["ok"], true);
}

async fn flip_photos(times: usize) {
    let (clinic, mut dice) = (Clinic::found(PROGRAM), Dice::thrown());
    kept(&clinic, 4);
    let (workstation, caller) = open(&clinic.data_dir(), &clinic.key_file()).await.unwrap();
    let mut photos = Vec::new();
    for path in sealed(&clinic.data_dir()) {
        let id: PhotoId = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        let mut shown = Vec::new();
        for rendition in RENDITIONS {
            shown.push(workstation.image(&caller, id, rendition).await.unwrap());
        }
        photos.push((std::fs::read(&path).unwrap(), path, id, shown));
    }
    let mut withheld = 0;
    for _ in 0..times {
        let (whole, path, id, shown) = &photos[dice.below(photos.len())];
        let bit = dice.below(whole.len() * 8);
        write(path, &flipped(whole, bit));
        let report = workstation.check(&caller, |_| {}).await.unwrap();
        let told: Vec<_> = report
            .damaged
            .iter()
            .map(|damage| (damage.what, damage.id.clone()))
            .collect();
        assert_eq!(
            told,
            [(DamagedThing::Photo, id.to_string())],
            "bit {bit} of a photo"
        );
        let mut damaged = 0;
        for (rendition, before) in RENDITIONS.into_iter().zip(shown) {
            match workstation.image(&caller, *id, rendition).await {
                // Another part of the file is damaged; this one authenticates and is what it was.
                Ok(image) => assert!(image == *before, "bit {bit} is shown"),
                Err(error) => {
                    assert_eq!(Failure::from(&error).code, Code::PhotoDamaged);
                    damaged += 1;
                }
            }
        }
        assert!(damaged > 0, "bit {bit} is in no part");
        withheld += damaged;
        write(path, whole);
    }
    assert!(workstation.check(&caller, |_| {}).await.unwrap().ok);
    workstation.close().await;
    eprintln!("{times} flipped bits, {withheld} images withheld");
}

#[tokio::test]
async fn swapped_shortened_lengthened_missing_and_old_photos_are_told() {
    let clinic = Clinic::found(PROGRAM);
    kept(&clinic, 2);
    let paths = sealed(&clinic.data_dir());
    let wholes: Vec<_> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let (path, whole) = (&paths[0], &wholes[0]);
    let longer = [whole.as_slice(), b"x"].concat();
    let mut renamed = wholes[1].clone();
    // The other photo's file under this photo's id, in the header too.
    renamed[8..24].copy_from_slice(&whole[8..24]);
    for (what, bytes) in [
        ("swapped", Some(wholes[1].as_slice())),
        ("renamed", Some(&renamed)),
        ("shortened", Some(&whole[..whole.len() - 1])),
        ("empty", Some(&[])),
        ("lengthened", Some(&longer)),
        ("missing", None),
    ] {
        match bytes {
            Some(bytes) => write(path, bytes),
            None => std::fs::remove_file(path).unwrap(),
        }
        let answer = clinic.ask(&["check"]);
        assert_eq!(answer.code, Some(1), "{what}");
        let damaged = &answer.document()["damaged"];
        assert_eq!(damaged[0]["what"], "photo", "{what}: {damaged}");
        assert_eq!(damaged.as_array().unwrap().len(), 1, "{what}: {damaged}");
    }
    write(path, whole);
    assert_eq!(clinic.ask(&["check"]).json()["ok"], true);
}

/// Keeps so many photos.
fn kept(clinic: &Clinic, count: u64) {
    let patient = clinic.register("Võ Thị Dung (mẫu)");
    for seed in 0..count {
        clinic.keep(&patient, &clinic.put("photo.bmp", &picture(seed)));
    }
}

fn flipped(whole: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

fn sealed(data_dir: &Path) -> Vec<PathBuf> {
    let mut sealed: Vec<_> = std::fs::read_dir(data_dir.join("photos"))
        .unwrap()
        .flat_map(|directory| std::fs::read_dir(directory.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    sealed.sort();
    sealed
}

fn write(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::File::create(path).unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
}
