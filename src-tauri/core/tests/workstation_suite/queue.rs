//! Whom the queue asks, about what, and when again.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use seekwell_core::analysis::{
    AnalysisError, Analyzer, FixedAnalyzer, Later, ModelCard, ModelError, Opinion,
};
use seekwell_core::clinical::{Analysis, PatientId, PendingReason, PhotoId};
use seekwell_core::imaging::Refusal;
use seekwell_core::workstation::Way;
use tokio::sync::Notify;

use super::ward::{Opened, Ward};

/// Fails so often on the first photo it meets, and notes which photo it was asked about.
struct Scripted {
    card: ModelCard,
    fixed: FixedAnalyzer,
    failures: Mutex<Vec<AnalysisError>>,
    met: Mutex<Vec<Vec<u8>>>,
    asked: Mutex<Vec<usize>>,
}

impl Scripted {
    fn failing(failures: Vec<AnalysisError>) -> Arc<Self> {
        let fixed = FixedAnalyzer::by_bytes();
        Arc::new(Self {
            card: ModelCard {
                sha256: "5".repeat(64),
                ..fixed.card().clone()
            },
            fixed,
            failures: Mutex::new(failures),
            met: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }
}

impl Analyzer for Scripted {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        let mut met = self.met.lock().unwrap();
        let at = met
            .iter()
            .position(|known| *known == derivative)
            .unwrap_or(met.len());
        if at == met.len() {
            met.push(derivative.clone());
        }
        self.asked.lock().unwrap().push(at);
        match self.failures.lock().unwrap().pop() {
            Some(failure) if at == 0 => Box::pin(std::future::ready(Err(failure))),
            _ => self.fixed.analyse(derivative),
        }
    }
}

/// Thinks until it is let go.
struct Slow {
    card: ModelCard,
    fixed: FixedAnalyzer,
    began: Notify,
    go: Notify,
}

impl Slow {
    fn new() -> Arc<Self> {
        let fixed = FixedAnalyzer::by_bytes();
        Arc::new(Self {
            card: ModelCard {
                name: "slow".to_owned(),
                sha256: "7".repeat(64),
                ..fixed.card().clone()
            },
            fixed,
            began: Notify::new(),
            go: Notify::new(),
        })
    }
}

impl Analyzer for Slow {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        Box::pin(async move {
            self.began.notify_one();
            self.go.notified().await;
            self.fixed.analyse(derivative).await
        })
    }
}

fn later() -> AnalysisError {
    AnalysisError::Pixels {
        source: Refusal::DecoderDied,
    }
}

fn damaged_model() -> AnalysisError {
    AnalysisError::Model {
        source: ModelError::Damaged,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_place_another_took_while_it_was_thinking_has_no_say() {
    let (_ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let photos = [opened.keep(patient, 1).await, opened.keep(patient, 2).await];
    let (station, caller) = (opened.workstation.clone(), opened.caller.clone());
    let slow = Slow::new();
    station.use_analyser(&caller, slow.clone()).await.unwrap();
    let round = tokio::spawn(async move { station.analyse_pending(&caller).await });
    slow.began.notified().await;
    opened
        .workstation
        .use_analyser(&opened.caller, Arc::new(FixedAnalyzer::by_bytes()))
        .await
        .unwrap();
    slow.go.notify_one();
    round.await.unwrap().unwrap();
    opened.analyse().await;
    for photo in photos {
        let Analysis::Done(done) = opened.analysis(photo).await else {
            panic!("it waits")
        };
        assert_eq!(done.model_name, "fixed answers");
    }
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_was_removed_while_it_was_thinking_has_no_say() {
    let (_ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let photo = opened.keep(patient, 1).await;
    let (station, caller) = (opened.workstation.clone(), opened.caller.clone());
    let slow = Slow::new();
    station.use_analyser(&caller, slow.clone()).await.unwrap();
    let round = tokio::spawn(async move { station.analyse_pending(&caller).await });
    slow.began.notified().await;
    // It is in no folder, which is noticed when it speaks no more.
    let removed = opened
        .workstation
        .remove_model(&opened.caller, &"7".repeat(64))
        .await;
    assert!(removed.is_err());
    slow.go.notify_one();
    assert_eq!(round.await.unwrap().unwrap(), 0);
    assert!(matches!(
        opened.analysis(photo).await,
        Analysis::Pending {
            reason: PendingReason::NoModel,
            ..
        }
    ));
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_can_not_be_analysed_is_asked_about_once_until_another_model_comes() {
    let (_ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let analyser = Scripted::failing(vec![AnalysisError::NotAnAnswer, AnalysisError::NotAnAnswer]);
    opened
        .workstation
        .use_analyser(&opened.caller, analyser.clone())
        .await
        .unwrap();
    let bad = opened.keep(patient, 1).await;
    assert_eq!(opened.analyse().await, 0);
    opened.keep(patient, 2).await;
    assert_eq!(opened.analyse().await, 1);
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(analyser.asked(), [0, 1]);
    assert!(matches!(
        opened.analysis(bad).await,
        Analysis::Pending {
            reason: PendingReason::Failed,
            ..
        }
    ));
    let next = Scripted::failing(Vec::new());
    opened
        .workstation
        .use_analyser(&opened.caller, next.clone())
        .await
        .unwrap();
    assert_eq!(opened.analyse().await, 1);
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_needs_a_person_is_asked_once_and_not_once_per_photo() {
    let (_ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let analyser = Scripted::failing(vec![damaged_model(), damaged_model()]);
    let mut photos = Vec::new();
    for seed in 0..3 {
        photos.push(opened.keep(patient, seed).await);
    }
    opened
        .workstation
        .use_analyser(&opened.caller, analyser.clone())
        .await
        .unwrap();
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(analyser.asked(), [0]);
    for photo in photos {
        assert!(matches!(
            opened.analysis(photo).await,
            Analysis::Pending {
                reason: PendingReason::NoModel,
                ..
            }
        ));
    }
    opened.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_later_is_tried_again_by_itself_and_after_new_photos() {
    let (_ward, opened, _) = Ward::found().await;
    let patient = opened.patient().await;
    let analyser = Scripted::failing(vec![later()]);
    opened
        .workstation
        .use_analyser(&opened.caller, analyser.clone())
        .await
        .unwrap();
    let station = opened.workstation.clone();
    let queue = tokio::spawn(async move { station.analyse_as_they_come().await });
    let begun = Instant::now();
    opened.keep(patient, 1).await;
    while analyser.asked().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    opened.keep(patient, 2).await;
    while pending(&opened).await > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{:?}",
            analyser.asked()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(analyser.asked(), [0, 1, 0]);
    queue.abort();
    let _ = queue.await;
    opened.close().await;
}

async fn pending(opened: &Opened) -> u32 {
    opened
        .workstation
        .storage_summary(&opened.caller)
        .await
        .unwrap()
        .pending_analyses
}

/// A photo that nobody can be asked about any more, when its time has come, is left alone instead of looked at again and again.
#[tokio::test]
async fn the_queue_rests_where_nobody_may_be_asked_about_what_is_due() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    // The Space may not be asked: the patient has not agreed.
    let space = Scripted::failing(Vec::new());
    station
        .use_space(caller, space.clone(), Way::Device)
        .await
        .unwrap();
    let model = Scripted::failing(vec![damaged_model()]);
    station.use_analyser(caller, model.clone()).await.unwrap();
    let photo = opened.keep(opened.patient().await, 1).await;
    let queue = tokio::spawn({
        let station = station.clone();
        async move { station.analyse_as_they_come().await }
    });
    while !matches!(
        opened.analysis(photo).await,
        Analysis::Pending {
            reason: PendingReason::NoConsent,
            ..
        }
    ) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It was to be tried again after two seconds at the latest.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.worker_park_count(0);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let turns = metrics.worker_park_count(0) - before;
    assert!(turns < 50, "{turns} turns in half a second");
    assert_eq!((model.asked().len(), space.asked().len()), (1, 0));
    queue.abort();
    let _ = queue.await;
    opened.close().await;
}

/// So many photos that one model has spoken of, and of which another one was asked then. Gives that one, and the last photo.
async fn asked_of_another(opened: &Opened, patient: PatientId, photos: u32) -> (Arc<Slow>, PhotoId) {
    let (station, caller) = (&opened.workstation, &opened.caller);
    station
        .use_analyser(caller, Arc::new(FixedAnalyzer::by_bytes()))
        .await
        .unwrap();
    let mut last = opened.keep(patient, 1).await;
    for seed in 2..=photos {
        last = opened.keep(patient, seed.into()).await;
    }
    assert_eq!(opened.analyse().await, photos);
    let model = Slow::new();
    station.use_analyser(caller, model.clone()).await.unwrap();
    assert_eq!(station.reanalyse(caller).await.unwrap(), photos);
    (model, last)
}

/// Thousands of photos may wait for a second opinion; one that has none goes before them.
#[tokio::test]
async fn a_new_photo_waits_behind_no_second_opinion() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let patient = opened.patient().await;
    let (model, _) = asked_of_another(&opened, patient, 3).await;
    let working = tokio::spawn({
        let (station, caller) = (station.clone(), caller.clone());
        async move { station.analyse_pending(&caller).await }
    });
    model.began.notified().await;
    // While the first of them is thought about.
    let photo = opened.keep(patient, 4).await;
    for _ in 0..2 {
        model.go.notify_one();
        model.began.notified().await;
    }
    assert!(matches!(opened.analysis(photo).await, Analysis::Done(_)));
    assert_eq!(station.reanalysis(caller).await.unwrap().waiting, 2);
    working.abort();
    let _ = working.await;
    opened.close().await;
}

#[tokio::test]
async fn what_a_removed_model_was_asked_waits_for_nobody() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let (model, photo) = asked_of_another(&opened, opened.patient().await, 1).await;
    // It was never a folder here, which is all that can't be removed.
    let _ = station.remove_model(caller, &model.card().sha256).await;
    let opinions = station.photo(caller, photo).await.unwrap().opinions;
    assert_eq!(opinions, []);
    opened.close().await;
}
