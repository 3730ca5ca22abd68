//! Whether the window stutters while the queue works: the longest time between two frames while a person scrolls through the
//! history of a patient whose photos are analysed with the full-size ViT, and while nothing is analysed.
//!
//! Frames are counted in the window itself, by what asks for the next one. In a virtual display they are drawn by the same cores
//! that analyse.

use std::path::Path;
use std::time::Duration;

use seekwell_testkit::desktop::Desktop;
use seekwell_testkit::photograph;
use seekwell_testkit::webdriver::Window;
use tokio::runtime::Runtime;

use crate::analysis::{network, peers_python};
use crate::clinic::{self, Clinic, EMAIL, PASSWORD};
use crate::measurement::{Measurement, Unit};
use crate::photos::numbered;
use crate::program::{self, Outcome, Pace};
use crate::start;

const BENCH: &str = "frames";
/// Between two frames, in milliseconds.
const LONGEST: f64 = 100.0;
const LESIONS: usize = 6;
/// More than are analysed while frames are counted.
const WAITING: u64 = 150;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let folder = program::folder("vit")?;
    network(&peers_python(), &folder)?;
    let runtime = Runtime::new()?;
    let busy = runtime.block_on(waiting(pace.choose(WAITING, 10)))?;
    // The same photos and no model: nothing is analysed.
    let calm = busy.copied()?;
    runtime.block_on(async {
        let (workstation, caller) = busy.open().await?;
        workstation.install_model(&caller, folder.clone()).await?;
        workstation.close().await;
        Outcome::Ok(())
    })?;
    let seconds = pace.choose(30, 3);
    let without = runtime.block_on(longest(&calm, seconds))?;
    let with = runtime.block_on(longest(&busy, seconds))?;
    let analysed = runtime.block_on(busy.count("analysis WHERE state = 'DONE'"))?;
    if analysed == 0 {
        return Err("nothing was analysed meanwhile".into());
    }
    eprintln!("{analysed} photos were analysed meanwhile");
    for (peer, peers, at_most) in [
        ("limit", LONGEST, Some(1.0)),
        ("with nothing to analyse", without, None),
    ] {
        Measurement {
            bench: BENCH,
            case: "longest time between two frames of a scrolled history, while photos are analysed",
            unit: Unit::Milliseconds,
            ours: with,
            peer,
            peers,
            at_most,
        }
        .report();
    }
    Ok(())
}

/// A clinic with one patient whose photos wait.
async fn waiting(photos: u64) -> Outcome<Clinic> {
    let clinic = Clinic::new()?;
    let (workstation, caller) = clinic.set_up().await?;
    let draft = clinic::draft("Trần Thị Lan (mẫu)");
    let patient = workstation.register_patient(&caller, draft).await?.id;
    let original = photograph::demo(1);
    // A patient with many photos has few lesions: each is looked at again and again.
    let mut lesions = [None; LESIONS];
    for number in 0..photos {
        let staged = workstation
            .stage(&caller, "lesion.jpg".into(), numbered(&original, number))
            .await?;
        let lesion = &mut lesions[usize::try_from(number)? % LESIONS];
        let (_, kept) = clinic::keep_of(&workstation, &caller, patient, staged.staged.id, *lesion).await?;
        *lesion = Some(kept);
    }
    workstation.close().await;
    Ok(clinic)
}

/// The longest time between two frames, in milliseconds, while the history is scrolled for so many seconds.
async fn longest(clinic: &Clinic, seconds: u64) -> Outcome<f64> {
    let desktop = Desktop::start_without_keyring()?;
    let arguments = [
        Path::new("--data-dir"),
        &clinic.data_dir(),
        Path::new("--key-file"),
        &clinic.key_file(),
    ];
    let mut window = desktop
        .launch(&start::program("seekwell-desktop")?, &arguments)
        .await?;
    window.set_patience(Duration::from_secs(60));
    window.type_into("sign-in-email", EMAIL).await?;
    window.type_into("sign-in-password", PASSWORD).await?;
    window.click("sign-in-submit").await?;
    window.wait_for("nav-patients").await?;
    open_history(&window).await?;
    // Whatever scrolls furthest, up and down.
    let begin = "const list = [...document.querySelectorAll('*')].filter((one) => one.scrollHeight > one.clientHeight + 400)
            .sort((one, other) => other.scrollHeight - one.scrollHeight)[0];
        const seen = { longest: 0, frames: 0 };
        window.seen = seen;
        let last = performance.now();
        let by = 12;
        const step = (now) => {
            seen.longest = Math.max(seen.longest, now - last);
            seen.frames += 1;
            last = now;
            const at = list.scrollTop;
            list.scrollTop += by;
            if (list.scrollTop === at) by = -by;
            requestAnimationFrame(step);
        };
        requestAnimationFrame((now) => { last = now; requestAnimationFrame(step); });";
    window.run(begin, &[]).await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let seen = window.run("return window.seen", &[]).await?;
    window.close().await?;
    let frames = seen["frames"].as_u64().unwrap_or_default();
    eprintln!("{frames} frames in {seconds} s");
    if frames < seconds * 10 {
        return Err(format!("only {frames} frames were drawn").into());
    }
    Ok(seen["longest"].as_f64().ok_or("no frame was drawn")?)
}

/// The screen of the patient, with the history in sight.
async fn open_history(window: &Window) -> Outcome {
    window.type_into("patient-search", "Lan").await?;
    window.wait_for_text("patient-row", "Lan").await?;
    window.click("patient-row").await?;
    window.wait_for("timeline").await?;
    window.wait_for("history-entry").await?;
    Ok(())
}
