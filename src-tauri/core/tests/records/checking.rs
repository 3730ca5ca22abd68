//! A check of everything, where not everything can be read.

use std::{io::Write, path::Path};

use seekwell_core::{
    clinical::{BodySite, ConfidenceWord, PhotoId, RiskRule},
    imaging::Format,
    workstation::{DamagedThing, Rendition},
};
use seekwell_testkit::process::picture;
use sqlx::{ConnectOptions, Connection, Row, sqlite::SqliteConnectOptions};

use crate::clinic::{Clinic, draft};

/// Where the rows of all photos are, while they are few: on one page, by its number.
async fn page_of_photos(data_dir: &Path, key: [u8; 32]) -> usize {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut connection = SqliteConnectOptions::new()
        .filename(data_dir.join("seekwell.db"))
        .pragma("key", format!("\"x'{hex}'\""))
        .connect()
        .await
        .unwrap();
    let row = sqlx::query("SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'photo'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    usize::try_from(row.get::<i64, _>(0)).unwrap()
}

fn sealed(data_dir: &Path, photo: PhotoId) -> std::path::PathBuf {
    let name = photo.to_string();
    let folder = data_dir.join("photos").join(&name[34..]);
    folder.join(format!("{name}.sealed"))
}

#[tokio::test]
async fn a_page_of_photos_that_can_not_be_read_hides_no_other_damage() {
    let clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let mut photos = Vec::new();
    for seed in 0..3 {
        photos.push(clinic.keep(patient, seed, BodySite::Face, None).await.0);
    }
    let without_row = PhotoId(uuid::Uuid::from_u128(photos[0].0.as_u128() ^ (1 << 70)));
    let clinic = clinic
        .harmed(async |data_dir, key| {
            let page = page_of_photos(data_dir, key).await;
            let path = data_dir.join("seekwell.db");
            let mut database = std::fs::read(&path).unwrap();
            database[(page - 1) * 4096 + 2_000] ^= 1;
            std::fs::File::create(&path)
                .and_then(|mut file| file.write_all(&database))
                .unwrap();
            let copy = sealed(data_dir, without_row);
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(sealed(data_dir, photos[0]), copy).unwrap();
        })
        .await;
    let report = clinic.workstation.check(&clinic.mai, |_| {}).await.unwrap();
    assert!(!report.ok);
    let of = |what| report.damaged.iter().filter(move |damage| damage.what == what);
    // The page itself, and that the photos on it could not be looked at.
    assert!(of(DamagedThing::Database).count() >= 2, "{report:?}");
    let files: Vec<_> = of(DamagedThing::File).map(|damage| damage.id.as_str()).collect();
    assert_eq!(files, [without_row.to_string()]);
    clinic.workstation.close().await;
}

/// Whoever still has the original brings it again, and the photo is whole.
#[tokio::test]
async fn a_damaged_photo_is_whole_again_once_its_original_is_opened() {
    let clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let mut photos = Vec::new();
    for seed in [1, 2] {
        photos.push(clinic.keep(patient, seed, BodySite::Face, None).await.0);
    }
    let clinic = clinic
        .harmed(async |data_dir, _| {
            let file = std::fs::File::options()
                .write(true)
                .open(sealed(data_dir, photos[0]));
            file.and_then(|file| file.set_len(500)).unwrap();
            std::fs::remove_file(sealed(data_dir, photos[1])).unwrap();
        })
        .await;
    let check = async || clinic.workstation.check(&clinic.mai, |_| {}).await.unwrap();
    assert_eq!(check().await.damaged.len(), 2);
    for (photo, seed) in photos.iter().zip([1, 2]) {
        let staged = clinic
            .workstation
            .stage(&clinic.mai, "again.bmp".to_owned(), picture(seed))
            .await
            .unwrap();
        assert_eq!(staged.already.unwrap().photo_id, *photo);
        let opened = clinic.workstation.image(&clinic.mai, *photo, Rendition::Original);
        assert_eq!(opened.await.unwrap(), picture(seed));
    }
    assert!(check().await.ok);
    clinic.workstation.close().await;
}

/// What can't be removed among the photos keeps nobody from the others.
#[tokio::test]
async fn a_start_passes_over_what_it_can_not_remove() {
    let clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let photo = clinic.keep(patient, 1, BodySite::Face, None).await.0;
    let clinic = clinic
        .harmed(async |data_dir, _| std::fs::create_dir_all(data_dir.join("photos/zz/x.unfinished")).unwrap())
        .await;
    let opened = clinic.workstation.image(&clinic.mai, photo, Rendition::Thumbnail);
    assert!(opened.await.is_ok());
    clinic.workstation.close().await;
}

/// The words that the tables take are those that the program writes, all of them and no others.
#[test]
fn the_tables_know_the_programs_words() {
    let schema = include_str!("../../../../migrations/local/0001_clinic.sql");
    let words = |column: &str| -> Vec<&str> {
        let list = schema.split(&format!("({column} IN (")).nth(1).unwrap();
        let list = list.split(')').next().unwrap().split(',');
        list.map(|word| word.trim().trim_matches('\'')).collect()
    };
    let formats = [Format::Jpeg, Format::Png, Format::Webp, Format::Tiff, Format::Bmp];
    assert_eq!(words("format"), formats.map(Format::word));
    let rules: Vec<_> = RiskRule::ALL.iter().map(|rule| rule.as_word()).collect();
    assert_eq!(words("rule"), rules);
    let confidence: Vec<_> = ConfidenceWord::ALL.iter().map(|word| word.as_word()).collect();
    assert_eq!(words("confidence_word"), confidence);
}
