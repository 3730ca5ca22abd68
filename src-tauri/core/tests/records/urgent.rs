//! Urgent cases: listed newest first, paged through without loss, acknowledged once, by staff.

use seekwell_core::{
    accounts::Caller,
    clinical::{AnalysisId, BodySite, RiskLevel},
    error::Code,
    store::{UrgentCase, WhichUrgent},
};

use crate::clinic::{Clinic, code, draft};

/// A clinic with photos of one patient, one for each of these risks, each analysed ten minutes after the one before.
async fn with(risks: &[RiskLevel]) -> (Clinic, Vec<AnalysisId>) {
    let mut clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let mut analyses = Vec::new();
    for (seed, risk) in (0..).zip(risks) {
        let (photo, _) = clinic.keep(patient, seed, BodySite::Back, None).await;
        clinic.wait(9);
        clinic = clinic.judge(&[*risk]).await;
        analyses.push(clinic.analysis(photo).await);
    }
    (clinic, analyses)
}

fn ids(cases: &[UrgentCase]) -> Vec<AnalysisId> {
    cases.iter().map(|case| case.analysis_id).collect()
}

async fn all(clinic: &Clinic, which: WhichUrgent) -> Vec<UrgentCase> {
    let page = clinic
        .workstation
        .urgent_cases(&clinic.mai, which, None, 500)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    page.cases
}

#[tokio::test]
async fn what_is_urgent_is_listed_newest_first_with_all_that_a_nurse_needs() {
    use RiskLevel::{High, Low, Urgent};
    let (clinic, made) = with(&[Urgent, Low, Urgent, High, Urgent]).await;
    let Clinic { workstation, mai, .. } = &clinic;
    let open = all(&clinic, WhichUrgent::Open).await;
    assert_eq!(ids(&open), [made[4], made[2], made[0]]);
    let case = &open[0];
    assert_eq!(case.patient.full_name, "An (mẫu)");
    assert_eq!(
        (case.site, case.top_class.as_word(), case.confidence, case.demo),
        (BodySite::Back, "NEV", 0.75, true)
    );
    assert!(case.thumbnail_here && !case.elsewhere);
    // No centre has confirmed it: this machine alone knows.
    assert!(!case.delivered);
    assert_eq!(case.acknowledgement, None);

    let summary = workstation.urgent_summary(mai).await.unwrap();
    assert_eq!(summary.open, 3);
    assert_eq!(summary.newest.as_ref(), Some(case));
    assert_eq!(
        workstation
            .urgent_case(mai, case.photo_id)
            .await
            .unwrap()
            .as_ref(),
        Some(case)
    );
    // The newest is acknowledged: the one before it is no new one.
    workstation.acknowledge(mai, case.analysis_id).await.unwrap();
    let after = workstation.urgent_summary(mai).await.unwrap();
    assert_eq!(after.open, 2);
    assert!(after.newest.unwrap().arrival < case.arrival);
    assert_eq!(all(&clinic, WhichUrgent::Acknowledged).await.len(), 1);
    workstation.close().await;
}

#[tokio::test]
async fn a_case_is_acknowledged_once_and_the_first_is_told_to_all() {
    let (clinic, made) = with(&[RiskLevel::Urgent, RiskLevel::Low]).await;
    let Clinic {
        workstation,
        mai,
        tam,
        ..
    } = &clinic;
    clinic.wait(5);
    let mut news = workstation.changes();
    let first = workstation.acknowledge(tam, made[0]).await.unwrap();
    assert_eq!(
        (first.by.as_str(), first.others, first.delivered),
        ("Phạm Văn Tâm (mẫu)", 0, false)
    );
    let told = news.recv().await.unwrap();
    assert!(
        told.what
            .contains(&seekwell_core::workstation::ChangedKind::Urgent)
    );
    clinic.wait(5);
    let waiting = workstation.sync_status().await.unwrap().waiting_records;
    for who in [tam, mai] {
        assert_eq!(workstation.acknowledge(who, made[0]).await.unwrap(), first);
    }
    assert_eq!(
        workstation.sync_status().await.unwrap().waiting_records,
        waiting,
        "nothing more is sent"
    );
    assert!(news.try_recv().is_err(), "nothing changed");
    assert_eq!(all(&clinic, WhichUrgent::Open).await, []);
    let known = all(&clinic, WhichUrgent::Acknowledged).await;
    assert_eq!(known[0].acknowledgement.as_ref(), Some(&first));

    let refused = async |analysis| code(&workstation.acknowledge(mai, analysis).await.unwrap_err());
    assert_eq!(refused(made[1]).await, Code::NotUrgent);
    assert_eq!(refused(AnalysisId(uuid::Uuid::nil())).await, Code::NotFound);
    workstation.close().await;
}

#[tokio::test]
async fn a_patient_who_signs_in_sees_and_acknowledges_nothing() {
    let (clinic, made) = with(&[RiskLevel::Urgent]).await;
    let (clinic, hoa) = clinic.with_patient().await;
    let Clinic { workstation, mai, .. } = &clinic;
    let who: &Caller = &hoa;
    let photo = all(&clinic, WhichUrgent::Open).await[0].photo_id;
    let refused = [
        workstation
            .urgent_cases(who, WhichUrgent::Open, None, 5)
            .await
            .map(|_| ()),
        workstation.urgent_summary(who).await.map(|_| ()),
        workstation.urgent_case(who, photo).await.map(|_| ()),
        workstation.acknowledge(who, made[0]).await.map(|_| ()),
    ];
    for refusal in refused {
        assert_eq!(code(&refusal.unwrap_err()), Code::NotAllowed);
    }
    assert_eq!(workstation.urgent_summary(mai).await.unwrap().open, 1);
    workstation.close().await;
}

#[tokio::test]
async fn pages_miss_nothing_and_repeat_nothing() {
    let (clinic, made) = with(&[RiskLevel::Urgent; 9]).await;
    let Clinic { workstation, mai, .. } = &clinic;
    for nth in [1, 3, 5, 7] {
        clinic.wait(1);
        workstation.acknowledge(mai, made[nth]).await.unwrap();
    }
    for (which, expected) in [
        (WhichUrgent::Open, vec![8, 6, 4, 2, 0]),
        (WhichUrgent::Acknowledged, vec![7, 5, 3, 1]),
    ] {
        let whole = ids(&all(&clinic, which).await);
        let expected: Vec<_> = expected.into_iter().map(|nth: usize| made[nth]).collect();
        assert_eq!(whole, expected);
        for limit in 1..=6 {
            let mut read = Vec::new();
            let mut before: Option<String> = None;
            loop {
                let page = workstation
                    .urgent_cases(mai, which, before.as_deref(), limit)
                    .await
                    .unwrap();
                assert!(page.cases.len() <= limit as usize);
                assert_eq!(page.open, 5);
                read.extend(ids(&page.cases));
                assert!(read.len() <= whole.len(), "{limit} at a time never ends");
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(read, whole, "{limit} at a time");
        }
    }
    // One that is acknowledged between two pages is missing from no later one but by itself.
    let page = workstation
        .urgent_cases(mai, WhichUrgent::Open, None, 2)
        .await
        .unwrap();
    workstation.acknowledge(mai, made[6]).await.unwrap();
    let rest = workstation
        .urgent_cases(mai, WhichUrgent::Open, page.next.as_deref(), 5)
        .await
        .unwrap();
    assert_eq!(ids(&rest.cases), [made[4], made[2], made[0]]);
    for nonsense in ["", "x", "_", "2026-03-01T08:00:00.000Z_x"] {
        let page = workstation
            .urgent_cases(mai, WhichUrgent::Open, Some(nonsense), 5)
            .await;
        assert_eq!(code(&page.unwrap_err()), Code::NotFound, "{nonsense}");
    }
    workstation.close().await;
}
