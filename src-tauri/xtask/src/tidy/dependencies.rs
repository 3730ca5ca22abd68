//! Every dependency is named, with its reason, in ARCHITECTURE.md.

use serde_json::Value;

use super::Finding;
use super::tree::Tree;

const PAGE: &str = "ARCHITECTURE.md";

/// Dependencies of the workspace and of the UI that the page does not name.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let page = tree.get(PAGE).unwrap_or_default();
    let named = |name: &str| page.contains(&format!("`{name}`"));
    let mut found = Vec::new();
    for (line, name) in crates(tree.get("Cargo.toml").unwrap_or_default()) {
        if !named(name) {
            found.push(Finding::new(
                "Cargo.toml",
                line,
                format!("{PAGE} does not say why `{name}` is here"),
            ));
        }
    }
    for name in packages(tree.get("ui/package.json").unwrap_or_default()) {
        if !named(&name) {
            found.push(Finding::new(
                "ui/package.json",
                0,
                format!("{PAGE} does not say why `{name}` is here"),
            ));
        }
    }
    found
}

/// The names in `[workspace.dependencies]`, save our own packages.
fn crates(manifest: &str) -> Vec<(usize, &str)> {
    let lines = (1..).zip(manifest.lines());
    let section = lines
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1);
    let entries = section.take_while(|(_, line)| !line.starts_with('['));
    let outside = entries.filter(|(_, line)| !line.contains("path = "));
    outside
        .filter_map(|(number, line)| Some((number, line.split_once('=')?.0.trim())))
        .filter(|(_, name)| !name.starts_with('#'))
        .collect()
}

fn packages(manifest: &str) -> Vec<String> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let sections = ["dependencies", "devDependencies"]
        .into_iter()
        .filter_map(|section| manifest[section].as_object().cloned());
    sections
        .flat_map(|section| section.into_iter().map(|(name, _)| name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let cargo = "[workspace.dependencies]\nours = { path = \"a\" }\nserde = \"1\"\n# sqlx = \"1\"\n\n[profile.dev]\ndebug = 1\n";
        let npm = r#"{ "dependencies": { "react": "1" }, "devDependencies": { "vite": "1" } }"#;
        let tree = |page| Tree::from([("Cargo.toml", cargo), ("ui/package.json", npm), (PAGE, page)]);
        assert_eq!(findings(&tree("")).len(), 3);
        assert_eq!(findings(&tree("`serde`: shapes. `vite` builds. react")).len(), 1);
        assert_eq!(findings(&tree("`serde`, `vite`, `react`")).len(), 0);
    }
}
