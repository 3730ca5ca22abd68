//! Which of a model's outputs is which class, from the names that its `config.json` gives them.

use std::collections::BTreeMap;

use super::folder::ModelError;
use crate::clinical::LesionClass;

/// The model's outputs in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Labels {
    /// As the model spells them.
    pub(super) spelt: Vec<String>,
    classes: [LesionClass; 6],
}

impl Labels {
    /// From `id2label`, and `label2id` where the file has it too.
    pub(super) fn read(
        id2label: &BTreeMap<String, String>,
        label2id: Option<&BTreeMap<String, u32>>,
    ) -> Result<Self, ModelError> {
        if id2label.len() != LesionClass::ALL.len() {
            return Err(ModelError::LabelCount {
                found: id2label.len(),
            });
        }
        let mut spelt = Vec::new();
        let mut classes = [LesionClass::Ack; 6];
        for (output, place) in (0u32..).zip(&mut classes) {
            let label = id2label
                .get(&output.to_string())
                .ok_or(ModelError::LabelIdMissing { id: output })?;
            let class = class_of(label).ok_or_else(|| ModelError::LabelUnknown { label: shown(label) })?;
            if spelt
                .iter()
                .any(|earlier: &String| class_of(earlier) == Some(class))
            {
                return Err(ModelError::LabelTwice { class });
            }
            if label2id.is_some_and(|ids| ids.get(label) != Some(&output)) {
                return Err(ModelError::LabelsContradict { label: shown(label) });
            }
            *place = class;
            spelt.push(label.clone());
        }
        Ok(Self { spelt, classes })
    }

    /// From the model's order to that of [`LesionClass::ALL`].
    pub(super) fn in_class_order(&self, outputs: [f64; 6]) -> [f64; 6] {
        let mut ordered = [0.0; 6];
        for (class, output) in self.classes.into_iter().zip(outputs) {
            ordered[class as usize] = output;
        }
        ordered
    }
}

/// Codes and names in use: those of PAD-UFES-20, the two-letter codes of other collections where they mean the
/// same, and British and American spelling.
const NAMES: [(LesionClass, &[&str], &[&str]); 6] = [
    (
        LesionClass::Ack,
        &["ack", "ak", "akiec"],
        &["actinickeratosis", "actinickeratoses", "solarkeratosis"],
    ),
    (LesionClass::Bcc, &["bcc"], &["basalcellcarcinoma"]),
    (LesionClass::Mel, &["mel"], &["melanoma", "malignantmelanoma"]),
    (
        LesionClass::Nev,
        &["nev", "nv"],
        &[
            "nevus",
            "naevus",
            "nevi",
            "naevi",
            "nevusmole",
            "melanocyticnevus",
            "melanocyticnaevus",
            "melanocyticnevi",
        ],
    ),
    (LesionClass::Scc, &["scc"], &["squamouscellcarcinoma"]),
    (
        LesionClass::Sek,
        &["sek", "sk"],
        &[
            "seborrheickeratosis",
            "seborrhoeickeratosis",
            "seborrheickeratoses",
            "seborrhoeickeratoses",
        ],
    ),
];

/// The classes in their own order, as an analyser names them that has no labels of its own.
pub(super) fn of_classes() -> Vec<String> {
    LesionClass::ALL
        .iter()
        .map(|class| class.as_word().to_owned())
        .collect()
}

/// A code, a name, or both (`ACK`, `basal_cell carcinoma`, `Melanoma (MEL)`); `None` for anything else. A number
/// such as `LABEL_0` is deliberately no name: which class it means is anybody's guess.
pub(super) fn class_of(label: &str) -> Option<LesionClass> {
    let key: String = label
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    NAMES
        .iter()
        .find(|(_, codes, names)| {
            let both = |code: &str, name: &str| {
                key.strip_prefix(code) == Some(name) || key.strip_prefix(name) == Some(code)
            };
            codes.contains(&key.as_str())
                || names.contains(&key.as_str())
                || codes.iter().any(|code| names.iter().any(|name| both(code, name)))
        })
        .map(|(class, ..)| *class)
}

/// For an error's sentence: short, and no control characters.
fn shown(label: &str) -> String {
    label.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(labels: &[&str]) -> BTreeMap<String, String> {
        labels
            .iter()
            .enumerate()
            .map(|(id, label)| (id.to_string(), (*label).to_owned()))
            .collect()
    }

    #[test]
    fn every_spelling_in_use_is_understood() {
        for (class, spellings) in [
            (
                LesionClass::Ack,
                vec![
                    "ACK",
                    "ack",
                    "AK",
                    "Actinic Keratosis",
                    "actinic_keratosis",
                    "ACTINIC-KERATOSIS",
                    "ACK (Actinic keratoses)",
                ],
            ),
            (
                LesionClass::Bcc,
                vec![
                    "BCC",
                    " bcc ",
                    "Basal Cell Carcinoma",
                    "basal_cell_carcinoma",
                    "BasalCellCarcinoma",
                ],
            ),
            (
                LesionClass::Mel,
                vec!["MEL", "Melanoma", "melanoma", "Melanoma (MEL)", "MEL - Melanoma"],
            ),
            (
                LesionClass::Nev,
                vec![
                    "NEV",
                    "nv",
                    "Nevus",
                    "Naevus",
                    "melanocytic nevus",
                    "NEV: Nevus",
                    "NEV (Nevus/Mole)",
                ],
            ),
            (
                LesionClass::Scc,
                vec!["SCC", "Squamous Cell Carcinoma", "squamous cell_carcinoma"],
            ),
            (
                LesionClass::Sek,
                vec![
                    "SEK",
                    "sk",
                    "Seborrheic Keratosis",
                    "seborrhoeic keratosis",
                    "Seborrheic_keratosis",
                ],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(class_of(spelling), Some(class), "{spelling}");
            }
        }
        for stranger in [
            "LABEL_0",
            "0",
            "",
            "carcinoma",
            "keratosis",
            "benign keratosis-like lesions",
            "MEL NEV",
            "melanoma nevus",
            "df",
        ] {
            assert_eq!(class_of(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn outputs_land_at_their_class_in_any_order() {
        let labels = Labels::read(
            &ids(&["SEK", "melanoma", "Basal cell carcinoma", "SCC", "naevus", "ack"]),
            None,
        )
        .unwrap();
        assert_eq!(
            labels.in_class_order([6.0, 3.0, 2.0, 5.0, 4.0, 1.0]),
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        );
        assert_eq!(labels.spelt[1], "melanoma");
    }

    #[test]
    fn labels_that_are_not_the_six_are_refused_by_name() {
        let read = |labels: &[&str]| Labels::read(&ids(labels), None).unwrap_err();
        let six = ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"];
        assert!(matches!(read(&six[..5]), ModelError::LabelCount { found: 5 }));
        assert!(matches!(
            read(&["ACK", "BCC", "MEL", "NEV", "SCC", "SEK", "DF"]),
            ModelError::LabelCount { found: 7 }
        ));
        assert!(matches!(
            read(&["ACK", "BCC", "MEL", "NEV", "SCC", "LABEL_5"]),
            ModelError::LabelUnknown { label } if label == "LABEL_5"
        ));
        assert!(matches!(
            read(&["ACK", "BCC", "MEL", "NEV", "SCC", "Melanoma"]),
            ModelError::LabelTwice {
                class: LesionClass::Mel
            }
        ));
        let mut from_one = ids(&six);
        let first = from_one.remove("0").unwrap();
        from_one.insert("6".to_owned(), first);
        assert!(matches!(
            Labels::read(&from_one, None),
            Err(ModelError::LabelIdMissing { id: 0 })
        ));
    }

    #[test]
    fn two_tables_that_contradict_each_other_are_refused() {
        let six = ["ACK", "BCC", "MEL", "NEV", "SCC", "SEK"];
        let mut back: BTreeMap<String, u32> =
            (0..).zip(six).map(|(id, label)| (label.to_owned(), id)).collect();
        assert!(Labels::read(&ids(&six), Some(&back)).is_ok());
        back.insert("MEL".to_owned(), 3);
        back.insert("NEV".to_owned(), 2);
        assert!(matches!(
            Labels::read(&ids(&six), Some(&back)),
            Err(ModelError::LabelsContradict { label }) if label == "MEL"
        ));
    }
}
