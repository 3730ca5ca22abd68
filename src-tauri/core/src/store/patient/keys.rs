//! What a patient is compared and searched by: words and numbers in a form that forgives how they were written.

use sqlx::{QueryBuilder, Sqlite};

use crate::{
    clinical::{Born, PatientDraft},
    store::fold::{fold, fold_number, fold_phone},
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
