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
