//! The fake Google Cloud Storage under Google's own Rust SDK: what the SDK sends it understands, and what it answers
//! the SDK understands.

#![expect(clippy::unwrap_used, reason = "a test may stop where it fails")]

use std::time::Duration;

use bytes::Bytes;
use google_cloud_auth::credentials::{anonymous, service_account};
use google_cloud_gax::{exponential_backoff::ExponentialBackoffBuilder, retry_policy::RetryPolicyExt as _};
use google_cloud_storage::{
    builder::storage::SignedUrlBuilder, client::Storage, model::Object, retry_policy::RetryableErrors,
};
use http_body_util::Full;
use hyper::Request;

use seekwell_testkit::{
    cutter::{Cutter, Way},
    gcs::{FakeGcs, Fault, Kind, Order},
    web::Web,
};

const BUCKET: &str = "projects/_/buckets/clinic-images";
const NAME: &str = "patients/7/analyses/a_20261125_093000.jpg";

fn server() -> FakeGcs {
    let gcs = FakeGcs::start();
    gcs.make_bucket("clinic-images");
    gcs
}

/// A client that tries twice and hardly waits in between. `threshold` is the size from which it uploads resumably.
async fn client(endpoint: String, threshold: usize) -> Storage {
    let backoff = ExponentialBackoffBuilder::new()
        .with_initial_delay(Duration::from_millis(1))
        .with_maximum_delay(Duration::from_millis(2))
        .build()
        .unwrap();
    let builder = Storage::builder()
        .with_endpoint(endpoint)
        .with_credentials(anonymous::Builder::new().build())
        .with_retry_policy(RetryableErrors.with_attempt_limit(2))
        .with_backoff_policy(backoff)
        .with_resumable_upload_threshold(threshold);
    builder.build().await.unwrap()
}

async fn create(client: &Storage, bytes: &Bytes) -> google_cloud_storage::Result<Object> {
    let upload = client.write_object(BUCKET, NAME, bytes.clone());
    let upload = upload.set_if_generation_match(0).set_content_type("image/jpeg");
    upload
        .with_known_crc32c(crc32c::crc32c(bytes))
        .send_unbuffered()
        .await
}

fn photo(size: u32) -> Bytes {
    (0..size)
        .map(|index| u8::try_from(index * 31 % 251).unwrap())
        .collect()
}

#[tokio::test]
async fn small_and_large_objects_are_written_and_read() {
    for (threshold, kind) in [(8_000_000, Kind::UploadMultipart), (0, Kind::ResumableChunk)] {
        let gcs = server();
        let client = client(gcs.url(), threshold).await;
        let bytes = photo(700_000);
        let object = create(&client, &bytes).await.unwrap();
        assert_eq!(
            (object.size, object.content_type.as_str()),
            (700_000, "image/jpeg")
        );
        let stored = &gcs.stored()[0];
        assert_eq!(
            (stored.name.as_str(), stored.generation),
            (NAME, object.generation)
        );
        assert_eq!(object.checksums.unwrap().crc32c, Some(stored.crc32c));
        assert_eq!(gcs.count(kind), 1);

        let mut reader = client.read_object(BUCKET, NAME).send().await.unwrap();
        assert_eq!(reader.object().generation, object.generation);
        let mut read = Vec::new();
        while let Some(piece) = reader.next().await {
            read.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(read, bytes);
        assert_eq!(
            create(&client, &bytes).await.unwrap_err().http_status_code(),
            Some(412)
        );
    }
}

#[tokio::test]
async fn chunks_of_a_buffered_upload_are_put_together() {
    let gcs = server();
    let client = client(gcs.url(), 0).await;
    let bytes = photo(1_000_000);
    let upload = client
        .write_object(BUCKET, NAME, bytes.clone())
        .set_if_generation_match(0);
    let upload = upload.with_resumable_upload_buffer_size(256_usize * 1024);
    upload.send_buffered().await.unwrap();
    assert_eq!(gcs.count(Kind::ResumableChunk), 4);
    assert_eq!(gcs.contents("clinic-images", NAME).unwrap(), bytes);
}

#[tokio::test]
async fn no_fault_makes_the_sdk_store_twice_or_wrongly() {
    for fault in Fault::ALL {
        for (threshold, kind) in [(8_000_000, Kind::UploadMultipart), (0, Kind::ResumableChunk)] {
            let gcs = server();
            let client = client(gcs.url(), threshold).await;
            let bytes = photo(700_000);
            gcs.order(Order::next(1, fault).on([kind]));
            let stalled = gcs.until(|gcs| gcs.stalled() > 0);
            let outcome = tokio::select! {
                outcome = create(&client, &bytes) => Some(outcome),
                () = stalled => None,
            };
            // The SDK has no time limit of its own: it must be left standing.
            assert_eq!(outcome.is_none(), fault.stalls(), "{fault:?}");
            gcs.release();
            let stored = gcs.stored();
            assert!(stored.len() <= 1, "{fault:?}");
            assert!(
                stored
                    .iter()
                    .all(|stored| stored.crc32c == crc32c::crc32c(&bytes)),
                "{fault:?}"
            );
            println!("{kind:?} {fault:?}: {} stored, {}", stored.len(), told(outcome));
        }
    }
}

/// An outcome in a few words, for whoever reads the test's output.
fn told(outcome: Option<google_cloud_storage::Result<Object>>) -> String {
    match outcome {
        None => "no answer".to_owned(),
        Some(Ok(_)) => "success".to_owned(),
        Some(Err(error)) => format!("error {:?}: {error}", error.http_status_code()),
    }
}

#[tokio::test]
async fn a_flipped_bit_is_found_by_the_reader() {
    let gcs = server();
    let client = client(gcs.url(), 8_000_000).await;
    create(&client, &photo(10_000)).await.unwrap();
    gcs.order(Order::next(1, Fault::FlippedBit).on([Kind::ObjectMedia]));
    let mut reader = client.read_object(BUCKET, NAME).send().await.unwrap();
    let mut failed = false;
    while let Some(piece) = reader.next().await {
        failed = piece.is_err();
    }
    assert!(failed);
}

#[tokio::test]
async fn a_reply_that_is_cut_leaves_the_object() {
    // A resumable upload loses the reply to its opening first and is opened again.
    for (threshold, passed) in [(8_000_000, 0), (0, 0), (0, 300)] {
        let gcs = server();
        let cutter = Cutter::before(gcs.address());
        gcs.behind(cutter.address());
        let client = client(cutter.url(), threshold).await;
        cutter.cut_after(Way::ToClient, passed);
        let outcome = create(&client, &photo(100_000)).await;
        println!("cut after {passed} bytes of replies: {}", told(Some(outcome)));
        assert_eq!(gcs.stored().len(), 1);
    }
}

#[tokio::test]
async fn the_sdk_signs_what_the_server_verifies() {
    let gcs = server();
    let account = gcs.service_account("viewer");
    let key = serde_json::from_str(account.key_file()).unwrap();
    let credentials = service_account::Builder::new(key).build().unwrap();
    let client = Storage::builder()
        .with_endpoint(gcs.url())
        .with_credentials(credentials);
    create(&client.build().await.unwrap(), &photo(1000))
        .await
        .unwrap();
    // It signs its own tokens and never asks the token endpoint.
    assert_eq!(gcs.count(Kind::Token), 0);
    assert_eq!(gcs.requests()[0].account.as_deref(), Some(account.email()));

    let key = serde_json::from_str(account.key_file()).unwrap();
    let signer = service_account::Builder::new(key).build_signer().unwrap();
    let url = SignedUrlBuilder::for_object(BUCKET, NAME)
        .with_endpoint(gcs.url())
        .with_expiration(Duration::from_secs(300));
    let url = url.sign_with(&signer).await.unwrap();
    let request = Request::builder().uri(url).body(Full::default()).unwrap();
    let answer = Web::new().ask(request).await.unwrap();
    assert_eq!((answer.status, &answer.body), (200, &photo(1000)));
}
