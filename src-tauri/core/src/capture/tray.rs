//! The tray: photos that were read and prepared and are not kept yet. They are in memory only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::CaptureError;
use crate::{
    clinical::{Measured, PhotoId, Quality},
    clock::{Clock, rfc3339},
    imaging::{Prepared, TakenAt, worker::Workers},
    vault::Parts,
};

/// How much may wait at once: two hundred large phone photos.
const LIMIT: u64 = 1 << 30;

/// A staged photo as the window shows it. Its id becomes the photo's id.
#[derive(Debug, Clone, PartialEq, Serialize, specta::Type)]
pub struct Staged {
    /// What to keep, preview or discard it by.
    pub id: PhotoId,
    /// The original's, upright, in pixels.
    pub width: u32,
    /// The original's, upright, in pixels.
    pub height: u32,
    /// The original's length.
    pub bytes: u32,
    /// When the camera says it was taken, RFC 3339.
    pub taken_at: Option<String>,
    /// Whether it is good enough to look at.
    pub quality: Quality,
    /// The lesion that was found in it, if one was.
    pub measured: Option<Measured>,
}

/// Photos that wait to be kept.
#[derive(Default)]
pub struct Tray {
    on_it: Mutex<OnIt>,
}

#[derive(Default)]
struct OnIt {
    photos: HashMap<PhotoId, Arc<OnTray>>,
    /// How often it was cleared: what was begun before is nobody's.
    cleared: u64,
}

/// One of them.
pub(super) struct OnTray {
    pub(super) id: PhotoId,
    pub(super) original: Vec<u8>,
    pub(super) sha256: [u8; 32],
    pub(super) prepared: Prepared,
    pub(super) taken_at: Option<String>,
    /// Held while it is being kept, so that a second click waits for the first. Holds the wrapped key of the sealed file
    /// where a commit failed.
    pub(super) keeping: tokio::sync::Mutex<Option<Vec<u8>>>,
}

impl OnTray {
    /// What is sealed of it.
    pub(super) fn parts(&self) -> Parts<'_> {
        Parts {
            original: &self.original,
            derivative: &self.prepared.derivative,
            thumbnail: &self.prepared.thumbnail,
        }
    }
}

impl Tray {
    /// Prepares the original in a worker process and puts it on the tray. Gives what the window shows, and the
    /// original's SHA-256.
    ///
    /// # Errors
    /// [`CaptureError::Refused`] with the reason, [`CaptureError::TrayFull`]; [`CaptureError::NotOnTray`] where the tray was cleared
    /// meanwhile.
    pub async fn stage(
        &self,
        workers: &Workers,
        clock: &Clock,
        original: Vec<u8>,
    ) -> Result<(Staged, [u8; 32]), CaptureError> {
        // Before the work, and again after it, when others may have come.
        let cleared = {
            let on_it = self.lock();
            has_room(&on_it.photos, original.len())?;
            on_it.cleared
        };
        let prepared = workers.prepare(&original).await?;
        // Up to 448 MB: not on a thread that others wait for.
        let (original, sha256) = tokio::task::spawn_blocking(move || {
            let sha256: [u8; 32] = Sha256::digest(&original).into();
            (original, sha256)
        })
        .await
        .map_err(|_| CaptureError::Interrupted)?;
        let staged = Staged {
            id: PhotoId(clock.new_id()),
            width: prepared.facts.width,
            height: prepared.facts.height,
            bytes: u32::try_from(original.len()).unwrap_or(u32::MAX),
            taken_at: prepared
                .facts
                .taken_at
                .as_ref()
                .and_then(|taken| instant(taken, clock)),
            quality: prepared.quality.clone(),
            measured: prepared.measured.clone(),
        };
        let photo = OnTray {
            id: staged.id,
            original,
            sha256,
            prepared,
            taken_at: staged.taken_at.clone(),
            keeping: tokio::sync::Mutex::default(),
        };
        let mut on_it = self.lock();
        if on_it.cleared != cleared {
            return Err(CaptureError::NotOnTray);
        }
        has_room(&on_it.photos, photo.original.len())?;
        on_it.photos.insert(staged.id, Arc::new(photo));
        drop(on_it);
        Ok((staged, sha256))
    }

    /// Takes it off the tray. One that is not there is fine.
    pub fn discard(&self, id: PhotoId) {
        self.lock().photos.remove(&id);
    }

    /// Takes everything off, as when somebody signs out; what is being prepared does not come on it any more.
    pub fn clear(&self) {
        let mut on_it = self.lock();
        on_it.photos.clear();
        on_it.cleared += 1;
    }

    /// The image that would be kept, as JPEG: the thumbnail or the derivative.
    ///
    /// # Errors
    /// [`CaptureError::NotOnTray`].
    pub fn preview(&self, id: PhotoId, thumbnail: bool) -> Result<Vec<u8>, CaptureError> {
        let photo = self.get(id).ok_or(CaptureError::NotOnTray)?;
        Ok(if thumbnail {
            photo.prepared.thumbnail.clone()
        } else {
            photo.prepared.derivative.clone()
        })
    }

    pub(super) fn get(&self, id: PhotoId) -> Option<Arc<OnTray>> {
        self.lock().photos.get(&id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, OnIt> {
        self.on_it.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether that many bytes more may wait.
fn has_room(photos: &HashMap<PhotoId, Arc<OnTray>>, bytes: usize) -> Result<(), CaptureError> {
    let waiting: u64 = photos.values().map(|photo| photo.original.len() as u64).sum();
    if waiting + bytes as u64 > LIMIT {
        return Err(CaptureError::TrayFull {
            megabytes: LIMIT >> 20,
        });
    }
    Ok(())
}

/// What the camera's clock said as an instant: by its own offset, or by this machine's time zone. A clock that was never
/// set (before 1990) or runs ahead by more than a day is not believed.
fn instant(taken: &TakenAt, clock: &Clock) -> Option<String> {
    let instant = match taken.instant() {
        Some(instant) => instant,
        None => taken
            .local
            .to_zoned(jiff::tz::TimeZone::system())
            .ok()?
            .timestamp(),
    };
    let tomorrow = clock.now().as_second() + 86_400;
    (631_152_000..tomorrow)
        .contains(&instant.as_second())
        .then(|| rfc3339(instant))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use seekwell_testkit::process::picture;

    use super::{CaptureError, LIMIT, OnTray, PhotoId, has_room};
    use crate::imaging;

    #[test]
    fn what_waits_counts_to_the_last_byte() {
        let id = PhotoId(uuid::Uuid::nil());
        let waiting = OnTray {
            id,
            // Never touched, so that it takes no memory.
            original: vec![0; usize::try_from(LIMIT).unwrap() - 100],
            sha256: [0; 32],
            prepared: imaging::prepare(&picture(1)).unwrap(),
            taken_at: None,
            keeping: tokio::sync::Mutex::default(),
        };
        let photos = HashMap::from([(id, Arc::new(waiting))]);
        assert!(has_room(&photos, 100).is_ok());
        assert!(matches!(
            has_room(&photos, 101),
            Err(CaptureError::TrayFull { megabytes: 1024 })
        ));
    }
}
