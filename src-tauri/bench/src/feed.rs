//! Many records at the centre, made by the centre's own SQL out of one patient that a workstation sent: their fields are what
//! this version writes, whatever that is.

use std::sync::Arc;

use seekwell_core::sync::PostgresRegistry;

use crate::centre::{AtOnce, Centre};
use crate::clinic::Clinic;
use crate::program::Outcome;
use crate::ward;

/// Records of one patient: the patient, a lesion, four photos and their analyses.
pub(crate) const OF_ONE: u32 = 10;

/// The first record of each kind that can be made again, and the ids of those that are made: in the order of their numbers, as
/// ids that begin with their time are.
const TEMPLATE: &str = "
    CREATE FUNCTION pg_temp.id(kind integer, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
        SELECT (lpad(to_hex(1767225600000 + n), 12, '0') || '7000' || '8' || kind || lpad(to_hex(n), 14, '0'))::uuid $$;
    CREATE TEMPORARY TABLE template AS
    SELECT DISTINCT ON (kind) kind, clinic_id, fields - 'images' AS fields, field_revision, changed_by
    FROM seekwell.record WHERE kind IN ('patient', 'lesion', 'photo', 'analysis') ORDER BY kind, changed_at;
    CREATE TEMPORARY TABLE made (clinic uuid, at bigint, kind text, id uuid, patient uuid, own jsonb);";

/// Puts what was made into the records and at the end of its clinic's feed.
const PUBLISH: &str = "
    INSERT INTO seekwell.record (kind, clinic_id, id, patient_id, central_id, revision, fields, field_revision, changed_by)
    SELECT kind, clinic, id, patient,
           CASE kind WHEN 'patient' THEN seekwell.keep_central_patient(clinic, id, NULL, fields || own) END,
           1, fields || own, field_revision, changed_by
    FROM made JOIN template USING (kind);
    INSERT INTO seekwell.change (clinic_id, kind, record, latest, sequence)
    SELECT made.clinic, kind, made.id, false, sequence + row_number() OVER (PARTITION BY made.clinic ORDER BY at)
    FROM made JOIN seekwell.clinic ON clinic.id = made.clinic;
    UPDATE seekwell.clinic SET sequence = (SELECT max(sequence) FROM seekwell.change WHERE clinic_id = clinic.id)
    WHERE id IN (SELECT clinic FROM made);
    ANALYZE;";

/// A database with the clinic, and in it one patient with an analysed photo.
pub(crate) async fn found(centre: &Centre, database: &str) -> Outcome {
    centre.found(database).await?;
    let link = centre.enroll(database, "Template").await?;
    let clinic = Clinic::new()?;
    let (workstation, _, _) = ward::fill(&clinic, 1).await?;
    let registry = Arc::new(PostgresRegistry::new(&link));
    workstation.join(Arc::new(AtOnce), Arc::clone(&registry) as _);
    workstation.sync_once().await?;
    workstation.close().await;
    registry.close().await;
    Ok(())
}

/// Adds so many patients to the clinic, each with [`OF_ONE`] records.
pub(crate) fn add_whole_patients(centre: &Centre, database: &str, patients: u32) {
    let made = format!(
        "INSERT INTO made
         SELECT clinic_id, n * {OF_ONE} + place, kind, id, CASE WHEN place > 0 THEN pg_temp.id(1, n) END, own
         FROM (SELECT clinic_id FROM template LIMIT 1) AS clinic, generate_series(0, {patients} - 1) AS n,
         LATERAL (
             SELECT 0 AS place, 'patient' AS kind, pg_temp.id(1, n) AS id,
                    jsonb_build_object('full_name', 'Nguyễn Văn ' || n || ' (mẫu)') AS own
             UNION ALL
             SELECT 1, 'lesion', pg_temp.id(2, n), jsonb_build_object('patient', pg_temp.id(1, n))
             UNION ALL
             SELECT 2 + nth, 'photo', pg_temp.id(3, n * 4 + nth), jsonb_build_object(
                 'patient', pg_temp.id(1, n), 'lesion', pg_temp.id(2, n), 'analysis', pg_temp.id(4, n * 4 + nth),
                 'original_sha256', md5(n || 'a' || nth) || md5(n || 'b' || nth))
             FROM generate_series(0, 3) AS nth
             UNION ALL
             SELECT 6 + nth, 'analysis', pg_temp.id(4, n * 4 + nth),
                    jsonb_build_object('patient', pg_temp.id(1, n), 'photo', pg_temp.id(3, n * 4 + nth))
             FROM generate_series(0, 3) AS nth
         ) AS one;"
    );
    centre.psql(database, &format!("{TEMPLATE}{made}{PUBLISH}"));
}

/// Adds so many patients to the clinic, and nothing about them.
pub(crate) fn add_patients(centre: &Centre, database: &str, patients: u32) {
    let clinics = "(SELECT clinic_id AS clinic, 0 AS nth FROM template LIMIT 1) AS clinics";
    centre.psql(
        database,
        &format!("{TEMPLATE}{}{PUBLISH}", named(clinics, patients)),
    );
}

/// Adds other clinics with so many patients each.
pub(crate) fn add_clinics(centre: &Centre, database: &str, clinics: u32, patients: u32) {
    let others = format!(
        "CREATE TEMPORARY TABLE other AS SELECT pg_temp.id(9, nth) AS clinic, nth FROM generate_series(1, {clinics}) AS nth;
         INSERT INTO seekwell.clinic (id, name, bucket) SELECT clinic, 'Trạm Y tế Mẫu ' || nth, 'clinic-images' FROM other;"
    );
    centre.psql(
        database,
        &format!(
            "{TEMPLATE}{others}{}{PUBLISH}",
            named("other AS clinics", patients)
        ),
    );
}

fn named(clinics: &str, patients: u32) -> String {
    format!(
        "INSERT INTO made
         SELECT clinic, n, 'patient', pg_temp.id(1, nth::bigint * {patients} + n), NULL,
                jsonb_build_object('full_name', 'Nguyễn Văn ' || n || ' (mẫu)')
         FROM {clinics}, generate_series(0, {patients} - 1) AS n;"
    )
}
