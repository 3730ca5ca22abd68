//! Files that have grown past what one idea needs.

use super::Finding;
use super::source::{Keep, blanked, production};
use super::tree::Tree;

/// Lines of production code in one file: no blanks, no comments, no tests.
const LINES: usize = 400;

/// Files that may be longer, each with the reason.
const LONGER: &[(&str, &str)] = &[("ui/src/ipc/bindings.ts", "generated")];

/// Files with more lines of production code than a reader should have to hold at once.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let sources = tree
        .below("src-tauri/", &[".rs"])
        .chain(tree.below("ui/src/", &[".ts", ".tsx"]));
    let mut found = Vec::new();
    for (path, content) in sources {
        let is_test = path.contains("/tests/") || path.contains(".test.") || path.starts_with("ui/src/test/");
        if is_test || LONGER.iter().any(|(longer, _)| *longer == path) {
            continue;
        }
        let code = blanked(content, Keep::Strings);
        let lines = production(&code)
            .lines()
            .filter(|line| !line.trim().is_empty())
            .count();
        if lines > LINES {
            found.push(Finding::new(
                path,
                0,
                format!("{lines} lines of code, more than {LINES}: it hides two ideas"),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_production_code_count() {
        let count = |content: String| {
            findings(&Tree::from([("src-tauri/core/src/store.rs", content.as_str())])).len()
        };
        assert_eq!(count("let a;\n".repeat(401)), 1);
        assert_eq!(count("let a;\n\n// why\n".repeat(400)), 0);
        assert_eq!(
            count(format!(
                "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
                "let a;\n".repeat(400),
                "let b;\n".repeat(400)
            )),
            0
        );
    }
}
