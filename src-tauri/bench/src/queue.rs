//! The full-size ViT in the queue: one photo from its bytes to the stored result, and many at once, on one and on all cores, beside ONNX Runtime; the memory meanwhile, and a minute after the last one.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::clinical::PatientId;
use seekwell_testkit::lesion::Lesion;
use tokio::runtime::Runtime;

use crate::analysis::{network, peers_python, rival};
use crate::clinic::{self, Clinic};
use crate::contestant::{Contestant, Cores, take_turns};
use crate::measurement::{Measurement, Unit};
use crate::photos::numbered;
use crate::program::{self, Outcome, Pace, text};
use crate::turns::{Turn, alternate, milliseconds_since};

const BENCH: &str = "queue";
/// The contestant that keeps and analyses.
const KEEP: &str = "keep";
/// A photo of a phone, in pixels.
const SIZE: (u32, u32) = (4032, 3024);
/// With the model loaded.
const MOST_MB: f64 = 900.0;
/// A minute after the last use.
const IDLE_MB: f64 = 150.0;
/// After so long the memory is looked at.
const A_MINUTE: Duration = Duration::from_secs(60);

/// Measures, or takes part in a measurement.
pub(crate) fn measure(pace: Pace, contestant: &[&str]) -> Outcome {
    match contestant {
        [] => compare(pace),
        [KEEP, folder, photos] => keep(folder, photos.parse()?),
        other => Err(format!("not known: {}", other.join(" ")).into()),
    }
}

fn compare(pace: Pace) -> Outcome {
    let python = peers_python();
    let folder = program::folder("vit")?;
    let network = network(&python, &folder)?;
    let waiting: u32 = pace.choose(200, 3);
    let template = Clinic::new()?;
    Runtime::new()?.block_on(async {
        let (workstation, caller) = template.set_up().await?;
        workstation.install_model(&caller, folder.clone()).await?;
        workstation.close().await;
        Outcome::Ok(())
    })?;
    let derivative = seekwell_core::imaging::prepare(&Lesion::new(2, SIZE.0, SIZE.1).jpeg(92))?.derivative;
    let photo = template.path("derivative.jpg");
    File::create(&photo)?.write_all(&derivative)?;
    for (cores, said) in [(Cores::One, "one core"), (Cores::All, "all cores")] {
        let threads = match cores {
            Cores::One => 1,
            Cores::All => std::thread::available_parallelism()?.get(),
        };
        let copy = template.copied()?;
        let ours = |photos: u32| {
            let count = photos.to_string();
            Contestant::ourselves(&[BENCH, KEEP, text(copy.folder())?, &count], cores)
        };
        let mut peer = rival(&python, "photo", &network, &photo, threads, cores)?;
        let one = RefCell::new(ours(1)?);
        let medians = {
            let mut turns: [Turn<'_>; 2] = [Box::new(|| one.borrow_mut().turn()), Box::new(|| peer.turn())];
            alternate(2, pace.choose(15, 1), &mut turns)?
        };
        report(
            &format!("12 MP JPEG, bytes to stored result, {said}"),
            medians[0],
            "ONNX Runtime, from the derivative",
            medians[1],
        );
        let peak = one.borrow().held_mb()?;
        std::thread::sleep(A_MINUTE);
        let idle = one.borrow().held_mb()?;
        drop(one);
        for (case, held, at_most) in [
            ("with the model in use", peak, MOST_MB),
            ("a minute after", idle, IDLE_MB),
        ] {
            Measurement {
                bench: BENCH,
                case: &format!("memory {case}, {said}"),
                unit: Unit::Megabytes,
                ours: held,
                peer: "limit",
                peers: at_most,
                at_most: Some(1.0),
            }
            .report();
        }
        let many = ours(waiting)?.turn()?;
        report(
            &format!("{waiting} photos at once, bytes to the last stored result, {said}"),
            many,
            "ONNX Runtime, each from its derivative",
            medians[1] * f64::from(waiting),
        );
    }
    Ok(())
}

fn report(case: &str, ours: f64, peer: &str, peers: f64) {
    Measurement {
        bench: BENCH,
        case,
        unit: Unit::Milliseconds,
        ours,
        peer,
        peers,
        at_most: None,
    }
    .report();
}

/// Keeps so many photos each turn, and is done when the last has its stored result.
fn keep(folder: &str, photos: u32) -> Outcome {
    let runtime = Runtime::new()?;
    let clinic = Clinic::at(folder.into());
    let (workstation, caller) = runtime.block_on(clinic.open())?;
    let desk = Arc::new((workstation, caller));
    let draft = clinic::draft("Trần Thị Lan (mẫu)");
    let patient: PatientId = runtime.block_on(desk.0.register_patient(&desk.1, draft))?.id;
    let original = Lesion::new(3, SIZE.0, SIZE.1).jpeg(92);
    // As in the program: whoever is not asked for long gives its memory back.
    let working = Arc::clone(&desk);
    let only_rests = runtime.spawn(async move { working.0.analyse_as_they_come().await });
    let mut number = 0;
    let taken = take_turns(|| {
        runtime.block_on(async {
            let begun = Instant::now();
            let mut kept = Vec::new();
            for _ in 0..photos {
                number += 1;
                let bytes = numbered(&original, number);
                let staged = desk.0.stage(&desk.1, "lesion.jpg".into(), bytes).await?;
                kept.push(clinic::keep(&desk.0, &desk.1, patient, staged.staged.id).await?);
            }
            desk.0.analyse_photos(&desk.1, &kept).await?;
            Ok(milliseconds_since(begun))
        })
    });
    only_rests.abort();
    taken
}
