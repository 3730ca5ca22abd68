//! The one command whose body is raw: a pasted photo. An array of numbers would cost four times its size.

use seekwell_core::{
    error::{Code, Failure},
    workstation::StagedPhoto,
};
use tauri::{
    State,
    ipc::{InvokeBody, Request},
};

use crate::desk::Desk;

#[tauri::command]
pub(crate) async fn stage_bytes(request: Request<'_>, desk: State<'_, Desk>) -> Result<StagedPhoto, Failure> {
    let (workstation, caller) = desk.signed_in()?;
    let InvokeBody::Raw(original) = request.body() else {
        return Err(Failure {
            code: Code::FileUnreadable,
            message: "the body is not raw bytes".into(),
            subject: None,
        });
    };
    let name = request
        .headers()
        .get("x-file-name")
        .and_then(|name| name.to_str().ok())
        .unwrap_or_default();
    Ok(workstation
        .stage(&caller, percent_decoded(name), original.clone())
        .await?)
}

/// Undoes JavaScript's `encodeURIComponent`; what is no UTF-8 becomes a replacement mark.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn file_names_come_back_as_they_were() {
        assert_eq!(percent_decoded("%E1%BA%A3nh%201.jpg"), "ảnh 1.jpg");
        assert_eq!(percent_decoded("100%.jpg"), "100%.jpg");
        assert_eq!(percent_decoded("%"), "%");
    }
}
