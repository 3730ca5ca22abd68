//! Chance that comes out the same on every machine: numbers from a seed, and from a seed and a place.

/// 0 at `from`, 1 at `to`, smooth between; `from` may be the larger.
pub(crate) fn step(from: f32, to: f32, at: f32) -> f32 {
    ease(((at - from) / (to - from)).clamp(0.0, 1.0))
}

/// 0 at 0, 1 at 1, and level at both.
pub(crate) fn ease(t: f32) -> f32 {
    t * t * (3.0 - 2.0 * t)
}

/// −1 to 1, from a place and a seed (the mixing steps of SplitMix64).
pub(crate) fn noise(seed: u64, x: u32, y: u32) -> f32 {
    let place = u64::from(x) << 32 | u64::from(y);
    let mut bits = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits >> 40) as f32) / 8_388_608.0 - 1.0
}

/// About a bell of variance 1, from a place and a seed: the sum of two even chances.
pub(crate) fn bell(seed: u64, x: u32) -> f32 {
    // Two times twelve of the noise's 24 bits.
    let bits = ((noise(seed, x, 1) + 1.0) * 8_388_608.0) as u32;
    let sum = (bits & 0xfff) + (bits >> 12);
    (sum as f32 / 4096.0 - 1.0) * 2.449
}

/// Value noise, −1 to 1, that changes over a distance of 1.
pub(crate) fn smooth(seed: u64, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = (ease(x - left), ease(y - top));
    let corner = |dx: f32, dy: f32| {
        let (column, row) = ((left + dx) as i32 as u32, (top + dy) as i32 as u32);
        noise(seed, column, row)
    };
    let above = corner(0.0, 0.0) + (corner(1.0, 0.0) - corner(0.0, 0.0)) * u;
    let below = corner(0.0, 1.0) + (corner(1.0, 1.0) - corner(0.0, 1.0)) * u;
    above + (below - above) * v
}

/// One number after the other.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 0 to 1.
    pub(crate) fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (noise(self.0, 7, 11) + 1.0) / 2.0
    }

    /// `low` to `high`.
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.roll()
    }

    /// As between, but each doubling is as likely as the next; both above 0.
    pub(crate) fn doubling(&mut self, low: f32, high: f32) -> f32 {
        low * (high / low).powf(self.roll())
    }

    /// True in that share of cases.
    pub(crate) fn chance(&mut self, share: f32) -> bool {
        self.roll() < share
    }

    /// One of `things`.
    pub(crate) fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[((self.roll() * things.len() as f32) as usize).min(things.len() - 1)]
    }

    /// `low` to `high`, both included.
    pub(crate) fn count(&mut self, low: usize, high: usize) -> usize {
        low + ((self.roll() * (high - low + 1) as f32) as usize).min(high - low)
    }
}
