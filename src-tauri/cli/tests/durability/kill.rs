//! `kill -9` in the middle of keeping, again and again on the same data directory.

use std::{
    io::{BufRead, BufReader, Read},
    process::Stdio,
    time::{Duration, Instant},
};

use seekwell_core::clinical::PhotoId;
use seekwell_testkit::process::{Clinic, Dice, picture};

use super::{PROGRAM, faults, reported};

/// So many photos in one call, of which the kill interrupts one.
const PHOTOS: usize = 6;

#[tokio::test]
async fn killed_two_hundred_times_nothing_reported_is_lost() {
    kill(200).await;
}

#[tokio::test]
#[ignore = "the long form takes minutes"]
async fn killed_a_thousand_times() {
    kill(1_000).await;
}

async fn kill(times: usize) {
    let (clinic, mut dice) = (Clinic::found(PROGRAM), Dice::thrown());
    let patient = clinic.register("Trần Văn Bình (mẫu)");
    let (mut seed, mut total, mut interrupted) = (dice.next() >> 1, 0, 0);
    let mut unseen = Vec::new();
    for round in 1..=times {
        let files: Vec<_> = (0..PHOTOS)
            .map(|_| {
                seed += 1;
                clinic.put(&format!("{seed}.bmp"), &picture(seed))
            })
            .collect();
        let said = said_before_the_kill(&clinic, &patient, &files, &mut dice);
        let kept = reported(&said);
        interrupted += usize::from(kept.len() < PHOTOS);
        total += kept.len();
        unseen.extend(kept.into_iter().map(|(id, seed)| (id, picture(seed))));
        files.iter().for_each(|file| std::fs::remove_file(file).unwrap());
        if round % 20 == 0 || round == times {
            assert_whole(&clinic, round, &mut unseen).await;
        }
    }
    eprintln!("{times} kills, {interrupted} before the last photo, {total} photos reported");
    // Kills that come too late or too early prove nothing.
    assert!(
        interrupted > times / 2 && total > times / 2,
        "{interrupted} of {times} interrupted, {total} reported"
    );
}

/// Starts keeping, kills at a random point, and gives what had been said by then: the pipe's rest included.
fn said_before_the_kill(
    clinic: &Clinic,
    patient: &str,
    files: &[std::path::PathBuf],
    dice: &mut Dice,
) -> String {
    let mut child = clinic
        .command(&[
            "open",
            "--patient",
            patient,
            "--site",
            "back",
            "--side",
            "midline",
        ])
        .args(files)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut pipe = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    let wait_for = dice.below(PHOTOS);
    for _ in 0..wait_for {
        pipe.read_line(&mut said).unwrap();
    }
    // Without a report to wait for, anywhere from the program's first instruction on.
    let moments = if wait_for == 0 { 80_000 } else { 6_000 };
    let moment = Instant::now() + Duration::from_micros(dice.below(moments) as u64);
    while Instant::now() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    pipe.read_to_string(&mut said).unwrap();
    said
}

async fn assert_whole(clinic: &Clinic, round: usize, unseen: &mut Vec<(PhotoId, Vec<u8>)>) {
    let faults = faults(&clinic.data_dir(), &clinic.key_file(), unseen).await;
    assert!(faults.is_empty(), "after {round} kills: {faults:#?}");
    unseen.clear();
}
