//! Every sentence of the window exists in both languages, with the same blanks to fill.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Finding;
use super::tree::Tree;

/// Keys that only one language has, blanks that differ, and sentences that are empty.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut files = tree
        .below("ui/src/", &[".json"])
        .filter_map(|(path, _)| pair(path))
        .collect::<BTreeSet<_>>()
        .into_iter();
    let mut any = false;
    for (vietnamese, english) in files.by_ref() {
        any = true;
        let (vi, en) = (sentences(tree, &vietnamese), sentences(tree, &english));
        found.extend(compare(&vietnamese, &vi, &en));
        found.extend(compare(&english, &en, &vi));
    }
    if !any && tree.get("ui/package.json").is_some() {
        found.push(Finding::new("ui/src", 0, "no vi.json and en.json to compare"));
    }
    found
}

/// `…/vi.json` and `…/en.json`, or `…/vi/x.json` and `…/en/x.json`, from either of them.
fn pair(path: &str) -> Option<(String, String)> {
    for (here, vi, en) in [
        ("/vi.json", "/vi.json", "/en.json"),
        ("/en.json", "/vi.json", "/en.json"),
        ("/vi/", "/vi/", "/en/"),
        ("/en/", "/vi/", "/en/"),
    ] {
        if path.contains(here) {
            return Some((path.replace(here, vi), path.replace(here, en)));
        }
    }
    None
}

fn compare(
    path: &str,
    mine: &BTreeMap<String, BTreeSet<String>>,
    other: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for (key, blanks) in mine {
        match other.get(key) {
            None => found.push(Finding::new(
                path,
                0,
                format!("`{key}` is missing in the other language"),
            )),
            Some(theirs) if theirs != blanks => found.push(Finding::new(
                path,
                0,
                format!("`{key}` has other blanks than in the other language"),
            )),
            Some(_) => {}
        }
    }
    found
}

/// Key to the blanks (`{{name}}`) in its sentence. English has plural forms that Vietnamese does not need, so a
/// plural's forms count as one key.
fn sentences(tree: &Tree, path: &str) -> BTreeMap<String, BTreeSet<String>> {
    let parsed: Value = serde_json::from_str(tree.get(path).unwrap_or_default()).unwrap_or_default();
    let mut all = BTreeMap::new();
    flatten("", &parsed, &mut all);
    all
}

fn flatten(key: &str, value: &Value, all: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                let below = if key.is_empty() {
                    name.clone()
                } else {
                    format!("{key}.{name}")
                };
                flatten(&below, part, all);
            }
        }
        Value::String(sentence) if !sentence.trim().is_empty() => {
            all.entry(singular(key).to_owned())
                .or_default()
                .extend(blanks(sentence));
        }
        _ => {}
    }
}

fn singular(key: &str) -> &str {
    let forms = ["_zero", "_one", "_two", "_few", "_many", "_other"];
    forms
        .iter()
        .find_map(|form| key.strip_suffix(form))
        .unwrap_or(key)
}

fn blanks(sentence: &str) -> Vec<String> {
    let pieces = sentence
        .split("{{")
        .skip(1)
        .filter_map(|piece| piece.split_once("}}"));
    pieces
        .map(|(name, _)| name.split(',').next().unwrap_or(name).trim().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(vi: &str, en: &str) -> usize {
        findings(&Tree::from([
            ("ui/src/app/i18n/vi.json", vi),
            ("ui/src/app/i18n/en.json", en),
        ]))
        .len()
    }

    #[test]
    fn a_sentence_in_one_language_only_is_found() {
        assert_eq!(count(r#"{"a":{"b":"x"}}"#, r#"{"a":{"b":"y"}}"#), 0);
        assert_eq!(count(r#"{"a":{"b":"x"}}"#, r#"{"a":{"c":"y"}}"#), 2);
        assert_eq!(count(r#"{"a":"x"}"#, r#"{"a":" "}"#), 1);
        assert_eq!(count(r#"{"a":"x"}"#, ""), 1);
        assert_eq!(
            findings(&Tree::from([("ui/src/i18n/vi/x.json", r#"{"a":"x"}"#)])).len(),
            1
        );
        assert_eq!(findings(&Tree::from([("ui/package.json", "{}")])).len(), 1);
    }

    #[test]
    fn blanks_must_agree_and_plurals_may_differ() {
        assert_eq!(count(r#"{"a":"{{n}} ảnh"}"#, r#"{"a":"{{count}} photos"}"#), 2);
        assert_eq!(
            count(
                r#"{"a_other":"{{count}} ảnh"}"#,
                r#"{"a_one":"{{count}} photo","a_other":"{{count}} photos"}"#
            ),
            0
        );
    }
}
