//! What is asked, what leaves the machine, and who is let in.

use std::time::Duration;

use seekwell_core::{
    analysis::{
        AnalysisError, Analyzer, Opinion, Retry, Space, SpaceAddress, SpaceDeadlines, SpaceError, SpaceStep,
    },
    clinical::LesionClass,
    imaging::Refusal,
};
use seekwell_testkit::space::{FakeSpace, SpaceFault, Step};

pub(crate) const RESULTS: &str =
    "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";

/// Short, so that what stalls is noticed soon, and long enough for a busy machine; none of them is a measure of speed.
pub(crate) const DEADLINES: SpaceDeadlines = SpaceDeadlines {
    connect: Duration::from_secs(10),
    silence: Duration::from_secs(3),
    total: Duration::from_secs(60),
    cold: Duration::from_secs(30),
    look_again: Duration::from_millis(20),
};

pub(crate) fn fake() -> (FakeSpace, Space) {
    let fake = FakeSpace::start(|_| RESULTS.to_owned());
    let space = at(&fake.url(), None, DEADLINES);
    (fake, space)
}

pub(crate) fn at(url: &str, token: Option<&str>, deadlines: SpaceDeadlines) -> Space {
    let token = token.map(|token| token.to_owned().into());
    Space::new(SpaceAddress::new(url, token).unwrap(), deadlines).unwrap()
}

/// Asks about some photo.
pub(crate) async fn ask(space: &Space) -> Result<Opinion, SpaceError> {
    match space.analyse(b"the bytes of a derivative".to_vec()).await {
        Ok(opinion) => Ok(opinion),
        Err(AnalysisError::Space { source }) => Err(source),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_photo_gets_six_probabilities_and_nothing_else_leaves() {
    let (fake, space) = fake();
    let opinion = ask(&space).await.unwrap();
    for (class, expected) in LesionClass::ALL
        .iter()
        .zip([0.0361, 0.1, 0.5039, 0.26, 0.05, 0.05])
    {
        assert!(
            (opinion.probabilities.of(*class) - expected).abs() < 1e-9,
            "{class}"
        );
    }
    let uploads = fake.uploads();
    assert_eq!(uploads.len(), 1);
    let sent = std::str::from_utf8(&uploads[0]).unwrap();
    let boundary = sent.lines().next().unwrap();
    assert_eq!(
        sent,
        format!(
            "{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"photo.jpg\"\r\n\
             Content-Type: image/jpeg\r\n\r\nthe bytes of a derivative\r\n{boundary}--\r\n"
        )
    );
    assert!(fake.bearers().iter().all(Option::is_none));
}

#[tokio::test]
async fn an_opinion_says_who_spoke_and_claims_no_hash() {
    let (fake, space) = fake();
    let host = fake.url().replace("http://", "");
    assert_eq!(
        (space.card().name.as_str(), space.card().sha256.as_str()),
        (host.as_str(), "")
    );
    let spoke = ask(&space).await.unwrap().speaker;
    assert_eq!(spoke, Some(format!("{} ({host})", FakeSpace::ID)));
    // One that knows no id is its host.
    let old = FakeSpace::start_old(|_| RESULTS.to_owned());
    let space = at(&old.url(), None, DEADLINES);
    assert_eq!(ask(&space).await.unwrap().speaker, None);
}

#[tokio::test]
async fn a_server_without_a_prefix_is_asked_where_its_api_is() {
    let old = FakeSpace::start_old(|_| RESULTS.to_owned());
    let opinion = ask(&at(&old.url(), None, DEADLINES)).await.unwrap();
    assert_eq!(opinion.probabilities.top().class, LesionClass::Mel);
    assert_eq!(Step::ALL.map(|step| old.asked(step)), [1; 5]);
}

#[tokio::test]
async fn a_token_opens_what_asks_for_one() {
    const TOKEN: &str = "made-for-this-test";
    let (fake, stranger) = fake();
    fake.ask_for(TOKEN);
    let refused = ask(&stranger).await.unwrap_err();
    assert_eq!(refused, SpaceError::Refused { status: 401 });
    assert_eq!(refused.retry(), Retry::NeedsPerson);
    let wrong = at(&fake.url(), Some("another"), DEADLINES);
    assert_eq!(ask(&wrong).await, Err(SpaceError::Refused { status: 401 }));
    assert!(fake.uploads().is_empty());
    let known = at(&fake.url(), Some(TOKEN), DEADLINES);
    assert!(ask(&known).await.is_ok());
    let bearers = fake.bearers();
    let borne = bearers
        .iter()
        .filter(|bearer| bearer.as_deref() == Some(&format!("Bearer {TOKEN}")));
    assert_eq!(borne.count(), Step::ALL.len());
}

#[tokio::test]
async fn neither_token_nor_photo_goes_where_a_space_sends() {
    let elsewhere = FakeSpace::start(|_| RESULTS.to_owned());
    for step in Step::ALL {
        let fake = FakeSpace::start(|_| RESULTS.to_owned());
        let space = at(&fake.url(), Some("made-for-this-test"), DEADLINES);
        // To another place, and to itself: a client that follows the second follows the first some day.
        for to in [
            format!("{}/config", elsewhere.url()),
            format!("{}/config/", fake.url()),
        ] {
            fake.fail(step, SpaceFault::Redirect(to), 1);
            let sent = ask(&space).await;
            assert!(
                matches!(sent, Err(SpaceError::SendsElsewhere { .. })),
                "{step:?}: {sent:?}"
            );
        }
        assert!(ask(&space).await.is_ok(), "{step:?}");
    }
    assert!(elsewhere.bearers().is_empty());
}

#[tokio::test]
async fn nothing_is_sent_for_no_photo() {
    let (fake, space) = fake();
    let refused = space.analyse(Vec::new()).await.unwrap_err();
    assert!(
        matches!(
            refused,
            AnalysisError::Pixels {
                source: Refusal::Empty
            }
        ),
        "{refused}"
    );
    assert_eq!(refused.retry(), Retry::Never);
    assert!(fake.bearers().is_empty());
}

#[tokio::test]
async fn a_space_of_another_kind_is_not_given_a_photo() {
    let (fake, space) = fake();
    let words = serde_json::json!({ "named_endpoints": { "/predict": {
        "parameters": [{ "component": "Textbox" }], "returns": [{ "component": "Textbox" }],
    } } });
    fake.fail(Step::Info, SpaceFault::Json(words), 1);
    let other = ask(&space).await.unwrap_err();
    assert_eq!(other, SpaceError::OtherSpace);
    assert_eq!(other.retry(), Retry::NeedsPerson);
    let nothing = serde_json::json!({ "detail": "Not Found" });
    fake.fail(Step::Config, SpaceFault::Json(nothing), 1);
    let none = ask(&space).await;
    let step = SpaceStep::Description;
    assert!(
        matches!(none, Err(SpaceError::NotASpace { step: at, .. }) if at == step),
        "{none:?}"
    );
    assert!(fake.uploads().is_empty());
    assert!(ask(&space).await.is_ok());
}
