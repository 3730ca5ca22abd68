//! Sending what a clinic kept without the network: all images to the bucket and all records to the centre, over a line of
//! 0, 50 and 200 ms. Beside it `rclone copy` of the same files to the same storage, and a multi-row INSERT of the same records,
//! over the same line.

use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use seekwell_core::sync::{Blobs, Link};
use sqlx::{Connection, PgConnection, Row};
use tokio::runtime::Runtime;

use crate::centre::{self, AtOnce, Centre};
use crate::clinic::Clinic;
use crate::measurement::{Measurement, Unit};
use crate::program::{Outcome, Pace};
use crate::turns::{Turn, alternate, milliseconds_since};
use crate::ward::Ward;

const BENCH: &str = "drain";
/// In milliseconds.
const ROUND_TRIPS: [u64; 3] = [0, 50, 200];
/// Where an aim was set, and what it is: records included, that much of what rclone takes for the images alone.
const AIM: (u64, f64) = (50, 1.1);
/// As many uploads at once as the program makes; four are rclone's own choice.
const TRANSFERS: &str = "16";
/// Rows of one INSERT, as many as one push has.
const ROWS: usize = 200;

/// Measures.
pub(crate) fn measure(pace: Pace) -> Outcome {
    let runtime = Runtime::new()?;
    let begun = Instant::now();
    let ward = runtime.block_on(Ward::filled(pace.choose(1_000, 24)))?;
    eprintln!(
        "{} analysed photos kept in {:.0} s",
        ward.photos,
        begun.elapsed().as_secs_f64()
    );
    let centre = Centre::start();
    runtime.block_on(centre.found("ready"))?;
    let link = runtime.block_on(centre.enroll("ready", "A"))?;
    let bench = Bench {
        runtime: &runtime,
        ward: &ward,
        centre: &centre,
        link,
        turn: Cell::new(0),
    };
    let records = bench.prepared()?;
    for round_trip in ROUND_TRIPS {
        centre.delay(Duration::from_millis(round_trip));
        bench.measure(round_trip, &records, pace.choose(3, 1))?;
    }
    Ok(())
}

struct Bench<'a> {
    runtime: &'a Runtime,
    ward: &'a Ward,
    centre: &'a Centre,
    link: Link,
    /// Each turn has a database and a bucket of its own.
    turn: Cell<u32>,
}

/// A record as the centre has it in the end: kind, id and fields.
type Record = (String, String, String);

impl Bench<'_> {
    /// Drains once without a delay: what arrives is what the peers send.
    fn prepared(&self) -> Outcome<Vec<Record>> {
        let (_, name) = self.ours()?;
        let (objects, bytes) = self.centre.held(&bucket(&name));
        let records = self.runtime.block_on(async {
            let mut connection = self.centre.connect(&name).await?;
            let rows = sqlx::query("SELECT kind, id::text, fields::text FROM seekwell.record")
                .fetch_all(&mut connection)
                .await?;
            Outcome::Ok(
                rows.iter()
                    .map(|row| (row.get(0), row.get(1), row.get(2)))
                    .collect::<Vec<_>>(),
            )
        })?;
        eprintln!(
            "what goes: {} records; {objects} images of {} MB, for each photo the prepared one ({} kB), the original ({} kB) \
             and a thumbnail ({} kB)",
            records.len(),
            bytes / 1_000_000,
            self.ward.sizes[0] / 1000,
            self.ward.sizes[1] / 1000,
            self.ward.sizes[2] / 1000
        );
        Ok(records)
    }

    fn measure(&self, round_trip: u64, records: &[Record], rounds: usize) -> Outcome {
        let all: Turn<'_> = Box::new(|| Ok(self.ours()?.0));
        let rclone: Turn<'_> = Box::new(|| self.rclone());
        let alone: Turn<'_> = Box::new(|| self.records_alone());
        let insert: Turn<'_> = Box::new(|| self.insert(records));
        let medians = alternate(0, rounds, &mut [all, rclone, alone, insert])?;
        let photos = self.ward.photos;
        let cases = [
            (
                format!("{photos} analyses with their images, {round_trip} ms away"),
                medians[0],
                "rclone copy --transfers 16",
                medians[1],
                (round_trip == AIM.0).then_some(AIM.1),
            ),
            (
                format!("their {} records alone, {round_trip} ms away", records.len()),
                medians[2],
                "multi-row INSERT",
                medians[3],
                None,
            ),
        ];
        for (case, ours, peer, peers, at_most) in cases {
            Measurement {
                bench: BENCH,
                case: &case,
                unit: Unit::Milliseconds,
                ours,
                peer,
                peers,
                at_most,
            }
            .report();
        }
        Ok(())
    }

    /// Everything, by the program's own two ports. Gives the milliseconds and the name of the turn's database.
    fn ours(&self) -> Outcome<(f64, String)> {
        let name = self.fresh();
        let link = Link {
            database: name.clone(),
            bucket: bucket(&name),
            ..self.link.clone()
        };
        let photos = self.ward.photos;
        self.runtime.block_on(async {
            let took = drain(&self.ward.clinic, &link, None).await?;
            let (objects, _) = self.centre.held(&link.bucket);
            self.is_whole(&name)?;
            if objects == photos * 3 {
                Ok((took, name))
            } else {
                Err(format!("{objects} images of {photos} photos arrived").into())
            }
        })
    }

    /// Records alone, where images are taken at once.
    fn records_alone(&self) -> Outcome<f64> {
        let name = self.fresh();
        let link = Link {
            database: name.clone(),
            ..self.link.clone()
        };
        let took = self
            .runtime
            .block_on(drain(&self.ward.clinic, &link, Some(Arc::new(AtOnce))))?;
        self.is_whole(&name)?;
        Ok(took)
    }

    fn rclone(&self) -> Outcome<f64> {
        let name = self.fresh();
        let endpoint = self.link.storage_endpoint.as_deref().unwrap_or_default();
        let begun = Instant::now();
        copy(&self.ward.files, &bucket(&name), endpoint)?;
        let took = milliseconds_since(begun);
        let (objects, _) = self.centre.held(&bucket(&name));
        if objects == self.ward.photos * 3 {
            Ok(took)
        } else {
            Err(format!("rclone copied {objects} files").into())
        }
    }

    fn insert(&self, records: &[Record]) -> Outcome<f64> {
        let name = self.fresh();
        self.centre.psql(
            &name,
            "CREATE TABLE public.plain (kind text, id uuid, fields jsonb, PRIMARY KEY (kind, id))",
        );
        self.runtime.block_on(async {
            let begun = Instant::now();
            let mut connection = self.centre.connect(&name).await?;
            for batch in records.chunks(ROWS) {
                insert(&mut connection, batch).await?;
            }
            let took = milliseconds_since(begun);
            connection.close().await?;
            Ok(took)
        })
    }

    fn is_whole(&self, database: &str) -> Outcome {
        let arrived = self.centre.psql(database, "SELECT count(*) FROM public.analyses");
        if arrived == self.ward.photos.to_string() {
            Ok(())
        } else {
            Err(format!("{arrived} analyses arrived").into())
        }
    }

    /// A database as it is before anything was sent, and an empty bucket.
    fn fresh(&self) -> String {
        self.turn.set(self.turn.get() + 1);
        let name = format!("turn_{}", self.turn.get());
        self.centre.copy("ready", &name);
        self.centre.make_bucket(&bucket(&name));
        name
    }
}

fn bucket(turn: &str) -> String {
    turn.replace('_', "-")
}

/// Opens a copy of the clinic's workstation and sends all that waits; gives the milliseconds of the sending.
async fn drain(clinic: &Clinic, link: &Link, instead: Option<Arc<dyn Blobs>>) -> Outcome<f64> {
    let copy = clinic.copied()?;
    let (workstation, _) = copy.open().await?;
    let begun = Instant::now();
    let (blobs, registry) = centre::ports(link)?;
    workstation.join(instead.unwrap_or(blobs), registry.clone());
    workstation.sync_once().await?;
    let took = milliseconds_since(begun);
    let status = workstation.sync_status().await?;
    workstation.close().await;
    registry.close().await;
    if status.waiting_records + status.waiting_images == 0 {
        Ok(took)
    } else {
        Err(format!("not everything was sent: {status:?}").into())
    }
}

/// As the ignored test of the fake storage has it.
fn copy(files: &Path, bucket: &str, endpoint: &str) -> Outcome {
    let output = Command::new("rclone")
        .arg("copy")
        .arg(files)
        .arg(format!(":gcs:{bucket}"))
        .args(["--config", "", "--gcs-anonymous", "--gcs-bucket-policy-only"])
        .args(["--transfers", TRANSFERS, "--checkers", TRANSFERS])
        .args(["--gcs-endpoint", &format!("{endpoint}/storage/v1/")])
        .output()
        .map_err(|error| format!("rclone: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
    }
}

async fn insert(connection: &mut PgConnection, batch: &[Record]) -> Outcome {
    let column =
        |of: fn(&Record) -> &String| batch.iter().map(|record| of(record).clone()).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO public.plain SELECT kind, id::uuid, fields::jsonb FROM unnest($1::text[], $2::text[], $3::text[])
             AS sent (kind, id, fields)",
    )
    .bind(column(|record| &record.0))
    .bind(column(|record| &record.1))
    .bind(column(|record| &record.2))
    .execute(connection)
    .await?;
    Ok(())
}
