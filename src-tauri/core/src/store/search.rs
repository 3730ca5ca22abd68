//! The table `patient_search`: which patients a text means, the last seen first, however many there are.
//!
//! A word is found anywhere in a name, a phone or an id. The index knows of each patient the runs of one, two and three
//! characters that occur in them, and of digits the runs of four, since three digits tell few people apart. Its rows are
//! numbered by `patient.seen`, so it gives the last seen first and is left as soon as a page is full; a rare run ends the
//! search at once. That all runs of a word occur does not mean that the word does: each row that the index gives is
//! compared with the word itself.

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Sqlite};

use super::{
    Store, StoreError, Write,
    fold::{fold, fold_number, without_country},
    patient::{FOUND, PatientPage, page},
};

/// The longest run of letters that the index knows.
const LETTERS: usize = 3;
/// The longest run of digits.
const DIGITS: usize = 4;
/// More words than this say nothing more about whom somebody means.
const MOST_WORDS: usize = 32;
/// More runs of one word neither; what is left out of the index's question is still compared.
const MOST_RUNS: usize = 8;

impl Store {
    /// The patients in whose name, phone or national id every word of `text` occurs, regardless of accents and letter case.
    ///
    /// # Errors
    /// As every read.
    pub async fn find_patients(&self, text: &str) -> Result<PatientPage, StoreError> {
        let words = search_words(text);
        if words.is_empty() {
            return self.recent_patients().await;
        }
        let mut query = QueryBuilder::<Sqlite>::new(FOUND);
        query
            .push(" CROSS JOIN patient ON patient.seen = patient_search.rowid WHERE patient_search MATCH ")
            .push_bind(question(&words));
        for word in words {
            query.push(" AND (false");
            for spelling in word {
                query.push(" OR instr(search_key, ").push_bind(spelling).push(")");
            }
            query.push(")");
        }
        let rows = query
            .push(" ORDER BY patient_search.rowid DESC LIMIT 51")
            .build()
            .fetch_all(&self.readers)
            .await?;
        page(&rows)
    }
}

impl Write<'_> {
    /// Puts a patient's runs into the index.
    pub(super) async fn index_patient(&mut self, seen: i64, search_key: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO patient_search (rowid, runs) VALUES (?, ?)")
            .bind(seen)
            .bind(all_runs(search_key))
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Takes them out again.
    pub(super) async fn unindex_patient(&mut self, seen: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM patient_search WHERE rowid = ?")
            .bind(seen)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

/// The words to look for, each in the spellings of which one has to occur. A text of digits and punctuation is one number,
/// however it is grouped; so is such a word among others. A number with Vietnam's country code is also looked for without.
fn search_words(text: &str) -> Vec<Vec<String>> {
    let is_number =
        |text: &str| text.chars().all(|c| !c.is_alphabetic()) && text.chars().any(char::is_numeric);
    let number = |text: &str| -> Vec<String> {
        let as_written = fold_number(text);
        let without = as_written
            .as_deref()
            .and_then(|digits| without_country(digits, text.trim_start().starts_with('+')));
        as_written.into_iter().chain(without).collect()
    };
    if is_number(text) {
        return vec![number(text)];
    }
    let folded = fold(text);
    let words = folded.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS);
    words
        .map(|word| {
            if is_number(word) {
                number(word)
            } else {
                vec![word.to_owned()]
            }
        })
        .collect()
}

/// The question to the index: of each word, all runs of any of its spellings.
fn question(words: &[Vec<String>]) -> String {
    let spelling = |word: &String| format!("({})", runs_of(word).join(" AND "));
    let word = |spellings: &Vec<String>| {
        let any: Vec<_> = spellings.iter().map(spelling).collect();
        format!("({})", any.join(" OR "))
    };
    words.iter().map(word).collect::<Vec<_>>().join(" AND ")
}

/// Runs as long as the index has them that together cover the word.
fn runs_of(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let longest = if letters.iter().all(char::is_ascii_digit) {
        DIGITS
    } else {
        LETTERS
    };
    let Some(last) = letters.len().checked_sub(longest) else {
        return vec![token(&letters)];
    };
    let starts = (0..last).step_by(longest).take(MOST_RUNS).chain([last]);
    starts.map(|at| token(&letters[at..at + longest])).collect()
}

/// Every run of every word, once.
fn all_runs(search_key: &str) -> String {
    let mut runs = BTreeSet::new();
    for word in search_key.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        for length in 1..=LETTERS {
            runs.extend(letters.windows(length).map(token));
        }
        let digits = letters
            .windows(DIGITS)
            .filter(|run| run.iter().all(char::is_ascii_digit));
        runs.extend(digits.map(token));
    }
    runs.into_iter().collect::<Vec<_>>().join(" ")
}

/// A run as one token of digits and small letters, whatever its characters are: nothing in it is an operator of the index's
/// query language either.
fn token(run: &[char]) -> String {
    let codes: Vec<_> = run
        .iter()
        .map(|letter| format!("{:x}", u32::from(*letter)))
        .collect();
    codes.join("x")
}

#[cfg(test)]
mod tests {
    use super::{all_runs, runs_of, search_words};

    #[test]
    fn the_runs_of_a_word_cover_it_and_are_in_the_index() {
        let index = all_runs("dang ng-(x 0901234567 ab12345");
        let known: Vec<_> = index.split(' ').collect();
        for word in [
            "d",
            "da",
            "dan",
            "dang",
            "ng-(x",
            "-",
            "0",
            "09",
            "090",
            "0901",
            "09012",
            "0901234567",
            "b1",
            "12345",
            "ab12345",
        ] {
            for run in runs_of(word) {
                assert!(known.contains(&run.as_str()), "{word}: {run}");
            }
        }
        assert_eq!(runs_of("dang"), ["64x61x6e", "61x6ex67"]);
        assert_eq!(runs_of("0901234567").len(), 3);
        assert_eq!(runs_of(&"x".repeat(4_000)).len(), 9);
    }

    #[test]
    fn a_text_is_words_and_a_number_is_one() {
        assert_eq!(search_words(" Nở  AN "), [["no"], ["an"]]);
        assert_eq!(search_words("090 123-45"), [["09012345"]]);
        assert_eq!(search_words("+84 90 12"), [["849012", "09012"].map(String::from)]);
        assert_eq!(
            search_words("84901234567"),
            [["84901234567", "0901234567"].map(String::from)]
        );
        assert_eq!(search_words("8490"), [["8490"]]);
        assert_eq!(search_words("an +84-90")[1], ["8490", "090"]);
        assert!(search_words(" \u{301} ").is_empty());
    }
}
