//! sRGB to CIELAB, for pictures.

use std::sync::LazyLock;

/// Lightness (0 to 100), green to red, blue to yellow: CIE 15 with the white of D65, from sRGB as IEC 61966-2-1 has it.
/// Good to a hundredth.
pub(super) fn of([red, green, blue]: [u8; 3]) -> [f32; 3] {
    let tables = &*TABLES;
    let [red, green, blue] = [red, green, blue].map(|value| tables.light[usize::from(value)]);
    let x = tables.curve((0.412_456 * red + 0.357_576 * green + 0.180_438 * blue) / 0.950_47);
    let y = tables.curve(0.212_673 * red + 0.715_152 * green + 0.072_175 * blue);
    let z = tables.curve((0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Powers and roots, looked up: a picture has a hundred thousand of each.
struct Tables {
    light: [f32; 256],
    roots: Vec<f32>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    light: std::array::from_fn(|value| {
        #[expect(clippy::cast_precision_loss, reason = "at most 255")]
        let value = value as f32 / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    }),
    roots: (0..=STEPS + 1)
        .map(|step| root(step as f32 / STEPS as f32))
        .collect(),
});

const STEPS: u16 = 8192;

/// CIELAB's curve.
fn root(t: f32) -> f32 {
    if t > 216.0 / 24_389.0 {
        t.cbrt()
    } else {
        t * 841.0 / 108.0 + 4.0 / 29.0
    }
}

impl Tables {
    /// [`root`] between two steps of the table.
    fn curve(&self, t: f32) -> f32 {
        let place = t.clamp(0.0, 1.0) * f32::from(STEPS);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the table's last step but one"
        )]
        let step = place as usize;
        let (low, high) = (self.roots[step], self.roots[step + 1]);
        #[expect(clippy::cast_precision_loss, reason = "at most the table's length")]
        let part = place - step as f32;
        low + (high - low) * part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values by the published formulas in double precision.
    #[test]
    fn colours_are_where_the_standards_put_them() {
        for (rgb, expected) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
            ([119, 119, 119], [50.03, 0.0, 0.0]),
        ] {
            for (found, expected) in of(rgb).into_iter().zip(expected) {
                let off: f32 = found - expected;
                assert!(off.abs() < 0.05, "{rgb:?}: {:?}", of(rgb));
            }
        }
    }
}
