//! What an erasure begins with: everything that has to go, noted and queued in one transaction; and what joins it later.

use serde_json::{Map, Value};
use sqlx::Row;
use uuid::Uuid;

use super::{ONE, contacts};
use crate::clinical::{
    PatientId,
    retention::{Contacts, RetainedKind},
};
use crate::store::{
    ObjectFacts, StoreError, Write,
    fields::{Fields, id},
    outbox::RecordKind,
    travel::Incoming,
};

impl Write<'_> {
    /// Begins to let a patient or their photos go, as they were when that was decided: notes what has to go and queues the
    /// deletions. `false` where anything of theirs has changed since.
    ///
    /// # Errors
    /// As every write.
    pub async fn begin_erasure(&mut self, of: &Contacts, kind: RetainedKind) -> Result<bool, StoreError> {
        let row = sqlx::query(ONE)
            .bind(of.patient.0)
            .fetch_optional(&mut *self.transaction)
            .await?;
        if row.as_ref().map(contacts).transpose()?.as_ref() != Some(of) {
            return Ok(false);
        }
        let photos = sqlx::query("SELECT id FROM photo WHERE patient_id = ?")
            .bind(of.patient.0)
            .fetch_all(&mut *self.transaction)
            .await?;
        let photos: Vec<Uuid> = photos
            .iter()
            .map(|row| row.try_get("id"))
            .collect::<Result<_, _>>()?;
        if kind == RetainedKind::Patient {
            self.add_erasure(of.patient.0, RecordKind::Patient, of.patient)
                .await?;
        }
        for photo in photos {
            let erasure = match kind {
                RetainedKind::Patient => {
                    self.add_to_erasure(RecordKind::Photo, photo, of.patient.0, Some(of.patient))
                        .await?;
                    of.patient.0
                }
                RetainedKind::Photo => {
                    self.add_erasure(photo, RecordKind::Photo, of.patient).await?;
                    photo
                }
            };
            self.add_what_hangs_on(photo, erasure, of.patient).await?;
        }
        Ok(true)
    }

    /// The images that a photo's record names at the centre go with it, those too that this workstation had not heard of.
    pub(in crate::store) async fn add_objects_to_erase(
        &mut self,
        photo: Uuid,
        fields: &Fields,
    ) -> Result<(), StoreError> {
        let row = sqlx::query("SELECT erasure FROM erasure_record WHERE record = ?")
            .bind(photo)
            .fetch_optional(&mut *self.transaction)
            .await?;
        let Some(row) = row else { return Ok(()) };
        let erasure: Uuid = row.try_get("erasure")?;
        for facts in objects(fields) {
            self.add_object(erasure, &facts.name, facts.generation).await?;
        }
        Ok(())
    }

    /// A photo or an analysis that came to the centre after what it hangs on was deleted there goes the same way.
    pub(in crate::store) async fn add_late_comer(
        &mut self,
        kind: RecordKind,
        change: &Incoming,
    ) -> Result<(), StoreError> {
        if kind == RecordKind::Photo {
            self.add_objects_to_erase(change.record, &change.fields).await?;
        }
        if !matches!(kind, RecordKind::Photo | RecordKind::Analysis) {
            return Ok(());
        }
        for above in [id(&change.fields, "photo"), id(&change.fields, "patient")] {
            let row = sqlx::query(
                "SELECT erasure FROM erasure_record JOIN erasure ON erasure.record = erasure
                 WHERE erasure_record.record = ? AND erased_at IS NULL",
            )
            .bind(above)
            .fetch_optional(&mut *self.transaction)
            .await?;
            if let Some(row) = row {
                let erasure = row.try_get("erasure")?;
                self.add_to_erasure(kind, change.record, erasure, None).await?;
                if kind == RecordKind::Photo {
                    self.add_objects_to_erase(change.record, &change.fields).await?;
                }
                return Ok(());
            }
        }
        Ok(())
    }

    /// Objects of a photo that is deleted at the centre and whose record there does not name them: they go with what goes of the
    /// photo, or by themselves.
    pub(in crate::store) async fn add_unnamed_objects(
        &mut self,
        photo: Uuid,
        patient: PatientId,
        fields: &Fields,
    ) -> Result<(), StoreError> {
        let noted = sqlx::query("SELECT 1 FROM erasure_record WHERE record = ?")
            .bind(photo)
            .fetch_optional(&mut *self.transaction)
            .await?;
        match noted {
            Some(_) => self.add_objects_to_erase(photo, fields).await,
            None => self.add_stray_objects(photo, patient, fields).await,
        }
    }

    /// Objects of a photo whose record the centre never took: no tombstone comes before them, and no row after.
    pub(in crate::store) async fn add_stray_objects(
        &mut self,
        photo: Uuid,
        patient: PatientId,
        fields: &Fields,
    ) -> Result<(), StoreError> {
        let objects = objects(fields);
        if objects.is_empty() {
            return Ok(());
        }
        self.insert_erasure(photo, RecordKind::Photo, patient).await?;
        for facts in objects {
            self.add_object(photo, &facts.name, facts.generation).await?;
        }
        Ok(())
    }

    async fn add_erasure(
        &mut self,
        record: Uuid,
        kind: RecordKind,
        patient: PatientId,
    ) -> Result<(), StoreError> {
        self.insert_erasure(record, kind, patient).await?;
        self.add_to_erasure(kind, record, record, Some(patient)).await
    }

    pub(super) async fn insert_erasure(
        &mut self,
        record: Uuid,
        kind: RecordKind,
        patient: PatientId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO erasure (record, kind, patient_id, operation, begun_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (record) DO NOTHING",
        )
        .bind(record)
        .bind(kind.as_word())
        .bind(patient.0)
        .bind(self.clock.new_id())
        .bind(self.now())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn add_to_erasure(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        erasure: Uuid,
        patient: Option<PatientId>,
    ) -> Result<(), StoreError> {
        match self.note_part(kind, record, erasure).await? {
            true => self.queue_deletion(kind, record, patient).await,
            false => Ok(()),
        }
    }

    /// Notes whose tombstone has to be confirmed first. `false` where it is noted already.
    pub(super) async fn note_part(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        erasure: Uuid,
    ) -> Result<bool, StoreError> {
        let added = sqlx::query(
            "INSERT INTO erasure_record (record, kind, erasure) VALUES (?, ?, ?) ON CONFLICT (record) DO NOTHING",
        )
        .bind(record)
        .bind(kind.as_word())
        .bind(erasure)
        .execute(&mut *self.transaction)
        .await?;
        Ok(added.rows_affected() > 0)
    }

    /// The photo's objects, and its analyses that the centre has.
    async fn add_what_hangs_on(
        &mut self,
        photo: Uuid,
        erasure: Uuid,
        patient: PatientId,
    ) -> Result<(), StoreError> {
        let objects =
            sqlx::query("SELECT object, generation FROM image WHERE photo_id = ? AND generation IS NOT NULL")
                .bind(photo)
                .fetch_all(&mut *self.transaction)
                .await?;
        for row in objects {
            self.add_object(erasure, row.try_get("object")?, row.try_get("generation")?)
                .await?;
        }
        let analyses = sqlx::query(
            "SELECT id FROM analysis WHERE patient_id = ? AND photo_id = ? AND EXISTS (SELECT 1 FROM confirmed
                WHERE confirmed.kind = 'analysis' AND confirmed.record = analysis.id)",
        )
        .bind(patient.0)
        .bind(photo)
        .fetch_all(&mut *self.transaction)
        .await?;
        for row in analyses {
            let analysis = row.try_get("id")?;
            self.add_to_erasure(RecordKind::Analysis, analysis, erasure, Some(patient))
                .await?;
        }
        Ok(())
    }

    pub(super) async fn add_object(
        &mut self,
        erasure: Uuid,
        object: &str,
        generation: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO erasure_object (object, generation, erasure) VALUES (?, ?, ?)
             ON CONFLICT (object, generation) DO NOTHING",
        )
        .bind(object)
        .bind(generation)
        .bind(erasure)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

/// The objects that a photo's record names.
pub(super) fn objects(fields: &Fields) -> Vec<ObjectFacts> {
    let images = fields.get("images").and_then(Value::as_object);
    let each = images.into_iter().flat_map(Map::values);
    each.filter_map(|facts| serde_json::from_value(facts.clone()).ok())
        .collect()
}
