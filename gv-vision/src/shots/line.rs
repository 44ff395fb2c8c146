//! Pictures as points: how near to the line between two others a picture lies.

use crate::simd::kernel;

/// Variance, summed over the channels, that noise can make up or swallow.
const VARIANCE_FLOOR: f32 = 25.0;

/// Times the floor that a mixture must lack for its dip to be seen.
const FAINT: f32 = 2.0;

/// How far the contrast dips between two pictures.
///
/// Where unrelated pictures of variance `u` and `v` are mixed with the shares `1 - s` and `s`, the
/// variance of the mixture is `(1 - s)^2 u + s^2 v`, less than the `(1 - s) u + s v` that pictures
/// have which change in any other way (Alattar 1993).
#[derive(Debug, Clone, Copy)]
pub(super) struct Dip {
    from: f32,
    to: f32,
    missing: f32,
    expected: f32,
}

impl Dip {
    pub(super) fn new(from: f32, to: f32) -> Self {
        Self { from, to, missing: 0.0, expected: VARIANCE_FLOOR }
    }

    /// Adds a frame with the given share of the second picture.
    pub(super) fn add(&mut self, share: f32, variance: f32) {
        let s = share.clamp(0.0, 1.0);
        let flat = (1.0 - s) * self.from + s * self.to;
        self.missing += flat - variance;
        self.expected += flat - (1.0 - s).powi(2) * self.from - s * s * self.to;
    }

    /// The missing variance as a share of what a mixture lacks: 0 no dip, 1 a mixture.
    ///
    /// A change from or to a plain picture (`fade`) that has hardly any contrast to lose counts as a
    /// mixture.
    pub(super) fn value(&self, fade: bool) -> f32 {
        let faint = self.expected < FAINT * VARIANCE_FLOOR;
        if fade && faint { 1.0 } else { self.missing / self.expected }
    }
}

/// Where a picture lies with respect to the line from one picture to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Share of the second picture: 0 at the first, 1 at the second.
    pub(super) share: f32,
    /// Squared distance from the line, as a share of the squared length of the line.
    pub(super) off: f32,
}

kernel! {
    /// Places `m` on the line from `a` to `b`, whose squared length is `distance`.
    pub(super) fn place(a: &[u8], b: &[u8], m: &[u8], distance: f32) -> Place {
        let (mut along, mut whole) = (0_i32, 0_i32);
        for ((&a, &b), &m) in a.iter().zip(b).zip(m) {
            let (a, b, m) = (i16::from(a), i16::from(b), i16::from(m));
            let (ab, am) = (i32::from(b - a), i32::from(m - a));
            along += ab * am;
            whole += am * am;
        }
        let share = along as f32 / distance.max(1.0);
        let off = (whole as f32 / distance.max(1.0) - share * share).max(0.0);
        Place { share, off }
    }
}

kernel! {
    /// The squared distance of two pictures.
    pub(super) fn squared(a: &[u8], b: &[u8]) -> f32 {
        let square = |(&a, &b): (&u8, &u8)| {
            let difference = i32::from(i16::from(b) - i16::from(a));
            difference * difference
        };
        a.iter().zip(b).map(square).sum::<i32>() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Isa;

    #[test]
    fn a_mixture_lies_on_the_line_at_its_share() {
        let (a, b) = ([0, 200, 40, 120], [100, 0, 240, 20]);
        let mixed = [75, 50, 190, 45];
        let isa = Isa::detect();
        let place = place(isa, &a, &b, &mixed, squared(isa, &a, &b));
        assert!((place.share - 0.75).abs() < 1e-6);
        assert!(place.off < 1e-6);
        let other = [200, 200, 240, 220];
        assert!(super::place(isa, &a, &b, &other, squared(isa, &a, &b)).off > 0.4);
    }

    #[test]
    fn a_mixture_of_unrelated_pictures_dips_and_a_moving_picture_does_not() {
        let mut mixture = Dip::new(1000.0, 2000.0);
        let mut moving = Dip::new(1000.0, 2000.0);
        for share in [0.25_f32, 0.5, 0.75] {
            mixture.add(share, (1.0 - share).powi(2) * 1000.0 + share * share * 2000.0);
            moving.add(share, (1.0 - share) * 1000.0 + share * 2000.0);
        }
        assert!((mixture.value(false) - 1.0).abs() < 0.05);
        assert!(moving.value(false).abs() < 0.05);
    }
}
