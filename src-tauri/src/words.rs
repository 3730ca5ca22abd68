//! The few sentences that are said outside the window: in the tray, in a notification, before quitting. They name no patient.

use tauri::AppHandle;

use crate::preferences::{self, Language};

/// What still waits for the centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) records: u32,
    pub(crate) images: u32,
}

/// The language that somebody chose for the window.
pub(crate) async fn chosen(app: &AppHandle) -> Option<Language> {
    preferences::read(app).await.ok()?.language()
}

/// The same; Vietnamese where nobody chose.
pub(crate) async fn language(app: &AppHandle) -> Language {
    chosen(app).await.unwrap_or(Language::Vi)
}

/// Said when an urgent case has come in and nobody looks at the window; in both languages where nobody has chosen one.
pub(crate) const fn urgent(language: Option<Language>) -> &'static str {
    match language {
        Some(Language::Vi) => "Có ca khẩn cấp mới. Hãy mở SeekWell.",
        Some(Language::En) => "An urgent case has come in. Open SeekWell.",
        None => "Có ca khẩn cấp mới. Hãy mở SeekWell. · An urgent case has come in. Open SeekWell.",
    }
}

/// What waits, in one line.
pub(crate) fn waiting(language: Language, left: Left) -> String {
    let Left { records, images } = left;
    match language {
        Language::Vi => format!("Còn {records} hồ sơ và {images} ảnh chưa gửi"),
        Language::En => format!(
            "{} and {} still to send",
            counted(records, "record"),
            counted(images, "image")
        ),
    }
}

pub(crate) const fn open(language: Language) -> &'static str {
    match language {
        Language::Vi => "Mở SeekWell",
        Language::En => "Open SeekWell",
    }
}

pub(crate) const fn quit(language: Language) -> &'static str {
    match language {
        Language::Vi => "Thoát",
        Language::En => "Quit",
    }
}

pub(crate) const fn go_on(language: Language) -> &'static str {
    match language {
        Language::Vi => "Gửi tiếp",
        Language::En => "Go on sending",
    }
}

/// Said when the window was closed.
pub(crate) fn goes_on(language: Language, left: Left) -> String {
    let waiting = waiting(language, left);
    match language {
        Language::Vi => format!("{waiting}. SeekWell gửi tiếp ở chế độ nền và tự thoát khi gửi xong."),
        Language::En => {
            format!("{waiting}. SeekWell goes on in the background and ends by itself when all is sent.")
        }
    }
}

/// Asked before quitting.
pub(crate) fn really_quit(language: Language, left: Left) -> String {
    let waiting = waiting(language, left);
    match language {
        Language::Vi => format!(
            "{waiting}. Dữ liệu vẫn được giữ an toàn trên máy này và sẽ được gửi khi mở lại SeekWell."
        ),
        Language::En => format!(
            "{waiting}. Everything stays safe on this machine and is sent when SeekWell is opened again."
        ),
    }
}

fn counted(number: u32, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_counted_in_both_languages() {
        let left = Left {
            records: 1,
            images: 3,
        };
        assert_eq!(waiting(Language::En, left), "1 record and 3 images still to send");
        assert_eq!(waiting(Language::Vi, left), "Còn 1 hồ sơ và 3 ảnh chưa gửi");
        for language in [Language::Vi, Language::En] {
            assert!(goes_on(language, left).starts_with(&waiting(language, left)));
            assert!(really_quit(language, left).starts_with(&waiting(language, left)));
        }
    }

    #[test]
    fn an_urgent_case_is_told_in_the_chosen_language_and_names_nobody() {
        assert!(urgent(Some(Language::Vi)).contains("khẩn cấp"));
        assert_eq!(
            urgent(Some(Language::En)),
            "An urgent case has come in. Open SeekWell."
        );
        let both = urgent(None);
        assert!(both.contains(urgent(Some(Language::Vi))) && both.contains(urgent(Some(Language::En))));
    }
}
