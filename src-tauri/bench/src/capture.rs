//! From bytes to a durable photo, through the workstation's façade: prepared in a worker process, original, derivative and
//! thumbnail sealed and synced, rows committed. Beside it, in the same run, preparation alone.

use std::sync::Arc;
use std::time::Instant;

use seekwell_core::accounts::Caller;
use seekwell_core::clinical::{PatientId, PhotoId};
use seekwell_core::imaging::worker::Workers;
use seekwell_core::workstation::Workstation;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clinic::{self, Clinic};
use crate::measurement::{Measurement, Unit};
use crate::photos::{Photo, numbered};
use crate::prepare;
use crate::program::{Outcome, Pace};
use crate::turns::{Turn, alternate, median, milliseconds_since};

const BENCH: &str = "capture";
/// What durability may cost on top of preparation, in milliseconds.
const ALLOWED: f64 = 40.0;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let original = Photo::Megapixels12.read(&prepare::peers())?;
    let runtime = Runtime::new()?;
    let clinic = Clinic::new()?;
    if clinic::is_in_memory(&clinic.path("."))? {
        return Err("the target directory is in memory, where nothing is durable: build on a disk".into());
    }
    let desk = Arc::new(runtime.block_on(Desk::ready(&clinic))?);
    one_by_one(&runtime, &desk, &original, pace)?;
    all_at_once(&runtime, &desk, &original, pace)?;
    runtime.block_on(desk.workstation.close());
    Ok(())
}

/// An open workstation with one patient.
struct Desk {
    workstation: Workstation,
    caller: Caller,
    patient: PatientId,
}

impl Desk {
    async fn ready(clinic: &Clinic) -> Outcome<Self> {
        let (workstation, caller) = clinic.set_up().await?;
        let patient = workstation
            .register_patient(&caller, clinic::draft("Nguyễn Văn Hòa (mẫu)"))
            .await?
            .id;
        Ok(Self {
            workstation,
            caller,
            patient,
        })
    }

    async fn stage(&self, original: Vec<u8>) -> Outcome<PhotoId> {
        Ok(self
            .workstation
            .stage(&self.caller, "lesion.jpg".into(), original)
            .await?
            .staged
            .id)
    }

    async fn keep(&self, staged_id: PhotoId) -> Outcome {
        clinic::keep(&self.workstation, &self.caller, self.patient, staged_id)
            .await
            .map(drop)
    }
}

fn one_by_one(runtime: &Runtime, desk: &Desk, original: &[u8], pace: Pace) -> Outcome {
    let workers = Workers::for_current_exe()?;
    let mut number = 0;
    let mut keeping = Vec::new();
    let whole: Turn<'_> = Box::new(|| {
        number += 1;
        let bytes = numbered(original, number);
        let begun = Instant::now();
        let staged = runtime.block_on(desk.stage(bytes))?;
        let staging = milliseconds_since(begun);
        runtime.block_on(desk.keep(staged))?;
        let all = milliseconds_since(begun);
        keeping.push(all - staging);
        Ok(all)
    });
    let alone: Turn<'_> = Box::new(|| {
        let begun = Instant::now();
        let prepared = runtime.block_on(workers.prepare(original))?;
        let took = milliseconds_since(begun);
        drop(prepared);
        Ok(took)
    });
    let medians = alternate(3, pace.choose(31, 3), &mut [whole, alone])?;
    let cases = [
        (
            "12 MP JPEG, bytes to durable photo",
            medians[0],
            "preparation + 40 ms",
            medians[1] + ALLOWED,
        ),
        (
            "12 MP JPEG, sealing, syncing and committing",
            median(&keeping),
            "limit",
            ALLOWED,
        ),
    ];
    for (case, ours, peer, peers) in cases {
        let unit = Unit::Milliseconds;
        Measurement {
            bench: BENCH,
            case,
            unit,
            ours,
            peer,
            peers,
            at_most: Some(1.0),
        }
        .report();
    }
    Ok(())
}

/// Two hundred as when a card is emptied, beside the same preparation without keeping any.
fn all_at_once(runtime: &Runtime, desk: &Arc<Desk>, original: &[u8], pace: Pace) -> Outcome {
    let count = pace.choose(200, 20);
    let workers = Arc::new(Workers::for_current_exe()?);
    // Past every number that was kept one by one.
    let mut number = 1_000;
    let durable: Turn<'_> = Box::new(|| {
        let photos: Vec<_> = (number..number + count)
            .map(|number| numbered(original, number))
            .collect();
        number += count;
        let begun = Instant::now();
        runtime.block_on(each(photos, |photo| {
            let desk = Arc::clone(desk);
            async move {
                let staged = desk.stage(photo).await?;
                desk.keep(staged).await
            }
        }))?;
        Ok(milliseconds_since(begun))
    });
    let prepared: Turn<'_> = Box::new(|| {
        let photos: Vec<_> = (0..count).map(|number| numbered(original, number)).collect();
        let begun = Instant::now();
        runtime.block_on(each(photos, |photo| {
            let workers = Arc::clone(&workers);
            async move { Ok(workers.prepare(&photo).await.map(drop)?) }
        }))?;
        Ok(milliseconds_since(begun))
    });
    let medians = alternate(0, pace.choose(3, 1), &mut [durable, prepared])?;
    Measurement {
        bench: BENCH,
        case: &format!("{count} photos of 12 MP at once, bytes to durable"),
        unit: Unit::Milliseconds,
        ours: medians[0],
        peer: "preparation alone",
        peers: medians[1],
        at_most: None,
    }
    .report();
    Ok(())
}

async fn each<W>(photos: Vec<Vec<u8>>, work: impl Fn(Vec<u8>) -> W) -> Outcome
where
    W: Future<Output = Outcome> + Send + 'static,
{
    let mut tasks: JoinSet<_> = photos.into_iter().map(work).collect();
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
