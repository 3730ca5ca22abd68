//! Who analyses: the Space where the patient agreed, an installed model, and one after the other.

use seekwell_testkit::{
    process::{Clinic, picture},
    space::FakeSpace,
};
use serde_json::json;

use super::{MODEL, PROGRAM};

const RESULTS: &str =
    "Classification Results:\n\nACK: 3.61%\nBCC: 10.00%\nMEL: 50.39%\nNEV: 26.00%\nSCC: 5.00%\nSEK: 5.00%\n";
const TOKEN: &str = "made-for-this-test";

#[test]
fn the_space_is_asked_where_the_patient_agreed_and_a_model_for_a_second_opinion() {
    let clinic = Clinic::found(PROGRAM);
    let space = FakeSpace::start(|_| RESULTS.to_owned());
    let set = |name, value: &str| clinic.ask(&["settings", "set", name, value]);
    assert_eq!(
        set("space-url", "http://space.example").refusal(),
        "space_address_invalid"
    );
    assert_eq!(set("prefer", "nobody").refusal(), "usage");
    set("space-url", &space.url()).json();
    let kept = clinic.ask_with(&["settings", "set", "space-token"], TOKEN).json();
    assert_eq!(kept["has_token"], true);
    let listed = clinic.ask(&["settings", "list"]).json();
    assert_eq!(listed["prefer"], "device");
    assert!(!listed.to_string().contains(TOKEN));

    let patient = clinic.register("Nguyễn Văn Hòa (mẫu)");
    let file = clinic.put("spot.bmp", &picture(1));
    let photo = clinic.keep(&patient, &file);
    let analysed = clinic.ask(&["analyse", "--pending"]).json();
    assert_eq!(analysed, json!({"analysed": 0, "pending": 1}));
    assert_eq!(space.uploads().len(), 0, "nobody agreed");
    let said = clinic.ask(&["consent", &patient, "--given"]).json();
    assert_eq!(said["given"], true);
    let analysed = clinic.ask(&["analyse", "--pending", "--with", "space"]).json();
    assert_eq!(analysed, json!({"analysed": 1, "pending": 0}));
    assert_eq!(space.uploads().len(), 1);
    let bearers = space.bearers();
    assert!(bearers.iter().flatten().any(|bearer| bearer.contains(TOKEN)));
    let history = || clinic.ask(&["history", "--patient", &patient]).json();
    let first = history()["entries"][0]["analysis"].clone();
    assert_eq!(first["top_class"], "MEL");

    let installed = clinic.ask(&["model", "install", MODEL]).json();
    let sha256 = installed["sha256"].as_str().unwrap();
    let second = ["analyse", "--photo", &photo, "--with", "device"];
    assert_eq!(clinic.ask(&second).json(), json!({"analysed": 1, "pending": 0}));
    assert_eq!(clinic.ask(&second).refusal(), "asked_already");
    assert_eq!(history()["entries"][0]["analysis"], first, "the first stays");

    clinic.ask(&["consent", &patient, "--refused"]).json();
    let refused = clinic.ask(&["analyse", "--photo", &photo, "--with", "space"]);
    assert_eq!(refused.refusal(), "no_consent");
    let left = clinic.ask(&["model", "remove", sha256]).json();
    assert_eq!(left, json!({"models": []}));
    assert_eq!(clinic.ask(&["model", "use", sha256]).refusal(), "model_missing");
}
