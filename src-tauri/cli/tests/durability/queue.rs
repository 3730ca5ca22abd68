//! `kill -9` in the middle of the queue's work: every request gets one result, and none is lost.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use seekwell_core::{
    capture::KeepRequest,
    clinical::{Analysis, BodySite, PatientId, Side},
    store::{HistoryFilter, RecordKind},
};
use seekwell_testkit::process::{Clinic, Dice, picture};

use super::{PROGRAM, faults, open};

/// So many photos wait before they are analysed.
const PHOTOS: usize = 12;

#[tokio::test]
async fn killed_forty_times_every_photo_is_analysed_once() {
    kill(40).await;
}

#[tokio::test]
#[ignore = "the long form takes minutes"]
async fn killed_two_hundred_times_in_the_queue() {
    kill(200).await;
}

async fn kill(times: usize) {
    let (clinic, mut dice) = (Clinic::found(PROGRAM), Dice::thrown());
    let patient: PatientId = clinic.register("Trần Văn Bình (mẫu)").parse().unwrap();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/demo-model");
    clinic.ask(&["model", "install", model]).json();
    let (mut seed, mut pending, mut interrupted) = (dice.next() >> 1, 0, 0);
    // How long the work takes that is to be interrupted, on this machine.
    keep_more(&clinic, patient, &mut seed).await;
    let start = Instant::now();
    clinic.ask(&["analyse", "--pending"]).json();
    let whole = usize::try_from(start.elapsed().as_micros()).unwrap();
    for _ in 0..times {
        if pending < PHOTOS / 2 {
            keep_more(&clinic, patient, &mut seed).await;
        }
        let mut child = clinic
            .command(&["analyse", "--pending"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moment = Instant::now() + Duration::from_micros(dice.below(whole) as u64);
        while Instant::now() < moment && child.try_wait().unwrap().is_none() {
            std::hint::spin_loop();
        }
        interrupted += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        pending = once_each(&clinic, patient).await;
    }
    clinic.ask(&["analyse", "--pending"]).json();
    assert_eq!(once_each(&clinic, patient).await, 0);
    let faults = faults(&clinic.data_dir(), &clinic.key_file(), &[]).await;
    assert!(faults.is_empty(), "{faults:#?}");
    eprintln!("{times} kills, {interrupted} of them in the middle");
    // Kills that come too late prove nothing.
    assert!(interrupted > times / 2, "{interrupted} of {times} interrupted");
}

/// Keeps more photos, so that they wait.
async fn keep_more(clinic: &Clinic, patient: PatientId, seed: &mut u64) {
    let (workstation, caller) = open(&clinic.data_dir(), &clinic.key_file()).await.unwrap();
    for _ in 0..PHOTOS {
        *seed += 1;
        let staged = workstation.stage(&caller, String::new(), picture(*seed)).await;
        let request = KeepRequest::new(staged.unwrap().staged.id, patient, BodySite::Back, Side::Midline);
        workstation.keep_photo(&caller, &request).await.unwrap();
    }
    workstation.close().await;
}

/// How many photos wait. Each of the others has one result, and the centre will get it once.
async fn once_each(clinic: &Clinic, patient: PatientId) -> usize {
    let (workstation, caller) = open(&clinic.data_dir(), &clinic.key_file()).await.unwrap();
    let (mut waiting, mut done, mut before) = (0, 0, None);
    loop {
        let all = HistoryFilter::default();
        let page = workstation
            .history(&caller, patient, &all, before.as_deref(), 500)
            .await;
        let page = page.unwrap();
        for entry in page.entries {
            match entry.analysis {
                Analysis::Pending { .. } => waiting += 1,
                Analysis::Done(_) => done += 1,
            }
            let opinions = workstation.photo(&caller, entry.photo_id).await.unwrap().opinions;
            assert_eq!(opinions, [], "{}", entry.photo_id);
        }
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let unsent = workstation.unsent(&caller, 100_000).await.unwrap();
    let results = unsent
        .items
        .iter()
        .filter(|item| item.kind == RecordKind::Analysis);
    assert_eq!(results.count(), done, "one result for each that is done");
    workstation.close().await;
    waiting
}
