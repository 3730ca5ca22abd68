//! A Space that is being started, or is busy, is waited for within limits.

use std::time::Duration;

use seekwell_core::analysis::{Retry, SpaceDeadlines, SpaceError};
use seekwell_testkit::space::{BUILDING_PAGE, FakeSpace, SpaceFault, Step};

use super::asking::{DEADLINES, RESULTS, ask, at, fake};

#[tokio::test]
async fn a_space_that_is_being_started_is_waited_for() {
    for step in Step::ALL {
        for fault in [
            SpaceFault::Status(503),
            SpaceFault::Status(502),
            SpaceFault::Page(BUILDING_PAGE),
            SpaceFault::RetryAfter(503, "0"),
            SpaceFault::Status(429),
        ] {
            let (fake, space) = fake();
            fake.fail(step, fault.clone(), 3);
            let opinion = ask(&space).await;
            assert!(opinion.is_ok(), "{step:?} {fault:?}: {opinion:?}");
            assert_eq!(fake.asked(step), 4, "{step:?} {fault:?}");
        }
    }
    let (fake, space) = fake();
    let loading = SpaceFault::Says("The model is loading, please wait.".to_owned());
    fake.fail(Step::Events, loading, 2);
    assert!(ask(&space).await.is_ok());
    assert_eq!(fake.asked(Step::Events), 3);
}

#[tokio::test]
async fn a_space_that_does_not_start_is_given_up() {
    let impatient = SpaceDeadlines {
        cold: Duration::from_millis(300),
        ..DEADLINES
    };
    for (fault, expected) in [
        (
            SpaceFault::Status(503),
            SpaceError::NotReady { retry_after: None },
        ),
        (
            SpaceFault::Page(BUILDING_PAGE),
            SpaceError::NotReady { retry_after: None },
        ),
        (SpaceFault::Status(429), SpaceError::Busy { retry_after: None }),
    ] {
        let fake = FakeSpace::start(|_| RESULTS.to_owned());
        let space = at(&fake.url(), None, impatient);
        fake.fail(Step::Config, fault, u32::MAX);
        let given_up = ask(&space).await.unwrap_err();
        assert_eq!(given_up.retry(), Retry::Later);
        assert_eq!(given_up, expected);
        // More than once, and ever more rarely: without growing there would be room for thirty at the least.
        let looks = fake.asked(Step::Config);
        assert!((2..=12).contains(&looks), "{looks}");
        assert!(fake.uploads().is_empty());
        fake.mend();
        assert!(ask(&space).await.is_ok());
    }
}

#[tokio::test]
async fn a_wish_to_be_left_alone_is_kept_to() {
    // Longer than a Space may take: said at once to whoever asks later.
    for (status, after, seconds) in [
        (429, "3600", 3_600),
        (503, "120", 120),
        (429, "18446744073709551615", u64::MAX),
    ] {
        let (fake, space) = fake();
        fake.fail(Step::Call, SpaceFault::RetryAfter(status, after), 1);
        let left = ask(&space).await.unwrap_err();
        assert_eq!(left.retry_after(), Some(Duration::from_secs(seconds)));
        assert_eq!(left.retry(), Retry::Later);
        assert_eq!(fake.asked(Step::Config), 1);
        assert!(ask(&space).await.is_ok());
    }
    // Short enough: waited for, and no sooner.
    let (fake, space) = fake();
    fake.fail(Step::Upload, SpaceFault::RetryAfter(429, "1"), 1);
    let begun = std::time::Instant::now();
    assert!(ask(&space).await.is_ok());
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(fake.asked(Step::Upload), 2);
}
