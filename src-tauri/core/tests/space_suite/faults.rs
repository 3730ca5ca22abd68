//! A fault at every step is the right error and no result, and the same photo passes when the fault is gone.

use std::time::Duration;

use seekwell_core::analysis::{Retry, SpaceDeadlines, SpaceError, SpaceStep};
use seekwell_testkit::space::{FakeSpace, PORTAL_PAGE, SpaceFault, Step};

use super::asking::{DEADLINES, RESULTS, ask, at, fake};

/// What the analyser calls the step.
const fn named(step: Step) -> SpaceStep {
    match step {
        Step::Config | Step::Info => SpaceStep::Description,
        Step::Upload => SpaceStep::Upload,
        Step::Call => SpaceStep::Call,
        Step::Events => SpaceStep::Answer,
    }
}

/// Lets the step fail once, and asks again without the fault.
async fn fails(step: Step, fault: SpaceFault, expected: impl Fn(&SpaceError) -> bool) {
    let (fake, space) = fake();
    fake.fail(step, fault.clone(), 1);
    let failed = ask(&space).await;
    let error = failed.expect_err(&format!("{step:?} {fault:?}"));
    assert!(expected(&error), "{step:?} {fault:?}: {error:?}");
    // Nobody needs to do anything: it is asked again later.
    assert_eq!(error.retry(), Retry::Later, "{step:?} {fault:?}");
    assert_eq!(fake.asked(step), 1, "{step:?} {fault:?}");
    let after = ask(&space).await;
    assert!(after.is_ok(), "after {step:?} {fault:?}: {after:?}");
}

#[tokio::test]
async fn a_broken_connection() {
    for step in Step::ALL {
        for fault in [SpaceFault::Reset, SpaceFault::ResetInBody] {
            fails(step, fault, |error| {
                *error == SpaceError::Unreachable { step: named(step) }
            })
            .await;
        }
    }
    // And none at all.
    let (fake, space) = fake();
    drop(fake);
    let nobody = ask(&space).await;
    let step = SpaceStep::Description;
    assert_eq!(nobody, Err(SpaceError::Unreachable { step }));
}

#[tokio::test]
async fn a_silence() {
    let mut all = tokio::task::JoinSet::new();
    for step in Step::ALL {
        for fault in [SpaceFault::Stall, SpaceFault::StallInBody] {
            all.spawn(fails(step, fault, move |error| {
                *error == SpaceError::Silent { step: named(step) }
            }));
        }
    }
    all.join_all().await;
}

#[tokio::test]
async fn a_status_that_says_no() {
    for step in Step::ALL {
        let broken = SpaceError::Broken {
            step: named(step),
            status: 500,
        };
        fails(step, SpaceFault::Status(500), |error| *error == broken).await;
        for status in [404, 422] {
            fails(step, SpaceFault::Status(status), is_no_space(step)).await;
        }
    }
    let (fake, space) = fake();
    fake.fail(Step::Upload, SpaceFault::Status(413), 1);
    let too_large = ask(&space).await.unwrap_err();
    assert_eq!(
        (&too_large, too_large.retry()),
        (&SpaceError::TooLarge, Retry::Never)
    );
}

#[tokio::test]
async fn a_captive_portal() {
    for step in Step::ALL {
        let elsewhere = SpaceError::SendsElsewhere { step: named(step) };
        let portal = SpaceFault::Redirect("http://portal.example/".to_owned());
        fails(step, portal, |error| *error == elsewhere).await;
        fails(step, SpaceFault::Page(PORTAL_PAGE), is_no_space(step)).await;
    }
}

#[tokio::test]
async fn garbage() {
    for step in Step::ALL {
        fails(step, SpaceFault::Garbage, is_no_space(step)).await;
    }
}

#[tokio::test]
async fn an_answer_without_an_end() {
    for step in Step::ALL {
        let (fake, space) = fake();
        fake.fail(step, SpaceFault::Endless, 1);
        let error = ask(&space).await.unwrap_err();
        assert!(is_no_space(step)(&error), "{step:?}: {error:?}");
        assert_eq!(error.retry(), Retry::Later);
        // The limit is 4 MiB; the rest is what lies in the buffers on the way.
        assert!(fake.poured() < 32 << 20, "{step:?}: {}", fake.poured());
        assert!(ask(&space).await.is_ok(), "after {step:?}");
    }
}

fn is_no_space(step: Step) -> impl Fn(&SpaceError) -> bool {
    move |error| matches!(error, SpaceError::NotASpace { step: at, .. } if *at == named(step))
}

#[tokio::test]
async fn replies_of_another_shape() {
    let json = |text: &str| SpaceFault::Json(serde_json::from_str(text).unwrap());
    for (step, text) in [
        (Step::Config, "[]"),
        (
            Step::Config,
            r#"{"version":"6.31.0","api_prefix":"/../elsewhere"}"#,
        ),
        (Step::Info, "null"),
        (Step::Upload, "[]"),
        (Step::Upload, r#"["/a.jpg","/b.jpg"]"#),
        (Step::Upload, r#"{"path":"/a.jpg"}"#),
        (Step::Call, "{}"),
        (Step::Call, r#"{"event_id":"../upload"}"#),
        (Step::Call, r#"{"event_id":7}"#),
        // The right content type is a part of the shape.
        (Step::Events, r#"["MEL: 100.00%"]"#),
    ] {
        fails(step, json(text), is_no_space(step)).await;
    }
}

#[tokio::test]
async fn half_an_event() {
    let step = SpaceStep::Answer;
    fails(Step::Events, SpaceFault::HalfEvent, |error| {
        *error == SpaceError::Unreachable { step }
    })
    .await;
}

#[tokio::test]
async fn a_failure_that_is_told() {
    for fault in [
        SpaceFault::ErrorEvent,
        SpaceFault::Says("An error occurred during prediction: no such file".to_owned()),
        SpaceFault::Says(format!("{RESULTS}An error occurred while writing the report.")),
        SpaceFault::Says("MODEL LOADING FAILED: out of memory".to_owned()),
        SpaceFault::Says(PORTAL_PAGE.to_owned()),
        SpaceFault::Says(String::new()),
    ] {
        fails(Step::Events, fault, |error| *error == SpaceError::Failed).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_none() {
    for (from, to) in [
        ("SEK: 5.00%\n", ""),
        ("MEL", "MOLE"),
        ("SEK", "SCC"),
        ("50.39", "51.50"),
        ("50.39", "49.20"),
        ("50.39", "NaN"),
        ("50.39", "inf"),
        ("50.39", "-50.39"),
        ("50.39%", "high"),
    ] {
        let text = RESULTS.replace(from, to);
        assert_ne!(text, RESULTS);
        let is_none = |error: &SpaceError| matches!(error, SpaceError::NotAnAnswer { .. });
        fails(Step::Events, SpaceFault::Says(text), is_none).await;
    }
}

#[tokio::test]
async fn a_reply_after_the_deadline() {
    let fake = FakeSpace::start(|_| RESULTS.to_owned());
    let deadlines = SpaceDeadlines {
        total: Duration::from_secs(3),
        silence: Duration::from_secs(30),
        ..DEADLINES
    };
    let space = at(&fake.url(), None, deadlines);
    fake.fail(Step::Events, SpaceFault::Late, 1);
    let late = ask(&space).await.unwrap_err();
    assert_eq!((&late, late.retry()), (&SpaceError::OutOfTime, Retry::Later));
    fake.release();
    let again = at(&fake.url(), None, DEADLINES);
    assert!(ask(&again).await.is_ok());
}

#[tokio::test]
async fn a_reply_that_takes_its_time_and_shows_signs_of_life_is_waited_for() {
    let fake = FakeSpace::start(|_| RESULTS.to_owned());
    let deadlines = SpaceDeadlines {
        silence: Duration::from_secs(1),
        ..DEADLINES
    };
    let space = at(&fake.url(), None, deadlines);
    fake.fail(Step::Events, SpaceFault::Late, 1);
    let (opinion, ()) = tokio::join!(ask(&space), async {
        // Longer than the silence that is allowed, were it one.
        tokio::time::sleep(deadlines.silence * 2).await;
        fake.release();
    });
    assert!(opinion.is_ok(), "{opinion:?}");
}

#[tokio::test]
async fn no_error_holds_the_address_the_token_or_the_servers_words() {
    let secret = "made-for-this-test";
    for (step, fault) in [
        (Step::Config, SpaceFault::Reset),
        (
            Step::Config,
            SpaceFault::Redirect("http://portal.example/".to_owned()),
        ),
        (Step::Upload, SpaceFault::Status(500)),
        (Step::Call, SpaceFault::Garbage),
        (
            Step::Events,
            SpaceFault::Says("An error occurred with portal.example".to_owned()),
        ),
    ] {
        let fake = FakeSpace::start(|_| RESULTS.to_owned());
        let space = at(&fake.url(), Some(secret), DEADLINES);
        fake.fail(step, fault, 1);
        let error = ask(&space).await.unwrap_err();
        let said = format!("{error} {error:?}");
        for hidden in [secret, "portal", "127.0.0.1", "photo.jpg"] {
            assert!(!said.contains(hidden), "{said}");
        }
    }
}
