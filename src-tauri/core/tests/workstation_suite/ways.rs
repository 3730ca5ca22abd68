//! Who is asked about a photo: the model on this machine, the Space where the patient agreed, another for a second opinion.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use seekwell_core::analysis::{
    AnalysisError, Analyzer, FixedAnalyzer, Later, ModelCard, Opinion, SpaceError, SpaceStep,
};
use seekwell_core::clinical::{Analysis, PendingReason, PhotoId};
use seekwell_core::error::{Code, Failure};
use seekwell_core::store::{Asked, Reanalysis};
use seekwell_core::workstation::{AnalysisChange, Way};

use tokio::sync::Notify;

use super::ward::{Opened, Ward};

/// Answers under a name and a hash, and fails as often as it is told to.
struct Speaker {
    card: ModelCard,
    fixed: FixedAnalyzer,
    failures: Mutex<Vec<SpaceError>>,
    asked: AtomicU32,
}

impl Speaker {
    fn called(name: &str, hash: &str) -> Arc<Self> {
        let fixed = FixedAnalyzer::by_bytes();
        let card = ModelCard {
            name: name.to_owned(),
            sha256: hash.repeat(64),
            ..fixed.card().clone()
        };
        Arc::new(Self {
            card,
            fixed,
            failures: Mutex::default(),
            asked: AtomicU32::new(0),
        })
    }

    fn model(hash: &str) -> Arc<Self> {
        Self::called(&format!("model {hash}"), hash)
    }

    fn space() -> Arc<Self> {
        Self::called("space.example", "")
    }

    fn fails(&self, failure: SpaceError) {
        self.failures.lock().unwrap().push(failure);
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Analyzer for Speaker {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, derivative: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.failures.lock().unwrap().pop() {
            Some(source) => Box::pin(std::future::ready(Err(AnalysisError::Space { source }))),
            None => self.fixed.analyse(derivative),
        }
    }
}

fn unreachable_space() -> SpaceError {
    SpaceError::Unreachable {
        step: SpaceStep::Upload,
    }
}

/// Who spoke, or what the photo waits for.
async fn by(opened: &Opened, photo: PhotoId) -> Result<String, PendingReason> {
    match opened.analysis(photo).await {
        Analysis::Done(done) => Ok(done.model_name),
        Analysis::Pending { reason, .. } => Err(reason),
    }
}

fn code(error: &seekwell_core::error::Error) -> Code {
    Failure::from(error).code
}

#[tokio::test]
async fn without_consent_nothing_is_sent() {
    let (ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let space = Speaker::space();
    station
        .use_space(caller, space.clone(), Way::Space)
        .await
        .unwrap();
    let patient = opened.patient().await;
    let first = opened.keep(patient, 1).await;
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(by(&opened, first).await, Err(PendingReason::NoConsent));
    let refused = station.ask_opinion(caller, first, Asked::Space).await;
    assert_eq!(code(&refused.unwrap_err()), Code::NoConsent);
    assert_eq!(space.asked(), 0);

    let patient_now = station.set_cloud_consent(caller, patient, true).await.unwrap();
    let said = patient_now.cloud_consent.unwrap();
    assert_eq!((said.given, said.by.as_str()), (true, "Lê Thị Mai (mẫu)"));
    assert_eq!(by(&opened, first).await, Err(PendingReason::Queued));
    assert_eq!(opened.analyse().await, 1);
    assert_eq!(by(&opened, first).await, Ok("space.example".to_owned()));

    station.set_cloud_consent(caller, patient, false).await.unwrap();
    let second = opened.keep(patient, 2).await;
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(by(&opened, second).await, Err(PendingReason::NoConsent));
    assert_eq!(space.asked(), 1);
    let versions = station.patient_versions(caller, patient).await.unwrap();
    let said: Vec<_> = versions
        .iter()
        .map(|version| version.cloud_consent.as_ref().map(|said| said.given))
        .collect();
    assert_eq!(said, [Some(true), None]);

    // What was recorded is there after a restart.
    opened.close().await;
    let opened = ward.open().await.unwrap();
    let patient = opened.workstation.patient(&opened.caller, patient).await.unwrap();
    assert_eq!(patient.cloud_consent.map(|said| said.given), Some(false));
}

/// A Space that is being woken, and says whether the question was given up.
struct Asleep {
    card: ModelCard,
    asked: Notify,
    given_up: Arc<AtomicU32>,
}

struct GivenUp(Arc<AtomicU32>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Analyzer for Asleep {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn analyse(&self, _: Vec<u8>) -> Later<'_, Result<Opinion, AnalysisError>> {
        Box::pin(async move {
            let _given_up = GivenUp(Arc::clone(&self.given_up));
            self.asked.notify_one();
            std::future::pending().await
        })
    }
}

/// It takes minutes until a Space is awake, and the photo is shown to it only then.
#[tokio::test]
async fn whoever_withdraws_consent_is_not_shown_to_a_space_that_was_asked_already() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let space = Arc::new(Asleep {
        card: Speaker::space().card.clone(),
        asked: Notify::new(),
        given_up: Arc::default(),
    });
    station
        .use_space(caller, space.clone(), Way::Space)
        .await
        .unwrap();
    let patient = opened.patient().await;
    station.set_cloud_consent(caller, patient, true).await.unwrap();
    let photo = opened.keep(patient, 1).await;
    let working = tokio::spawn({
        let (station, caller) = (station.clone(), caller.clone());
        async move { station.analyse_pending(&caller).await }
    });
    space.asked.notified().await;
    station.set_cloud_consent(caller, patient, false).await.unwrap();
    assert_eq!(working.await.unwrap().unwrap(), 0);
    assert_eq!(space.given_up.load(Ordering::SeqCst), 1);
    assert_eq!(by(&opened, photo).await, Err(PendingReason::NoConsent));
}

/// A photo that the model can't speak of is the Space's as soon as the patient agrees.
#[tokio::test]
async fn consent_tries_anew_what_the_model_could_not_do() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let (space, model) = (Speaker::space(), Speaker::model("a"));
    station.use_space(caller, space, Way::Device).await.unwrap();
    station.use_analyser(caller, model.clone()).await.unwrap();
    model.fails(SpaceError::TooLarge);
    let patient = opened.patient().await;
    let photo = opened.keep(patient, 1).await;
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(opened.analyse().await, 0, "it is asked once");
    model.fails(SpaceError::TooLarge);
    station.set_cloud_consent(caller, patient, true).await.unwrap();
    assert_eq!(opened.analyse().await, 1);
    assert_eq!(by(&opened, photo).await, Ok("space.example".to_owned()));
}

#[tokio::test]
async fn the_preferred_one_is_asked_first_and_the_other_where_it_fails() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let (space, model) = (Speaker::space(), Speaker::model("a"));
    let patient = opened.patient().await;
    station.set_cloud_consent(caller, patient, true).await.unwrap();
    station.use_analyser(caller, model.clone()).await.unwrap();
    station
        .use_space(caller, space.clone(), Way::Device)
        .await
        .unwrap();
    let first = opened.keep(patient, 1).await;
    opened.analyse().await;
    assert_eq!(by(&opened, first).await, Ok("model a".to_owned()));

    station
        .use_space(caller, space.clone(), Way::Space)
        .await
        .unwrap();
    let second = opened.keep(patient, 2).await;
    opened.analyse().await;
    assert_eq!(by(&opened, second).await, Ok("space.example".to_owned()));

    // One that can't be reached is left alone for a while: the next photo does not wait for it either.
    space.fails(unreachable_space());
    let third = opened.keep(patient, 3).await;
    opened.analyse().await;
    assert_eq!(by(&opened, third).await, Ok("model a".to_owned()));
    let asked = space.asked();
    let fourth = opened.keep(patient, 4).await;
    station.analyse_photos(caller, &[fourth]).await.unwrap();
    assert_eq!(by(&opened, fourth).await, Ok("model a".to_owned()));
    assert_eq!(space.asked(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_that_comes_back_is_asked_again_with_nobody_doing_anything() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (opened.workstation.clone(), opened.caller.clone());
    let space = Speaker::space();
    let patient = opened.patient().await;
    station.set_cloud_consent(&caller, patient, true).await.unwrap();
    space.fails(unreachable_space());
    station
        .use_space(&caller, space.clone(), Way::Space)
        .await
        .unwrap();
    let mut changes = station.changes();
    let photos = [opened.keep(patient, 1).await, opened.keep(patient, 2).await];
    let working = tokio::spawn({
        let station = station.clone();
        async move { station.analyse_as_they_come().await }
    });
    let mut waited = false;
    loop {
        let mut left = 0;
        for photo in photos {
            match by(&opened, photo).await {
                Err(PendingReason::SpaceUnreachable) => (waited, left) = (true, left + 1),
                Err(_) => left += 1,
                Ok(name) => assert_eq!(name, "space.example"),
            }
        }
        if left == 0 {
            break;
        }
        changes.recv().await.unwrap();
    }
    assert!(waited, "nobody was told what the photo waited for");
    assert_eq!(space.asked(), 3, "one failed, and each was answered once");
    working.abort();
}

#[tokio::test]
async fn a_second_opinion_stands_beside_the_first() {
    let (ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let patient = opened.patient().await;
    station.use_analyser(caller, Speaker::model("a")).await.unwrap();
    let photo = opened.keep(patient, 1).await;
    opened.analyse().await;
    let first = opened.analysis(photo).await;
    let model_a = Asked::Model("a".repeat(64));
    let again = station.ask_opinion(caller, photo, model_a).await;
    assert_eq!(code(&again.unwrap_err()), Code::AskedAlready);
    let nobody = station.ask_opinion(caller, photo, Asked::Space).await;
    assert_eq!(code(&nobody.unwrap_err()), Code::NoSpace);

    station.set_cloud_consent(caller, patient, true).await.unwrap();
    let space = Speaker::space();
    station
        .use_space(caller, space.clone(), Way::Device)
        .await
        .unwrap();
    space.fails(unreachable_space());
    station.ask_opinion(caller, photo, Asked::Space).await.unwrap();
    let twice = station.ask_opinion(caller, photo, Asked::Space).await;
    assert_eq!(code(&twice.unwrap_err()), Code::AskedAlready);
    assert_eq!(opened.analyse().await, 0);
    assert_eq!(opened.analyse().await, 1);
    let detail = station.photo(caller, photo).await.unwrap();
    assert_eq!(detail.entry.analysis, first, "the first stays as it was");
    let [further] = detail.opinions.as_slice() else {
        panic!("{:?}", detail.opinions)
    };
    let Analysis::Done(said) = &further.analysis else {
        panic!("{further:?}")
    };
    assert_eq!(said.model_name, "space.example");

    // One that nobody has given yet is taken back, also after a restart; one that is there stays.
    let waiting = station.ask_opinion(caller, photo, Asked::Space).await.unwrap();
    let done = said.id;
    opened.close().await;
    let opened = ward.open().await.unwrap();
    let (station, caller) = (&opened.workstation, &opened.caller);
    for id in [waiting, done] {
        station.withdraw_opinion(caller, id).await.unwrap();
    }
    let opinions = station.photo(caller, photo).await.unwrap().opinions;
    assert_eq!(opinions.len(), 1);
}

#[tokio::test]
async fn a_new_model_speaks_of_old_photos_when_it_is_asked_to() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let patient = opened.patient().await;
    station.use_analyser(caller, Speaker::model("a")).await.unwrap();
    let mut photos = Vec::new();
    for seed in 1..=3 {
        photos.push(opened.keep(patient, seed).await);
    }
    assert_eq!(opened.analyse().await, 3);
    let model = Speaker::model("b");
    station.use_analyser(caller, model.clone()).await.unwrap();
    assert_eq!(opened.analyse().await, 0, "nothing is analysed again by itself");
    let far = |possible, waiting, done| Reanalysis {
        possible,
        waiting,
        done,
    };
    assert_eq!(station.reanalysis(caller).await.unwrap(), far(3, 0, 0));
    assert_eq!(station.reanalyse(caller).await.unwrap(), 3);
    assert_eq!(station.reanalyse(caller).await.unwrap(), 0);
    assert_eq!(station.reanalysis(caller).await.unwrap(), far(0, 3, 0));
    station.analyse_photos(caller, &photos[..1]).await.unwrap();
    assert_eq!(station.cancel_reanalysis(caller).await.unwrap(), 2);
    assert_eq!(station.reanalysis(caller).await.unwrap(), far(2, 0, 1));
    for photo in &photos {
        assert_eq!(by(&opened, *photo).await, Ok("model a".to_owned()));
    }
    assert_eq!(model.asked(), 1);
}

#[tokio::test]
async fn the_patient_on_the_screen_goes_before_the_others() {
    let (_ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let (others, looked_at) = (opened.patient().await, opened.patient().await);
    for seed in 1..=3 {
        opened.keep(others, seed).await;
    }
    let photo = opened.keep(looked_at, 9).await;
    station.look_at(caller, Some(looked_at));
    let mut changes = station.changes();
    station.use_analyser(caller, Speaker::model("a")).await.unwrap();
    assert_eq!(opened.analyse().await, 4);
    let mut first = None;
    while first.is_none() {
        first = changes.recv().await.unwrap().patient_id;
    }
    assert_eq!(first, Some(looked_at));
    assert_eq!(by(&opened, photo).await, Ok("model a".to_owned()));
}

#[tokio::test]
async fn a_token_goes_with_its_space() {
    let (ward, opened, _) = Ward::found().await;
    let (station, caller) = (&opened.workstation, &opened.caller);
    let set = async |url: &str, token: Option<&str>| {
        let change = AnalysisChange {
            space_url: Some(url.to_owned()),
            token: token.map(str::to_owned),
            prefer: Way::Device,
        };
        station.set_analysis_settings(caller, change).await
    };
    let refused = set("http://space.example", None).await.unwrap_err();
    assert_eq!(code(&refused), Code::SpaceAddressInvalid);
    set("https://space.example/?x=1", Some("made-for-this-test"))
        .await
        .unwrap();
    let kept = station.analysis_settings(caller).await.unwrap();
    assert_eq!(kept.space_url.as_deref(), Some("https://space.example/"));
    assert!(kept.has_token);
    set("https://space.example", None).await.unwrap();
    assert!(station.analysis_settings(caller).await.unwrap().has_token);
    set("https://another.example", None).await.unwrap();
    assert!(!station.analysis_settings(caller).await.unwrap().has_token);
    opened.close().await;
    let opened = ward.open().await.unwrap();
    let kept = opened
        .workstation
        .analysis_settings(&opened.caller)
        .await
        .unwrap();
    assert_eq!(kept.space_url.as_deref(), Some("https://another.example/"));
}
