//! One clinic among many: the centre has 200,000 patients, of whom 500 are this clinic's. A workstation that begins today takes
//! the 500, as fast as from a centre that has no others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::sync::{Link, PostgresRegistry};
use tokio::runtime::Runtime;

use crate::centre::{AtOnce, Centre};
use crate::clinic::Clinic;
use crate::feed;
use crate::measurement::{Measurement, Unit};
use crate::program::{Outcome, Pace};
use crate::turns::{Turn, alternate, milliseconds_since};

const BENCH: &str = "share";
/// Patients of each clinic; one of ours was sent, the others are made.
const EACH: u32 = 500;
/// What the others may cost.
const LONGER: f64 = 1.2;
/// To a server in the same country.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let runtime = Runtime::new()?;
    let centre = Centre::start();
    let clinics = pace.choose(400, 4);
    let template = Clinic::new()?;
    runtime.block_on(async {
        template.set_up().await?.0.close().await;
        feed::found(&centre, "alone").await
    })?;
    feed::add_patients(&centre, "alone", EACH - 1);
    centre.copy("alone", "country");
    let begun = Instant::now();
    feed::add_clinics(&centre, "country", clinics - 1, EACH);
    let patients = centre.psql("country", "SELECT count(*) FROM seekwell.patient");
    eprintln!(
        "{patients} patients at the centre after {:.0} s",
        begun.elapsed().as_secs_f64()
    );
    let country = runtime.block_on(centre.enroll("country", "B"))?;
    let alone = runtime.block_on(centre.enroll("alone", "B"))?;
    centre.delay(ROUND_TRIP);
    let medians = {
        let mut turns: [Turn<'_>; 2] = [
            Box::new(|| runtime.block_on(pulled(&template, &country))),
            Box::new(|| runtime.block_on(pulled(&template, &alone))),
        ];
        alternate(1, pace.choose(15, 2), &mut turns)?
    };
    Measurement {
        bench: BENCH,
        case: &format!("the first pull of a clinic's {EACH} patients among {patients}"),
        unit: Unit::Milliseconds,
        ours: medians[0],
        peer: "among no others",
        peers: medians[1],
        at_most: Some(LONGER),
    }
    .report();
    Ok(())
}

/// One pull into a fresh copy of the clinic, which has its own patients afterwards and nobody else's.
async fn pulled(template: &Clinic, link: &Link) -> Outcome<f64> {
    let copy = template.copied()?;
    let (workstation, _) = copy.open().await?;
    let registry = Arc::new(PostgresRegistry::new(link));
    let begun = Instant::now();
    workstation.join(Arc::new(AtOnce), Arc::clone(&registry) as _);
    workstation.sync_once().await?;
    let took = milliseconds_since(begun);
    workstation.close().await;
    registry.close().await;
    // Each gives its directory back.
    drop(workstation);
    let here = copy.count("patient").await?;
    if here == i64::from(EACH) {
        Ok(took)
    } else {
        Err(format!("{here} patients are here").into())
    }
}
