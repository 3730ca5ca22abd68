//! The main job through the window: first run, register a patient, open three photos, analysis, history, one
//! photo large, and everything still there after a restart. Each step must show what it should; each leaves a
//! picture and a line in the summary.

use std::path::Path;

use seekwell_testkit::desktop::Desktop;
use seekwell_testkit::photograph;
use seekwell_testkit::webdriver::{Nurse, Pasted, Window, demo};

use crate::centre::DEMO_MODEL;
use crate::summary::{self, Outcome, Summary, expect};

/// Drives `program` and writes what it saw to `out`; fails unless every step showed what it should.
pub(crate) fn drive(program: &Path, cli: &Path, out: &Path) -> Outcome {
    summary::of(out, "The main job, driven through the window", async |summary| {
        main_job(program, cli, summary).await
    })
}

async fn main_job(program: &Path, cli: &Path, summary: &mut Summary) -> Outcome {
    let desktop = Desktop::start()?;
    let data = desktop.home().join("seekwell");
    let data_dir = ["--data-dir".as_ref(), data.as_os_str()];

    let window = desktop.launch(program, &data_dir).await?;
    first_day(&window, summary).await?;
    window.close().await?;

    let mut install = desktop.command(cli);
    install.args(data_dir).args(["model", "install", DEMO_MODEL]);
    summary.command("a model is installed from the command line", &mut install)?;

    let window = desktop.launch(program, &data_dir).await?;
    photographs(&window, summary).await?;
    results(&window, summary).await?;
    window.close().await?;

    let window = desktop.launch(program, &data_dir).await?;
    next_year(&window, summary).await?;
    window.close().await?;

    let mut check = desktop.command(cli);
    check.args(data_dir).arg("check");
    summary.command("every record and photo is whole", &mut check)
}

async fn first_day(window: &Window, summary: &mut Summary) -> Outcome {
    let nurse = Nurse::at(window);
    summary
        .step(window, "first run", async {
            window.wait_for("first-run").await?;
            Ok("the first screen asks for the clinic and its first person".into())
        })
        .await?;
    let mut groups = Vec::new();
    summary
        .step(window, "recovery key", async {
            groups = nurse.set_up().await?;
            expect(groups.len() == 8, "eight groups of the recovery key")?;
            Ok("the recovery key is shown once".into())
        })
        .await?;
    summary
        .step(window, "signed in for the first time", async {
            nurse.confirm_recovery_key(&groups).await?;
            window.wait_for("nav-patients").await?;
            Ok("two groups were typed back, and the list of patients is empty".into())
        })
        .await?;
    summary
        .step(window, "patient registered", async {
            nurse.register(demo::HOA).await?;
            Ok(format!("the banner names {}", demo::HOA.name))
        })
        .await
}

async fn photographs(window: &Window, summary: &mut Summary) -> Outcome {
    let nurse = Nurse::at(window);
    summary
        .step(window, "signed in after a restart", async {
            nurse.sign_in().await?;
            nurse.find("nguyen van hoa", demo::HOA).await?;
            Ok("typing “nguyen van hoa” found the patient with all accents".into())
        })
        .await?;
    let files: Vec<Vec<u8>> = (1..=3).map(photograph::demo).collect();
    let names = ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"];
    let pasted: Vec<Pasted<'_>> = names
        .iter()
        .zip(&files)
        .map(|(name, bytes)| Pasted {
            name,
            media_type: "image/jpeg",
            bytes,
        })
        .collect();
    summary
        .step(window, "three photos opened", async {
            nurse.show_photos(&pasted).await?;
            Ok("three previews show what would be kept".into())
        })
        .await?;
    summary
        .step(window, "three photos kept", async {
            nurse.keep("back", "left", 3).await?;
            Ok("all three are safe on this machine".into())
        })
        .await
}

async fn results(window: &Window, summary: &mut Summary) -> Outcome {
    summary
        .step(window, "history", async {
            window.click("nav-patients").await?;
            window.click("patient-row").await?;
            window.wait_for_state("history-entry", "done", 3).await?;
            window.wait_for_pictures("history-entry", 3).await?;
            Ok("three analysed photos with their thumbnails".into())
        })
        .await?;
    summary
        .step(window, "analysis", async {
            window.click("history-entry").await?;
            window.wait_for("result-risk").await?;
            window.wait_for_count("probability", 6).await?;
            window.wait_for("demo-mark").await?;
            window.wait_for("disclaimer").await?;
            let risk = window.text("result-risk").await?;
            Ok(format!(
                "six probabilities, the demo mark, the disclaimer, and: {}",
                risk.replace('\n', " · ")
            ))
        })
        .await?;
    summary
        .step(window, "one photo large", async {
            let whole = window.wait_for_pictures("photo-viewer", 1).await?;
            let original = Nurse::at(window).zoom_to_original().await?;
            let wanted = u64::from(photograph::DEMO_SIZE.0);
            expect(
                whole.first() == Some(&1024) && original.contains(&wanted),
                "the prepared photo, then the original's pixels",
            )?;
            Ok(format!(
                "the prepared photo at 1024 pixels, closer the original at {wanted}"
            ))
        })
        .await
}

async fn next_year(window: &Window, summary: &mut Summary) -> Outcome {
    summary
        .step(window, "found again after another restart", async {
            let nurse = Nurse::at(window);
            nurse.sign_in().await?;
            nurse.find("HOA", demo::HOA).await?;
            window.wait_for_state("history-entry", "done", 3).await?;
            window.wait_for_pictures("history-entry", 3).await?;
            Ok("the patient, the three photos and their analyses".into())
        })
        .await
}
