//! A model that comes as one `.zip`: what is taken out of it, and what is refused.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use seekwell_core::analysis::{InstalledModel, ModelError};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::sketch::Sketch;
use super::workshop::{CONFIG, Workshop, threads, write};

/// Packs these files under these names.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn put(workshop: &Workshop, name: &str, bytes: &[u8]) -> PathBuf {
    let path = workshop.folder("archives", &[]).join(name);
    write(&path, bytes);
    path
}

async fn installed(workshop: &Workshop, name: &str, bytes: &[u8]) -> Result<InstalledModel, ModelError> {
    let path = put(workshop, name, bytes);
    let installed = workshop.models().await.install(path, &threads()).await;
    let hidden = std::fs::read_dir(workshop.models_dir())
        .unwrap()
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with('.')
        })
        .count();
    assert_eq!(hidden, 0, "{name}: something unpacked was left");
    installed
}

#[tokio::test]
async fn a_model_is_found_in_whatever_folder_of_the_archive_it_is() {
    let network = Sketch::default().onnx();
    for folder in ["", "seekwell-vit/", "a/b/c/"] {
        let workshop = Workshop::new();
        let archive = packed(&[
            (&format!("{folder}README.md"), b"not read"),
            (&format!("{folder}model.onnx"), &network),
            (&format!("{folder}config.json"), CONFIG.as_bytes()),
            ("__MACOSX/._model.onnx", b"not read"),
        ]);
        let model = installed(&workshop, "ViT of May.zip", &archive).await.unwrap();
        assert_eq!(
            model.card.name, "ViT of May",
            "the archive's name, where nothing else names it"
        );
        let names = ["config.json", "model.onnx", "seekwell.json"];
        for name in names {
            assert!(
                workshop
                    .models_dir()
                    .join(&model.card.sha256)
                    .join(name)
                    .is_file()
            );
        }
    }
}

#[tokio::test]
async fn what_is_no_model_in_an_archive_is_refused_and_leaves_nothing() {
    let network = Sketch::default().onnx();
    let config = CONFIG.as_bytes();
    let two = packed(&[
        ("a/model.onnx", &network),
        ("a/config.json", config),
        ("b/model.onnx", &network),
    ]);
    let outside = packed(&[("../model.onnx", &network), ("../config.json", config)]);
    let half = packed(&[("model.onnx", &network)]);
    // A megabyte and a byte of blanks, which pack into a thousand: as large as no such file is.
    let bomb = packed(&[
        ("config.json", &vec![b' '; (1 << 20) + 1]),
        ("model.onnx", &network),
    ]);
    let mut damaged = packed(&[("model.onnx", &network), ("config.json", config)]);
    let middle = damaged.len() / 3;
    damaged[middle] ^= 0xff;
    let whole = packed(&[("model.onnx", &network), ("config.json", config)]);
    let truncated = &whole[..whole.len() / 2];

    let workshop = Workshop::new();
    let refused = async |bytes: &[u8]| installed(&workshop, "some.zip", bytes).await.unwrap_err();
    assert!(matches!(refused(&two).await, ModelError::Archive { .. }));
    assert!(matches!(refused(&outside).await, ModelError::FileMissing { .. }));
    assert!(matches!(
        refused(&half).await,
        ModelError::FileMissing { file: "config.json" }
    ));
    assert!(matches!(
        refused(&bomb).await,
        ModelError::FileTooLarge {
            file: "config.json",
            ..
        }
    ));
    assert!(matches!(refused(&damaged).await, ModelError::Archive { .. }));
    assert!(matches!(refused(truncated).await, ModelError::Archive { .. }));
    assert!(matches!(refused(b"no archive").await, ModelError::Archive { .. }));
    assert_eq!(workshop.models().await.list().await.unwrap().models, []);
    assert!(!workshop.models_dir().join("../model.onnx").exists());
}
