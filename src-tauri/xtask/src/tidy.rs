//! The rules of the house that no compiler knows. Each file below holds one kind of rule as a pure function
//! from the tree to what is wrong with it, and shows in its tests that it can find it.

mod arrows;
mod dependencies;
mod homes;
mod names;
mod size;
mod source;
mod strings;
mod tree;
mod words;

use std::fmt;

use crate::workspace::{Outcome, Workspace};
use tree::Tree;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    /// Lines count from 1; 0 means the file as a whole.
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.path, self.message),
            line => write!(out, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Prints what is wrong with the checkout; fails when anything is.
pub(crate) fn report(workspace: &Workspace) -> Outcome {
    let findings = findings(&Tree::of(workspace)?);
    findings.iter().for_each(|finding| println!("{finding}"));
    match findings.len() {
        0 => Ok(()),
        count => Err(format!("{count} things are not tidy")),
    }
}

/// Everything that is wrong with a tree, in the order of its files.
fn findings(tree: &Tree) -> Vec<Finding> {
    let rules: [fn(&Tree) -> Vec<Finding>; 7] = [
        arrows::findings,
        dependencies::findings,
        homes::findings,
        names::findings,
        size::findings,
        strings::findings,
        words::findings,
    ];
    let mut all: Vec<Finding> = rules.iter().flat_map(|rule| rule(tree)).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_checkout_is_tidy() {
        let tree = Tree::of(&Workspace::here()).unwrap();
        let found: Vec<String> = findings(&tree).iter().map(Finding::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
