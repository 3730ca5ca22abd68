//! How names, phones and ids are folded, so that `nguyen dang` finds `Nguyễn Đăng` and `090 123` finds `+84 90-123`.

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

/// Letters and digits only, folded: what is compared of a national id. `None` where nothing is left.
pub(super) fn fold_number(text: &str) -> Option<String> {
    let key: String = fold(text)
        .chars()
        .filter(|character| character.is_alphanumeric())
        .collect();
    (!key.is_empty()).then_some(key)
}

/// As [`fold_number`], with Vietnam's country code as the 0 that stands for it at home: what is compared of a phone.
pub(super) fn fold_phone(text: &str) -> Option<String> {
    let key = fold_number(text)?;
    Some(without_country(&key, false).unwrap_or(key))
}

/// Folded digits that begin with Vietnam's country code, with a 0 in its place: `84901234567` and `840901234567` as
/// `0901234567`. Where it is `surely` one, as after a plus sign, the number need not be complete.
pub(super) fn without_country(digits: &str, surely: bool) -> Option<String> {
    let rest = digits.strip_prefix("84")?;
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    // Landlines begin with a 2 and are one digit longer than mobiles.
    let complete = rest.len() == 9 || rest.len() == 10 && rest.starts_with('2');
    let fits = complete || surely && (1..9).contains(&rest.len());
    (fits && rest.bytes().all(|digit| digit.is_ascii_digit())).then(|| format!("0{rest}"))
}

#[cfg(test)]
mod tests {
    use super::{fold, fold_number, fold_phone, without_country};

    #[test]
    fn accents_and_letter_case_do_not_matter() {
        assert_eq!(fold("  NGUYỄN   Đăng\u{301} "), "nguyen dang");
        // The same name as one code point per letter and as letter plus marks.
        assert_eq!(fold("Hòa"), fold("Ho\u{300}a"));
        assert_eq!(fold_number("+84 (090) 123-45").as_deref(), Some("8409012345"));
        assert_eq!(fold_number(" - "), None);
    }

    #[test]
    fn a_phone_is_the_same_with_and_without_the_country_code() {
        for same in [
            "090 123 4567",
            "+84 90 123 45 67",
            "84901234567",
            "+84 (0) 90.123.4567",
        ] {
            assert_eq!(fold_phone(same).as_deref(), Some("0901234567"), "{same}");
        }
        for same in [
            "024 3825 1234",
            "+84 24 3825 1234",
            "842438251234",
            "+84 (0)24.3825.1234",
        ] {
            assert_eq!(fold_phone(same).as_deref(), Some("02438251234"), "{same}");
        }
        // Too short or too long for one of Vietnam's, or no number at all: as it is.
        for (other, key) in [
            ("8490123", "8490123"),
            ("+84 901 234 56789", "8490123456789"),
            ("84abcdefghi", "84abcdefghi"),
        ] {
            assert_eq!(fold_phone(other).as_deref(), Some(key));
        }
        assert_eq!(fold_phone(" - "), None);
        assert_eq!(without_country("8490", true).as_deref(), Some("090"));
        assert_eq!(without_country("84", true), None);
    }
}
