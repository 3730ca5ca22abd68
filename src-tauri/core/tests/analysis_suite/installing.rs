//! Models come, are replaced and go; what dies in the middle leaves nothing half done.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use seekwell_core::analysis::{ModelError, Models};
use seekwell_core::clinical::PhotoKind;
use sha2::{Digest, Sha256};

use super::sketch::Sketch;
use super::workshop::{CONFIG, Workshop, demo_model, threads, write};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_model_is_kept_under_the_hash_of_its_network() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let model = models.install(demo_model(), &threads()).await.unwrap();
    let network = fs::read(demo_model().join("model.onnx")).unwrap();
    assert_eq!(model.card.sha256, hex(&network));
    assert_eq!(model.card.bytes, network.len() as u64);
    assert_eq!(model.card.name, "SeekWell demo model");
    assert!(model.card.demo);
    assert_eq!(model.card.published_accuracy, None);
    assert_eq!(model.card.labels, ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"]);
    assert!(
        model.card.covers.covers(PhotoKind::Clinical) && !model.card.covers.covers(PhotoKind::Dermoscopic)
    );
    // The README beside it stays where it is.
    assert_eq!(
        names(&workshop.models_dir()),
        std::slice::from_ref(&model.card.sha256)
    );
    assert_eq!(
        names(&workshop.models_dir().join(&model.card.sha256)),
        [
            "config.json",
            "model.onnx",
            "preprocessor_config.json",
            "seekwell.json"
        ]
    );

    let again = workshop.models().await;
    assert_eq!(again.list().await.unwrap().models, std::slice::from_ref(&model));
    assert_eq!(again.find(&model.card.sha256).await.unwrap(), model);
}

#[tokio::test]
async fn a_demo_stays_a_demo_without_its_manifest() {
    let workshop = Workshop::new();
    let network = fs::read(demo_model().join("model.onnx")).unwrap();
    let folder = workshop.folder(
        "bare",
        &[("model.onnx", &network), ("config.json", CONFIG.as_bytes())],
    );
    let models = workshop.models().await;
    let model = models.install(folder, &threads()).await.unwrap();
    assert!(model.card.demo);
    assert_eq!(
        model.card.name, "bare",
        "the folder's name, where nothing else names it"
    );
    assert!(workshop.models().await.list().await.unwrap().models[0].card.demo);

    let plain = models
        .install(workshop.sketch("plain", &Sketch::default()), &threads())
        .await
        .unwrap();
    assert!(!plain.card.demo);
    let lying = Sketch {
        metadata: vec![("seekwell_demo", "true")],
        ..Sketch::default()
    };
    let folder = workshop.sketch("lying", &lying);
    write(
        &folder.join("seekwell.json"),
        br#"{"name":"SeekWell","demo":false,"published_accuracy":0.69}"#,
    );
    assert!(models.install(folder, &threads()).await.unwrap().card.demo);
}

#[tokio::test]
async fn the_same_network_again_replaces_what_is_said_about_it() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let folder = workshop.sketch("first", &Sketch::default());
    let first = models.install(folder.clone(), &threads()).await.unwrap();
    write(
        &folder.join("seekwell.json"),
        br#"{"name":"Second","published_accuracy":0.7,"covers":["dermoscopic"]}"#,
    );
    let second = models.install(folder, &threads()).await.unwrap();
    assert_eq!(second.card.sha256, first.card.sha256);
    assert_eq!(
        (second.card.name.as_str(), second.card.published_accuracy),
        ("Second", Some(0.7))
    );
    assert_eq!(models.list().await.unwrap().models, [second]);
    assert_eq!(names(&workshop.models_dir()).len(), 1);
}

#[tokio::test]
async fn a_refused_model_leaves_the_installed_ones_alone() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let good = models
        .install(workshop.sketch("good", &Sketch::default()), &threads())
        .await
        .unwrap();
    let bad = workshop.sketch(
        "bad",
        &Sketch {
            bias: vec![f32::NAN; 6],
            ..Sketch::default()
        },
    );
    models.install(bad, &threads()).await.unwrap_err();
    // The very same network, this time with labels that mean nothing.
    let relabelled = workshop.sketch("relabelled", &Sketch::default());
    write(&relabelled.join("config.json"), b"{}");
    models.install(relabelled, &threads()).await.unwrap_err();
    assert_eq!(models.list().await.unwrap().models, [good]);
}

#[tokio::test]
async fn one_broken_model_hides_no_other() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let good = models
        .install(workshop.sketch("good", &Sketch::default()), &threads())
        .await
        .unwrap();
    let other = Sketch {
        bias: vec![0.0; 6],
        ..Sketch::default()
    };
    let broken = models
        .install(workshop.sketch("broken", &other), &threads())
        .await
        .unwrap();
    fs::remove_file(
        workshop
            .models_dir()
            .join(&broken.card.sha256)
            .join("config.json"),
    )
    .unwrap();
    fs::create_dir(workshop.models_dir().join("notes of somebody")).unwrap();

    let listing = workshop.models().await.list().await.unwrap();
    assert_eq!(listing.models, [good]);
    assert_eq!(listing.broken.len(), 1);
    assert_eq!(listing.broken[0].0, broken.card.sha256);
    assert!(matches!(
        listing.broken[0].1,
        ModelError::FileMissing { file: "config.json" }
    ));
    // Installing it again mends it, and a broken one can be removed.
    models
        .install(workshop.dir.path().join("broken"), &threads())
        .await
        .unwrap();
    assert_eq!(models.list().await.unwrap().models.len(), 2);
}

#[tokio::test]
async fn a_removed_model_is_gone_and_only_hashes_are_removed() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let model = models
        .install(workshop.sketch("one", &Sketch::default()), &threads())
        .await
        .unwrap();
    for stranger in [
        "",
        "..",
        "../one",
        ".incoming",
        &"0".repeat(64),
        &model.card.sha256.to_uppercase(),
    ] {
        assert!(
            matches!(models.remove(stranger).await, Err(ModelError::NotInstalled)),
            "{stranger}"
        );
        assert!(
            matches!(models.find(stranger).await, Err(ModelError::NotInstalled)),
            "{stranger}"
        );
    }
    assert!(workshop.dir.path().join("one").is_dir());
    models.remove(&model.card.sha256).await.unwrap();
    assert!(names(&workshop.models_dir()).is_empty());
}

#[tokio::test]
async fn two_installs_at_once_both_succeed() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let other = Sketch {
        bias: vec![0.0; 6],
        ..Sketch::default()
    };
    let (one, two) = (
        workshop.sketch("one", &Sketch::default()),
        workshop.sketch("two", &other),
    );
    let threads = threads();
    let (one, two) = tokio::join!(models.install(one, &threads), models.install(two, &threads));
    assert_ne!(one.unwrap().card.sha256, two.unwrap().card.sha256);
    assert_eq!(models.list().await.unwrap().models.len(), 2);
}

#[tokio::test]
async fn what_a_dead_process_left_is_cleared_or_put_back() {
    let workshop = Workshop::new();
    let models = workshop.models().await;
    let model = models
        .install(workshop.sketch("one", &Sketch::default()), &threads())
        .await
        .unwrap();
    let place = workshop.models_dir().join(&model.card.sha256);

    // Died while copying, and while removing another.
    fs::create_dir(workshop.models_dir().join(".incoming")).unwrap();
    write(&workshop.models_dir().join(".incoming/model.onnx"), b"half");
    fs::create_dir(workshop.models_dir().join(format!(".removed-{}", "a".repeat(64)))).unwrap();
    // Died between putting the old one aside and putting the new one in its place.
    fs::rename(
        &place,
        workshop
            .models_dir()
            .join(format!(".replaced-{}", model.card.sha256)),
    )
    .unwrap();
    assert_eq!(
        workshop.models().await.list().await.unwrap().models,
        std::slice::from_ref(&model)
    );
    assert_eq!(
        names(&workshop.models_dir()),
        std::slice::from_ref(&model.card.sha256)
    );

    // Died when the new one already stood.
    fs::create_dir(
        workshop
            .models_dir()
            .join(format!(".replaced-{}", model.card.sha256)),
    )
    .unwrap();
    assert_eq!(workshop.models().await.list().await.unwrap().models, [model]);
    assert_eq!(names(&workshop.models_dir()).len(), 1);
}

/// Where a killed process is to install from and into; set for the child alone.
const CHILD: &str = "SEEKWELL_TEST_INSTALL";

/// Not a test by itself: the process that is killed below.
#[tokio::test]
#[ignore = "the child process of another test"]
async fn child_that_installs_for_ever() {
    let Some(dir) = std::env::var_os(CHILD) else {
        return;
    };
    let dir = Path::new(&dir);
    // Nobody is left behind where the test itself is ended.
    std::thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        std::process::exit(0);
    });
    let models = Models::open(dir.join("models")).await.unwrap();
    loop {
        for folder in ["one", "two"] {
            models.install(dir.join(folder), &threads()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_killed_install_leaves_whole_models_or_none() {
    let workshop = Workshop::new();
    workshop.sketch("one", &Sketch::default());
    workshop.sketch(
        "two",
        &Sketch {
            bias: vec![0.0; 6],
            ..Sketch::default()
        },
    );
    let mut seen_half = 0;
    // Each round kills at another sight: so many files in the folder that is being built.
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "installing::child_that_installs_for_ever", "--ignored"])
            .env(CHILD, workshop.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let incoming = workshop.models_dir().join(".incoming");
        while fs::read_dir(&incoming).map_or(0, Iterator::count) < 1 + round % 3 {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the child goes on until it is killed"
            );
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        seen_half += usize::from(incoming.exists());

        let models = workshop.models().await;
        assert!(!incoming.exists());
        let listing = models.list().await.unwrap();
        assert!(listing.broken.is_empty(), "{:?}", listing.broken);
        assert_eq!(names(&workshop.models_dir()).len(), listing.models.len());
        for model in listing.models {
            let network =
                fs::read(workshop.models_dir().join(&model.card.sha256).join("model.onnx")).unwrap();
            assert_eq!(hex(&network), model.card.sha256);
        }
    }
    assert!(seen_half > 0, "at least one kill came in the middle");
}
