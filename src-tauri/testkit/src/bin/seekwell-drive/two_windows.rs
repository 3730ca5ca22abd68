//! Two workstations of one clinic and the centre between them: a photo is kept at one and seen at the other. Before a person
//! where there is a screen; else driven, each window on a desktop of its own.

use std::path::Path;
use std::process::Command;

use seekwell_testkit::desktop::Desktop;
use seekwell_testkit::desktop::process::{self, Guardian};
use seekwell_testkit::photograph;
use seekwell_testkit::webdriver::{Nurse, Pasted, Window, demo};

use crate::centre::{Centre, Workstation};
use crate::photos;
use crate::summary::{self, Outcome, Summary, expect};

/// Opens both windows and returns when both were closed. Whatever ends this process, Ctrl-C as well, ends the servers and the
/// windows and removes what they kept.
pub(crate) fn open(program: &Path, cli: &Path) -> Outcome {
    let folder = tempfile::Builder::new().prefix("seekwell-centre-").tempdir()?;
    let marker = folder.path().display().to_string();
    let _guardian = Guardian::start(&marker, folder.path())?;
    let centre = Centre::start(cli, folder.path())?;
    let stations = [centre.workstation("A")?, centre.workstation("B")?];
    let pictures = folder.path().join("photos");
    photos::write(&pictures, 6)?;
    println!(
        "Two windows open, A and then B. Sign in at both as {} with the password {}; register a patient at A and keep a \
         photo, for instance one of {}: it appears at B. Closing both windows, or Ctrl-C, ends the centre and removes \
         everything.",
        demo::EMAIL,
        demo::PASSWORD,
        pictures.display()
    );
    let mut windows = Vec::new();
    for station in &stations {
        let mut window = Command::new(program);
        process::mark(&mut window, &marker);
        windows.push(window.args(station.arguments()).spawn()?);
    }
    for window in &mut windows {
        window.wait()?;
    }
    Ok(())
}

/// Drives both windows and writes what it saw to `out`; fails unless every step showed what it should.
pub(crate) fn drive(program: &Path, cli: &Path, out: &Path) -> Outcome {
    summary::of(
        out,
        "Two workstations and a centre, driven through two windows",
        async |summary| travel(program, cli, summary).await,
    )
}

async fn travel(program: &Path, cli: &Path, summary: &mut Summary) -> Outcome {
    let folder = tempfile::Builder::new().prefix("seekwell-centre-").tempdir()?;
    let centre = summary.act("a centre", || {
        let centre = Centre::start(cli, folder.path())?;
        Ok((centre, "PostgreSQL with its tables, a bucket, one clinic".into()))
    })?;
    let mut stations = Vec::new();
    for name in ["A", "B"] {
        stations.push(summary.act(&format!("workstation {name}"), || {
            let station = centre.workstation(name)?;
            Ok((station, "set up, and connected with its code".into()))
        })?);
    }
    let desktops = [
        Desktop::start_without_keyring()?,
        Desktop::start_without_keyring()?,
    ];
    let at_a = window(&desktops[0], program, &stations[0]).await?;
    let at_b = window(&desktops[1], program, &stations[1]).await?;
    sign_in(&at_a, &at_b, summary).await?;
    keep(&at_a, summary).await?;
    arrive(&at_a, &at_b, summary).await?;
    at_a.close().await?;
    at_b.close().await?;
    for (station, name) in stations.iter().zip(["A", "B"]) {
        summary.act(&format!("{name} is in step with the centre"), || {
            let status = station.ask(&["sync", "--once"])?;
            expect(status["overall"] == "at_centre", "nothing that waits")?;
            expect(station.ask(&["check"])?["ok"] == true, "nothing that is damaged")?;
            Ok(((), "nothing waits, and every record and photo is whole".into()))
        })?;
    }
    summary.act("the bucket", || {
        expect(centre.images() == 3, "three images")?;
        Ok(((), "original, prepared photo and thumbnail, each once".into()))
    })
}

async fn window(desktop: &Desktop, program: &Path, station: &Workstation) -> Outcome<Window> {
    Ok(desktop.launch(program, &station.arguments()).await?)
}

async fn sign_in(at_a: &Window, at_b: &Window, summary: &mut Summary) -> Outcome {
    for (window, name) in [(at_a, "A"), (at_b, "B")] {
        summary
            .step(window, &format!("{name} signed in"), async {
                Nurse::at(window).sign_in().await?;
                window.wait_for("register-patient").await?;
                expect(window.count("patient-row").await? == 0, "nobody registered yet")?;
                Ok("nobody is registered yet".into())
            })
            .await?;
    }
    Ok(())
}

async fn keep(at_a: &Window, summary: &mut Summary) -> Outcome {
    let nurse = Nurse::at(at_a);
    summary
        .step(at_a, "A registers a patient", async {
            nurse.register(demo::HOA).await?;
            Ok(format!("the banner names {}", demo::HOA.name))
        })
        .await?;
    let bytes = photograph::demo(1);
    summary
        .step(at_a, "A keeps a photo", async {
            nurse
                .show_photos(&[Pasted {
                    name: "IMG_0001.jpg",
                    media_type: "image/jpeg",
                    bytes: &bytes,
                }])
                .await?;
            nurse.keep("back", "left", 1).await?;
            Ok("it is safe on this machine".into())
        })
        .await?;
    summary
        .step(at_a, "A analyses it", async {
            at_a.click("staged-open").await?;
            at_a.wait_until_painted("photo-viewer").await?;
            let risk = at_a.text("result-risk").await?;
            Ok(risk.replace('\n', " · "))
        })
        .await
}

async fn arrive(at_a: &Window, at_b: &Window, summary: &mut Summary) -> Outcome {
    summary
        .step(at_b, "B shows the patient", async {
            at_b.wait_for_text("patient-row", demo::HOA.name).await?;
            Ok("registered at A, and here without anybody asking for it".into())
        })
        .await?;
    summary
        .step(at_b, "B shows the photo in the history", async {
            at_b.click("patient-row").await?;
            at_b.wait_for_state("history-entry", "done", 1).await?;
            at_b.wait_for_pictures("history-entry", 1).await?;
            at_b.wait_until_painted("history-entry").await?;
            Ok("with its thumbnail and its analysis".into())
        })
        .await?;
    summary
        .step(at_b, "B shows the photo large", async {
            at_b.click("history-entry").await?;
            let widths = at_b.wait_for_pictures("photo-viewer", 1).await?;
            expect(widths == [1024], "the prepared photo at 1024 pixels")?;
            at_b.wait_until_painted("photo-viewer").await?;
            let (here, there) = (at_b.text("result-risk").await?, at_a.text("result-risk").await?);
            expect(here == there, "the same result as at A")?;
            Ok("fetched from the bucket at this moment; the result is the one of A".into())
        })
        .await
}
