//! Attention over time.

use super::faces::{FaceSample, FaceTrack};
use super::{FACE_WEIGHT, track};
use crate::motion_energy::MotionAnalysis;
use serde::{Deserialize, Serialize};

/// Points that a curve has at most.
const MAX_POINTS: f64 = 1_000_000.0;
/// What an attention peak must stand out by, from the higher of the valleys at its sides.
const MIN_PROMINENCE: f64 = 0.1;

/// How attention follows from what is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttentionOptions {
    /// Seconds between two points of the curve.
    pub step: f64,
    /// Seconds over which it is smoothed (Gaussian sigma).
    pub sigma: f64,
    /// Speed in frame diagonals per second that alone brings attention to 63 %.
    pub motion_scale: f64,
    /// Salience of a cut at its moment; 1 alone brings attention to 63 %.
    pub cut_salience: f64,
    /// Seconds after which a cut's salience has fallen to 37 %.
    pub cut_decay: f64,
    /// What a face multiplies the salience of motion by, where faces are known.
    pub face_weight: f64,
}

impl Default for AttentionOptions {
    fn default() -> Self {
        Self {
            step: 0.1,
            sigma: 0.2,
            motion_scale: 0.2,
            cut_salience: 1.0,
            cut_decay: 0.5,
            face_weight: FACE_WEIGHT,
        }
    }
}

impl AttentionOptions {
    /// Puts the points `seconds` apart; at least a millisecond, and at most a million points.
    #[must_use]
    pub fn step(mut self, seconds: f64) -> Self {
        self.step = seconds;
        self
    }

    /// Smooths over `seconds`, at most over 100 steps; 0 or less does not smooth.
    #[must_use]
    pub fn sigma(mut self, seconds: f64) -> Self {
        self.sigma = seconds;
        self
    }

    /// Multiplies the salience of motion by `weight` where a face is known to be seen.
    #[must_use]
    pub fn face_weight(mut self, weight: f64) -> Self {
        self.face_weight = weight;
        self
    }

    fn checked(&self) -> Self {
        let or = |value: f64, low: f64, default: f64| {
            if value.is_finite() && value >= low { value } else { default }
        };
        let default = Self::default();
        Self {
            step: or(self.step, 1e-3, default.step),
            sigma: if self.sigma.is_finite() { self.sigma.max(0.0) } else { default.sigma },
            motion_scale: or(self.motion_scale, 1e-6, default.motion_scale),
            cut_salience: or(self.cut_salience, 0.0, default.cut_salience),
            cut_decay: or(self.cut_decay, 1e-3, default.cut_decay),
            face_weight: or(self.face_weight, 1.0, default.face_weight),
        }
    }
}

/// Attention over a video, on an even grid of real seconds.
///
/// Salience is the sum of what draws the eye: motion in frame diagonals per second over
/// [`AttentionOptions::motion_scale`], cuts as impulses that fade, and where faces are known, what they
/// add to motion. Attention is `1 - exp(-salience)`: it grows with salience and never passes 1. Each
/// part is the attention times its share of the salience, so that `motion + cuts + faces == attention`.
///
/// The model is a stated one, not fitted to viewers. It depends on time and on frame diagonals only,
/// so that a video's size and frame rate do not change it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttentionCurve {
    /// The time of each point in seconds, from the first frame on.
    pub timeline: Vec<f64>,
    /// Attention at each point, 0 to 1.
    pub attention: Vec<f64>,
    /// The part of it that motion has.
    pub motion: Vec<f64>,
    /// The part of it that cuts have.
    pub cuts: Vec<f64>,
    /// The part of it that faces have; `None` where faces are unknown.
    pub faces: Option<Vec<f64>>,
    /// The smoothed speed behind the motion part, in frame diagonals per second.
    pub speed: Vec<f64>,
    /// The times at which attention peaks by at least 0.1 above its surroundings, in seconds.
    pub peaks: Vec<f64>,
}

impl AttentionCurve {
    /// Draws the curve of a video.
    ///
    /// `faces` are what a detector saw, in time order; none where no detector was asked. Options that are
    /// no number or below what makes sense are taken as their defaults. A moment at which no motion was
    /// measured takes that of its neighbourhood; a video without measured motion and without cuts has a
    /// curve of zeros, one without frames has none.
    pub fn new(
        analysis: &MotionAnalysis,
        faces: Option<&[FaceSample]>,
        options: &AttentionOptions,
    ) -> Self {
        let options = options.checked();
        let (start, end) = (analysis.start_time, analysis.end_time);
        let duration = (end - start).max(0.0);
        let step = options.step.max(duration / MAX_POINTS);
        let count =
            if analysis.total_frames == 0 { 0 } else { (duration / step + 1e-6) as usize + 1 };
        let timeline: Vec<f64> = (0..count).map(|k| start + k as f64 * step).collect();
        let grid = Grid { start, end, step, count };

        let mut speed = Binned::new(count);
        for frame in &analysis.frames {
            let speed_now = frame.motion.diagonals_per_second;
            grid.spread(frame.from_time, frame.timestamp, |bin, seconds| {
                speed.add(bin, speed_now, seconds);
            });
        }
        let speed = speed.smoothed(options.sigma / step);
        let mut impulses = Binned::new(count);
        let mut state = 0.0;
        let mut upcoming = analysis.cuts.iter().map(|cut| cut.timestamp).peekable();
        for bin in 0..count {
            let (from, until) = grid.bounds(bin);
            let mut mean = state * decayed_mean(until - from, options.cut_decay);
            state *= (-(until - from) / options.cut_decay).exp();
            while let Some(cut) = upcoming.next_if(|&cut| cut < until) {
                let rest = until - cut.max(from);
                let share = if until > from { rest / (until - from) } else { 0.0 };
                mean += options.cut_salience * decayed_mean(rest, options.cut_decay) * share;
                state += options.cut_salience * (-rest / options.cut_decay).exp();
            }
            impulses.add(bin, mean, until - from);
        }
        let impulses = impulses.smoothed(options.sigma / step);
        let face_shares = FaceTrack::new(faces).map(|track| {
            let mut shares = Binned::new(count);
            for bin in 0..count {
                let (from, until) = grid.bounds(bin);
                if let Some(share) = track.share((from, until)) {
                    shares.add(bin, share, until - from);
                }
            }
            shares.smoothed(options.sigma / step)
        });

        let mut curve = Self {
            attention: Vec::with_capacity(count),
            motion: Vec::with_capacity(count),
            cuts: Vec::with_capacity(count),
            faces: face_shares.as_ref().map(|_| Vec::with_capacity(count)),
            peaks: Vec::new(),
            timeline,
            speed,
        };
        for bin in 0..count {
            let motion = curve.speed[bin] / options.motion_scale;
            let face = face_shares.as_ref().map_or(0.0, |shares| shares[bin])
                * (options.face_weight - 1.0)
                * motion;
            let salience = motion + impulses[bin] + face;
            let attention = -(-salience).exp_m1();
            let unit = if salience > 0.0 { attention / salience } else { 0.0 };
            curve.attention.push(attention);
            curve.motion.push(motion * unit);
            curve.cuts.push(impulses[bin] * unit);
            if let Some(faces) = &mut curve.faces {
                faces.push(face * unit);
            }
        }
        let places = track::peaks(&curve.attention, MIN_PROMINENCE);
        curve.peaks = places.into_iter().map(|place| curve.timeline[place]).collect();
        curve
    }

    /// Attention at `time`, between two points in proportion; `None` outside the video.
    pub fn at(&self, time: f64) -> Option<f64> {
        let after = self.timeline.partition_point(|&t| t <= time);
        let before = after.checked_sub(1)?;
        let (&t0, &a0) = (self.timeline.get(before)?, self.attention.get(before)?);
        match (self.timeline.get(after), self.attention.get(after)) {
            (Some(&t1), Some(&a1)) => Some(a0 + (a1 - a0) * (time - t0) / (t1 - t0)),
            _ => (time <= t0 + self.step()).then_some(a0),
        }
    }

    fn step(&self) -> f64 {
        match self.timeline[..] {
            [first, second, ..] => second - first,
            _ => 0.0,
        }
    }

    /// Attention added up over time, in seconds of full attention.
    pub fn integral(&self) -> f64 {
        self.attention.iter().sum::<f64>() * self.step()
    }
}

/// Mean of a unit impulse's exponential fall over the first `seconds`.
fn decayed_mean(seconds: f64, decay: f64) -> f64 {
    let ratio = seconds / decay;
    if ratio > 1e-9 { -(-ratio).exp_m1() / ratio } else { 1.0 }
}

#[derive(Debug, Clone, Copy)]
struct Grid {
    start: f64,
    end: f64,
    step: f64,
    count: usize,
}

impl Grid {
    fn bounds(&self, bin: usize) -> (f64, f64) {
        let middle = self.start + bin as f64 * self.step;
        let half = self.step / 2.0;
        ((middle - half).clamp(self.start, self.end), (middle + half).clamp(self.start, self.end))
    }

    fn spread(&self, from: f64, until: f64, mut add: impl FnMut(usize, f64)) {
        if self.count == 0 || !(from.is_finite() && until.is_finite()) {
            return;
        }
        let bin = |time: f64| {
            let number = ((time - self.start) / self.step + 0.5).floor().max(0.0) as usize;
            number.min(self.count - 1)
        };
        for bin in bin(from)..=bin(until) {
            let (low, high) = self.bounds(bin);
            let seconds = until.min(high) - from.max(low);
            if seconds > 0.0 {
                add(bin, seconds);
            }
        }
    }
}

struct Binned {
    sums: Vec<f64>,
    weights: Vec<f64>,
}

impl Binned {
    fn new(count: usize) -> Self {
        Self { sums: vec![0.0; count], weights: vec![0.0; count] }
    }

    fn add(&mut self, bin: usize, value: f64, weight: f64) {
        self.sums[bin] += value * weight;
        self.weights[bin] += weight;
    }

    /// Gaussian mean over the bins that have weight; 0 out of reach of all of them.
    fn smoothed(&self, sigma: f64) -> Vec<f64> {
        let sigma = sigma.min(100.0);
        let reach = (3.0 * sigma).ceil().min(self.sums.len() as f64) as usize;
        let kernel: Vec<f64> = (0..=reach)
            .map(|i| if i == 0 { 1.0 } else { (-0.5 * (i as f64 / sigma).powi(2)).exp() })
            .collect();
        let at = |bin: usize| {
            let (low, high) = (bin.saturating_sub(reach), (bin + reach).min(self.sums.len() - 1));
            let (mut sum, mut weight) = (0.0, 0.0);
            for other in low..=high {
                let share = kernel[other.abs_diff(bin)];
                sum += share * self.sums[other];
                weight += share * self.weights[other];
            }
            if weight > 0.0 { sum / weight } else { 0.0 }
        };
        (0..self.sums.len()).map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;
    use proptest::prelude::*;

    fn curve(analysis: &MotionAnalysis) -> AttentionCurve {
        AttentionCurve::new(analysis, None, &AttentionOptions::default())
    }

    /// Energy in pixels per frame at 30 frames per second.
    fn wave(t: f64) -> f64 {
        6.0 + 5.0 * (t * 1.3).sin()
    }

    #[test]
    fn the_integral_depends_neither_on_the_rate_nor_on_the_size() {
        let at_30 = curve(&analysis_of(30.0, &[75, 200], wave, 10.0)).integral();
        let at_60 = curve(&analysis_of(60.0, &[150, 400], |t| wave(t) / 2.0, 10.0)).integral();
        let at_24 = curve(&analysis_of(24.0, &[60, 160], |t| wave(t) * 1.25, 10.0)).integral();
        assert!(at_30 > 1.0);
        assert!((at_60 / at_30 - 1.0).abs() < 0.005, "{at_60} {at_30}");
        assert!((at_24 / at_30 - 1.0).abs() < 0.005, "{at_24} {at_30}");
    }

    #[test]
    fn the_step_does_not_change_the_curve_at_shared_points() {
        let analysis = analysis_of(30.0, &[75], wave, 6.0);
        let fine = AttentionOptions::default().step(0.05);
        let fine = AttentionCurve::new(&analysis, None, &fine);
        for (coarse, fine) in
            curve(&analysis).attention.iter().zip(fine.attention.iter().step_by(2))
        {
            assert!((coarse - fine).abs() < 0.03, "{coarse} {fine}");
        }
    }

    #[test]
    fn a_cut_lifts_attention_and_fades() {
        let curve = curve(&analysis_of(25.0, &[100], |_| 0.0, 8.0));
        let at = |time: f64| curve.attention[(time * 10.0).round() as usize];
        assert!(at(4.1) > 0.3 && at(6.0) < 0.02 && at(3.0) == 0.0);
        assert!(curve.motion.iter().all(|&part| part == 0.0));
        assert_eq!(curve.peaks.len(), 1);
        assert!((curve.peaks[0] - 4.1).abs() < 0.11, "{:?}", curve.peaks);
    }

    #[test]
    fn known_faces_weigh_motion_and_unknown_ones_do_not() {
        let analysis = analysis_of(25.0, &[], |_| 3.0, 6.0);
        let options = AttentionOptions::default();
        let sample = |time, present| FaceSample { time, present };
        let seen = [sample(0.0, false), sample(3.0, true)];
        let known = AttentionCurve::new(&analysis, Some(&seen), &options);
        let (before, after) = (known.attention[10], known.attention[50]);
        let salience = |attention: f64| -(1.0 - attention).ln();
        assert!((salience(after) / salience(before) - FACE_WEIGHT).abs() < 1e-6);
        assert!(curve(&analysis).faces.is_none());
        assert!((curve(&analysis).attention[50] - before).abs() < 1e-9);
        assert!(AttentionCurve::new(&analysis, Some(&[]), &options).faces.is_none());
    }

    #[test]
    fn a_shift_in_time_shifts_the_curve() {
        let analysis = analysis_of(30.0, &[40], wave, 5.0);
        let mut later = analysis.clone();
        later.start_time += 7.0;
        later.end_time += 7.0;
        later.cuts.iter_mut().for_each(|cut| cut.timestamp += 7.0);
        for frame in &mut later.frames {
            frame.timestamp += 7.0;
            frame.from_time += 7.0;
        }
        let (here, there) = (curve(&analysis), curve(&later));
        assert_eq!(there.timeline[0], 7.0);
        for (a, b) in here.attention.iter().zip(&there.attention) {
            assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn a_video_of_no_length_and_one_of_absurd_length_have_bounded_curves() {
        assert!(curve(&MotionAnalysis::empty("none", 25.0)).timeline.is_empty());
        let mut long = analysis_of(25.0, &[], wave, 1.0);
        long.end_time = 1e12;
        assert!(curve(&long).timeline.len() <= 1_000_001);
        let broken = AttentionOptions::default().step(f64::NAN).sigma(-1.0).face_weight(0.0);
        let found = AttentionCurve::new(&analysis_of(25.0, &[5], wave, 1.0), None, &broken);
        assert_eq!(found.timeline.len(), 11);
        assert!(found.attention.iter().all(|a| a.is_finite()));
    }

    proptest! {
        #[test]
        fn parts_add_up_and_attention_stays_between_0_and_1(
            levels in proptest::collection::vec(0.0_f64..500.0, 30),
            cuts in proptest::collection::btree_set(1_u64..149, 0..20),
        ) {
            let cuts: Vec<u64> = cuts.into_iter().collect();
            let analysis = analysis_of(25.0, &cuts, |t| levels[(t * 5.0) as usize % 30], 6.0);
            let faces = [FaceSample { time: 2.0, present: true }];
            let curve = AttentionCurve::new(&analysis, Some(&faces), &AttentionOptions::default());
            let faces = curve.faces.as_ref().unwrap();
            for (k, &attention) in curve.attention.iter().enumerate() {
                prop_assert!((0.0..=1.0).contains(&attention));
                prop_assert!((curve.motion[k] + curve.cuts[k] + faces[k] - attention).abs() < 1e-9);
            }
        }
    }
}
