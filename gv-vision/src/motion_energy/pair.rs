//! What the displacement between two pictures amounts to.

use super::{Direction, EnergyDistribution, MotionType, classify_motion};
use crate::{Error, FlowField, Result};
use serde::{Deserialize, Serialize};

/// A region that moves this many times as much as the other one has the motion.
const PREVAILING_RATIO: f64 = 1.5;

/// What turns a displacement in picture pixels into one of the video.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairScale {
    source_scale: f64,
    seconds: f64,
    nominal_interval: f64,
}

impl PairScale {
    /// The scale of two pictures `seconds` apart, of which a pixel is `source_scale` source pixels
    /// wide, in a video whose frames are `nominal_interval` seconds apart.
    ///
    /// Pictures further apart than one frame (a sampled video, a variable frame rate) are brought to
    /// one nominal interval by the quotient of the two times.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for the first of the three that is not finite and above zero.
    pub fn new(source_scale: f64, seconds: f64, nominal_interval: f64) -> Result<Self> {
        let given = [
            ("source_scale", source_scale),
            ("seconds between the pictures", seconds),
            ("nominal frame interval", nominal_interval),
        ];
        for (name, value) in given {
            if !(value.is_finite() && value > 0.0) {
                let given = value.to_string();
                return Err(Error::InvalidParameter { name, given, allowed: "finite, above 0" });
            }
        }
        Ok(Self { source_scale, seconds, nominal_interval })
    }

    /// The scale of two pictures at source size that follow each other at `fps` frames per second.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where `fps` is not finite and above zero, or so small that the
    /// interval is not finite.
    pub fn consecutive(fps: f64) -> Result<Self> {
        if !(fps.is_finite() && fps > 0.0 && fps.recip().is_finite()) {
            let given = fps.to_string();
            return Err(Error::InvalidParameter { name: "fps", given, allowed: "finite, above 0" });
        }
        Self::new(1.0, fps.recip(), fps.recip())
    }

    /// Source pixels per nominal interval that one picture pixel of displacement is.
    pub fn per_interval(self) -> f64 {
        self.source_scale * (self.nominal_interval / self.seconds)
    }

    /// Source pixels per picture pixel.
    pub const fn source_scale(self) -> f64 {
        self.source_scale
    }

    /// Seconds between the two pictures.
    pub const fn seconds(self) -> f64 {
        self.seconds
    }
}

/// How motion divides among the four directions; the shares add up to 1, or to 0 where nothing moves.
///
/// A displacement counts with its horizontal part for left or right and with its vertical part for
/// up or down.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct DirectionShares {
    /// Share of motion to the left.
    pub left: f64,
    /// Share of motion to the right.
    pub right: f64,
    /// Share of motion upwards.
    pub up: f64,
    /// Share of motion downwards.
    pub down: f64,
}

impl DirectionShares {
    /// The direction that has more than half; [`Direction::Mixed`] where none has.
    ///
    /// Motion within 45 degrees of a direction, all of it going one way, is of that direction.
    pub fn dominant(&self) -> Direction {
        let named = [
            (self.left, Direction::Left),
            (self.right, Direction::Right),
            (self.up, Direction::Up),
            (self.down, Direction::Down),
        ];
        let more_than_half = |&&(share, _): &&(f64, Direction)| share > 0.5 + 1e-9;
        named.iter().find(more_than_half).map_or(Direction::Mixed, |&(_, direction)| direction)
    }
}

/// The motion between two pictures.
///
/// Energies are lengths of displacements, in **source pixels per nominal frame interval**; the
/// specification's thresholds are in this unit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PairMotion {
    /// The energies of all source pixels added up.
    pub total_energy: f64,
    /// Mean energy of a pixel.
    pub mean_energy: f64,
    /// Energy of the pixel that moves most.
    pub max_energy: f64,
    /// Mean of the horizontal displacement's size.
    pub horizontal_motion: f64,
    /// Mean of the vertical displacement's size.
    pub vertical_motion: f64,
    /// Mean horizontal displacement; positive is to the right.
    pub mean_dx: f64,
    /// Mean vertical displacement; positive is down.
    pub mean_dy: f64,
    /// How the motion divides among the four directions.
    pub direction_shares: DirectionShares,
    /// The direction that has more than half of the motion.
    pub dominant_direction: Direction,
    /// Mean energy in the middle half of width and height.
    pub center_energy: f64,
    /// Mean energy outside of the middle.
    pub edge_energy: f64,
    /// Which of the two moves at least 1.5 times as much as the other.
    pub energy_distribution: EnergyDistribution,
    /// Name of the mean energy by the specification's thresholds.
    pub motion_type: MotionType,
    /// Mean speed in frame diagonals per second: the same for every size and rate of one video.
    pub diagonals_per_second: f64,
}

impl PairMotion {
    /// Sums up a flow field.
    ///
    /// Vectors that are not finite are left out, as if the picture had no such pixels. A field without
    /// pixels has no motion, as has a still picture: its energies are 0, its direction is mixed, its
    /// distribution uniform, its type static.
    pub fn measure(flow: &FlowField, scale: PairScale) -> Self {
        let (width, height) = (flow.width(), flow.height());
        let (left, top) = (width / 4, height / 4);
        let (right, bottom) = (width - left, height - top);
        let (mut center, mut edge) = (Sums::default(), Sums::default());
        for (y, row) in flow.data().chunks_exact(width.max(1)).enumerate() {
            if (top..bottom).contains(&y) {
                edge.add_row(&row[..left]);
                center.add_row(&row[left..right]);
                edge.add_row(&row[right..]);
            } else {
                edge.add_row(row);
            }
        }
        Self::from_sums(&center, &edge, (width as f64).hypot(height as f64), scale)
    }

    fn from_sums(center: &Sums, edge: &Sums, diagonal: f64, scale: PairScale) -> Self {
        let all = center.plus(edge);
        let unit = scale.per_interval();
        let mean = |sum: f64, count: u64| if count == 0 { 0.0 } else { sum / count as f64 };
        let motion = mean(all.length, all.count);
        let [center_mean, edge_mean] = [center, edge]
            .map(|part| if part.count == 0 { motion } else { part.length / part.count as f64 });
        let speed = motion / diagonal / scale.seconds;
        let axis_sum = all.size[0] + all.size[1];
        let share = |axis: usize, sign: f64| {
            let sum = ((all.size[axis] + sign * all.signed[axis]) / 2.0).max(0.0);
            if axis_sum > 0.0 { sum / axis_sum } else { 0.0 }
        };
        let direction_shares = DirectionShares {
            left: share(0, -1.0),
            right: share(0, 1.0),
            up: share(1, -1.0),
            down: share(1, 1.0),
        };
        let source_pixels = all.count as f64 * scale.source_scale * scale.source_scale;
        let motion_now = Self {
            total_energy: motion * unit * source_pixels,
            mean_energy: motion * unit,
            max_energy: f64::from(all.longest).sqrt() * unit,
            horizontal_motion: mean(all.size[0], all.count) * unit,
            vertical_motion: mean(all.size[1], all.count) * unit,
            mean_dx: mean(all.signed[0], all.count) * unit,
            mean_dy: mean(all.signed[1], all.count) * unit,
            direction_shares,
            dominant_direction: direction_shares.dominant(),
            center_energy: center_mean * unit,
            edge_energy: edge_mean * unit,
            energy_distribution: distribution(center_mean, edge_mean),
            motion_type: MotionType::Static,
            diagonals_per_second: if speed.is_finite() { speed } else { 0.0 },
        };
        motion_now.scaled(1.0)
    }

    /// The same motion seen over an interval `factor` times as long.
    pub(super) fn scaled(mut self, factor: f64) -> Self {
        for value in [
            &mut self.total_energy,
            &mut self.mean_energy,
            &mut self.max_energy,
            &mut self.horizontal_motion,
            &mut self.vertical_motion,
            &mut self.mean_dx,
            &mut self.mean_dy,
            &mut self.center_energy,
            &mut self.edge_energy,
        ] {
            *value = (*value * factor).clamp(-f64::MAX, f64::MAX);
        }
        self.motion_type = classify_motion(self.mean_energy);
        self
    }
}

fn distribution(center: f64, edge: f64) -> EnergyDistribution {
    if center > 0.0 && center >= PREVAILING_RATIO * edge {
        EnergyDistribution::Centered
    } else if edge > 0.0 && edge >= PREVAILING_RATIO * center {
        EnergyDistribution::Peripheral
    } else {
        EnergyDistribution::Uniform
    }
}

/// Pixels that are added up side by side.
const LANES: usize = 8;
/// Groups of them after which single precision is handed on to double.
const GROUPS: usize = 32;

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: u64,
    length: f64,
    longest: f32,
    /// Sums of the displacement's size and of the displacement itself, along x and y.
    size: [f64; 2],
    signed: [f64; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct LaneSums {
    finite: [f32; LANES],
    length: [f32; LANES],
    longest: [f32; LANES],
    size: [[f32; LANES]; 2],
    signed: [[f32; LANES]; 2],
}

impl LaneSums {
    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "lanes of arrays side by side become vectors")]
    fn add(&mut self, group: &[[f32; 2]; LANES]) {
        for i in 0..LANES {
            let [dx, dy] = group[i];
            let square = dx * dx + dy * dy;
            let finite = square < f32::INFINITY;
            let known = |value: f32| if finite { value } else { 0.0 };
            let (dx, dy, square) = (known(dx), known(dy), known(square));
            self.finite[i] += known(1.0);
            self.length[i] += square.sqrt();
            self.longest[i] = if square > self.longest[i] { square } else { self.longest[i] };
            self.size[0][i] += dx.abs();
            self.size[1][i] += dy.abs();
            self.signed[0][i] += dx;
            self.signed[1][i] += dy;
        }
    }
}

impl Sums {
    fn add_row(&mut self, row: &[[f32; 2]]) {
        for block in row.chunks(LANES * GROUPS) {
            let mut lanes = LaneSums::default();
            let (groups, rest) = block.as_chunks::<LANES>();
            groups.iter().for_each(|group| lanes.add(group));
            let mut last = [[f32::NAN; 2]; LANES];
            last[..rest.len()].copy_from_slice(rest);
            lanes.add(&last);
            let total = |values: [f32; LANES]| values.iter().copied().map(f64::from).sum::<f64>();
            self.count += total(lanes.finite) as u64;
            self.length += total(lanes.length);
            self.longest = lanes.longest.iter().copied().fold(self.longest, f32::max);
            for axis in 0..2 {
                self.size[axis] += total(lanes.size[axis]);
                self.signed[axis] += total(lanes.signed[axis]);
            }
        }
    }

    fn plus(&self, other: &Self) -> Self {
        let add = |a: [f64; 2], b: [f64; 2]| [a[0] + b[0], a[1] + b[1]];
        Self {
            count: self.count + other.count,
            length: self.length + other.length,
            longest: self.longest.max(other.longest),
            size: add(self.size, other.size),
            signed: add(self.signed, other.signed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::flow_from;
    use proptest::prelude::*;

    fn at_30() -> PairScale {
        PairScale::consecutive(30.0).unwrap()
    }

    fn pan(dx: f32, dy: f32) -> FlowField {
        flow_from(64, 36, |_, _| [dx, dy])
    }

    #[test]
    fn a_pan_has_its_speed_its_direction_and_no_preferred_place() {
        let motion = PairMotion::measure(&pan(-3.0, 1.0), at_30());
        assert!((motion.mean_energy - 10.0_f64.sqrt()).abs() < 1e-6);
        assert!((motion.total_energy - motion.mean_energy * 64.0 * 36.0).abs() < 1e-6);
        assert_eq!((motion.horizontal_motion, motion.vertical_motion), (3.0, 1.0));
        assert_eq!((motion.mean_dx, motion.mean_dy), (-3.0, 1.0));
        assert_eq!(motion.dominant_direction, Direction::Left);
        assert_eq!(motion.energy_distribution, EnergyDistribution::Uniform);
        assert_eq!(motion.motion_type, MotionType::Smooth);
        let expected = 10.0_f64.sqrt() * 30.0 / 64.0_f64.hypot(36.0);
        assert!((motion.diagonals_per_second - expected).abs() < 1e-6);
    }

    #[test]
    fn every_direction_is_found_and_flips_in_the_mirror() {
        let direction = |dx, dy| PairMotion::measure(&pan(dx, dy), at_30()).dominant_direction;
        assert_eq!(direction(2.0, 1.9), Direction::Right);
        assert_eq!(direction(-2.0, 1.9), Direction::Left);
        assert_eq!(direction(0.3, 2.0), Direction::Down);
        assert_eq!(direction(0.3, -2.0), Direction::Up);
        assert_eq!(direction(2.0, 2.0), Direction::Mixed);
    }

    #[test]
    fn a_still_picture_is_static_mixed_and_uniform() {
        let motion = PairMotion::measure(&FlowField::zeros(64, 36), at_30());
        assert_eq!(motion, PairMotion::default());
        assert_eq!(PairMotion::measure(&FlowField::zeros(0, 0), at_30()), motion);
    }

    #[test]
    fn a_zoom_moves_the_border_in_all_directions() {
        let zoom = flow_from(64, 36, |x, y| [(x as f32 - 31.5) * 0.05, (y as f32 - 17.5) * 0.05]);
        let motion = PairMotion::measure(&zoom, at_30());
        assert_eq!(motion.energy_distribution, EnergyDistribution::Peripheral);
        assert_eq!(motion.dominant_direction, Direction::Mixed);
    }

    #[test]
    fn a_subject_in_the_middle_is_centered() {
        let inside = |x, y| (24..40).contains(&x) && (12..24).contains(&y);
        let flow = flow_from(64, 36, |x, y| if inside(x, y) { [4.0, 0.0] } else { [0.0; 2] });
        let motion = PairMotion::measure(&flow, at_30());
        assert_eq!(motion.energy_distribution, EnergyDistribution::Centered);
        assert_eq!(motion.edge_energy, 0.0);
        assert!((motion.center_energy - 4.0 * (16.0 * 12.0) / (32.0 * 18.0)).abs() < 1e-6);
    }

    #[test]
    fn energy_counts_source_pixels_per_nominal_interval() {
        let quarter_size_two_frames_apart = PairScale::new(4.0, 2.0 / 30.0, 1.0 / 30.0).unwrap();
        let motion = PairMotion::measure(&pan(3.0, 0.0), quarter_size_two_frames_apart);
        let full = PairMotion::measure(&flow_from(256, 144, |_, _| [6.0, 0.0]), at_30());
        assert!((motion.mean_energy - 6.0).abs() < 1e-9);
        assert!((motion.total_energy - full.total_energy).abs() < 1e-6);
        assert!((motion.diagonals_per_second - full.diagonals_per_second).abs() < 1e-9);
    }

    #[test]
    fn vectors_that_are_not_finite_are_left_out() {
        let flow = flow_from(8, 8, |x, _| if x < 4 { [f32::NAN, 1.0] } else { [2.0, 0.0] });
        let motion = PairMotion::measure(&flow, at_30());
        assert_eq!(motion.mean_energy, 2.0);
        assert_eq!(motion.total_energy, 64.0);
    }

    #[test]
    fn a_rate_that_is_none_is_refused_by_name() {
        for fps in [f64::NAN, 0.0, -30.0, f64::INFINITY, 1e-310] {
            let error = PairScale::consecutive(fps).unwrap_err().to_string();
            assert!(error.starts_with("fps is "), "{error}");
        }
        assert!(PairScale::new(1.0, 0.0, 0.1).is_err());
    }

    proptest! {
        #[test]
        fn finite_in_finite_out_and_shares_add_up(
            vectors in proptest::collection::vec(proptest::array::uniform2(-1e6_f32..1e6), 48),
            scale in 0.01_f64..100.0,
            seconds in 1e-4_f64..100.0,
        ) {
            let flow = flow_from(8, 6, |x, y| vectors[y * 8 + x]);
            let motion = PairMotion::measure(&flow, PairScale::new(scale, seconds, 0.04).unwrap());
            let shares = motion.direction_shares;
            let sum = shares.left + shares.right + shares.up + shares.down;
            prop_assert!((sum - 1.0).abs() < 1e-9 || sum == 0.0);
            prop_assert!(motion.mean_energy.is_finite() && motion.mean_energy >= 0.0);
            prop_assert!(motion.max_energy >= motion.mean_energy * 0.999_999);
            prop_assert!(motion.diagonals_per_second.is_finite());
        }
    }
}
