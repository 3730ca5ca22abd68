//! A narrow line that is full of routine photos, and an urgent case that comes in the middle of them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::analysis::FixedAnalyzer;
use seekwell_core::clinical::{LesionClass, PatientId, PhotoId, Probabilities};
use seekwell_core::sync::PostgresRegistry;
use seekwell_core::sync::gcs::{Access, Bucket, Credential, Deadlines};
use seekwell_core::sync::plan::BATCH;
use seekwell_testkit::cutter::{Cutter, Way};
use seekwell_testkit::gcs::FakeGcs;
use seekwell_testkit::lesion::Lesion;

use crate::background::{run, until};
use crate::centre::Centre;
use crate::ward::Opened;

const BUCKET: &str = "images";

/// Photos of one patient.
const EACH: u64 = 10;

/// Where the one that matters stands among the seeds.
const URGENT: u64 = 1_000_000;

/// An analyser that is sure.
fn saying(class: LesionClass) -> Arc<FixedAnalyzer> {
    let mut each = [0.02; 6];
    each[class as usize] = 0.9;
    Arc::new(FixedAnalyzer::saying(Probabilities::new(each).unwrap()))
}

/// A photo as a small phone takes it.
async fn keep(at: &Opened, patient: PatientId, seed: u64) -> PhotoId {
    let bytes = Lesion::new(seed, 1024, 768).jpeg(90);
    at.keep_bytes(patient, bytes).await
}

/// A line of so many bits per second in each direction, which images and records share.
struct NarrowLine {
    storage: FakeGcs,
    to_images: Cutter,
    _to_records: Cutter,
}

impl NarrowLine {
    /// Joins the workstation to the centre over it.
    async fn join(a: &Opened, bits_per_second: u64) -> Self {
        let storage = FakeGcs::start();
        storage.make_bucket(BUCKET);
        let mut link = a.workstation.link().await.unwrap().unwrap();
        let to_images = Cutter::before(storage.address());
        let to_records = to_images.beside((Ipv4Addr::LOCALHOST, link.port).into());
        storage.behind(to_images.address());
        for way in [Way::ToServer, Way::ToClient] {
            to_images.limit(way, Some(bits_per_second));
        }
        link.port = to_records.address().port();
        let access = Access {
            bucket: BUCKET.to_owned(),
            credential: Credential::Anonymous,
            endpoint: Some(to_images.url()),
        };
        let bucket = Bucket::new(access, Deadlines::default()).unwrap();
        a.workstation
            .join(Arc::new(bucket), Arc::new(PostgresRegistry::new(&link)));
        Self {
            storage,
            to_images,
            _to_records: to_records,
        }
    }
}

/// Keeps an urgent case and waits until record and image are at the centre.
async fn urgent_case_arrives(a: &Opened, centre: &Centre, line: &NarrowLine) {
    let patient = a.patient().await;
    a.workstation
        .use_analyser(&a.caller, saying(LesionClass::Mel))
        .await
        .unwrap();
    keep(a, patient, URGENT).await;
    assert_eq!(a.analyse().await, 1);
    let image = || centre.psql("SELECT image_url FROM public.analyses WHERE risk_level = 'URGENT'");
    until(&a.workstation, "the urgent case is at the centre", || async {
        !image().is_empty()
    })
    .await;
    let url = image();
    let name = url.strip_prefix("gs://images/").unwrap();
    assert!(line.storage.contents(BUCKET, name).is_some(), "{name}");
}

/// Fills a line of so many bits per second with so many photos; the urgent one must be at the centre, image and record,
/// within that time, while most of the others still wait.
async fn overtakes(photos: u64, bits_per_second: u64, within: Duration) {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    a.workstation
        .use_analyser(&a.caller, saying(LesionClass::Nev))
        .await
        .unwrap();
    let mut patient = a.patient().await;
    for number in 0..photos {
        if number > 0 && number % EACH == 0 {
            patient = a.patient().await;
        }
        keep(&a, patient, number).await;
    }
    assert_eq!(u64::from(a.analyse().await), photos);

    let line = NarrowLine::join(&a, bits_per_second).await;
    let running = run(&a);
    // The line is full: some images have arrived, and the next are on it.
    line.storage
        .until(|storage| storage.objects(BUCKET).len() >= 4)
        .await;
    let begun = Instant::now();
    urgent_case_arrives(&a, &centre, &line).await;
    let took = begun.elapsed();
    let waiting = a.workstation.sync_status().await.unwrap().waiting_images;
    assert!(took < within, "{took:?}, {waiting} images still wait");
    assert!(u64::from(waiting) > photos, "{waiting} images wait");
    a.workstation.close().await;
    running.await.unwrap();
}

/// Registers so many patients whose records have 1.5 kB each.
async fn long_records(at: &Opened, patients: u32) {
    for _ in 0..patients {
        at.patient_living_at(Some("ấpộ ".repeat(120))).await;
    }
}

/// One push of [`BATCH`] of these records would keep the line for ten seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_urgent_case_overtakes_long_records() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    long_records(&a, 2 * BATCH).await;
    let line = NarrowLine::join(&a, 256_000).await;
    let running = run(&a);
    // The first push is on the line.
    line.to_images.until_passed(Way::ToServer, 20_000).await;
    urgent_case_arrives(&a, &centre, &line).await;
    let overtaken = format!("SELECT {} - count(*) FROM public.patients", 2 * BATCH + 1);
    let overtaken: u32 = centre.psql(&overtaken).parse().unwrap();
    assert!(overtaken > BATCH, "it overtook {overtaken} records");
    a.workstation.close().await;
    running.await.unwrap();
}

/// The line needs longer for the first push and for the first page than anybody waits for an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_for_the_line_goes_and_comes_in_smaller_parts() {
    const PATIENTS: u32 = 24;
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    long_records(&a, PATIENTS).await;
    let (_b_ward, b) = centre.workstation("B").await;
    let mut running = Vec::new();
    for (opened, way) in [(&a, Way::ToServer), (&b, Way::ToClient)] {
        let line = centre.over_a_line_within(opened, Duration::from_secs(2)).await;
        line.limit(way, Some(100_000));
        running.push((line, run(opened)));
    }
    until(&b.workstation, "all of them have come", || async {
        let found = b.workstation.find_patients(&b.caller, "Hòa").await.unwrap();
        found.patients.len() == PATIENTS as usize
    })
    .await;
    a.workstation.close().await;
    b.workstation.close().await;
    for (_line, ended) in running {
        ended.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_urgent_case_overtakes_what_fills_the_line() {
    overtakes(24, 640_000, Duration::from_secs(12)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: 300 photos on a line of 256 kbit/s"]
async fn an_urgent_case_overtakes_300_photos_on_256_kbit_within_20_seconds() {
    overtakes(300, 256_000, Duration::from_secs(20)).await;
}
