//! Which pixels a polygon covers.

use crate::outline::Plane;

/// The pixels whose middle is inside of a polygon with these corners, in pixels.
pub(super) fn cover(corners: &[[f64; 2]], width: usize, height: usize) -> Plane<bool> {
    let mut inside = Plane::filled(false, width, height);
    let mut crossings = Vec::new();
    let mut middle = 0.5;
    for line in inside.values.chunks_exact_mut(width.max(1)) {
        crossings.clear();
        let next = corners.iter().cycle().skip(1);
        for ([x, y], [u, v]) in corners.iter().zip(next) {
            // A corner on the line counts for the side that goes on below it, so that it counts once.
            if (*y <= middle) != (*v <= middle) {
                crossings.push(x + (u - x) * (middle - y) / (v - y));
            }
        }
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.as_chunks::<2>().0 {
            let [from, to] = pair.map(|at| place(at, width));
            line[from..to].fill(true);
        }
        middle += 1.0;
    }
    inside
}

/// The first pixel whose middle is not left of a place.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float beyond what fits becomes the nearest number that does, and then the picture's edge"
)]
fn place(at: f64, width: usize) -> usize {
    ((at - 0.5).ceil().max(0.0) as usize).min(width)
}
