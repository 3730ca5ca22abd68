//! What the centre's answers make of edits that were made meanwhile.

use super::Bench;
use crate::{
    clinical::PatientDraft,
    store::{Applied, Begun, Incoming, Sending},
};

/// What was sent stands over what somebody else said only until its answer comes. Whoever edits it then has seen theirs, though
/// other fields of the record have waited all the while.
#[tokio::test]
async fn an_edit_after_the_answer_is_made_knowing_what_others_said() {
    let bench = Bench::new().await;
    let (store, id) = (&bench.store, bench.lesion.patient_id);
    let send = async || -> Sending {
        let waiting = store.outbox(100).await.unwrap().records;
        let patient = waiting.iter().find(|one| one.record == id.0).unwrap();
        let mut write = store.write().await.unwrap();
        let Begun::Sending(sending) = write.begin_sending(patient).await.unwrap() else {
            panic!("nothing new");
        };
        write.commit().await.unwrap();
        sending
    };
    let settle = async |sending: &Sending, revision| {
        let mut write = store.write().await.unwrap();
        assert!(write.settle(sending, revision, None, None).await.unwrap());
        write.commit().await.unwrap();
    };
    let edit = async |change: &dyn Fn(&mut PatientDraft)| {
        let patient = store.patient(id).await.unwrap();
        let mut draft = patient.draft;
        change(&mut draft);
        let mut write = store.write().await.unwrap();
        write
            .edit_patient(id, patient.revision, &draft, bench.nurse)
            .await
            .unwrap();
        write.commit().await.unwrap();
    };
    let whole = send().await;
    settle(&whole, 1).await;
    edit(&|draft| draft.phone = Some("ours".into())).await;
    let phone = send().await;
    edit(&|draft| draft.address = Some("here".into())).await;

    // Somebody who saw our phone at the centre gave another one, and that is here before the answer to ours.
    let mut fields = whole.fields.clone();
    fields.insert("phone".into(), "theirs".into());
    let theirs = Incoming {
        kind: "patient".into(),
        record: id.0,
        revision: 3,
        deleted: false,
        fields,
        central_id: None,
    };
    let mut write = store.write().await.unwrap();
    assert_eq!(write.apply(&theirs, &|_| None).await.unwrap(), Applied::Taken);
    write.commit().await.unwrap();
    settle(&phone, 2).await;
    let shown = store.patient(id).await.unwrap().draft;
    assert_eq!(
        (shown.phone.as_deref(), shown.address.as_deref()),
        (Some("theirs"), Some("here"))
    );

    edit(&|draft| draft.phone = Some("ours again".into())).await;
    let last = send().await;
    assert_eq!(last.base, 3);
    assert_eq!(
        (&last.fields["phone"], &last.fields["address"]),
        (&"ours again".into(), &"here".into())
    );
    store.close().await;
}
