//! Both languages, switched at once, and never one inside the other.

use std::collections::{BTreeMap, BTreeSet};

use seekwell_testkit::webdriver::Window;
use serde_json::{Value, json};

use super::tour;

const ENGLISH: &str = include_str!("../../../ui/src/app/i18n/en.json");
const VIETNAMESE: &str = include_str!("../../../ui/src/app/i18n/vi.json");

/// The texts of one language by their keys.
fn texts(json: &str) -> BTreeMap<String, String> {
    fn gather(path: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    gather(&format!("{path}.{key}"), value, into);
                }
            }
            Value::String(text) => drop(into.insert(path.trim_start_matches('.').to_owned(), text.clone())),
            other => panic!("{path} is {other}"),
        }
    }
    let mut found = BTreeMap::new();
    gather("", &serde_json::from_str(json).unwrap(), &mut found);
    found
}

/// The texts that only the other language has, as they would stand in a line of their own.
fn foreign(own: &str, other: &str) -> BTreeSet<String> {
    let own: BTreeSet<String> = texts(own).into_values().map(|text| text.to_lowercase()).collect();
    let other = texts(other).into_values().filter(|text| !text.contains("{{"));
    other
        .map(|text| text.to_lowercase())
        .filter(|text| text.chars().count() > 2 && !own.contains(text))
        .collect()
}

/// Every text on the page and in what a screen reader says, save what is marked as another language.
async fn lines(window: &Window) -> Vec<String> {
    let script = "
        const language = document.documentElement.lang;
        const own = (element) => element && element.closest('[lang]').lang === language;
        const lines = [];
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode())
          if (own(node.parentElement) && !node.parentElement.closest('script, style')) lines.push(node.data);
        for (const element of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
          if (own(element))
            for (const name of ['aria-label', 'placeholder', 'title', 'alt']) lines.push(element.getAttribute(name) ?? '');
        return lines.map((line) => line.trim()).filter(Boolean)";
    serde_json::from_value(window.run(script, &[]).await.unwrap()).unwrap()
}

async fn faults(
    window: &Window,
    screen: &str,
    foreign: &BTreeSet<String>,
    keys: &BTreeSet<String>,
) -> Vec<String> {
    let shown = lines(window).await;
    assert!(!shown.is_empty(), "{screen} is empty");
    shown
        .into_iter()
        .filter(|line| foreign.contains(&line.to_lowercase()) || keys.contains(line) || line.contains("{{"))
        .map(|line| format!("{screen}: “{line}”"))
        .collect()
}

#[tokio::test]
async fn no_screen_mixes_the_languages() {
    let keys: BTreeSet<String> = texts(ENGLISH).into_keys().collect();
    let clinic = tour::clinic().await;
    for (fresh, language, own, other) in [(11, "vi", VIETNAMESE, ENGLISH), (12, "en", ENGLISH, VIETNAMESE)] {
        let foreign = foreign(own, other);
        assert!(foreign.len() > 150, "only {} texts are compared", foreign.len());
        let window = clinic.window().await;
        window.wait_for("sign-in").await.unwrap();
        if window
            .run("return document.documentElement.lang", &[])
            .await
            .unwrap()
            != json!(language)
        {
            // The switch names the other language, and takes effect with no other step.
            window.click("language-switch").await.unwrap();
        }
        window
            .wait_for_script(
                &format!("the language {language}"),
                &format!("return document.documentElement.lang === '{language}'"),
            )
            .await
            .unwrap();
        let mut found = Vec::new();
        tour::walk(&window, fresh, async |screen| {
            found.extend(faults(&window, screen, &foreign, &keys).await);
        })
        .await;
        assert_eq!(found, Vec::<String>::new(), "in {language}");
        window.close().await.unwrap();
        if language == "vi" {
            let window = clinic.window().await;
            window.wait_for("sign-in").await.unwrap();
            let remembered = window
                .run("return document.documentElement.lang", &[])
                .await
                .unwrap();
            assert_eq!(remembered, json!("vi"), "the language is remembered");
            window.close().await.unwrap();
        }
    }
}
