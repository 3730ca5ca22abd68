//! Somebody looks at a conflict, and every workstation and the centre hear of it.

use seekwell_core::{
    clinical::{PatientDraft, PatientId},
    error::{Code, Failure},
    store::Conflict,
    sync::status::Overall,
    workstation::ConflictChoice,
};

use crate::centre::Centre;
use crate::ward::{Opened, Ward};

/// Two workstations that gave one patient different addresses: "Thôn Hai" stands, "Thôn Một" was lost.
struct Quarrel {
    centre: Centre,
    a: (Ward, Opened),
    b: (Ward, Opened),
    patient: PatientId,
}

impl Quarrel {
    async fn new() -> Self {
        let centre = Centre::new().await;
        let a = centre.workstation("A").await;
        let b = centre.workstation("B").await;
        let patient = a.1.patient().await;
        let quarrel = Self {
            centre,
            a,
            b,
            patient,
        };
        quarrel.everybody_syncs().await;
        moves(&quarrel.a.1, patient, "Thôn Một").await;
        moves(&quarrel.b.1, patient, "Thôn Hai").await;
        quarrel.everybody_syncs().await;
        quarrel
    }

    /// Twice, so that the first hears of what the second sent.
    async fn everybody_syncs(&self) {
        for opened in [&self.a.1, &self.b.1, &self.a.1] {
            opened.workstation.sync_once().await.unwrap();
        }
    }

    fn settled_at_centre(&self) -> String {
        self.centre
            .psql("SELECT count(*), count(settled_at), count(settled_by) FROM seekwell.conflict")
    }
}

async fn moves(opened: &Opened, patient: PatientId, address: &str) {
    let before = opened.workstation.patient(&opened.caller, patient).await.unwrap();
    let draft = PatientDraft {
        address: Some(address.to_owned()),
        ..before.draft
    };
    opened
        .workstation
        .edit_patient(&opened.caller, patient, before.revision, draft)
        .await
        .unwrap();
}

async fn address(opened: &Opened, patient: PatientId) -> Option<String> {
    let patient = opened.workstation.patient(&opened.caller, patient).await;
    patient.unwrap().draft.address
}

async fn conflicts(opened: &Opened) -> Vec<Conflict> {
    opened.workstation.conflicts(&opened.caller).await.unwrap()
}

async fn settle(opened: &Opened, conflict: &Conflict, choice: ConflictChoice) {
    opened
        .workstation
        .settle_conflict(&opened.caller, conflict.id, choice)
        .await
        .unwrap();
}

#[tokio::test]
async fn keeping_what_stands_changes_no_record_and_is_heard_everywhere() {
    let quarrel = Quarrel::new().await;
    let (a, b) = (&quarrel.a.1, &quarrel.b.1);
    let open = conflicts(a).await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0].patient_name.as_deref(), Some("Nguyễn Văn Hòa (mẫu)"));
    let revision = a
        .workstation
        .patient(&a.caller, quarrel.patient)
        .await
        .unwrap()
        .revision;

    settle(a, &open[0], ConflictChoice::Keep).await;
    // At once, and honestly: it is here alone yet.
    assert_eq!(conflicts(a).await, []);
    let status = a.workstation.sync_status().await.unwrap();
    assert_eq!((status.conflicts, status.waiting_records), (0, 1), "{status:?}");
    assert_ne!(status.overall, Overall::AtCentre);
    assert!(a.workstation.has_work_for_centre().await.unwrap());
    assert_eq!(conflicts(b).await.len(), 1);

    quarrel.everybody_syncs().await;
    assert!(!a.workstation.has_work_for_centre().await.unwrap());
    assert_eq!(quarrel.settled_at_centre(), "1\t1\t1");
    for one in [a, b] {
        assert_eq!(conflicts(one).await, []);
        assert_eq!(address(one, quarrel.patient).await.as_deref(), Some("Thôn Hai"));
        let status = one.workstation.sync_status().await.unwrap();
        assert_eq!(status.overall, Overall::AtCentre, "{status:?}");
    }
    let after = a.workstation.patient(&a.caller, quarrel.patient).await.unwrap();
    assert_eq!(after.revision, revision);
}

#[tokio::test]
async fn the_other_value_is_an_edit_like_every_other_and_quarrels_with_nobody() {
    let quarrel = Quarrel::new().await;
    let (a, b) = (&quarrel.a.1, &quarrel.b.1);
    let open = conflicts(b).await;
    settle(b, &open[0], ConflictChoice::Replace).await;
    assert_eq!(address(b, quarrel.patient).await.as_deref(), Some("Thôn Một"));
    quarrel.everybody_syncs().await;
    for one in [a, b] {
        assert_eq!(address(one, quarrel.patient).await.as_deref(), Some("Thôn Một"));
        assert_eq!(conflicts(one).await, []);
        let versions = one
            .workstation
            .patient_versions(&one.caller, quarrel.patient)
            .await
            .unwrap();
        assert_eq!(
            versions[0].draft.address.as_deref(),
            Some("Thôn Hai"),
            "what was replaced stays to be read"
        );
    }
    assert_eq!(quarrel.settled_at_centre(), "1\t1\t1");

    // Looked at once more, by a window that was slow: nothing is written again.
    moves(b, quarrel.patient, "Thôn Ba").await;
    settle(b, &open[0], ConflictChoice::Replace).await;
    assert_eq!(address(b, quarrel.patient).await.as_deref(), Some("Thôn Ba"));
}

#[tokio::test]
async fn what_was_settled_without_the_network_is_told_after_a_restart() {
    let Quarrel {
        centre,
        a: (ward, a),
        b: (_b_ward, b),
        patient,
    } = Quarrel::new().await;
    let open = conflicts(&a).await;
    settle(&a, &open[0], ConflictChoice::Replace).await;
    a.close().await;

    let a = ward.open().await.unwrap();
    assert_eq!(conflicts(&a).await, []);
    centre.join(&a).await;
    // The feed alone does not open it again: the centre still takes it for open.
    a.workstation.sync_once().await.unwrap();
    assert_eq!(conflicts(&a).await, []);
    assert_eq!(
        centre.psql("SELECT settled_by FROM seekwell.conflict WHERE settled_at IS NOT NULL"),
        a.caller.id().0.to_string()
    );
    b.workstation.sync_once().await.unwrap();
    assert_eq!(conflicts(&b).await, []);
    assert_eq!(address(&b, patient).await.as_deref(), Some("Thôn Một"));
}

#[tokio::test]
async fn a_conflict_shows_what_stands_now_and_not_what_stood_then() {
    let quarrel = Quarrel::new().await;
    let b = &quarrel.b.1;
    moves(b, quarrel.patient, "Thôn Bốn").await;
    let open = conflicts(b).await;
    assert_eq!(
        (open[0].stands.as_str(), open[0].lost.as_str()),
        ("\"Thôn Bốn\"", "\"Thôn Một\"")
    );
}

#[tokio::test]
async fn another_clinics_code_connects_nothing() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let before = a.workstation.link().await.unwrap();
    let other = Centre::new().await;
    let refused = a
        .workstation
        .connect(&a.caller, &other.code("A").await)
        .await
        .unwrap_err();
    assert_eq!(Failure::from(&refused).code, Code::OtherClinic);
    assert_eq!(a.workstation.link().await.unwrap(), before);
    // Anew to its own clinic is fine.
    a.workstation
        .connect(&a.caller, &centre.code("A again").await)
        .await
        .unwrap();
}
