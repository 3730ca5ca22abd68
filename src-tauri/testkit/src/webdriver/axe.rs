//! The accessibility audit: axe-core runs in the page and says which rules it breaks.

use std::path::Path;

use serde_json::Value;

use super::{Window, WindowError};

/// One rule of axe that the page breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// axe's name of the rule, such as `color-contrast`.
    pub rule: String,
    /// `minor`, `moderate`, `serious` or `critical`.
    pub impact: String,
    /// The rule in a sentence.
    pub help: String,
    /// The offending elements, as HTML.
    pub elements: Vec<String>,
}

impl Violation {
    /// Whether it keeps somebody from using the page.
    pub fn is_serious(&self) -> bool {
        matches!(self.impact.as_str(), "serious" | "critical")
    }
}

const AUDIT: &str = "
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
  (found) => done(found.violations.map((rule) => ({
    rule: rule.id, impact: rule.impact, help: rule.help,
    elements: rule.nodes.map((node) => node.html + ' — ' + (node.failureSummary || '')),
  }))),
  (error) => done({ error: String(error) }),
);";

impl Window {
    /// Runs axe, whose source is the file `axe` (`ui/node_modules/axe-core/axe.min.js`), over the whole page.
    /// Fonts and transitions are waited for first: half-faded text has no contrast.
    pub async fn audit(&self, axe: &Path) -> Result<Vec<Violation>, WindowError> {
        let source = std::fs::read_to_string(axe).map_err(|source| WindowError::File {
            path: axe.into(),
            source,
        })?;
        let settled = "return document.fonts.status === 'loaded' && \
            document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)";
        self.wait_for_script("the end of transitions", settled).await?;
        self.run(&format!("{source};\nreturn typeof axe"), &[]).await?;
        let found = self.run_async(AUDIT, &[]).await?;
        let Value::Array(rules) = &found else {
            return Err(WindowError::Audit {
                reason: found.to_string(),
            });
        };
        Ok(rules.iter().map(violation).collect())
    }
}

fn violation(rule: &Value) -> Violation {
    let text = |name: &str| rule[name].as_str().unwrap_or_default().to_owned();
    let elements = rule["elements"].as_array().into_iter().flatten();
    Violation {
        rule: text("rule"),
        impact: text("impact"),
        help: text("help"),
        elements: elements
            .filter_map(|element| Some(element.as_str()?.to_owned()))
            .collect(),
    }
}
