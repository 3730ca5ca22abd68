//! How names, phones and ids are folded, so that `nguyen dang` finds `Nguyễn Đăng` and `090 123` finds `090-123`.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Unicode NFD, marks dropped, `đ` as `d`, lower case, runs of white space and control characters as one space.
pub(super) fn fold(text: &str) -> String {
    let bare: String = text
        .nfd()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(char::to_lowercase)
        .map(|character| if character == 'đ' { 'd' } else { character })
        .collect();
    bare.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Letters and digits only, folded: what is compared of a phone number or a national id. `None` where nothing is left.
pub(super) fn fold_number(text: &str) -> Option<String> {
    let key: String = fold(text)
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    (!key.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::{fold, fold_number};

    #[test]
    fn accents_and_letter_case_do_not_matter() {
        assert_eq!(fold("  NGUYỄN   Đăng\u{301} "), "nguyen dang");
        // The same name as one code point per letter and as letter plus marks.
        assert_eq!(fold("Hòa"), fold("Ho\u{300}a"));
        assert_eq!(fold_number("+84 (090) 123-45").as_deref(), Some("8409012345"));
        assert_eq!(fold_number(" - "), None);
    }
}
