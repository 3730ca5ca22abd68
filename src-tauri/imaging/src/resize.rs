//! Sizes and resampling, both as Pillow has them.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::Resample;
use super::decode::Decoded;
use super::raster::{Ink, Raster};
use super::refusal::Refusal;

/// The size that fits `width`×`height` into a square of `side` pixels without enlarging. The side that
/// is not `side` is rounded to whichever neighbour keeps the aspect better, as `Image.thumbnail` does.
pub(super) fn fit(width: u32, height: u32, side: u32) -> (u32, u32) {
    if width <= side && height <= side {
        return (width, height);
    }
    let (w, h, full) = (f64::from(width), f64::from(height), f64::from(side));
    let aspect = w / h;
    if aspect <= 1.0 {
        (nearer(full * aspect, |n| (aspect - n / full).abs()), side)
    } else {
        (
            side,
            nearer(full / aspect, |n| {
                if n == 0.0 { 0.0 } else { (aspect - full / n).abs() }
            }),
        )
    }
}

/// Brings a decoded picture to `size` with Lanczos; one that has that size already passes untouched.
pub(super) fn shrink(decoded: Decoded, size: (u32, u32)) -> Result<Raster, Refusal> {
    let whole = decoded.extent == (f64::from(decoded.raster.width), f64::from(decoded.raster.height));
    if whole && (decoded.raster.width, decoded.raster.height) == size {
        return Ok(decoded.raster);
    }
    resample(
        &decoded.raster,
        decoded.extent,
        size,
        ResizeAlg::Convolution(FilterType::Lanczos3),
    )
}

/// A smaller copy of `raster` with Lanczos.
pub(super) fn shrunk(raster: &Raster, size: (u32, u32)) -> Result<Raster, Refusal> {
    let extent = (f64::from(raster.width), f64::from(raster.height));
    resample(raster, extent, size, ResizeAlg::Convolution(FilterType::Lanczos3))
}

/// `raster` at exactly `size`, smaller or larger.
pub(super) fn exactly(raster: Raster, size: (u32, u32), how: Resample) -> Result<Raster, Refusal> {
    if (raster.width, raster.height) == size {
        return Ok(raster);
    }
    let algorithm = match how {
        Resample::Nearest => return nearest(&raster, size),
        Resample::Bilinear => ResizeAlg::Convolution(FilterType::Bilinear),
        Resample::Bicubic => ResizeAlg::Convolution(FilterType::CatmullRom),
        Resample::Lanczos => ResizeAlg::Convolution(FilterType::Lanczos3),
    };
    let extent = (f64::from(raster.width), f64::from(raster.height));
    resample(&raster, extent, size, algorithm)
}

fn resample(
    raster: &Raster,
    extent: (f64, f64),
    size: (u32, u32),
    algorithm: ResizeAlg,
) -> Result<Raster, Refusal> {
    let pixel = match raster.ink {
        Ink::Grey => PixelType::U8,
        Ink::Rgb => PixelType::U8x3,
        Ink::Cmyk => PixelType::U8x4,
    };
    let source =
        ImageRef::new(raster.width, raster.height, &raster.samples, pixel).map_err(Refusal::failed)?;
    let mut target = Image::new(size.0, size.1, pixel);
    // The fourth sample is ink, not transparency.
    let options = ResizeOptions::new()
        .resize_alg(algorithm)
        .use_alpha(false)
        .crop(0.0, 0.0, extent.0, extent.1);
    Resizer::new()
        .resize(&source, &mut target, Some(&options))
        .map_err(Refusal::failed)?;
    Ok(Raster {
        samples: target.into_vec(),
        width: size.0,
        height: size.1,
        ink: raster.ink,
    })
}

/// The pixel in the middle of each target pixel's area. Where that falls between two pixels the sums'
/// rounding decides, so the places are added up one after the other, as Pillow does.
fn nearest(raster: &Raster, size: (u32, u32)) -> Result<Raster, Refusal> {
    let places = |from: u32, to: u32| {
        let step = f64::from(from) / f64::from(to);
        std::iter::successors(Some(step / 2.0), move |place| Some(place + step))
            .take(to as usize)
            .map(move |place| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a place is neither negative nor beyond a side"
                )]
                let place = place as u32;
                place.min(from - 1) as usize
            })
    };
    let samples = raster.ink.samples();
    let mut target = Raster::blank(size.0, size.1, raster.ink)?;
    let mut pixels = target.samples.chunks_exact_mut(samples);
    for row in places(raster.height, size.1) {
        for (column, pixel) in places(raster.width, size.0).zip(&mut pixels) {
            let at = (row * raster.width as usize + column) * samples;
            pixel.copy_from_slice(&raster.samples[at..at + samples]);
        }
    }
    Ok(target)
}

/// The whole neighbour of `number` with the smaller `error`, the lower one if they tie, at least 1.
fn nearer(number: f64, error: impl Fn(f64) -> f64) -> u32 {
    let (low, high) = (number.floor(), number.ceil());
    let best = if error(high) < error(low) { high } else { low };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and the side of the square"
    )]
    let best = best as u32;
    best.max(1)
}

#[cfg(test)]
mod tests {
    use seekwell_testkit::pillow::Pillow;

    use super::fit;

    #[test]
    fn sizes_are_pillows() {
        let mut sizes = vec![
            (4032, 3024),
            (3024, 4032),
            (1024, 1024),
            (1025, 1024),
            (1000, 50),
            (50, 100_000),
        ];
        // Small steps through many aspects, which is where the rounding rules show.
        sizes.extend((0..400).map(|step| (1025 + 7 * step, 60 + 31 * (step % 97))));
        sizes.extend((0..400).map(|step| (51 + 13 * (step % 89), 1025 + 11 * step)));
        let expected = Pillow::installed().thumbnail_sizes(&sizes);
        assert_eq!(expected.len(), sizes.len());
        for ((width, height), expected) in sizes.into_iter().zip(expected) {
            assert_eq!(fit(width, height, 1024), expected, "{width}×{height}");
        }
    }
}
