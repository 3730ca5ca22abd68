//! The fake Google Cloud Storage under `rclone`, whose Go client asks for other things than Google's Rust SDK.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may stop where it fails, and need not be durable"
)]

use std::{path::Path, process::Command};

use seekwell_testkit::gcs::{FakeGcs, Kind};

fn rclone(gcs: &FakeGcs, arguments: &[&str], from: &Path) {
    let output = Command::new("rclone")
        .args(arguments)
        .arg(from)
        .arg(":gcs:clinic-images/folder")
        .args(["--config", "", "--gcs-anonymous", "--gcs-bucket-policy-only"])
        .args(["--gcs-endpoint", &format!("{}/storage/v1/", gcs.url())])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
#[ignore = "needs rclone on the path"]
fn files_are_copied_once_and_found_the_same() {
    let gcs = FakeGcs::start();
    gcs.make_bucket("clinic-images");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    for number in 0_u8..20 {
        let name = format!("deep/photo {number}.jpg");
        std::fs::write(folder.path().join(name), vec![number; 50_000]).unwrap();
    }
    // Above what the client sends in one request.
    std::fs::write(folder.path().join("large"), vec![7; 40_000_000]).unwrap();

    rclone(&gcs, &["copy"], folder.path());
    assert_eq!(gcs.objects("clinic-images").len(), 21);
    assert!(gcs.count(Kind::ResumableChunk) > 1);
    rclone(&gcs, &["check"], folder.path());
    rclone(&gcs, &["check", "--download"], folder.path());
    rclone(&gcs, &["copy"], folder.path());
    assert_eq!(gcs.stored().len(), 21);
}
