//! Power cuts at any moment of keeping: see `seekwell_testkit::power` for the model of the disk.

use std::process::Stdio;

use seekwell_testkit::{
    power::{Lie, Recorder, Recording, plant, tree},
    process::{Clinic, Dice, INIT, PASSWORD, in_memory, picture},
};

use super::{PROGRAM, faults, reported};

#[tokio::test]
async fn three_hundred_power_cuts_lose_nothing_reported_and_careless_programs_are_found_out() {
    let (clinic, mut dice) = (Clinic::found(PROGRAM), Dice::thrown());
    let recording = record(&clinic, &mut dice);
    let lost = cut(&clinic, &recording, Lie::None, 300, &mut dice).await;
    assert!(lost.is_empty(), "{lost:#?}");

    // The same disks must show what a program loses that does not sync: or they would show nothing at all.
    for lie in [Lie::LogSyncs, Lie::PhotoNames, Lie::PhotoContents] {
        let lost = cut(&clinic, &recording, lie, 40, &mut dice).await;
        eprintln!("{lie:?}: {} of 40 disks lost something", lost.len());
        assert!(!lost.is_empty(), "{lie:?} goes unnoticed");
    }
}

/// It is confirmed by the program, never shown again and nowhere else.
#[test]
fn a_recovery_key_that_went_to_a_file_survives_a_power_cut_after_it() {
    let (clinic, mut dice) = (Clinic::bare(PROGRAM), Dice::thrown());
    let papers = clinic.path("papers");
    std::fs::create_dir(&papers).unwrap();
    let before = tree(&papers);
    let recorder = Recorder::new(&clinic.path(""), &papers);
    let mut command = clinic.command(&INIT);
    recorder.attach(&mut command);
    let mut child = command
        .arg("--recovery-key-out")
        .arg(papers.join("recovery-key"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let recording = recorder.finish(before);
    let written = tree(&papers);
    assert_eq!(written.len(), 1);
    for _ in 0..40 {
        assert!(recording.after_power_cut(recording.moments() - 1, Lie::None, &mut dice) == written);
    }
}

#[tokio::test]
#[ignore = "the long form takes many minutes"]
async fn ten_thousand_power_cuts() {
    let mut dice = Dice::thrown();
    for _ in 0..20 {
        let clinic = Clinic::found(PROGRAM);
        let recording = record(&clinic, &mut dice);
        let lost = cut(&clinic, &recording, Lie::None, 500, &mut dice).await;
        assert!(lost.is_empty(), "{lost:#?}");
    }
}

/// A session that ends in order, one that is killed on the way, and one after it.
fn record(clinic: &Clinic, dice: &mut Dice) -> Recording {
    let patient = clinic.register("Phạm Thị Cúc (mẫu)");
    let before = tree(&clinic.data_dir());
    let recorder = Recorder::new(&clinic.path(""), &clinic.data_dir());
    let mut seed = dice.next() >> 1;
    for killed in [false, true, false] {
        let files: Vec<_> = (0..8)
            .map(|_| {
                seed += 1;
                clinic.put(&format!("{seed}.bmp"), &picture(seed))
            })
            .collect();
        let mut command = clinic.command(&[
            "open",
            "--patient",
            &patient,
            "--site",
            "arms",
            "--side",
            "right",
            "--note",
            "ghi chú",
        ]);
        recorder.attach(&mut command);
        let mut child = command.args(files).stdout(Stdio::piped()).spawn().unwrap();
        if killed {
            let mut pipe = std::io::BufReader::new(child.stdout.take().unwrap());
            for _ in 0..5 {
                std::io::BufRead::read_line(&mut pipe, &mut String::new()).unwrap();
            }
            child.kill().unwrap();
            child.wait().unwrap();
        } else {
            assert!(child.wait_with_output().unwrap().status.success());
        }
    }
    let recording = recorder.finish(before);
    assert!(
        recording.complete() == tree(&clinic.data_dir()),
        "something was written that was not recorded"
    );
    recording
}

/// Cuts the power so often, and gives what was lost.
async fn cut(clinic: &Clinic, recording: &Recording, lie: Lie, times: usize, dice: &mut Dice) -> Vec<String> {
    let mut lost = Vec::new();
    let mut photos = 0;
    for _ in 0..times {
        let moment = dice.below(recording.moments());
        let disk = in_memory();
        plant(&recording.after_power_cut(moment, lie, dice), disk.path());
        let kept: Vec<_> = reported(&recording.said(moment))
            .into_iter()
            .map(|(id, seed)| (id, picture(seed)))
            .collect();
        photos += kept.len();
        let faults = faults(disk.path(), &clinic.key_file(), &kept).await;
        if !faults.is_empty() {
            lost.push(format!(
                "power cut at {moment} of {}: {faults:?}",
                recording.moments()
            ));
        }
    }
    eprintln!(
        "{lie:?}: {times} power cuts among {} moments, {photos} reported photos looked for",
        recording.moments()
    );
    assert!(photos > times, "the power went before anything was kept");
    lost
}
