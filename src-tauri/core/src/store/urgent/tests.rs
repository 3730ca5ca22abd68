//! Which analyses are cases, in which order they arrive, and what asking for them costs.

use sqlx::Row;

use super::{CASE, MARK, REVIEWS, WhichUrgent, page};
use crate::{
    clinical::{
        AnalysisId, ConfidenceWord, PendingReason, PhotoId, Probabilities, RiskLevel, RiskRule,
        policy::{self, Verdict},
    },
    store::{Finished, StoreError, UrgentCase, UrgentMark, tests::Bench},
};

impl Bench {
    /// A photo, and its analysis as one that waits.
    async fn waits(&self) -> AnalysisId {
        let id = AnalysisId(self.store.clock.new_id());
        let photo = self.photo(PhotoId(self.store.clock.new_id()));
        let mut write = self.store.write().await.unwrap();
        assert!(write.add_photo(&photo, id, PendingReason::Queued).await.unwrap());
        write.commit().await.unwrap();
        id
    }

    async fn says(&self, analysis: AnalysisId, risk: RiskLevel) {
        let mut write = self.store.write().await.unwrap();
        assert!(write.finish_analysis(analysis, &finished(risk)).await.unwrap());
        write.commit().await.unwrap();
    }

    async fn urgent(&self) -> AnalysisId {
        let id = self.waits().await;
        self.says(id, RiskLevel::Urgent).await;
        id
    }

    /// Another opinion about the same photo, made so many seconds after the first.
    async fn again(&self, first: AnalysisId, risk: &str, seconds: i32) -> AnalysisId {
        let id = AnalysisId(self.store.clock.new_id());
        self.run(&format!(
            "CREATE TEMP TABLE copy AS SELECT * FROM analysis WHERE hex(id) = '{}';
             UPDATE copy SET id = x'{}', risk = '{risk}', request = (SELECT max(request) + 1 FROM analysis),
                made_at = strftime('%Y-%m-%dT%H:%M:%fZ', made_at, '{seconds} seconds');
             INSERT INTO analysis SELECT * FROM copy;
             DROP TABLE copy;",
            first.0.simple().to_string().to_uppercase(),
            id.0.simple(),
        ))
        .await;
        id
    }

    async fn run(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(&self.store.writer).await.unwrap();
    }

    async fn acknowledge(&self, analysis: AnalysisId) -> Result<bool, StoreError> {
        let mut write = self.store.write().await.unwrap();
        let first = write
            .acknowledge(self.store.clock.new_id(), analysis, self.nurse)
            .await?;
        write.commit().await.unwrap();
        Ok(first)
    }

    async fn cases(&self, which: WhichUrgent) -> Vec<UrgentCase> {
        self.store.urgent_cases(which, None, 500).await.unwrap().cases
    }

    async fn open(&self) -> Vec<AnalysisId> {
        let open = self.cases(WhichUrgent::Open).await;
        open.iter().map(|case| case.analysis_id).collect()
    }
}

fn finished(risk: RiskLevel) -> Finished {
    Finished {
        probabilities: Probabilities::new([0.02, 0.03, 0.8, 0.05, 0.05, 0.05]).unwrap(),
        verdict: Verdict {
            risk,
            rule: RiskRule::MelanomaThreshold,
            confidence: ConfidenceWord::High,
            review: risk != RiskLevel::Low,
            follow_up_days: 1,
        },
        follow_up_by: "2026-03-31".into(),
        model_name: "test".into(),
        model_sha256: "0".repeat(64),
        demo: false,
        published_accuracy: None,
        policy: policy::POLICY,
        pipeline: "test".into(),
        duration_ms: 1,
    }
}

#[tokio::test]
async fn a_photo_is_one_case_by_its_latest_urgent_analysis() {
    let bench = Bench::new().await;
    let first = bench.urgent().await;
    assert_eq!(bench.open().await, [first]);
    let before = bench.store.urgent_mark().await.unwrap();
    // Neither what is not urgent nor what is older takes its place; what is later does, and is news.
    bench.again(first, "LOW", 60).await;
    bench.again(first, "URGENT", -60).await;
    assert_eq!(bench.open().await, [first]);
    assert_eq!(bench.store.urgent_mark().await.unwrap(), before);
    let later = bench.again(first, "URGENT", 30).await;
    assert_eq!(bench.open().await, [later]);
    let mark = bench.store.urgent_mark().await.unwrap();
    assert_eq!(mark.open, 1);
    assert!(mark.newest > before.newest);
    // Who acknowledged what was said before has not seen this.
    assert!(bench.acknowledge(first).await.unwrap());
    assert_eq!(bench.open().await, [later]);
    assert!(bench.acknowledge(later).await.unwrap());
    assert_eq!(bench.open().await, []);
    // Its rows go with it.
    bench
        .run("DELETE FROM acknowledgement; DELETE FROM analysis")
        .await;
    assert_eq!(bench.cases(WhichUrgent::Acknowledged).await, []);
    bench.store.close().await;
}

#[tokio::test]
async fn an_acknowledgement_may_come_before_what_it_is_about() {
    let bench = Bench::new().await;
    let id = bench.waits().await;
    bench
        .run(&format!(
            "INSERT INTO acknowledgement SELECT randomblob(16), x'{}', x'{}', '2026-03-01T08:00:00.000Z'",
            id.0.simple(),
            bench.nurse.0.simple()
        ))
        .await;
    bench.says(id, RiskLevel::Urgent).await;
    assert_eq!(bench.open().await, []);
    let known = bench.cases(WhichUrgent::Acknowledged).await;
    assert_eq!(known.len(), 1);
    let seen = known[0].acknowledgement.as_ref().unwrap();
    assert_eq!(
        (seen.by.as_str(), seen.at.as_str(), seen.others),
        ("Lê Thị Mai (mẫu)", "2026-03-01T08:00:00.000Z", 0)
    );
    bench.store.close().await;
}

#[tokio::test]
async fn acknowledging_is_written_once_and_goes_first() {
    let bench = Bench::new().await;
    let (urgent, low, waits) = (bench.urgent().await, bench.waits().await, bench.waits().await);
    bench.says(low, RiskLevel::Low).await;
    for other in [low, waits] {
        assert!(matches!(
            bench.acknowledge(other).await,
            Err(StoreError::NotUrgent)
        ));
    }
    let nowhere = bench.acknowledge(AnalysisId(uuid::Uuid::nil())).await;
    assert!(matches!(nowhere, Err(StoreError::NotFound { what: "analysis" })));
    let waiting = async |kind: &str| -> Vec<(bool, u32)> {
        let rows = sqlx::query("SELECT urgent, version FROM outbox WHERE kind = ?")
            .bind(kind)
            .fetch_all(&bench.store.readers)
            .await
            .unwrap();
        rows.iter()
            .map(|row| (row.get("urgent"), row.get("version")))
            .collect()
    };
    assert_eq!(waiting("acknowledgement").await, []);
    assert_eq!(waiting("person").await, [(false, 1)]);
    assert!(bench.acknowledge(urgent).await.unwrap());
    assert!(!bench.acknowledge(urgent).await.unwrap());
    assert_eq!(waiting("acknowledgement").await, [(true, 1)]);
    // Who reads it has to know who that is.
    assert_eq!(waiting("person").await, [(true, 1)]);
    let records = bench.store.outbox(500).await.unwrap().records;
    let of_it = records
        .iter()
        .find(|record| record.kind.as_word() == "acknowledgement");
    assert_eq!(of_it.unwrap().patient, Some(bench.lesion.patient_id));
    bench.store.close().await;
}

/// Neither the list, nor the count, nor the badge reads more than what is open or shown: no table as a whole, no sorting.
#[tokio::test]
async fn what_is_asked_of_urgent_cases_reads_an_index() {
    let bench = Bench::new().await;
    let mut questions = vec![
        (MARK.to_owned(), "worklist_"),
        (REVIEWS.to_owned(), "worklist_"),
        (format!("{CASE} worklist.arrived = 1"), "INTEGER PRIMARY KEY"),
        (
            format!("{CASE} worklist.photo_id = x'00'"),
            "sqlite_autoindex_worklist",
        ),
    ];
    for (which, index) in [
        (WhichUrgent::Open, "worklist_open"),
        (WhichUrgent::Review, "worklist_open"),
        (WhichUrgent::Acknowledged, "worklist_acknowledged"),
    ] {
        let cursor = "2026-03-01T08:00:00.000Z_0190aaaa-0000-7000-8000-000000000000";
        for before in [None, Some(cursor)] {
            let sql = page(which, before, 50).unwrap().into_sql();
            questions.push((sql, index));
        }
    }
    for (question, index) in questions {
        let plan = sqlx::query(&format!("EXPLAIN QUERY PLAN {question}"))
            .fetch_all(&bench.store.readers)
            .await
            .unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
        for step in &steps {
            assert!(!step.contains("TEMP B-TREE"), "{question}: {steps:#?}");
            let whole = step.starts_with("SCAN") && step != "SCAN CONSTANT ROW";
            assert!(!whole || step.contains("worklist_"), "{question}: {steps:#?}");
        }
        assert!(
            steps.iter().any(|step| step.contains(index)),
            "{question}: {steps:#?}"
        );
    }
    bench.store.close().await;
}

/// What an older version kept is there after the update.
#[tokio::test]
async fn an_older_database_finds_its_cases() {
    let bench = Bench::new().await;
    let (seen, open) = (bench.urgent().await, bench.urgent().await);
    let later = bench.again(open, "URGENT", 30).await;
    bench.says(bench.waits().await, RiskLevel::High).await;
    assert!(bench.acknowledge(seen).await.unwrap());
    let before = bench.cases(WhichUrgent::Acknowledged).await;
    bench
        .run(
            "DROP TABLE worklist; DROP TRIGGER worklist_arrives; DROP TRIGGER worklist_is_made;
             DROP TRIGGER worklist_is_acknowledged;
             CREATE INDEX analysis_urgent ON analysis (made_at DESC) WHERE risk = 'URGENT';",
        )
        .await;
    bench
        .run(include_str!("../../../../../migrations/local/0006_urgent.sql"))
        .await;
    let (_, list) = include_str!("../../../../../migrations/local/0009_judgement.sql")
        .split_once("-- The urgent cases become")
        .unwrap();
    bench.run(&format!("--{list}")).await;
    assert_eq!(bench.open().await, [later]);
    let after = bench.cases(WhichUrgent::Acknowledged).await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].acknowledgement, before[0].acknowledgement);
    assert_eq!(
        bench.store.urgent_mark().await.unwrap(),
        UrgentMark { open: 1, newest: 2 }
    );
    bench.store.close().await;
}
