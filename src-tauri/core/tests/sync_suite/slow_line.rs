//! A narrow line that is full of routine photos, and an urgent case that comes in the middle of them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::analysis::FixedAnalyzer;
use seekwell_core::clinical::{LesionClass, PatientId, PhotoId, Probabilities};
use seekwell_core::sync::PostgresRegistry;
use seekwell_core::sync::gcs::{Access, Bucket, Credential, Deadlines};
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
    let running = run(&a);
    // The line is full: some images have arrived, and the next are on it.
    storage.until(|storage| storage.objects(BUCKET).len() >= 4).await;

    let patient = a.patient().await;
    a.workstation
        .use_analyser(&a.caller, saying(LesionClass::Mel))
        .await
        .unwrap();
    let begun = Instant::now();
    keep(&a, patient, URGENT).await;
    assert_eq!(a.analyse().await, 1);
    let image = || centre.psql("SELECT image_url FROM public.analyses WHERE risk_level = 'URGENT'");
    until(&a.workstation, "the urgent case is at the centre", || async {
        !image().is_empty()
    })
    .await;
    let took = begun.elapsed();
    let url = image();
    let name = url.strip_prefix("gs://images/").unwrap();
    assert!(storage.contents(BUCKET, name).is_some(), "{name}");
    let waiting = a.workstation.sync_status().await.unwrap().waiting_images;
    assert!(took < within, "{took:?}, {waiting} images still wait");
    assert!(u64::from(waiting) > photos, "{waiting} images wait");
    a.workstation.close().await;
    running.await.unwrap();
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
