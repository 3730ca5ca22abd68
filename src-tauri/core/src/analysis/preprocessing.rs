//! From pixels to the numbers that a model expects, as its `preprocessor_config.json` says.

use serde::Deserialize;

use super::folder::{ModelError, PREPROCESSOR};
use crate::imaging::Resample;

/// What happens to a photo before the model sees it. The default is that of ViT: 224 × 224, bilinear,
/// `(x / 255 − 0.5) / 0.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preprocessing {
    /// Pixels, 32 to 1024.
    pub width: u32,
    /// Pixels, 32 to 1024.
    pub height: u32,
    /// How it is resized.
    pub resample: Resample,
    /// Multiplies a pixel's 0 to 255.
    scale: f64,
    /// Taken off afterwards, for red, green and blue.
    mean: [f64; 3],
    /// What the rest is divided by.
    std: [f64; 3],
}

impl Default for Preprocessing {
    fn default() -> Self {
        Self {
            width: 224,
            height: 224,
            resample: Resample::Bilinear,
            scale: 1.0 / 255.0,
            mean: [0.5; 3],
            std: [0.5; 3],
        }
    }
}

impl Preprocessing {
    /// Width × height × 3: the bytes of a photo, and the numbers of its tensor.
    pub const fn samples(&self) -> usize {
        self.width as usize * self.height as usize * 3
    }

    /// The tensor of an image of that size, channel by channel (CHW), from pixels row by row (HWC); `None` where
    /// the number of bytes is not [`Self::samples`].
    pub fn tensor(&self, rgb: &[u8]) -> Option<Vec<f32>> {
        if rgb.len() != self.samples() {
            return None;
        }
        let mut tensor = Vec::with_capacity(rgb.len());
        for channel in 0..3 {
            let value = self.values_of(channel);
            tensor.extend(
                rgb.chunks_exact(3)
                    .map(|pixel| value[usize::from(pixel[channel])]),
            );
        }
        Some(tensor)
    }

    /// What each of a channel's 256 possible bytes becomes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the tensor is float32; rounding to it is the point"
    )]
    fn values_of(&self, channel: usize) -> [f32; 256] {
        let mut values = [0.0; 256];
        for (byte, value) in (0u8..=255).zip(&mut values) {
            *value = ((f64::from(byte) * self.scale - self.mean[channel]) / self.std[channel]) as f32;
        }
        values
    }

    /// From the text of a `preprocessor_config.json`. What would need other steps than resize, rescale and
    /// normalise is refused, because a model that gets other numbers than it was trained on answers nonsense.
    pub(super) fn read(json: &[u8]) -> Result<Self, ModelError> {
        let said: Said = serde_json::from_slice(json).map_err(|source| ModelError::Json {
            file: PREPROCESSOR,
            source,
        })?;
        let default = Self::default();
        if said.do_resize == Some(false) {
            return refused("it does not resize");
        }
        if said.do_center_crop == Some(true) {
            return refused("it crops after resizing");
        }
        let (width, height) = match said.size {
            None => (default.width, default.height),
            Some(Size::Square(side)) => (side, side),
            Some(Size::Sides { width, height }) => (width, height),
        };
        if ![width, height].iter().all(|side| (32..=1024).contains(side)) {
            return refused("its size is not 32 to 1024 pixels");
        }
        let scale = match said.do_rescale {
            Some(false) => 1.0,
            _ => said.rescale_factor.unwrap_or(default.scale),
        };
        let (mean, std) = match said.do_normalize {
            Some(false) => ([0.0; 3], [1.0; 3]),
            _ => (
                said.image_mean.unwrap_or(default.mean),
                said.image_std.unwrap_or(default.std),
            ),
        };
        let usable =
            scale.is_normal() && mean.iter().all(|m| m.is_finite()) && std.iter().all(|s| s.is_normal());
        if !usable {
            return refused("its scale, mean or deviation is zero or no number");
        }
        let resample = said.resample.map_or(Ok(default.resample), resample)?;
        Ok(Self {
            width,
            height,
            resample,
            scale,
            mean,
            std,
        })
    }
}

/// The keys that matter here; others (the processor's class, the channel order of its input) do not change the
/// numbers.
#[derive(Deserialize)]
struct Said {
    do_resize: Option<bool>,
    size: Option<Size>,
    resample: Option<u32>,
    do_center_crop: Option<bool>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f64>,
    do_normalize: Option<bool>,
    image_mean: Option<[f64; 3]>,
    image_std: Option<[f64; 3]>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Size {
    Square(u32),
    Sides { height: u32, width: u32 },
}

/// Pillow's numbers.
fn resample(number: u32) -> Result<Resample, ModelError> {
    Ok(match number {
        0 => Resample::Nearest,
        1 => Resample::Lanczos,
        2 => Resample::Bilinear,
        3 => Resample::Bicubic,
        _ => return refused("its resample is not nearest, bilinear, bicubic or Lanczos"),
    })
}

const fn refused<T>(reason: &'static str) -> Result<T, ModelError> {
    Err(ModelError::Preprocessor { reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Preprocessing, ModelError> {
        Preprocessing::read(json.as_bytes())
    }

    #[test]
    fn nothing_said_is_vit() {
        assert_eq!(read("{}").unwrap(), Preprocessing::default());
        let vit = r#"{"do_normalize":true,"do_rescale":true,"do_resize":true,"image_mean":[0.5,0.5,0.5],
            "image_processor_type":"ViTImageProcessor","image_std":[0.5,0.5,0.5],"resample":2,
            "rescale_factor":0.00392156862745098,"size":{"height":224,"width":224}}"#;
        assert_eq!(read(vit).unwrap(), Preprocessing::default());
    }

    #[test]
    fn every_key_counts() {
        let said = read(
            r#"{"size":{"height":48,"width":64},"resample":3,"rescale_factor":0.5,
                "image_mean":[1,2,3],"image_std":[2,4,8]}"#,
        )
        .unwrap();
        assert_eq!(
            (said.width, said.height, said.resample),
            (64, 48, Resample::Bicubic)
        );
        let mut rgb = vec![0; said.samples()];
        rgb[..6].copy_from_slice(&[10, 20, 30, 40, 50, 60]);
        let tensor = said.tensor(&rgb).unwrap();
        let plane = 64 * 48;
        assert_eq!(tensor[..2], [2.0, 9.5], "red: (10/2 - 1)/2 and (40/2 - 1)/2");
        assert_eq!(tensor[plane..plane + 2], [2.0, 5.75]);
        assert_eq!(tensor[2 * plane..2 * plane + 2], [1.5, 3.375]);
        assert_eq!(tensor.len(), rgb.len());
        let bare = read(r#"{"size":32,"do_rescale":false,"do_normalize":false}"#).unwrap();
        assert_eq!(bare.tensor(&[200; 32 * 32 * 3]).unwrap()[0], 200.0);
    }

    #[test]
    fn the_default_maps_black_to_minus_one_and_white_to_one() {
        let vit = Preprocessing::default();
        assert_eq!(vit.tensor(&vec![0; vit.samples()]).unwrap()[0], -1.0);
        assert_eq!(vit.tensor(&vec![255; vit.samples()]).unwrap()[0], 1.0);
        assert_eq!(vit.tensor(&[0; 3]), None);
    }

    #[test]
    fn what_would_need_other_steps_is_refused() {
        for bad in [
            r#"{"do_resize":false}"#,
            r#"{"do_center_crop":true,"crop_size":224}"#,
            r#"{"size":{"shortest_edge":224}}"#,
            r#"{"size":8}"#,
            r#"{"size":100000}"#,
            r#"{"size":-1}"#,
            r#"{"resample":9}"#,
            r#"{"resample":"bilinear"}"#,
            r#"{"image_std":[0,1,1]}"#,
            r#"{"image_std":[1,1]}"#,
            r#"{"image_mean":[1e999,1,1]}"#,
            r#"{"rescale_factor":0}"#,
            r"[]",
            r"{",
            "",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
