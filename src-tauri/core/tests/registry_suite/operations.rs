//! Operations over a line that is cut before a request, within it, and before the reply: each is sent up to five times and more,
//! and every effect is there once, every conflict recorded.

use seekwell_core::{
    clock::Clock,
    store::RecordKind,
    sync::{Answer, Operation, Outcome, PostgresRegistry, Registry},
};
use seekwell_testkit::{
    cutter::{Cutter, Way},
    process::Dice,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    case::{Case, change},
    differential::Names,
    postgres::RealCentre,
    registry::MemoryCentre,
};

/// Operations of one push.
const TOGETHER: usize = 20;

/// A workstation's registry behind a line that can be cut.
struct Station {
    registry: PostgresRegistry,
    cutter: Cutter,
}

#[derive(Debug, Default)]
struct Tally {
    sent: usize,
    answered: usize,
    replies_dropped: usize,
}

impl Station {
    async fn new(centre: &RealCentre, name: &str) -> Self {
        let mut link = centre.link(name).await;
        let cutter = Cutter::before(([127, 0, 0, 1], link.port).into());
        link.port = cutter.address().port();
        Self {
            registry: PostgresRegistry::new(&link),
            cutter,
        }
    }

    /// Sends once; `None` where no answer came.
    async fn send(
        &self,
        dice: &mut Dice,
        operations: &[Operation],
        tally: &mut Tally,
    ) -> Option<Vec<Answer>> {
        tally.sent += 1;
        let fault = dice.below(6);
        // Two cuts, because a call that loses its connection is made once more over another one.
        for _ in 0..1 + dice.below(2) {
            match fault {
                0 => self.cutter.cut_after(Way::ToServer, 0),
                1 => self.cutter.cut_after(Way::ToServer, dice.below(4000) as u64),
                2 => self.cutter.cut_after(Way::ToClient, dice.below(6000) as u64),
                _ => {}
            }
        }
        let answers = self.registry.push(operations).await;
        self.cutter.heal();
        match answers {
            Ok(_) if fault == 3 => {
                tally.replies_dropped += 1;
                None
            }
            Ok(answers) => {
                tally.answered += 1;
                Some(answers)
            }
            Err(error) => {
                assert!(error.passes(), "{error:?}");
                None
            }
        }
    }
}

/// Operations that make sense: new cases, and edits on any revision that there was.
fn batch(dice: &mut Dice, memory: &MemoryCentre, cases: &mut Vec<Case>) -> Vec<Operation> {
    let records = memory.records();
    let mut operations = Vec::new();
    while operations.len() < TOGETHER {
        if cases.is_empty() || dice.below(40) == 0 {
            let case = Case::new();
            operations.extend(case.all());
            cases.push(case);
            continue;
        }
        let case = cases[dice.below(cases.len())];
        let kind = [RecordKind::Patient, RecordKind::Lesion, RecordKind::Note][dice.below(3)];
        let Some(record) = records.iter().find(|record| record.id == case.record(kind)) else {
            continue;
        };
        let base = record.revision - (dice.below(3) as u64).min(record.revision - 1);
        let value = json!(format!("giá trị {}", dice.below(50)));
        let edit = match kind {
            RecordKind::Patient if dice.below(2) == 0 => json!({"phone": value}),
            RecordKind::Patient => json!({"address": value, "updated_by": case.person}),
            RecordKind::Lesion => json!({"label": value}),
            _ => json!({"text": value}),
        };
        operations.push(change(kind, record.id, base, edit));
    }
    operations
}

async fn every_effect_once(amount: usize) {
    let mut dice = Dice::thrown();
    let memory = MemoryCentre::new(Clock::system());
    let expected = [
        memory.registry(Uuid::from_u128(7)),
        memory.registry(Uuid::from_u128(8)),
    ];
    let centre = RealCentre::new().await;
    let stations = [
        Station::new(&centre, "one").await,
        Station::new(&centre, "other").await,
    ];
    let (mut of_memory, mut of_real) = (Names::default(), Names::default());
    let (mut cases, mut done) = (Vec::new(), Vec::<(Vec<Operation>, Vec<Answer>)>::new());
    let (mut operations, mut tally) = (0, Tally::default());
    while operations < amount {
        let sending = batch(&mut dice, &memory, &mut cases);
        operations += sending.len();
        let by = dice.below(2);
        let times = 1 + dice.below(5);
        let (mut sent, mut first) = (0, None::<Vec<Answer>>);
        while sent < times || first.is_none() {
            sent += 1;
            if let Some(answers) = stations[by].send(&mut dice, &sending, &mut tally).await {
                let first = first.get_or_insert_with(|| answers.clone());
                assert_eq!(*first, answers, "the same operations get the same answers");
            }
        }
        let first = first.unwrap();
        for (one, other) in expected[by].push(&sending).await.unwrap().into_iter().zip(&first) {
            let applied = matches!(one.outcome, Outcome::Applied { .. });
            assert!(applied, "{one:?}");
            let one = of_memory.outcome(one.outcome);
            assert_eq!(one, of_real.outcome(other.outcome.clone()));
        }
        done.push((sending, first));
        // One from long ago, perhaps over another workstation's line.
        if dice.below(4) == 0 {
            let (old, answers) = &done[dice.below(done.len())];
            if let Some(again) = stations[dice.below(2)].send(&mut dice, old, &mut tally).await {
                assert_eq!(again, *answers);
            }
        }
    }

    let (mut last, mut conflicts) = (0, 0);
    loop {
        let one = expected[0].pull(last, 500).await.unwrap();
        let other = stations[0].registry.pull(last, 500).await.unwrap();
        assert_eq!((one.last, one.more), (other.last, other.more));
        let more = one.more;
        last = one.last;
        conflicts += one
            .changes
            .iter()
            .filter(|numbered| numbered.change.kind == "conflict")
            .count();
        assert_eq!(of_memory.page(one), of_real.page(other));
        if !more {
            break;
        }
    }
    let count = |sql: &str| centre.psql(sql).parse::<usize>().unwrap();
    assert_eq!(count("SELECT count(*) FROM seekwell.operation"), operations);
    assert_eq!(count("SELECT count(*) FROM seekwell.conflict"), conflicts);
    assert_eq!(count("SELECT count(*) FROM public.users"), cases.len());
    assert_eq!(count("SELECT count(*) FROM public.analyses"), cases.len());
    assert!(conflicts > operations / 50, "{conflicts} conflicts");
    println!("{operations} operations, {conflicts} conflicts, {tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_operations_have_their_effect_once() {
    every_effect_once(400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: ten thousand operations"]
async fn ten_thousand_operations_have_their_effect_once() {
    every_effect_once(10_000).await;
}
