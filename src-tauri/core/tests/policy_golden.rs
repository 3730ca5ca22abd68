//! The risk policy against its golden table, which `policy_golden.py` wrote without knowing the code.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use seekwell_core::clinical::policy::{self, Coverage};
use seekwell_core::clinical::{BodySite, LesionClass, PhotoKind, Probabilities};

const TABLE: &str = include_str!("policy_golden.tsv");

#[test]
fn the_policy_says_what_the_table_says() {
    let mut sites_seen = BTreeSet::new();
    let mut answers_seen = BTreeSet::new();
    let mut judged = 0;
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [
            ack,
            bcc,
            mel,
            nev,
            scc,
            sek,
            kind,
            covers,
            sites,
            top,
            risk,
            rule,
            confidence,
            review,
            days,
        ] = cells[..]
        else {
            panic!("fifteen cells: {line}");
        };
        let probabilities =
            Probabilities::new([ack, bcc, mel, nev, scc, sek].map(|cell| cell.parse().unwrap())).unwrap();
        let kind: PhotoKind = kind.parse().unwrap();
        let covers: Vec<PhotoKind> = covers.split(',').map(|word| word.parse().unwrap()).collect();
        for site in sites.split(',') {
            let verdict = policy::judge(
                &probabilities,
                site.parse::<BodySite>().unwrap(),
                kind,
                Coverage::of(&covers),
            );
            let said = [
                probabilities.top().class.as_word(),
                verdict.risk.as_word(),
                verdict.rule.as_word(),
                verdict.confidence.as_word(),
                if verdict.review { "yes" } else { "no" },
                &verdict.follow_up_days.to_string(),
            ]
            .join(" ");
            assert_eq!(
                said,
                [top, risk, rule, confidence, review, days].join(" "),
                "{site}: {line}"
            );
            sites_seen.insert(site);
            answers_seen.insert((top, risk, rule));
            judged += 1;
        }
    }
    assert_eq!(
        sites_seen.len(),
        BodySite::ALL.len(),
        "every body site is in the table"
    );
    for class in LesionClass::ALL {
        assert!(
            answers_seen.iter().any(|(top, ..)| *top == class.as_word()),
            "{class} is in the table"
        );
    }
    for rule in policy::RiskRule::ALL {
        let reachable = answers_seen.iter().any(|(_, _, seen)| *seen == rule.as_word());
        assert!(reachable, "{rule} is in the table");
    }
    assert!(judged > 10_000, "{judged} judgements");
}

#[test]
fn the_table_is_what_its_generator_writes() {
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy_golden.py");
    let written = Command::new("python3").arg(generator).output().unwrap();
    assert!(
        written.status.success(),
        "{}",
        String::from_utf8_lossy(&written.stderr)
    );
    assert!(
        String::from_utf8(written.stdout).unwrap() == TABLE,
        "run: python3 policy_golden.py > policy_golden.tsv"
    );
}

#[test]
fn the_policy_has_a_version() {
    assert_eq!(policy::POLICY, "2026.1");
}
