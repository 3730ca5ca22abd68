//! The same random operations to memory and to PostgreSQL: every answer and the whole feed are the same.

use std::collections::HashMap;

use seekwell_core::{
    clock::Clock,
    store::{Fields, RecordKind},
    sync::{Operation, Outcome, Page, Registry},
};
use seekwell_testkit::process::Dice;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    case::{Case, change, deletion},
    postgres::RealCentre,
    registry::MemoryCentre,
};

const OPERATIONS: usize = 400;
const TOGETHER: usize = 10;

/// An operation that often makes sense and often does not.
fn thrown(dice: &mut Dice, cases: &[Case], sent: &[Operation]) -> Operation {
    if dice.below(12) == 0
        && let Some(again) = sent.get(dice.below(sent.len().max(1)))
    {
        return again.clone();
    }
    let case = &cases[dice.below(cases.len())];
    let kind = RecordKind::ALL[dice.below(7)];
    if dice.below(3) > 0 {
        return case.made(kind);
    }
    let base = dice.below(6) as u64;
    if dice.below(8) == 0 {
        return deletion(kind, case.record(kind), base);
    }
    let word = json!(format!("giá trị {}", dice.below(4)));
    let image = json!({"name": format!("patients/{}/{}", case.patient, dice.below(2)), "bytes": 7});
    let part = ["derivative", "thumbnail", "original"][dice.below(3)];
    let edit = match kind {
        RecordKind::Person => json!({"full_name": word}),
        RecordKind::Patient => match dice.below(4) {
            0 => json!({"phone": word}),
            1 => json!({"address": word, "updated_at": "2026-11-24T00:00:00.000Z"}),
            2 => json!({"phone": null, "born": dice.below(3000).to_string()}),
            _ => json!({"legal_hold": dice.below(2) == 0}),
        },
        RecordKind::Lesion => json!({"label": word}),
        RecordKind::Photo => json!({"images": {part: image}}),
        RecordKind::Analysis => json!({"risk": "LOW"}),
        RecordKind::Note => json!({"text": word, "edited_at": "2026-11-24T00:00:00.000Z"}),
        RecordKind::Acknowledgement => json!({"at": "2026-11-24T00:00:00.000Z"}),
    };
    change(kind, case.record(kind), base, edit)
}

/// What differs by nature: ids and numbers that the centre makes, its clock, and which workstation is which.
#[derive(Default)]
pub(crate) struct Names(HashMap<String, usize>);

impl Names {
    fn of(&mut self, thing: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(thing.to_owned()).or_insert(next)
    }

    pub(crate) fn outcome(&mut self, outcome: Outcome) -> Value {
        match outcome {
            Outcome::Applied {
                revision,
                central_id,
                fields,
                conflicts,
            } => {
                json!({"revision": revision, "number": central_id.map(|number| self.of(&format!("number {number}"))),
                        "fields": fields, "conflicts": conflicts})
            }
            Outcome::Refused { code, reason } => json!({"code": code, "reason": reason}),
        }
    }

    pub(crate) fn page(&mut self, page: Page) -> Vec<Value> {
        let changes = page.changes.into_iter().map(|numbered| {
            let change = numbered.change;
            let mut fields: Fields = change.fields;
            let mut record = json!(change.record);
            if change.kind == "conflict" {
                record = json!(self.of(&change.record.to_string()));
                fields.remove("at");
                let by = fields.get("lost_by").map(Value::to_string).unwrap_or_default();
                fields.insert("lost_by".to_owned(), json!(self.of(&by)));
            }
            let number = change.central_id.map(|number| self.of(&format!("number {number}")));
            json!({"sequence": numbered.sequence, "kind": change.kind, "record": record, "revision": change.revision,
                   "deleted": change.deleted, "fields": fields, "number": number})
        });
        changes.collect()
    }
}

#[tokio::test]
async fn memory_answers_as_postgresql_does() {
    let mut dice = Dice::thrown();
    let memory = MemoryCentre::new(Clock::system());
    let memory = [
        memory.registry(Uuid::from_u128(7)),
        memory.registry(Uuid::from_u128(8)),
    ];
    let centre = RealCentre::new().await;
    let real = [centre.registry("one").await, centre.registry("other").await];
    let (mut of_memory, mut of_real) = (Names::default(), Names::default());
    let cases: Vec<Case> = (0..6).map(|_| Case::new()).collect();
    let (mut sent, mut kinds) = (Vec::new(), HashMap::<String, u32>::new());
    for _ in 0..OPERATIONS / TOGETHER {
        let batch: Vec<Operation> = (0..TOGETHER).map(|_| thrown(&mut dice, &cases, &sent)).collect();
        let by = dice.below(2);
        let one = memory[by].push(&batch).await.unwrap();
        let other = real[by].push(&batch).await.unwrap();
        for ((operation, one), other) in batch.iter().zip(one).zip(other) {
            let one = of_memory.outcome(one.outcome);
            assert_eq!(one, of_real.outcome(other.outcome), "{operation:?}");
            let code = one.get("code").and_then(Value::as_str).unwrap_or("applied");
            *kinds.entry(code.to_owned()).or_default() += 1;
        }
        sent.extend(batch);
        let one = memory[by].pull(0, 1000).await.unwrap();
        let other = real[by].pull(0, 1000).await.unwrap();
        assert_eq!(one.last, other.last);
        assert_eq!(of_memory.page(one), of_real.page(other));
    }
    assert!(kinds["applied"] > 50 && kinds.len() > 5, "{kinds:?}");
}
