//! What kind of photograph it is.

use serde::{Deserialize, Serialize};

/// How the photo was taken; the model was trained on clinical smartphone photographs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "lowercase")]
pub enum PhotoKind {
    /// With a camera or phone, at arm's length.
    Clinical,
    /// Through a dermatoscope.
    Dermoscopic,
}
super::words!(PhotoKind { Clinical => "clinical", Dermoscopic => "dermoscopic" });

/// How the dermatoscope looked at the skin, where somebody said: structures look different with and without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(default)]
pub struct Dermoscopy {
    /// Through crossed polarisers.
    pub polarised: Option<bool>,
    /// With the glass, or a fluid, on the skin.
    pub contact: Option<bool>,
}
