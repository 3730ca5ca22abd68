//! `photo://localhost/<id>/<rendition>`: the only way for a photo into an `<img>`. Decrypted bytes go from memory to the
//! window and are stored by nobody.

use seekwell_core::{
    clinical::PhotoId,
    error::{Code, Error, Failure},
    workstation::Rendition,
};
use tauri::{
    Manager, Runtime, UriSchemeContext, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
};

use crate::desk::Desk;

/// Answers one request of the window.
pub(crate) fn answer<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let answer = match wanted(request.uri().path()) {
            Some(wanted) => image(&app.state::<Desk>(), wanted).await,
            None => Err(StatusCode::BAD_REQUEST),
        };
        responder.respond(response(answer));
    });
}

#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    id: PhotoId,
    staged: bool,
    rendition: Rendition,
}

/// `/<id>/thumbnail|derivative|full`, or `/staged/<id>/thumbnail|derivative`.
fn wanted(path: &str) -> Option<Wanted> {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (staged, id, rendition) = match parts[..] {
        ["staged", id, rendition] => (true, id, rendition),
        [id, rendition] => (false, id, rendition),
        _ => return None,
    };
    let rendition = match rendition {
        "thumbnail" => Rendition::Thumbnail,
        "derivative" => Rendition::Derivative,
        "full" if !staged => Rendition::Full,
        _ => return None,
    };
    Some(Wanted {
        id: id.parse().ok()?,
        staged,
        rendition,
    })
}

async fn image(desk: &Desk, wanted: Wanted) -> Result<Vec<u8>, StatusCode> {
    let (workstation, caller) = desk.signed_in().map_err(status)?;
    if wanted.staged {
        return workstation
            .staged_image(&caller, wanted.id, wanted.rendition)
            .map_err(status);
    }
    workstation
        .image(&caller, wanted.id, wanted.rendition)
        .await
        .map_err(status)
}

fn status(error: Error) -> StatusCode {
    match Failure::from(&error).code {
        Code::NotFound | Code::StagedGone => StatusCode::NOT_FOUND,
        Code::NotSignedIn => StatusCode::FORBIDDEN,
        _ => {
            tracing::warn!(%error, "an image can't be shown");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn response(answer: Result<Vec<u8>, StatusCode>) -> Response<Vec<u8>> {
    let (status, body) = match answer {
        Ok(image) => (StatusCode::OK, image),
        Err(status) => (status, Vec::new()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_images_are_answered() {
        let id = "0193a5a0-0000-7000-8000-000000000001";
        let photo = |staged, rendition| {
            Some(Wanted {
                id: id.parse().unwrap(),
                staged,
                rendition,
            })
        };
        assert_eq!(wanted(&format!("/{id}/full")), photo(false, Rendition::Full));
        assert_eq!(
            wanted(&format!("/staged/{id}/thumbnail")),
            photo(true, Rendition::Thumbnail)
        );
        for bad in [
            "/",
            "/x/full",
            &format!("/{id}/original"),
            &format!("/staged/{id}/full"),
            &format!("/{id}/full/x"),
        ] {
            assert_eq!(wanted(bad), None, "{bad}");
        }
    }
}
