//! The Space analyser against a fake Space with a fault at every step: a failure is a failure, never a result.
#![expect(clippy::unwrap_used, reason = "what a test can't set up has failed")]

use std::time::Duration;

use seekwell_core::{
    analysis::{Space, SpaceAddress, SpaceDeadlines, SpaceError},
    clinical::LesionClass,
};
use seekwell_testkit::space::{FakeSpace, SpaceFault, Step};

const RESULTS: &str =
    "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";

/// Short, so that what stalls is noticed soon; none of them is a measure of speed.
const DEADLINES: SpaceDeadlines = SpaceDeadlines {
    connect: Duration::from_secs(5),
    silence: Duration::from_millis(500),
    total: Duration::from_secs(20),
    cold: Duration::from_secs(10),
    look_again: Duration::from_millis(20),
};

async fn fake() -> (FakeSpace, Space) {
    let fake = FakeSpace::start(|_| RESULTS.to_owned()).await;
    let space = at(&fake.url(), None).unwrap();
    (fake, space)
}

fn at(url: &str, token: Option<&str>) -> Result<Space, SpaceError> {
    let address = SpaceAddress {
        url: url.to_owned(),
        token: token.map(|token| token.to_owned().into()),
    };
    Space::new(&address, DEADLINES)
}

#[tokio::test]
async fn a_photo_gets_six_probabilities_and_nothing_else_leaves() {
    let (fake, space) = fake().await;
    let opinion = space.ask(b"the bytes of a derivative".to_vec()).await.unwrap();
    assert!((opinion.probabilities.of(LesionClass::Mel) - 0.5039).abs() < 1e-9);
    let uploads = fake.uploads();
    assert_eq!(uploads.len(), 1);
    let sent = String::from_utf8_lossy(&uploads[0]);
    assert!(sent.contains("the bytes of a derivative"));
    assert!(sent.contains("name=\"files\"; filename=\"photo.jpg\""), "{sent}");
}

#[tokio::test]
async fn a_fault_at_any_step_is_a_failure_and_the_next_photo_is_not_touched() {
    let (fake, space) = fake().await;
    for step in Step::ALL {
        for fault in [
            SpaceFault::Reset,
            SpaceFault::Stall,
            SpaceFault::Status(500),
            SpaceFault::Status(404),
            SpaceFault::Garbage,
            SpaceFault::Portal,
            SpaceFault::PortalPage,
        ] {
            fake.fail(step, fault.clone(), 1);
            let failed = space.ask(vec![1, 2, 3]).await;
            assert!(failed.is_err(), "{step:?} {fault:?}: {failed:?}");
            fake.mend();
            assert!(space.ask(vec![1, 2, 3]).await.is_ok(), "after {step:?} {fault:?}");
        }
    }
}

#[tokio::test]
async fn what_the_stream_says_of_a_failure_is_a_failure() {
    let (fake, space) = fake().await;
    for fault in [
        SpaceFault::HalfEvent,
        SpaceFault::ErrorEvent,
        SpaceFault::Says("An error occurred during prediction: no such file".to_owned()),
        SpaceFault::Says("MODEL LOADING FAILED: out of memory".to_owned()),
        SpaceFault::Says(RESULTS.replace("SEK: 5.00%\n", "")),
        SpaceFault::Says(RESULTS.replace("MEL", "MOLE")),
        SpaceFault::Says(RESULTS.replace("50.39", "60.39")),
    ] {
        fake.fail(Step::Events, fault.clone(), 1);
        let failed = space.ask(vec![1]).await;
        assert!(failed.is_err(), "{fault:?}: {failed:?}");
    }
    assert!(space.ask(vec![1]).await.is_ok());
}

#[tokio::test]
async fn a_space_that_is_being_started_is_waited_for() {
    let (fake, space) = fake().await;
    fake.fail(Step::Config, SpaceFault::Status(503), 5);
    assert!(space.ask(vec![1]).await.is_ok());
    assert_eq!(fake.asked(Step::Config), 6);
    assert_eq!(fake.uploads().len(), 1);
}

#[tokio::test]
async fn a_space_that_does_not_start_is_given_up() {
    let fake = FakeSpace::start(|_| RESULTS.to_owned()).await;
    let address = SpaceAddress {
        url: fake.url(),
        token: None,
    };
    let impatient = SpaceDeadlines {
        cold: Duration::from_millis(200),
        ..DEADLINES
    };
    let space = Space::new(&address, impatient).unwrap();
    fake.fail(Step::Config, SpaceFault::Status(503), u32::MAX);
    let failed = space.ask(vec![1]).await;
    assert!(matches!(failed, Err(SpaceError::NotReady { .. })), "{failed:?}");
    assert!(fake.uploads().is_empty());
}

#[tokio::test]
async fn a_token_opens_what_asks_for_one() {
    let (fake, space) = fake().await;
    fake.ask_for("made-for-this-test");
    assert!(matches!(space.ask(vec![1]).await, Err(SpaceError::Refused { status: 401 })));
    let with_token = at(&fake.url(), Some("made-for-this-test")).unwrap();
    assert!(with_token.ask(vec![1]).await.is_ok());
}

#[test]
fn an_address_that_others_can_read_is_refused() {
    for open in ["http://space.example", "ftp://127.0.0.1", "space.example", ""] {
        assert!(matches!(at(open, None), Err(SpaceError::Address)), "{open}");
    }
    for private in ["https://space.example", "http://localhost:7860", "http://127.0.0.1:7860/app"] {
        assert!(at(private, None).is_ok(), "{private}");
    }
}
