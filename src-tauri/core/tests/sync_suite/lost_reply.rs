//! Replies that do not come, and what people do meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use seekwell_core::{
    clinical::{PatientDraft, PatientId},
    store::Unfinished,
    sync::{
        Answer, Hello, Later, Operation, Page, PostgresRegistry, Registry, RegistryError, status::Overall,
    },
};
use uuid::Uuid;

use crate::background::{run, until};
use crate::centre::Centre;
use crate::ward::Opened;

/// The real registry, where pushes are done and no reply comes, or where none even leaves.
struct Deaf {
    registry: PostgresRegistry,
    deaf: AtomicBool,
    mute: AtomicBool,
}

impl Registry for Deaf {
    fn hello(&self) -> Later<'_, Result<Hello, RegistryError>> {
        self.registry.hello()
    }

    fn push<'a>(&'a self, operations: &'a [Operation]) -> Later<'a, Result<Vec<Answer>, RegistryError>> {
        let lost = || RegistryError::Unreachable {
            what: "lost".to_owned(),
        };
        Box::pin(async move {
            if self.mute.load(Ordering::SeqCst) {
                return Err(lost());
            }
            let answers = self.registry.push(operations).await?;
            match self.deaf.load(Ordering::SeqCst) {
                false => Ok(answers),
                true => Err(lost()),
            }
        })
    }

    fn pull(&self, after: u64, page: u32) -> Later<'_, Result<Page, RegistryError>> {
        self.registry.pull(after, page)
    }

    fn settle_conflict(&self, id: Uuid, by: Uuid) -> Later<'_, Result<(), RegistryError>> {
        self.registry.settle_conflict(id, by)
    }

    fn erase(&self, operation: Uuid, record: Uuid) -> Later<'_, Result<Answer, RegistryError>> {
        self.registry.erase(operation, record)
    }

    fn unfinished(&self, days: u16) -> Later<'_, Result<Vec<Unfinished>, RegistryError>> {
        self.registry.unfinished(days)
    }

    fn hint(&self) -> Later<'_, Result<(), RegistryError>> {
        self.registry.hint()
    }
}

async fn deaf(centre: &Centre, opened: &Opened) -> Arc<Deaf> {
    let link = opened.workstation.link().await.unwrap().unwrap();
    let deaf = Arc::new(Deaf {
        registry: PostgresRegistry::new(&link),
        deaf: AtomicBool::new(true),
        mute: AtomicBool::new(false),
    });
    opened
        .workstation
        .join(Arc::clone(&centre.blobs) as _, Arc::clone(&deaf) as _);
    deaf
}

async fn edit(of: &Opened, id: PatientId, change: impl FnOnce(&mut PatientDraft)) {
    let patient = of.workstation.patient(&of.caller, id).await.unwrap();
    let mut draft = patient.draft.clone();
    change(&mut draft);
    let edited = of
        .workstation
        .edit_patient(&of.caller, id, patient.revision, draft);
    edited.await.unwrap();
}

async fn phone(of: &Opened, id: PatientId) -> Option<String> {
    of.workstation.patient(&of.caller, id).await.unwrap().draft.phone
}

async fn sync(of: &Opened) {
    of.workstation.sync_once().await.unwrap();
}

async fn assert_at_centre(of: &Opened) {
    let status = of.workstation.sync_status().await.unwrap();
    assert_eq!(status.overall, Overall::AtCentre, "{status:?}");
}

#[tokio::test]
async fn an_edit_before_the_reply_is_no_conflict_with_oneself() {
    let centre = Centre::new().await;
    let (ward, a) = centre.workstation("A").await;
    let id = a.patient().await;
    sync(&a).await;
    let line = deaf(&centre, &a).await;
    edit(&a, id, |draft| draft.phone = Some("1".to_owned())).await;
    a.workstation.sync_once().await.unwrap_err();
    assert_eq!(centre.psql("SELECT revision FROM seekwell.patient"), "2");
    edit(&a, id, |draft| draft.phone = Some("2".to_owned())).await;
    a.workstation.sync_once().await.unwrap_err();
    drop(line);

    // What was sent is known after a restart too.
    a.close().await;
    let a = ward.open().await.unwrap();
    centre.join(&a).await;
    sync(&a).await;
    assert_eq!(
        centre.psql("SELECT revision, fields ->> 'phone' FROM seekwell.patient"),
        "3\t2"
    );
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.conflict"), "0");
    assert_eq!(
        centre.psql("SELECT count(*) FROM seekwell.operation WHERE kind = 'patient'"),
        "3"
    );
    assert_at_centre(&a).await;
}

#[tokio::test]
async fn what_is_taken_back_before_the_reply_is_taken_back() {
    let centre = Centre::new().await;
    let (_ward, a) = centre.workstation("A").await;
    let id = a.patient().await;
    edit(&a, id, |draft| draft.phone = Some("1".to_owned())).await;
    sync(&a).await;
    let line = deaf(&centre, &a).await;
    edit(&a, id, |draft| draft.phone = Some("2".to_owned())).await;
    a.workstation.sync_once().await.unwrap_err();
    edit(&a, id, |draft| draft.phone = Some("1".to_owned())).await;
    // The feed brings what was sent, before its reply does.
    line.deaf.store(false, Ordering::SeqCst);
    sync(&a).await;
    sync(&a).await;
    assert_eq!(phone(&a, id).await.as_deref(), Some("1"));
    assert_eq!(
        centre.psql("SELECT fields ->> 'phone' FROM seekwell.patient"),
        "1"
    );
    assert_at_centre(&a).await;
}

#[tokio::test]
async fn what_somebody_wrote_over_it_before_the_reply_stands_everywhere() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let id = a.patient().await;
    sync(&a).await;
    let line = deaf(&centre, &a).await;
    edit(&a, id, |draft| draft.phone = Some("1".to_owned())).await;
    a.workstation.sync_once().await.unwrap_err();
    sync(&b).await;
    edit(&b, id, |draft| draft.phone = Some("2".to_owned())).await;
    sync(&b).await;
    line.deaf.store(false, Ordering::SeqCst);
    sync(&a).await;
    sync(&a).await;
    for one in [&a, &b] {
        assert_eq!(phone(one, id).await.as_deref(), Some("2"));
        assert_at_centre(one).await;
    }
    assert_eq!(centre.psql("SELECT count(*) FROM seekwell.conflict"), "0");
}

#[tokio::test]
async fn what_arrives_under_an_edit_that_waits_is_a_conflict_all_the_same() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let (_b_ward, b) = centre.workstation("B").await;
    let id = a.patient().await;
    sync(&a).await;
    sync(&b).await;
    edit(&b, id, |draft| {
        draft.phone = Some("b".to_owned());
        draft.address = Some("Thôn Mẫu".to_owned());
    })
    .await;
    sync(&b).await;

    // A's line carries nothing up, and the feed comes down: nobody at A sees B's number under A's own.
    let line = deaf(&centre, &a).await;
    line.mute.store(true, Ordering::SeqCst);
    edit(&a, id, |draft| draft.phone = Some("a".to_owned())).await;
    let running = run(&a);
    until(&a.workstation, "B's address arrives", || async {
        let patient = a.workstation.patient(&a.caller, id).await.unwrap();
        patient.draft.address.is_some()
    })
    .await;
    assert_eq!(phone(&a, id).await.as_deref(), Some("a"));
    line.mute.store(false, Ordering::SeqCst);
    line.deaf.store(false, Ordering::SeqCst);
    a.workstation.retry_sync(&a.caller).await.unwrap();
    until(&a.workstation, "A's number is at the centre", || async {
        a.workstation.sync_status().await.unwrap().waiting_records == 0
    })
    .await;
    running.abort();
    sync(&a).await;
    sync(&b).await;
    for one in [&a, &b] {
        assert_eq!(phone(one, id).await.as_deref(), Some("a"));
        let conflicts = one.workstation.conflicts(&one.caller).await.unwrap();
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        assert_eq!(
            (conflicts[0].lost.as_str(), conflicts[0].stands.as_str()),
            ("\"b\"", "\"a\"")
        );
    }
}

#[tokio::test]
async fn an_answer_that_names_somebody_unknown_waits_for_them() {
    let centre = Centre::new().await;
    let (_a_ward, a) = centre.workstation("A").await;
    let id = a.patient().await;
    sync(&a).await;
    // Whoever edits at B was entered after A last heard of the centre.
    let (_b_ward, b) = centre.workstation("B").await;
    sync(&b).await;
    edit(&b, id, |draft| draft.address = Some("Thôn Mẫu".to_owned())).await;
    sync(&b).await;
    // A's own edit says who edited, and that is who it was before: the answer brings the one from B.
    edit(&a, id, |draft| draft.phone = Some("1".to_owned())).await;
    for _ in 0..2 {
        sync(&a).await;
        a.workstation.retry_sync(&a.caller).await.unwrap();
    }
    sync(&a).await;
    let draft = a.workstation.patient(&a.caller, id).await.unwrap().draft;
    assert_eq!(
        (draft.phone.as_deref(), draft.address.as_deref()),
        (Some("1"), Some("Thôn Mẫu"))
    );
    assert_at_centre(&a).await;
}
