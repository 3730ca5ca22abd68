//! Every kind of folder that is no usable model: refused by name, nothing kept.

use seekwell_core::analysis::{ModelError, Retry};

use super::sketch::{INT32, Sketch};
use super::workshop::{CONFIG, Workshop, threads, told};

/// Tries to install, and checks that a refusal leaves nothing behind.
async fn refusal(files: &[(&str, &[u8])]) -> ModelError {
    let workshop = Workshop::new();
    let folder = workshop.folder("from", files);
    refusal_of(&workshop, folder).await
}

async fn refusal_of(workshop: &Workshop, folder: std::path::PathBuf) -> ModelError {
    let models = workshop.models().await;
    let error = models.install(folder, &threads()).await.unwrap_err();
    let left: Vec<_> = std::fs::read_dir(workshop.models_dir()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(
        !told(&error).contains(workshop.dir.path().to_str().unwrap()),
        "no path in: {}",
        told(&error)
    );
    error
}

async fn refused_network(sketch: Sketch) -> ModelError {
    refusal(&[("model.onnx", &sketch.onnx()), ("config.json", CONFIG.as_bytes())]).await
}

macro_rules! assert_is {
    ($error:expr, $pattern:pat $(if $guard:expr)?) => {{
        let error = $error;
        assert!(matches!(&error, $pattern $(if $guard)?), "{error:?}");
        assert_eq!(error.retry(), Retry::NeedsPerson, "{error:?}");
    }};
}

#[tokio::test]
async fn files_that_are_missing_or_no_files() {
    let onnx = Sketch::default().onnx();
    assert_is!(
        refusal(&[]).await,
        ModelError::FileMissing { file: "config.json" }
    );
    assert_is!(
        refusal(&[("config.json", CONFIG.as_bytes())]).await,
        ModelError::FileMissing { file: "model.onnx" }
    );
    assert_is!(
        refusal(&[("model.onnx", b""), ("config.json", CONFIG.as_bytes())]).await,
        ModelError::FileEmpty { file: "model.onnx" }
    );
    assert_is!(
        refusal(&[("model.onnx", &onnx), ("config.json", &vec![b' '; (1 << 20) + 1])]).await,
        ModelError::FileTooLarge {
            file: "config.json",
            ..
        }
    );

    let workshop = Workshop::new();
    let folder = workshop.folder("from", &[("config.json", CONFIG.as_bytes())]);
    std::fs::create_dir(folder.join("model.onnx")).unwrap();
    assert_is!(
        refusal_of(&workshop, folder).await,
        ModelError::NotAFile { file: "model.onnx" }
    );
    let nowhere = workshop.dir.path().join("nowhere");
    assert_is!(
        refusal_of(&workshop, nowhere).await,
        ModelError::FileMissing { file: "config.json" }
    );
}

#[tokio::test]
async fn a_network_larger_than_its_format_allows() {
    let workshop = Workshop::new();
    let folder = workshop.folder("from", &[("config.json", CONFIG.as_bytes())]);
    // Sparse: takes no room.
    std::fs::File::create(folder.join("model.onnx"))
        .unwrap()
        .set_len((2 << 30) + 1)
        .unwrap();
    assert_is!(
        refusal_of(&workshop, folder).await,
        ModelError::FileTooLarge {
            file: "model.onnx",
            ..
        }
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_does_not_hang_the_program() {
    let workshop = Workshop::new();
    let folder = workshop.folder("from", &[("config.json", CONFIG.as_bytes())]);
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("model.onnx"))
        .status()
        .unwrap();
    assert!(made.success());
    assert_is!(
        refusal_of(&workshop, folder).await,
        ModelError::NotAFile { file: "model.onnx" }
    );
}

#[tokio::test]
async fn texts_that_do_not_say_what_they_must() {
    let onnx = Sketch::default().onnx();
    let with = |name: &'static str, text: &'static str| {
        let onnx = onnx.clone();
        async move {
            let mut files: Vec<(&str, &[u8])> = vec![("model.onnx", &onnx)];
            if name != "config.json" {
                files.push(("config.json", CONFIG.as_bytes()));
            }
            files.push((name, text.as_bytes()));
            refusal(&files).await
        }
    };
    assert_is!(
        with("config.json", "<html>").await,
        ModelError::Json {
            file: "config.json",
            ..
        }
    );
    assert_is!(
        with("config.json", r#"{"id2label":[1,2]}"#).await,
        ModelError::Json {
            file: "config.json",
            ..
        }
    );
    assert_is!(with("config.json", "{}").await, ModelError::LabelsMissing);
    assert_is!(
        with("config.json", r#"{"id2label":{"0":"ACK"}}"#).await,
        ModelError::LabelCount { found: 1 }
    );
    assert_is!(
        with(
            "config.json",
            r#"{"id2label":{"0":"LABEL_0","1":"LABEL_1","2":"LABEL_2","3":"LABEL_3","4":"LABEL_4","5":"LABEL_5"}}"#
        )
        .await,
        ModelError::LabelUnknown { .. }
    );
    assert_is!(
        with("preprocessor_config.json", r#"{"do_center_crop":true}"#).await,
        ModelError::Preprocessor { .. }
    );
    assert_is!(
        with("preprocessor_config.json", "").await,
        ModelError::FileEmpty { .. }
    );
    assert_is!(
        with("seekwell.json", r#"{"name":"x","demoo":true}"#).await,
        ModelError::Json { .. }
    );
    assert_is!(
        with("seekwell.json", r#"{"name":"x","covers":[]}"#).await,
        ModelError::Manifest { .. }
    );
}

#[tokio::test]
async fn networks_that_are_none() {
    let onnx = Sketch::default().onnx();
    let page: &[u8] = b"<!DOCTYPE html><title>404</title>";
    for bytes in [
        page,
        &[0; 4096],
        &[0xff; 4096],
        &onnx[..onnx.len() / 2],
        b"RTEN\x02\0\0\0",
    ] {
        let error = refusal(&[("model.onnx", bytes), ("config.json", CONFIG.as_bytes())]).await;
        assert_is!(error, ModelError::NotFramed { .. });
    }
    assert_is!(
        refused_network(Sketch {
            operator: "NoSuchOperator",
            ..Sketch::default()
        })
        .await,
        ModelError::NotANetwork { .. }
    );
    assert_is!(
        refused_network(Sketch {
            weights_elsewhere: true,
            ..Sketch::default()
        })
        .await,
        ModelError::WeightsElsewhere
    );
}

#[tokio::test]
async fn flipped_bits_never_pass_for_a_panic_or_leave_something_behind() {
    let onnx = Sketch::default().onnx();
    for position in (0..onnx.len()).step_by(3) {
        let mut flipped = onnx.clone();
        flipped[position] ^= 1 << (position % 8);
        let workshop = Workshop::new();
        let folder = workshop.folder(
            "from",
            &[("model.onnx", &flipped), ("config.json", CONFIG.as_bytes())],
        );
        let models = workshop.models().await;
        let installed = models.install(folder, &threads()).await;
        let listing = models.list().await.unwrap();
        assert_eq!(
            listing.models.len(),
            usize::from(installed.is_ok()),
            "bit at {position}"
        );
        assert!(listing.broken.is_empty(), "bit at {position}");
    }
}

#[tokio::test]
async fn inputs_and_outputs_that_do_not_fit() {
    let sketch = Sketch::default;
    assert_is!(
        refused_network(Sketch { input: "images", ..sketch() }).await,
        ModelError::Input { found, .. } if found.contains("images")
    );
    assert_is!(
        refused_network(Sketch {
            input_type: INT32,
            ..sketch()
        })
        .await,
        ModelError::Input { .. }
    );
    for shape in [
        vec![None, Some(3), Some(384), Some(384)],
        vec![None, Some(1), Some(224), Some(224)],
        vec![Some(8), Some(3), Some(224), Some(224)],
        vec![Some(3), Some(224), Some(224)],
    ] {
        assert_is!(
            refused_network(Sketch {
                input_shape: shape,
                ..sketch()
            })
            .await,
            ModelError::Input { .. }
        );
    }
    assert_is!(
        refused_network(Sketch {
            second_input: true,
            ..sketch()
        })
        .await,
        ModelError::Input { .. }
    );
    assert_is!(
        refused_network(Sketch { output: "scores", ..sketch() }).await,
        ModelError::Output { found } if found.contains("scores")
    );
}

#[tokio::test]
async fn networks_that_only_a_trial_run_unmasks() {
    let seven = Sketch {
        matrix: vec![0.5; 21],
        bias: vec![0.0; 7],
        output_shape: None,
        ..Sketch::default()
    };
    assert_is!(
        refused_network(seven).await,
        ModelError::Output { .. } | ModelError::TrialNotAnAnswer
    );
    let mut bias = vec![0.0; 6];
    bias[2] = f32::NAN;
    assert_is!(
        refused_network(Sketch {
            bias,
            ..Sketch::default()
        })
        .await,
        ModelError::TrialNotAnAnswer
    );
    let infinite = Sketch {
        bias: vec![f32::INFINITY; 6],
        ..Sketch::default()
    };
    assert_is!(refused_network(infinite).await, ModelError::TrialNotAnAnswer);
    let four_rows = Sketch {
        matrix: vec![0.5; 12],
        bias: vec![0.0; 6],
        ..Sketch::default()
    };
    let error = refused_network(four_rows).await;
    assert!(
        matches!(error, ModelError::NotANetwork { .. } | ModelError::Trial { .. }),
        "{error:?}"
    );
}
