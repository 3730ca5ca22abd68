//! Answers that can be worked out by hand, and what happens to a model between one analysis and the next.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};

use seekwell_core::analysis::{AnalysisError, Analyzer, ModelError, Retry};
use seekwell_core::clinical::LesionClass;

use super::sketch::Sketch;
use super::workshop::{Workshop, told};

#[tokio::test]
async fn the_answer_is_what_arithmetic_says() {
    let workshop = Workshop::new();
    let sketch = Sketch::default();
    let analyser = workshop.analyser(workshop.sketch("sketch", &sketch)).await;
    for colour in [[0, 0, 0], [255, 255, 255], [200, 150, 120], [10, 250, 99]] {
        let opinion = analyser.analyse(colour.to_vec()).await.unwrap();
        for (class, expected) in LesionClass::ALL.iter().zip(sketch.probabilities(colour)) {
            let found = opinion.probabilities.of(*class);
            assert!(
                (found - expected).abs() < 1e-5,
                "{class} of {colour:?}: {found}, not {expected}"
            );
        }
    }
}

#[tokio::test]
async fn a_label_decides_which_output_is_which_class() {
    let workshop = Workshop::new();
    let sketch = Sketch::default();
    let config = r#"{"id2label":{"0":"SEK (Seborrheic keratosis)","1":"squamous_cell_carcinoma","2":"Nevus",
        "3":"melanoma","4":"bcc","5":"Actinic keratosis"}}"#;
    let folder = workshop.folder(
        "turned",
        &[("model.onnx", &sketch.onnx()), ("config.json", config.as_bytes())],
    );
    let analyser = workshop.analyser(folder).await;
    let opinion = analyser.analyse(vec![200, 150, 120]).await.unwrap();
    let outputs = sketch.probabilities([200, 150, 120]);
    for (class, output) in LesionClass::ALL.iter().zip([5, 4, 3, 2, 1, 0]) {
        assert!(
            (opinion.probabilities.of(*class) - outputs[output]).abs() < 1e-5,
            "{class}"
        );
    }
    assert_eq!(analyser.card().labels[1], "squamous_cell_carcinoma");
}

#[tokio::test]
async fn a_photo_that_can_not_be_read_says_whether_to_try_again() {
    let workshop = Workshop::new();
    let analyser = workshop
        .analyser(workshop.sketch("sketch", &Sketch::default()))
        .await;
    let never = analyser.analyse(vec![]).await.unwrap_err();
    assert!(matches!(never, AnalysisError::Pixels { .. }) && never.retry() == Retry::Never);
    assert_eq!(analyser.analyse(vec![1]).await.unwrap_err().retry(), Retry::Later);
    let short = analyser.analyse(vec![0; 100]).await.unwrap_err();
    assert!(matches!(
        short,
        AnalysisError::PixelCount {
            expected: 150_528,
            found: 100
        }
    ));
    assert_eq!(short.retry(), Retry::Never);
    assert!(analyser.analyse(vec![1, 2, 3]).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_is_no_number_is_no_opinion() {
    let workshop = Workshop::new();
    // Finite on the grey image of the trial run, and not on white: what overflows depends on the photo.
    let sketch = Sketch {
        matrix: vec![3e38; 18],
        ..Sketch::default()
    };
    let analyser = workshop.analyser(workshop.sketch("overflow", &sketch)).await;
    let error = analyser.analyse(vec![255, 255, 255]).await.unwrap_err();
    assert!(matches!(error, AnalysisError::NotAnAnswer), "{}", told(&error));
    assert_eq!(error.retry(), Retry::Never);
    assert!(analyser.analyse(vec![128, 127, 128]).await.is_ok());
}

#[tokio::test]
async fn a_network_that_changed_on_disk_is_not_used() {
    let workshop = Workshop::new();
    let analyser = workshop
        .analyser(workshop.sketch("sketch", &Sketch::default()))
        .await;
    analyser.analyse(vec![1, 2, 3]).await.unwrap();
    let network = workshop
        .models_dir()
        .join(&analyser.card().sha256)
        .join("model.onnx");
    let mut file = OpenOptions::new().write(true).open(&network).unwrap();
    file.seek(SeekFrom::End(-40)).unwrap();
    file.write_all(&[77]).unwrap();
    drop(file);

    analyser
        .analyse(vec![1, 2, 3])
        .await
        .expect("the loaded network is the good one");
    analyser.unload().await;
    let error = analyser.analyse(vec![1, 2, 3]).await.unwrap_err();
    assert!(
        matches!(
            error,
            AnalysisError::Model {
                source: ModelError::Damaged
            }
        ),
        "{}",
        told(&error)
    );
    assert_eq!(error.retry(), Retry::NeedsPerson);

    std::fs::remove_dir_all(network.parent().unwrap()).unwrap();
    let error = analyser.analyse(vec![1, 2, 3]).await.unwrap_err();
    assert!(matches!(
        error,
        AnalysisError::Model {
            source: ModelError::FileMissing { .. }
        }
    ));
    assert_eq!(error.retry(), Retry::NeedsPerson);
}

#[tokio::test]
async fn unloading_changes_no_answer() {
    let workshop = Workshop::new();
    let analyser = workshop
        .analyser(workshop.sketch("sketch", &Sketch::default()))
        .await;
    let before = analyser.analyse(vec![1, 2, 3]).await.unwrap();
    analyser.unload().await;
    assert_eq!(
        analyser.analyse(vec![1, 2, 3]).await.unwrap().probabilities,
        before.probabilities
    );
}
