//! Which models are trusted, and what happens without one.

use std::path::{Path, PathBuf};

use seekwell_core::clinical::{Analysis, PendingReason};
use seekwell_core::error::{Code, Failure};

use super::ward::{Opened, Ward, write};

fn demo_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/demo-model")
}

/// The same network under another hash: ONNX skips a field that it does not know.
fn other_model(ward: &Ward) -> PathBuf {
    let read = |file: &str| std::fs::read(demo_model().join(file)).unwrap();
    let mut network = read("model.onnx");
    // Field 1,000, a varint: unknown to every reader.
    network.extend([0xc0, 0x3e, 0x01]);
    ward.folder(
        "other",
        &[("model.onnx", &network), ("config.json", &read("config.json"))],
    )
}

async fn waits_for_a_model(opened: &Opened, photo: seekwell_core::clinical::PhotoId) -> bool {
    matches!(
        opened.analysis(photo).await,
        Analysis::Pending {
            reason: PendingReason::NoModel,
            ..
        }
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_small_files_were_edited_does_not_speak_until_it_is_installed_again() {
    let (ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let model = opened
        .workstation
        .install_model(&opened.caller, demo_model())
        .await
        .unwrap();
    opened.close().await;
    let folder = ward.data_dir().join("models").join(&model.sha256);
    for (file, from, to) in [
        ("config.json", ["MEL", "NEV"], ["NEV", "MEL"]),
        ("seekwell.json", ["true", "SeekWell"], ["false", "SeekWell"]),
    ] {
        let whole = std::fs::read_to_string(folder.join(file)).unwrap();
        let edited = whole
            .replace(from[0], "\u{0}")
            .replace(from[1], to[1])
            .replace('\u{0}', to[0]);
        assert_ne!(edited, whole);
        write(&folder.join(file), edited.as_bytes());

        let opened = ward.open().await.unwrap();
        let photo = opened.keep(patient, edited.len() as u64).await;
        assert_eq!(opened.analyse().await, 0, "{file}");
        assert!(waits_for_a_model(&opened, photo).await, "{file}");
        let rows = opened.workstation.models(&opened.caller).await.unwrap();
        assert_eq!(
            rows.iter()
                .map(|row| (row.active, row.usable))
                .collect::<Vec<_>>(),
            [(true, false)],
            "{file}"
        );
        let refused = opened.workstation.use_model(&opened.caller, &model.sha256).await;
        assert_eq!(Failure::from(refused.unwrap_err()).code, Code::ModelInvalid);

        opened
            .workstation
            .install_model(&opened.caller, demo_model())
            .await
            .unwrap();
        assert_eq!(opened.analyse().await, 1, "{file}");
        let Analysis::Done(done) = opened.analysis(photo).await else {
            panic!("it waits")
        };
        assert!(done.demo);
        opened.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn models_take_turns_and_photos_wait_when_the_last_is_gone() {
    let (ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let first = station.install_model(caller, demo_model()).await.unwrap();
    let second = station.install_model(caller, other_model(&ward)).await.unwrap();
    assert_ne!(first.sha256, second.sha256);

    for model in [&second, &first] {
        station.use_model(caller, &model.sha256).await.unwrap();
        let photo = opened.keep(patient, u64::from(model.sha256.as_bytes()[0])).await;
        assert_eq!(opened.analyse().await, 1);
        let Analysis::Done(done) = opened.analysis(photo).await else {
            panic!("it waits")
        };
        assert_eq!(done.model_sha256, model.sha256);
        assert!(done.demo, "the network itself says that it is a demo");
    }
    let unknown = station.use_model(caller, &"0".repeat(64)).await.unwrap_err();
    assert_eq!(Failure::from(unknown).code, Code::ModelMissing);

    // One that does not speak goes, and the other speaks on.
    station.remove_model(caller, &second.sha256).await.unwrap();
    opened.keep(patient, 1_000).await;
    assert_eq!(opened.analyse().await, 1);
    station.remove_model(caller, &first.sha256).await.unwrap();
    let photo = opened.keep(patient, 1_001).await;
    assert_eq!(opened.analyse().await, 0);
    assert!(waits_for_a_model(&opened, photo).await);
    let gone = station.remove_model(caller, &first.sha256).await.unwrap_err();
    assert_eq!(Failure::from(gone).code, Code::ModelMissing);
    opened.close().await;

    // It does not come back with the next start, and another one helps.
    let opened = ward.open().await.unwrap();
    assert_eq!(opened.analyse().await, 0);
    opened
        .workstation
        .install_model(&opened.caller, demo_model())
        .await
        .unwrap();
    assert_eq!(opened.analyse().await, 1);
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_kept_where_the_folder_of_models_is_broken() {
    let (ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    opened.close().await;
    let folder = ward.data_dir().join("models");
    std::fs::remove_dir_all(&folder).unwrap();
    write(&folder, b"not a folder");
    let opened = ward.open().await.unwrap();
    let photo = opened.keep(patient, 1).await;
    assert!(waits_for_a_model(&opened, photo).await);
    assert!(opened.workstation.models(&opened.caller).await.is_err());
    opened.close().await;
}
