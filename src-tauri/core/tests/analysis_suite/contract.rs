//! What every analyser promises (see `Analyzer`), for each that there is.

use std::sync::Arc;

use seekwell_core::analysis::{Analyzer, FixedAnalyzer, Space, SpaceAddress, SpaceDeadlines};
use seekwell_core::clinical::LesionClass;
use seekwell_testkit::space::FakeSpace;

use super::sketch::Sketch;
use super::workshop::{Workshop, demo_model};

#[tokio::test]
async fn fixed_answers() {
    keeps_its_promises(Arc::new(FixedAnalyzer::by_bytes()), EXACTLY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_model_on_the_device() {
    let workshop = Workshop::new();
    keeps_its_promises(Arc::new(workshop.analyser(demo_model()).await), EXACTLY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sketch_on_the_device() {
    let workshop = Workshop::new();
    let folder = workshop.sketch("sketch", &Sketch::default());
    keeps_its_promises(Arc::new(workshop.analyser(folder).await), EXACTLY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space() {
    let fake = FakeSpace::start(|photo| {
        let weights: Vec<f64> = photo
            .iter()
            .cycle()
            .take(6)
            .map(|byte| f64::from(*byte) + 1.0)
            .collect();
        let sum: f64 = weights.iter().sum();
        let line = |(class, weight): (&LesionClass, &f64)| format!("{class}: {:.2}%\n", weight / sum * 100.0);
        LesionClass::ALL.iter().zip(&weights).map(line).collect()
    });
    let address = SpaceAddress::new(&fake.url(), None).unwrap();
    let space = Space::new(address, SpaceDeadlines::default()).unwrap();
    // Six percentages, each rounded to 0.01.
    keeps_its_promises(Arc::new(space), 6.0 * 0.000_05 + EXACTLY).await;
}

/// But for what adding them up in binary takes.
const EXACTLY: f64 = 1e-9;

/// `off`: how far from one the six may add up, as they were said.
async fn keeps_its_promises(analyser: Arc<dyn Analyzer>, off: f64) {
    let card = analyser.card().clone();
    let is_hash = card.sha256.len() == 64 && card.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash || card.sha256.is_empty());
    assert!(!card.name.is_empty());
    assert_eq!(card.labels.len(), 6);

    let photos = [[200, 150, 120], [90, 40, 30], [250, 240, 230]];
    let mut first = Vec::new();
    for photo in photos {
        let opinion = analyser.analyse(photo.to_vec()).await.unwrap();
        let sum: f64 = LesionClass::ALL
            .iter()
            .map(|class| opinion.probabilities.of(*class))
            .sum();
        assert!((sum - 1.0).abs() < off, "{sum}");
        first.push(opinion.probabilities);
    }
    assert!(
        first[0] != first[1] && first[1] != first[2],
        "different photos get different opinions"
    );

    // A photo that fails, and one that nobody waits for, change nothing for the next.
    analyser.analyse(Vec::new()).await.unwrap_err();
    drop(analyser.analyse(photos[1].to_vec()));
    let abandoned = tokio::spawn({
        let analyser = analyser.clone();
        async move { analyser.analyse(photos[2].to_vec()).await }
    });
    abandoned.abort();

    // All at once, in another order, each gets its own opinion again.
    let together: Vec<_> = [2, 0, 1, 1, 0, 2]
        .into_iter()
        .map(|photo: usize| {
            let analyser = analyser.clone();
            tokio::spawn(async move { (photo, analyser.analyse(photos[photo].to_vec()).await) })
        })
        .collect();
    for each in together {
        let (photo, opinion) = each.await.unwrap();
        assert_eq!(opinion.unwrap().probabilities, first[photo]);
    }
    assert_eq!(*analyser.card(), card);
}
