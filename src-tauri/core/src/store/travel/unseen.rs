//! The table `unseen`: fields that wait to be sent and that somebody else has changed meanwhile.
//!
//! The value of this workstation stands over theirs until it is sent, so nobody here has seen theirs. The field is then sent on
//! the revision that it was changed on, in an operation of its own, and the centre keeps the value that loses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sqlx::Row;
use uuid::Uuid;

use super::{
    RecordKind,
    whole::{changed_since, is_edited, laid},
};
use crate::store::{Fields, StoreError, Write};

/// When somebody edited is not what they edited: the centre finds no conflict in these.
const ABOUT_EDITING: [&str; 3] = ["updated_at", "updated_by", "edited_at"];

/// A record in layers: what the centre confirmed, what was sent over it, and what the tables here say.
pub(super) struct Layers<'a> {
    pub(super) kind: RecordKind,
    pub(super) confirmed: Option<&'a Fields>,
    pub(super) sent: Option<&'a Fields>,
    pub(super) here: &'a Fields,
}

impl Layers<'_> {
    /// What was changed here since the last sending, or else since the centre confirmed the record.
    pub(super) fn own(&self) -> Fields {
        changed_since(self.kind, self.confirmed, self.sent, self.here)
    }

    /// Of these fields, those that `theirs` says otherwise than anybody here has seen.
    fn covered<'f>(&self, fields: impl Iterator<Item = &'f String>, theirs: &Fields) -> BTreeSet<&'f str> {
        let said = |fields: Option<&Fields>, field: &str| {
            let value = fields.and_then(|fields| fields.get(field));
            value.filter(|value| !value.is_null()).cloned()
        };
        let ground = match (self.confirmed, self.sent) {
            (Some(confirmed), Some(sent)) => Some(laid(self.kind, confirmed, sent)),
            (one, other) => one.or(other).cloned(),
        };
        fields
            .map(String::as_str)
            .filter(|field| is_edited(self.kind, field) && !ABOUT_EDITING.contains(field))
            .filter(|field| {
                let new = said(Some(theirs), field);
                let seen = [self.confirmed, ground.as_ref(), Some(self.here)];
                // Of a record that the centre did not have, nothing was seen before what was sent.
                seen.into_iter()
                    .filter(Option::is_some)
                    .all(|seen| said(seen, field) != new)
            })
            .collect()
    }
}

impl Write<'_> {
    /// Notes which changes that wait are laid over something that somebody else said. `on` is the revision that they were
    /// made on.
    pub(super) async fn note_unseen(
        &mut self,
        record: Uuid,
        on: u64,
        layers: &Layers<'_>,
        own: &Fields,
        theirs: &Fields,
    ) -> Result<(), StoreError> {
        let waiting = own.keys().chain(layers.sent.into_iter().flat_map(Fields::keys));
        for field in layers.covered(waiting, theirs) {
            sqlx::query(
                "INSERT INTO unseen (kind, record, field, base) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )
            .bind(layers.kind.as_word())
            .bind(record)
            .bind(field)
            .bind(i64::try_from(on).unwrap_or(i64::MAX))
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }

    /// The centre took these fields, which makes `revision`: what was changed here over them was made knowing that one.
    pub(super) async fn seen_until(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        sent: &Fields,
        revision: u64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE unseen SET base = max(base, ?4)
             WHERE kind = ?1 AND record = ?2 AND field IN (SELECT key FROM json_each(?3))",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(Value::Object(sent.clone()).to_string())
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query(
            "DELETE FROM unseen WHERE kind = ?1 AND record = ?2
                AND base >= (SELECT revision FROM confirmed WHERE kind = ?1 AND record = ?2)",
        )
        .bind(kind.as_word())
        .bind(record)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Of the changes that wait, those that go first and on an older revision than the last, with that revision. What is
    /// not changed any more is forgotten.
    pub(in crate::store) async fn unseen_of(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        changes: &Fields,
    ) -> Result<Option<(u64, Fields)>, StoreError> {
        let rows = sqlx::query("SELECT field, base FROM unseen WHERE kind = ? AND record = ?")
            .bind(kind.as_word())
            .bind(record)
            .fetch_all(&mut *self.transaction)
            .await?;
        let mut by_base: BTreeMap<i64, Fields> = BTreeMap::new();
        for row in rows {
            let field: String = row.try_get("field")?;
            match changes.get(&field) {
                Some(value) => {
                    by_base
                        .entry(row.try_get("base")?)
                        .or_default()
                        .insert(field, value.clone());
                }
                None => self.forget_unseen(kind, record, Some(&field)).await?,
            }
        }
        Ok(by_base
            .pop_first()
            .map(|(base, fields)| (u64::try_from(base).unwrap_or_default(), fields)))
    }

    /// Of the record nothing waits any more but these fields.
    pub(super) async fn forget_unseen_but(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        waiting: &Fields,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM unseen WHERE kind = ?1 AND record = ?2 AND field NOT IN (SELECT key FROM json_each(?3))",
        )
        .bind(kind.as_word())
        .bind(record)
        .bind(Value::Object(waiting.clone()).to_string())
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Nothing of the record waits any more, or not that field.
    pub(in crate::store) async fn forget_unseen(
        &mut self,
        kind: RecordKind,
        record: Uuid,
        field: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM unseen WHERE kind = ?1 AND record = ?2 AND (?3 IS NULL OR field = ?3)")
            .bind(kind.as_word())
            .bind(record)
            .bind(field)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}
