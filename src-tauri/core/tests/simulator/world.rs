//! The world: who is in it, what happens next, and what must hold after every step.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::SignedDuration;
use seekwell_core::{
    clock::{Clock, Timestamp, rfc3339},
    store::RecordKind,
    sync::{Operation, Outcome, Registry, status::Overall},
};
use seekwell_testkit::process::Dice;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Order, Tally,
    blobs::MemoryBlobs,
    edits,
    line::Line,
    oracle::Oracle,
    registry::{MemoryCentre, MemoryRegistry},
    replicas,
    station::Station,
};

const STATIONS: usize = 3;
const STEPS: usize = 90;
/// Of its next moments around commits, at one of which a program dies.
const MOMENTS: usize = 16;
/// Rounds of everybody, a minute apart, within which a healed world must come to rest.
const ROUNDS: usize = 12;
/// Who writes to the centre and is no workstation of ours: a newer version, or the web backend.
const FOREIGN: usize = STATIONS;
const TEN_YEARS: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) stations: Vec<Station>,
    pub(crate) oracle: Mutex<Oracle>,
    centre: Arc<MemoryCentre>,
    centre_clock: Clock,
    foreign: MemoryRegistry,
    foreigner: Uuid,
    dice: Mutex<Dice>,
    values: AtomicU64,
    /// Something happens in the middle of a call already.
    nested: AtomicBool,
    story: Mutex<Vec<String>>,
}

/// In the middle of which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meanwhile {
    Pushing,
    Pulling,
}

/// Leaves the middle of a call, also where the call is given up.
struct Nested<'a>(&'a AtomicBool);

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl World {
    pub(crate) async fn new(seed: u64, order: Order) -> Arc<Self> {
        let start: Timestamp = "2026-11-22T02:00:00Z".parse().unwrap();
        let clock = |number: u64| Clock::seeded(start, seed.wrapping_mul(1000).wrapping_add(number));
        let centre_clock = clock(9);
        let centre = MemoryCentre::new(centre_clock.clone());
        let bucket: Arc<MemoryBlobs> = Arc::default();
        let itself = Arc::new(OnceLock::new());
        let mut stations = Vec::new();
        for number in 0..STATIONS {
            let registry = centre.registry(Uuid::from_u128(number as u128 + 1));
            let line = Line::new(Arc::clone(&itself), number, registry, Arc::clone(&bucket));
            let station = Station::new(clock(number as u64), line, order).await;
            edits::enter_nurse(&station, number).await;
            stations.push(station);
        }
        let world = Arc::new(Self {
            seed,
            stations,
            oracle: Mutex::default(),
            foreign: centre.registry(Uuid::from_u128(99)),
            foreigner: centre_clock.new_id(),
            centre,
            centre_clock,
            dice: Mutex::new(Dice::new(seed)),
            values: AtomicU64::new(0),
            nested: AtomicBool::new(false),
            story: Mutex::default(),
        });
        itself.set(Arc::downgrade(&world)).unwrap();
        world
    }

    pub(crate) fn throw(&self, below: usize) -> usize {
        self.dice.lock().unwrap().below(below)
    }

    /// Something happened.
    pub(crate) fn happens(&self, what: impl Into<String>) {
        self.story.lock().unwrap().push(what.into());
    }

    /// Everything that happened, in order, and what the centre has of it.
    pub(crate) fn story(&self) -> Vec<String> {
        let mut story = self.story.lock().unwrap().clone();
        story.extend(self.centre.records().iter().map(|record| format!("{record:?}")));
        story
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::new();
        for what in self.story.lock().unwrap().iter() {
            *tally.entry(what.clone()).or_default() += 1;
        }
        tally.insert("records".to_owned(), self.centre.records().len());
        if let conflicts @ 1.. = self.centre.conflicts().len() {
            tally.insert("conflicts".to_owned(), conflicts);
        }
        tally
    }

    /// A text that nobody has written yet.
    pub(crate) fn value(&self) -> String {
        // Long enough that a full disk has no room for a few.
        format!(
            "{:05}{}",
            self.values.fetch_add(1, Ordering::SeqCst),
            "-".repeat(190)
        )
    }

    pub(crate) async fn live(&self) {
        for step in 0..STEPS {
            self.step().await;
            self.must_hold(&format!("seed {}, step {step}", self.seed)).await;
        }
    }

    async fn step(&self) {
        let at = self.throw(STATIONS);
        let station = &self.stations[at];
        match self.throw(100) {
            0..=44 => edits::edit(self, at, true).await,
            45..=74 => self.round(at).await,
            75..=77 => {
                station.line.cut.fetch_xor(true, Ordering::SeqCst);
            }
            78..=79 => {
                station.line.one_way.fetch_xor(true, Ordering::SeqCst);
            }
            80..=83 => {
                let jumps = [-TEN_YEARS, SignedDuration::ZERO, TEN_YEARS];
                station.set_clock(jumps[self.throw(3)]);
                self.happens("the clock jumps");
            }
            84..=88 => {
                let full = !*station.full.lock().unwrap();
                station.set_full(full).await;
            }
            89 => station.restart().await,
            90..=94 => self.write_at_the_centre().await,
            _ => {
                let seconds = 1 + self.throw(120);
                self.pass(seconds as u64).await;
            }
        }
    }

    /// Time passes, for everybody alike.
    async fn pass(&self, seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        let by = SignedDuration::from_secs(i64::try_from(seconds).unwrap());
        self.centre_clock.advance(by);
        for station in &self.stations {
            station.clock.advance(by);
        }
    }

    /// A round of sync, or a half of one, to its end or to the program's.
    async fn round(&self, at: usize) {
        let station = &self.stations[at];
        let running = station.running();
        let half = self.throw(4);
        // It may die before or after any of its commits too.
        let moments = running.store.moments();
        if self.throw(4) == 0 && !station.line.healed.load(Ordering::SeqCst) {
            moments.die_in(1 + self.throw(MOMENTS));
        }
        let survives = {
            let round = async {
                match half {
                    0 => running.worker.send().await.map(drop),
                    1 => running.worker.receive().await,
                    _ => running.worker.once().await,
                }
            };
            tokio::select! {
                biased;
                _ = round => true,
                () = station.killed.notified() => false,
                () = moments.died() => false,
            }
        };
        moments.die_in(0);
        drop(running);
        if !survives {
            self.happens("killed in a round");
            station.restart().await;
            // Whoever was about to start in the middle of it.
            for other in &self.stations {
                other.start_if_stopped().await;
            }
        }
    }

    /// What else happens while a call is on its way.
    pub(crate) async fn meanwhile(&self, at: usize, call: Meanwhile) {
        if self.stations[at].line.healed.load(Ordering::SeqCst) || self.nested.swap(true, Ordering::SeqCst) {
            return;
        }
        let _nested = Nested(&self.nested);
        match self.throw(14) {
            0..=2 => {
                edits::edit(self, at, false).await;
                self.happens(format!("edited while {call:?}"));
            }
            // The two halves of the worker run beside each other.
            3 => {
                let running = self.stations[at].running();
                let _ = match call {
                    Meanwhile::Pushing => running.worker.receive().await,
                    Meanwhile::Pulling => running.worker.send().await.map(drop),
                };
            }
            4..=6 => Box::pin(self.round((at + 1 + self.throw(STATIONS - 1)) % STATIONS)).await,
            7 => self.write_at_the_centre().await,
            _ => {}
        }
    }

    /// Somebody else of the clinic, whose version may be newer: an acknowledgement, a field that nobody here knows, an edit, a
    /// deletion.
    async fn write_at_the_centre(&self) {
        let records = self.centre.records();
        let gone = replicas::gone(&records);
        let of = |kind: RecordKind| {
            let of: Vec<_> = records
                .iter()
                .filter(|record| record.kind == kind && !gone.contains(&record.id))
                .collect();
            (!of.is_empty()).then(|| of[self.throw(of.len())])
        };
        let at = rfc3339(self.centre_clock.now());
        let person =
            json!({"full_name": "Bác sĩ", "role": "DOCTOR", "created_at": "2026-11-22T02:00:00.000Z"});
        let mut operations = vec![self.operation(RecordKind::Person, self.foreigner, 0, person)];
        match self.throw(8) {
            0 => {
                let kinds = [RecordKind::Note, RecordKind::Photo, RecordKind::Patient];
                let Some(record) = of(kinds[self.throw(kinds.len())]) else {
                    return;
                };
                operations.push(Operation {
                    deleted: true,
                    ..self.operation(record.kind, record.id, record.revision, json!({}))
                });
                self.happens("deleted");
            }
            1 | 2 => {
                let Some(analysis) = of(RecordKind::Analysis) else {
                    return;
                };
                let made = json!({"analysis": analysis.id, "patient": analysis.patient, "by": self.foreigner, "at": at});
                let id = self.centre_clock.new_id();
                operations.push(self.operation(RecordKind::Acknowledgement, id, 0, made));
            }
            3 | 4 => {
                let Some(patient) = of(RecordKind::Patient) else {
                    return;
                };
                let tribe = json!({"tribe": [self.throw(9), {"new": true}]});
                operations.push(self.operation(RecordKind::Patient, patient.id, patient.revision, tribe));
            }
            _ => {
                let Some(patient) = of(RecordKind::Patient) else {
                    return;
                };
                let value = self.value();
                let before = patient.fields.get("phone").and_then(Value::as_str);
                let place = (RecordKind::Patient, patient.id, "phone");
                let mut oracle = self.oracle.lock().unwrap();
                oracle.writes(&value, place, FOREIGN, before);
                oracle.reported(&value);
                let edit = json!({"phone": value, "updated_at": at, "updated_by": self.foreigner});
                operations.push(self.operation(RecordKind::Patient, patient.id, patient.revision, edit));
            }
        }
        let answers = self.foreign.push(&operations).await.unwrap();
        let taken = |outcome: &Outcome| matches!(outcome, Outcome::Applied { .. });
        assert!(answers.iter().all(|answer| taken(&answer.outcome)), "{answers:?}");
    }

    fn operation(&self, kind: RecordKind, record: Uuid, base: u64, fields: Value) -> Operation {
        let Value::Object(fields) = fields else {
            unreachable!()
        };
        Operation {
            operation: self.centre_clock.new_id(),
            kind,
            record,
            base,
            fields,
            deleted: false,
        }
    }

    /// Somebody looks at what met a deletion, and lets it go.
    async fn let_go(&self) {
        for station in &self.stations {
            let running = station.running();
            for leftover in running.store.leftovers().await.unwrap() {
                self.oracle.lock().unwrap().let_go(&leftover.fields);
                self.happens("let go");
                let mut write = running.store.write().await.unwrap();
                write.let_go(leftover.record).await.unwrap();
                write.commit().await.unwrap();
            }
        }
    }

    /// Nobody is told that all is well before what they wrote is at the centre, and no conflict is one with oneself.
    async fn must_hold(&self, when: &str) {
        let (records, conflicts) = (self.centre.records(), self.centre.conflicts());
        for number in 0..STATIONS {
            let (word, waiting) = self.stations[number].status().await;
            if word == Overall::AtCentre {
                let lost = self
                    .oracle
                    .lock()
                    .unwrap()
                    .lost(Some(number), &records, &conflicts);
                assert!(
                    lost.is_empty(),
                    "{when}: {number} is green ({waiting:?}) without {lost:?}"
                );
            }
        }
        let wrong = self.oracle.lock().unwrap().false_conflicts(&conflicts);
        assert!(wrong.is_empty(), "{when}: no conflicts: {wrong:?}");
    }

    /// Everything is mended, and nobody writes any more.
    pub(crate) async fn come_to_rest(&self) {
        for station in &self.stations {
            station.line.cut.store(false, Ordering::SeqCst);
            station.line.one_way.store(false, Ordering::SeqCst);
            station.line.healed.store(true, Ordering::SeqCst);
            station.set_full(false).await;
        }
        let mut last_errors = Vec::new();
        for round in 0..ROUNDS {
            self.pass(60).await;
            let before = self.centre.records().len() + self.centre.conflicts().len();
            last_errors.clear();
            self.let_go().await;
            for station in &self.stations {
                if let Err(error) = station.running().worker.once().await {
                    last_errors.push(error.to_string());
                }
            }
            let mut rests = last_errors.is_empty();
            for station in &self.stations {
                rests &= station.status().await.0 == Overall::AtCentre;
            }
            self.must_hold(&format!("seed {}, at rest, round {round}", self.seed))
                .await;
            if rests && before == self.centre.records().len() + self.centre.conflicts().len() {
                break;
            }
        }
        assert!(last_errors.is_empty(), "seed {}: {last_errors:?}", self.seed);
        // Whoever went first has not heard of what the last one sent.
        for station in &self.stations {
            station.running().worker.once().await.unwrap();
        }
        let lost = self
            .oracle
            .lock()
            .unwrap()
            .lost(None, &self.centre.records(), &self.centre.conflicts());
        assert!(lost.is_empty(), "seed {}: lost: {lost:?}", self.seed);
        replicas::compare(&self.stations, &self.centre).await;
        for station in &self.stations {
            station.running().store.close().await;
        }
    }
}
