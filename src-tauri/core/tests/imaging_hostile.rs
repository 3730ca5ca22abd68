//! Files that come where a photo is expected, through real worker processes.
#![cfg(unix)]

use std::sync::Arc;

use seekwell_core::imaging;
use seekwell_core::imaging::worker::Workers;
use seekwell_testkit::hostile;
use seekwell_testkit::lesion::Lesion;

/// Each is refused by its name, in a process that can have 300 MB of address space in all, while
/// photos beside it are prepared as if it were not there.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_are_refused_by_name_and_harm_no_other() {
    let script = format!("ulimit -v 300000; exec {}", env!("CARGO_BIN_EXE_imaging-worker"));
    let workers = Arc::new(Workers::start("/bin/sh".into(), ["-c", &script]).limited_to(2));
    let photo = Arc::new(Lesion::new(21, 400, 300).jpeg(90));
    let expected = Arc::new(imaging::prepare(&photo));
    assert!(expected.is_ok());

    let mut tasks = tokio::task::JoinSet::new();
    for file in hostile::files() {
        let (workers, photo, expected) = (workers.clone(), photo.clone(), expected.clone());
        tasks.spawn(async move {
            let (refused, beside) = tokio::join!(workers.prepare(&file.bytes), workers.prepare(&photo));
            let refusal = refused.expect_err(file.name);
            let word = serde_json::to_value(&refusal).unwrap()["refusal"].clone();
            assert_eq!(word, file.refusal, "{}: {refusal}", file.name);
            assert_eq!(beside, *expected, "the photo beside {}", file.name);
        });
    }
    let mut count = 0;
    while let Some(outcome) = tasks.join_next().await {
        outcome.unwrap();
        count += 1;
    }
    assert_eq!(count, hostile::files().len());
}

/// Bits flipped all over real files: whatever comes out, it is an answer and the same one each time.
#[test]
fn damage_anywhere_is_an_answer() {
    let lesion = Lesion::new(22, 120, 90);
    let metadata = seekwell_testkit::metadata::Metadata::of_a_phone();
    for file in [lesion.jpeg_with(85, &metadata), lesion.png_with(&metadata)] {
        let mut place: usize = 17;
        for _ in 0..300 {
            let mut damaged = file.clone();
            place = (place * 31 + 7) % damaged.len();
            damaged[place] ^= 1 << (place % 8);
            assert_eq!(
                imaging::prepare(&damaged),
                imaging::prepare(&damaged),
                "bit flipped at {place}"
            );
            // A cut may leave a whole picture (only its padding is gone), but never a panic.
            let _ = imaging::prepare(&file[..place]);
        }
    }
}

#[test]
fn the_sentence_names_what_came_instead() {
    for file in hostile::files() {
        let refusal = imaging::prepare(&file.bytes).expect_err(file.name);
        let sentence = refusal.to_string();
        match file.name {
            "login.jpg" | "spaced.jpg" => assert!(sentence.contains("a web page"), "{sentence}"),
            "clip.jpg" => assert!(sentence.contains("a video"), "{sentence}"),
            "IMG_0001.HEIC" => assert!(
                sentence.contains("HEIC") && sentence.contains("JPEG"),
                "{sentence}"
            ),
            "30000-one-bit.png" => assert!(sentence.contains("900 megapixels"), "{sentence}"),
            "49x400.png" => assert!(sentence.contains("49×400"), "{sentence}"),
            "study.dcm" => assert!(sentence.contains("DICOM"), "{sentence}"),
            _ => {}
        }
    }
}
