//! Reading the encrypted database: the first page of a patient with 1,000 analyses among 1,000,000 and where there are no
//! others, and finding one patient among 200,000. Everything goes through the workstation's façade.

mod people;
mod records;

use std::time::Instant;

use seekwell_core::accounts::Caller;
use seekwell_core::clinical::PatientId;
use seekwell_core::store::HistoryFilter;
use seekwell_core::workstation::Workstation;
use tokio::runtime::Runtime;

use self::people::Search;
use crate::clinic::Clinic;
use crate::measurement::{Measurement, Unit};
use crate::program::{Outcome, Pace};
use crate::turns::{Turn, alternate, milliseconds_since};

const BENCH: &str = "history";
/// As many as the window asks for at once.
const PAGE: u32 = 100;
const EACH: u32 = 1_000;
/// A patient's first page may take that much longer among 1,000,000 analyses.
const LONGER: f64 = 1.3;
/// In milliseconds.
const FINDING: f64 = 50.0;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let runtime = Runtime::new()?;
    first_pages(&runtime, pace)?;
    finding(&runtime, pace)
}

/// A database with so many patients of [`EACH`] analyses, closed.
struct Archive {
    clinic: Clinic,
    patients: Vec<PatientId>,
}

impl Archive {
    fn filled(runtime: &Runtime, patients: u32) -> Outcome<Self> {
        let clinic = Clinic::new()?;
        let begun = Instant::now();
        let patients = runtime.block_on(records::fill(&clinic, patients, EACH))?;
        let bytes = clinic.data_dir().join("seekwell.db").metadata()?.len();
        eprintln!(
            "{} analyses written in {:.0} s: a database of {} MB",
            patients.len() * EACH as usize,
            begun.elapsed().as_secs_f64(),
            bytes / 1_000_000
        );
        Ok(Self { clinic, patients })
    }
}

fn first_pages(runtime: &Runtime, pace: Pace) -> Outcome {
    let large = Archive::filled(runtime, pace.choose(1_000, 20))?;
    let small = Archive::filled(runtime, 1)?;
    let rounds = pace.choose(101, 5);
    let opened =
        runtime.block_on(async { Outcome::Ok((large.clinic.open().await?, small.clinic.open().await?)) })?;
    let (at_large, at_small) = (Desk::of(runtime, &opened.0), Desk::of(runtime, &opened.1));

    let middle = large.patients[large.patients.len() / 2];
    let same = alternate(
        5,
        rounds,
        &mut [
            Box::new(|| at_large.first_page(middle)),
            Box::new(|| at_small.first_page(small.patients[0])),
        ],
    )?;
    let mut others = large.patients.iter().cycle();
    let another: Turn<'_> = Box::new(|| at_large.first_page(*others.next().ok_or("no patients")?));
    let changing = alternate(
        5,
        rounds,
        &mut [another, Box::new(|| at_small.first_page(small.patients[0]))],
    )?;
    runtime.block_on(async {
        opened.0.0.close().await;
        opened.1.0.close().await;
    });
    // Each gives its directory back.
    drop(opened);
    let fresh = alternate(
        1,
        pace.choose(21, 3),
        &mut [
            Box::new(|| first_page_after_opening(runtime, &large.clinic, middle)),
            Box::new(|| first_page_after_opening(runtime, &small.clinic, small.patients[0])),
        ],
    )?;

    let total = large.patients.len() * EACH as usize;
    let cases = [
        ("the same patient again", same, Some(LONGER)),
        ("right after opening", fresh, Some(LONGER)),
        ("another patient every time", changing, None),
    ];
    for (how, medians, at_most) in cases {
        Measurement {
            bench: BENCH,
            case: &format!("first page of {EACH} analyses among {total}, {how}"),
            unit: Unit::Milliseconds,
            ours: medians[0],
            peer: &format!("among {EACH}"),
            peers: medians[1],
            at_most,
        }
        .report();
    }
    Ok(())
}

/// Somebody at an open workstation.
#[derive(Clone, Copy)]
struct Desk<'a> {
    runtime: &'a Runtime,
    workstation: &'a Workstation,
    caller: &'a Caller,
}

impl<'a> Desk<'a> {
    fn of(runtime: &'a Runtime, (workstation, caller): &'a (Workstation, Caller)) -> Self {
        Self {
            runtime,
            workstation,
            caller,
        }
    }

    fn first_page(self, patient: PatientId) -> Outcome<f64> {
        let begun = Instant::now();
        let filter = HistoryFilter::default();
        let page =
            self.runtime.block_on(
                self.workstation
                    .history(self.caller, patient, &filter, None, PAGE),
            )?;
        let took = milliseconds_since(begun);
        match (page.entries.len(), page.next) {
            (100, Some(_)) => Ok(took),
            (entries, _) => Err(format!("{entries} entries on the first page").into()),
        }
    }

    fn find(self, search: &Search) -> Outcome<f64> {
        let begun = Instant::now();
        let page = self
            .runtime
            .block_on(self.workstation.find_patients(self.caller, &search.text))?;
        let took = milliseconds_since(begun);
        let found = match &search.finds {
            Some(wanted) => page.patients.iter().any(|row| row.patient.draft == *wanted),
            None => !page.patients.is_empty(),
        };
        if found {
            Ok(took)
        } else {
            Err(format!("nobody was found by {}", search.by).into())
        }
    }
}

/// Without the opening itself. Nothing is in the database's own memory then, though it still is in the system's.
fn first_page_after_opening(runtime: &Runtime, clinic: &Clinic, patient: PatientId) -> Outcome<f64> {
    let opened = runtime.block_on(clinic.open())?;
    let took = Desk::of(runtime, &opened).first_page(patient);
    runtime.block_on(opened.0.close());
    took
}

fn finding(runtime: &Runtime, pace: Pace) -> Outcome {
    let clinic = Clinic::new()?;
    let count = pace.choose(200_000, 2_000);
    let begun = Instant::now();
    let opened = runtime.block_on(people::register(&clinic, count))?;
    eprintln!(
        "{count} patients registered in {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    let desk = Desk::of(runtime, &opened);
    for search in people::searches(count) {
        let turn: Turn<'_> = Box::new(|| desk.find(&search));
        let medians = alternate(3, pace.choose(31, 3), &mut [turn])?;
        Measurement {
            bench: BENCH,
            case: &format!("finding a patient among {count} by {}", search.by),
            unit: Unit::Milliseconds,
            ours: medians[0],
            peer: "limit",
            peers: FINDING,
            at_most: Some(1.0),
        }
        .report();
    }
    runtime.block_on(opened.0.close());
    Ok(())
}
