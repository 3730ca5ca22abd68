//! What a patient is compared and searched by: words and numbers in a form that forgives how they were written.

use sqlx::{QueryBuilder, Row, Sqlite};
use uuid::Uuid;

use crate::{
    clinical::{Born, PatientDraft},
    store::{
        Store, StoreError,
        fold::{fold, fold_number, fold_phone},
    },
};

/// What is compared and searched of a record.
pub(in crate::store) struct Keys {
    pub(in crate::store) name: String,
    pub(in crate::store) birth_year: Option<i16>,
    pub(in crate::store) phone: Option<String>,
    pub(in crate::store) national_id: Option<String>,
    /// All that a search looks in, with a space between: the phone as it was written, too.
    pub(in crate::store) search: String,
}

impl Keys {
    /// Sets the columns of a row that is changed.
    pub(in crate::store) fn assign(self, update: &mut QueryBuilder<'_, Sqlite>) {
        update.push(", name_key = ").push_bind(self.name);
        update.push(", birth_year = ").push_bind(self.birth_year);
        update.push(", phone_key = ").push_bind(self.phone);
        update.push(", national_id_key = ").push_bind(self.national_id);
        update.push(", search_key = ").push_bind(self.search);
    }

    pub(in crate::store) fn of(draft: &PatientDraft) -> Self {
        let name = fold(&draft.full_name);
        let phone = draft.phone.as_deref().and_then(fold_phone);
        let written = draft
            .phone
            .as_deref()
            .and_then(fold_number)
            .filter(|written| phone.as_ref() != Some(written));
        let national_id = draft.national_id.as_deref().and_then(fold_number);
        let search = [
            Some(&name),
            phone.as_ref(),
            written.as_ref(),
            national_id.as_ref(),
        ];
        Self {
            search: search
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
            birth_year: draft.born.as_ref().map(Born::year),
            name,
            phone,
            national_id,
        }
    }
}

impl Store {
    /// Folds anew what an earlier version folded that knew no landlines with a country code. Nothing is written where there is none.
    pub(in crate::store) async fn fold_landlines_anew(&self) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT id, full_name, phone, phone_key, national_id FROM patient
             WHERE phone_key >= '842' AND phone_key < '843' OR phone_key >= '8402' AND phone_key < '8403'",
        )
        .fetch_all(&self.writer)
        .await?;
        for row in rows {
            let keys = Keys::of(&PatientDraft {
                full_name: row.try_get("full_name")?,
                phone: row.try_get("phone")?,
                national_id: row.try_get("national_id")?,
                born: None,
                sex: None,
                address: None,
            });
            if keys.phone == row.try_get("phone_key")? {
                continue;
            }
            let id: Uuid = row.try_get("id")?;
            let mut write = self.write().await?;
            sqlx::query("UPDATE patient SET phone_key = ?, search_key = ? WHERE id = ?")
                .bind(&keys.phone)
                .bind(&keys.search)
                .bind(id)
                .execute(&mut *write.transaction)
                .await?;
            write.reindex_patient(id, &keys.search).await?;
            write.commit().await?;
        }
        Ok(())
    }
}
