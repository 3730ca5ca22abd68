//! A patient's history: filtered by each of its values, paged through without loss, counted, and walked from photo to photo.

use std::collections::BTreeSet;

use seekwell_core::{
    capture::KeepRequest,
    clinical::{Analysis, BodySite, PatientId, PhotoId, RiskLevel, Side},
    error::Code,
    store::{HistoryEntry, HistoryFilter},
};
use seekwell_testkit::process::picture;

use crate::clinic::{Clinic, code, draft};

const SITES: [BodySite; 4] = [BodySite::Face, BodySite::Back, BodySite::Hands, BodySite::Other];

/// A clinic with 23 photos of one patient at four sites, of every risk, three of them not analysed; and one of another's.
/// Some were taken in the same minute.
async fn with_photos() -> (Clinic, PatientId) {
    let clinic = Clinic::new().await;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let other = clinic.register(draft("Bình (mẫu)")).await.id;
    clinic.keep(other, 100, BodySite::Face, None).await;
    let mut lesions = [None; 4];
    for (seed, at) in (0..23).zip((0..4).cycle()) {
        if seed % 3 == 0 {
            clinic.wait(-1);
        }
        let (_, lesion) = clinic.keep(patient, seed, SITES[at], lesions[at]).await;
        lesions[at] = Some(lesion);
    }
    let risks: Vec<_> = RiskLevel::ALL.iter().copied().cycle().take(21).collect();
    (clinic.judge(&risks).await, patient)
}

async fn all(clinic: &Clinic, patient: PatientId, filter: &HistoryFilter) -> Vec<HistoryEntry> {
    let page = clinic
        .workstation
        .history(&clinic.mai, patient, filter, None, 500)
        .await
        .unwrap();
    assert_eq!(page.next, None);
    page.entries
}

fn risk(entry: &HistoryEntry) -> Option<RiskLevel> {
    match &entry.analysis {
        Analysis::Done(done) => Some(done.risk),
        Analysis::Pending { .. } => None,
    }
}

fn ids<'a>(entries: impl IntoIterator<Item = &'a HistoryEntry>) -> Vec<PhotoId> {
    entries.into_iter().map(|entry| entry.photo_id).collect()
}

#[tokio::test]
async fn every_filter_shows_what_it_says_and_nothing_else() {
    let (clinic, patient) = with_photos().await;
    let everything = all(&clinic, patient, &HistoryFilter::default()).await;
    assert_eq!(everything.len(), 23);
    assert!(everything.is_sorted_by(|a, b| (&a.taken_at, a.photo_id) > (&b.taken_at, b.photo_id)));

    let shows = async |filter: HistoryFilter, is: &dyn Fn(&HistoryEntry) -> bool| {
        let expected = ids(everything.iter().filter(|entry| is(entry)));
        assert_eq!(ids(&all(&clinic, patient, &filter).await), expected, "{filter:?}");
        assert!(
            !expected.is_empty() && expected.len() < 23,
            "{filter:?} tells nothing apart"
        );
    };
    for level in RiskLevel::ALL {
        let filter = HistoryFilter {
            risks: vec![*level],
            ..HistoryFilter::default()
        };
        shows(filter, &|entry| risk(entry) == Some(*level)).await;
    }
    for site in SITES {
        let filter = HistoryFilter {
            sites: vec![site],
            ..HistoryFilter::default()
        };
        shows(filter, &|entry| entry.site == site).await;
    }
    for lesion in everything
        .iter()
        .map(|entry| entry.lesion_id)
        .collect::<BTreeSet<_>>()
    {
        let filter = HistoryFilter {
            lesion_id: Some(lesion),
            ..HistoryFilter::default()
        };
        shows(filter, &|entry| entry.lesion_id == lesion).await;
    }
    // From an instant on, and before one; both together; several values at once.
    let (from, to) = (everything[15].taken_at.clone(), everything[5].taken_at.clone());
    let since = HistoryFilter {
        from: Some(from.clone()),
        ..HistoryFilter::default()
    };
    shows(since.clone(), &|entry| entry.taken_at >= from).await;
    let until = HistoryFilter {
        to: Some(to.clone()),
        ..HistoryFilter::default()
    };
    shows(until, &|entry| entry.taken_at < to).await;
    let narrow = HistoryFilter {
        risks: vec![RiskLevel::Urgent, RiskLevel::Low],
        sites: vec![BodySite::Face, BodySite::Back, BodySite::Hands],
        to: Some(to.clone()),
        ..since
    };
    shows(narrow, &|entry| {
        matches!(risk(entry), Some(RiskLevel::Urgent | RiskLevel::Low))
            && entry.site != BodySite::Other
            && (&from..&to).contains(&&entry.taken_at)
    })
    .await;
    clinic.workstation.close().await;
}

#[tokio::test]
async fn pages_lose_and_repeat_nothing() {
    let (clinic, patient) = with_photos().await;
    let back = HistoryFilter {
        sites: vec![BodySite::Back, BodySite::Face],
        ..HistoryFilter::default()
    };
    for filter in [HistoryFilter::default(), back] {
        let whole = ids(&all(&clinic, patient, &filter).await);
        for limit in [1, 2, 22, 23, 24, 5] {
            let (mut read, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let page = clinic
                    .workstation
                    .history(&clinic.mai, patient, &filter, cursor.as_deref(), limit)
                    .await
                    .unwrap();
                assert!(page.entries.len() <= limit as usize);
                read.extend(ids(&page.entries));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
                // Photos that are kept meanwhile are newer than the page and move nothing.
                if limit == 5 && read.len() == 5 && filter.sites.is_empty() {
                    clinic.keep(patient, 200, BodySite::Neck, None).await;
                }
            }
            assert_eq!(read, whole, "{limit} at a time");
        }
    }
    for nonsense in ["", "x", "2026-03-01T08:00:00.000Z_x", "_"] {
        let page = clinic
            .workstation
            .history(&clinic.mai, patient, &HistoryFilter::default(), Some(nonsense), 5)
            .await;
        assert_eq!(code(&page.unwrap_err()), Code::NotFound, "{nonsense}");
    }
    clinic.workstation.close().await;
}

#[tokio::test]
async fn counts_and_neighbours_agree_with_the_history() {
    let (clinic, patient) = with_photos().await;
    let everything = all(&clinic, patient, &HistoryFilter::default()).await;
    let counts = clinic
        .workstation
        .history_counts(&clinic.mai, patient)
        .await
        .unwrap();
    let waiting = everything.iter().filter(|entry| risk(entry).is_none()).count();
    assert_eq!((counts.total, counts.pending as usize, waiting), (23, waiting, 3));
    let worrying = [
        RiskLevel::Urgent,
        RiskLevel::High,
        RiskLevel::Uncertain,
        RiskLevel::Medium,
        RiskLevel::Low,
    ];
    let order: Vec<_> = counts.by_risk.iter().map(|count| count.risk).collect();
    assert_eq!(order, worrying);
    for count in &counts.by_risk {
        let of_it = everything
            .iter()
            .filter(|entry| risk(entry) == Some(count.risk))
            .count();
        assert_eq!(count.count as usize, of_it, "{}", count.risk);
    }

    let order = ids(&everything);
    for (at, id) in order.iter().enumerate() {
        let detail = clinic.workstation.photo(&clinic.mai, *id).await.unwrap();
        let newer = at.checked_sub(1).map(|newer| order[newer]);
        assert_eq!(
            (detail.newer_id, detail.older_id),
            (newer, order.get(at + 1).copied()),
            "{at}"
        );
    }
    let lesions = clinic.workstation.lesions(&clinic.mai, patient).await.unwrap();
    let photos: u32 = lesions.iter().map(|lesion| lesion.photos).sum();
    assert_eq!((lesions.len(), photos), (4, 23));
    for row in &lesions {
        let of_it = everything
            .iter()
            .filter(|entry| entry.lesion_id == row.lesion.id)
            .filter_map(risk);
        let worst = of_it.min_by_key(|risk| worrying.iter().position(|known| known == risk));
        assert_eq!(row.worst.map(|worst| worst.risk), worst, "{:?}", row.lesion.site);
    }
    clinic.workstation.close().await;
}

/// A photo is of the place that its lesion is at: one that says otherwise is filed nowhere, and can be kept again.
#[tokio::test]
async fn a_photo_of_another_place_does_not_join_a_lesion() {
    let clinic = Clinic::new().await;
    let Clinic { workstation, mai, .. } = &clinic;
    let patient = clinic.register(draft("An (mẫu)")).await.id;
    let (_, face) = clinic.keep(patient, 1, BodySite::Face, None).await;
    let staged = workstation.stage(mai, String::new(), picture(2)).await.unwrap();
    let there = KeepRequest {
        lesion_id: Some(face),
        ..KeepRequest::new(staged.staged.id, patient, BodySite::Face, Side::Left)
    };
    for (site, side) in [(BodySite::Back, Side::Left), (BodySite::Face, Side::Right)] {
        let elsewhere = KeepRequest {
            site,
            side,
            ..there.clone()
        };
        let refused = workstation.keep_photo(mai, &elsewhere).await.unwrap_err();
        assert_eq!(code(&refused), Code::LesionElsewhere);
    }
    assert_eq!(clinic.keep_as(&there).await.1, face);
}
