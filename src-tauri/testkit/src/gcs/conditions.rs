//! Preconditions: what must be so for a request to be done.

use hyper::StatusCode;

use super::{reply::Refusal, request::Query};

/// The preconditions of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    generation: Option<i64>,
    not_generation: Option<i64>,
    metageneration: Option<i64>,
    not_metageneration: Option<i64>,
}

impl Conditions {
    pub(super) fn of(query: &Query) -> Result<Self, Refusal> {
        Ok(Self {
            generation: query.number("ifGenerationMatch")?,
            not_generation: query.number("ifGenerationNotMatch")?,
            metageneration: query.number("ifMetagenerationMatch")?,
            not_metageneration: query.number("ifMetagenerationNotMatch")?,
        })
    }

    /// Whether they say which generation must be there.
    pub(super) fn name_generation(&self) -> bool {
        self.generation.is_some()
    }

    /// 412 for what must be and is not. No object counts as generation 0.
    pub(super) fn check(&self, generation: i64, metageneration: i64) -> Result<(), Refusal> {
        let must = [
            (self.generation, generation),
            (self.metageneration, metageneration),
        ];
        let must_not = [
            (self.not_generation, generation),
            (self.not_metageneration, metageneration),
        ];
        let holds = must
            .iter()
            .all(|(wanted, found)| wanted.is_none_or(|wanted| wanted == *found));
        if holds && must_not.iter().all(|(unwanted, found)| *unwanted != Some(*found)) {
            return Ok(());
        }
        Err(Refusal::precondition())
    }

    /// The same for reading, where what must not be and is means that the client has it already: 304.
    pub(super) fn check_read(&self, generation: i64, metageneration: i64) -> Result<(), Refusal> {
        let unwanted =
            self.not_generation == Some(generation) || self.not_metageneration == Some(metageneration);
        match unwanted {
            true => Err(Refusal::new(StatusCode::NOT_MODIFIED, "notModified", "")),
            false => self.check(generation, metageneration),
        }
    }
}
