//! Outlines and numbers of lesions, found or drawn by hand.

use super::{ChangedKind, Error, Rendition, Workstation};
use crate::{
    accounts::Caller,
    capture::CaptureError,
    clinical::{Measured, Outline, PhotoId, PhotoMeasured, Scale},
    imaging::MEASUREMENT,
    store::{Judged, StoreError},
};

/// Corners of a polygon as they come: each a share of the picture's width and of its height, from the upper left.
pub type Corners = Vec<[f32; 2]>;

impl Workstation {
    /// Measures the lesion in a photo inside of these corners, or of what is found if there are none. `None` if nothing is
    /// found. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Outline`], [`Error::Scale`]; as [`Workstation::image`].
    pub async fn measure_photo(
        &self,
        _caller: &Caller,
        photo: PhotoId,
        corners: Option<Corners>,
        millimetres_per_pixel: Option<f64>,
    ) -> Result<Option<Measured>, Error> {
        let outline = corners.map(Outline::new).transpose()?;
        let scale = millimetres_per_pixel.map(Scale::new).transpose()?;
        self.measured(photo, outline, scale).await
    }

    /// Keeps what the caller drew over a photo, with its numbers, in the place of what was drawn before.
    ///
    /// # Errors
    /// [`crate::accounts::AccountsError::NotAllowed`] for a patient; as [`Workstation::measure_photo`].
    pub async fn save_outline(
        &self,
        caller: &Caller,
        photo: PhotoId,
        corners: Corners,
        millimetres_per_pixel: Option<f64>,
    ) -> Result<PhotoMeasured, Error> {
        caller.must_be_staff()?;
        let outline = Outline::new(corners)?;
        let scale = millimetres_per_pixel.map(Scale::new).transpose()?;
        let drawn = Judged {
            version: MEASUREMENT,
            said: self
                .measured(photo, Some(outline), scale)
                .await?
                .ok_or(Error::Interrupted)?,
        };
        let patient = self.store().stored_photo(photo).await?.patient;
        let mut write = self.store().write().await?;
        write.draw_outline(photo, &drawn, scale, caller.id()).await?;
        write.commit().await?;
        self.tell(&[ChangedKind::Photos], Some(patient));
        let measured = self.store().measured(photo).await?;
        Ok(measured.ok_or(StoreError::NotFound { what: "outline" })?)
    }

    async fn measured(
        &self,
        photo: PhotoId,
        outline: Option<Outline>,
        scale: Option<Scale>,
    ) -> Result<Option<Measured>, Error> {
        let derivative = self.open_image(photo, Rendition::Derivative).await?;
        let measured = self.place.workers.measure(&derivative, outline, scale).await;
        Ok(measured.map_err(CaptureError::Refused)?)
    }
}
