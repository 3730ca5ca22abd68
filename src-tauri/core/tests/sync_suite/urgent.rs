//! An urgent case of one workstation, seen and acknowledged at the other.

use seekwell_core::{
    clinical::{
        ConfidenceWord, Probabilities, RiskLevel, RiskRule,
        policy::{self, Verdict},
    },
    clock::Clock,
    store::{Acknowledgement, Finished, Open, Store, UrgentCase, WhichUrgent},
    vault::{Envelope, KeyPlace},
    workstation::ChangedKind,
};

use crate::centre::Centre;
use crate::ward::{Opened, Ward};

/// Closes the workstation, lets an analyser have found all that waits urgent, and opens it again.
async fn found_urgent(centre: &Centre, ward: &Ward, opened: Opened) -> Opened {
    opened.close().await;
    let envelope = Envelope::read(&ward.data_dir()).unwrap().unwrap();
    let device = KeyPlace::File(ward.key_file()).load(envelope.vault).unwrap();
    let keys = envelope.unlock(&device).unwrap();
    let store = Store::open(
        &ward.data_dir(),
        keys.database_key().expose(),
        Open::Existing,
        Clock::system(),
    )
    .await
    .unwrap();
    let mut write = store.write().await.unwrap();
    for waiting in store.pending_analyses(None, 100).await.unwrap() {
        assert!(write.finish_analysis(waiting.id, &urgent()).await.unwrap());
    }
    write.commit().await.unwrap();
    store.close().await;
    let opened = ward.open().await.unwrap();
    centre.join(&opened).await;
    opened
}

fn urgent() -> Finished {
    Finished {
        probabilities: Probabilities::new([0.02, 0.03, 0.8, 0.05, 0.05, 0.05]).unwrap(),
        verdict: Verdict {
            risk: RiskLevel::Urgent,
            rule: RiskRule::MelanomaThreshold,
            confidence: ConfidenceWord::High,
            review: true,
            follow_up_days: 1,
        },
        follow_up_by: "2026-03-31".into(),
        model_name: "test".into(),
        model_sha256: "0".repeat(64),
        demo: false,
        published_accuracy: None,
        policy: policy::POLICY,
        pipeline: "test".into(),
        duration_ms: 1,
    }
}

async fn cases(at: &Opened, which: WhichUrgent) -> Vec<UrgentCase> {
    let page = at.workstation.urgent_cases(&at.caller, which, None, 10).await;
    page.unwrap().cases
}

async fn first_seen(at: &Opened) -> Acknowledgement {
    let known = cases(at, WhichUrgent::Acknowledged).await;
    known[0].acknowledgement.clone().unwrap()
}

#[tokio::test]
async fn a_case_of_one_is_acknowledged_at_the_other() {
    let centre = Centre::new().await;
    let (a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    let photo = a.keep(patient, 1).await;
    let a = found_urgent(&centre, &a_ward, a).await;

    let here = cases(&a, WhichUrgent::Open).await;
    assert_eq!(here.len(), 1);
    assert!(!here[0].delivered && !here[0].elsewhere && here[0].thumbnail_here);
    a.workstation.sync_once().await.unwrap();
    assert!(cases(&a, WhichUrgent::Open).await[0].delivered);

    let mut news = b.workstation.changes();
    b.workstation.sync_once().await.unwrap();
    let mut told = false;
    while let Ok(changed) = news.try_recv() {
        told |= changed.what.contains(&ChangedKind::Urgent);
    }
    assert!(told, "the window hears of it");
    let there = cases(&b, WhichUrgent::Open).await;
    assert_eq!(there.len(), 1);
    let case = &there[0];
    assert_eq!(
        (case.photo_id, case.analysis_id, case.patient.id),
        (photo, here[0].analysis_id, patient)
    );
    assert_eq!(case.patient.full_name, "Nguyễn Văn Hòa (mẫu)");
    assert!(case.elsewhere && case.delivered && case.thumbnail_here);
    assert_eq!(case.confidence, here[0].confidence);

    let seen = b
        .workstation
        .acknowledge(&b.caller, case.analysis_id)
        .await
        .unwrap();
    assert!(!seen.delivered);
    // Before it is sent, A has to take care of it itself.
    a.workstation.sync_once().await.unwrap();
    assert_eq!(a.workstation.urgent_summary(&a.caller).await.unwrap().open, 1);
    b.workstation.sync_once().await.unwrap();
    assert!(first_seen(&b).await.delivered);
    a.workstation.sync_once().await.unwrap();
    assert_eq!(a.workstation.urgent_summary(&a.caller).await.unwrap().open, 0);
    let known = first_seen(&a).await;
    assert_eq!(
        (&known.by, &known.at, known.others, known.delivered),
        (&seen.by, &seen.at, 0, true)
    );
    // Here again it changes nothing, and nothing more is sent.
    assert_eq!(
        a.workstation
            .acknowledge(&a.caller, case.analysis_id)
            .await
            .unwrap(),
        known
    );
    a.workstation.sync_once().await.unwrap();
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.acknowledgement"), "1");
}

#[tokio::test]
async fn two_who_acknowledge_without_knowing_of_each_other_both_stay() {
    let centre = Centre::new().await;
    let (a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let patient = a.patient().await;
    a.keep(patient, 1).await;
    let a = found_urgent(&centre, &a_ward, a).await;
    a.workstation.sync_once().await.unwrap();
    b.workstation.sync_once().await.unwrap();
    let id = cases(&b, WhichUrgent::Open).await[0].analysis_id;

    let at_b = b.workstation.acknowledge(&b.caller, id).await.unwrap();
    let at_a = a.workstation.acknowledge(&a.caller, id).await.unwrap();
    for one in [&a, &b, &a] {
        one.workstation.sync_once().await.unwrap();
    }
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.acknowledgement"), "2");
    let earliest = at_a.at.min(at_b.at);
    for one in [&a, &b] {
        let known = first_seen(one).await;
        assert_eq!((&known.at, known.others, known.delivered), (&earliest, 1, true));
        assert_eq!(cases(one, WhichUrgent::Open).await, []);
    }
}
