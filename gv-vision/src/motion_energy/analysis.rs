//! The motion of a whole video.

use super::cut_points::{self, CutPoint};
use super::{CameraMotion, Direction, MotionSegment, MotionType, PairMotion, Recommendation};
use super::{classify_motion, recommendations, segments, smooth_in_shots, weighted_quantile};
use serde::{Deserialize, Serialize};

/// The motion that leads to one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct MotionFrame {
    /// Number of the frame that the motion leads to.
    pub frame_idx: u64,
    /// Number of the frame that the motion comes from: the one before, or a sampling step before.
    pub from_frame: u64,
    /// Presentation time of the frame that the motion leads to, in seconds.
    pub timestamp: f64,
    /// Presentation time of the frame that the motion comes from, in seconds.
    pub from_time: f64,
    /// Number of the shot that both frames are in, from 0.
    pub shot: u32,
    /// Standard deviation of the frame's grey values: near 0 for black and other empty pictures.
    pub contrast: f64,
    /// Part of the frame that has the chroma of skin, 0 to 1; warm light and wood have it as well.
    pub skin_share: f64,
    /// Part of the frame without structure, 0 to 1: near 1 for text on a plain ground.
    pub plain_share: f64,
    /// How much moves, where to, and where.
    #[serde(flatten)]
    pub motion: PairMotion,
    /// The camera's part; `None` where the pictures do not tell.
    pub camera: Option<CameraMotion>,
}

impl MotionFrame {
    /// Seconds between the two frames.
    pub fn interval(&self) -> f64 {
        self.timestamp - self.from_time
    }

    /// The moment half way between the two frames, in seconds.
    pub fn middle(&self) -> f64 {
        self.from_time + self.interval() / 2.0
    }
}

/// Why two frames were not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// A cut lies between them: what differs is no motion.
    Cut,
    /// Their time stamps do not grow, or their scale is no number.
    Time,
}

/// Two frames between which no motion is told.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ExcludedPair {
    /// Number of the second frame.
    pub frame_idx: u64,
    /// Presentation time of the second frame in seconds.
    pub timestamp: f64,
    /// Presentation time of the first frame in seconds.
    pub start_time: f64,
    /// Why.
    pub reason: Exclusion,
}

/// The first frame of a shot other than the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// Number of the frame.
    pub frame: u64,
    /// Its presentation time in seconds.
    pub timestamp: f64,
}

/// Mean energies summed up over the video, each frame counting with the time it covers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EnergyStats {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Median.
    pub median: f64,
}

/// The parts of the measured time in which motion was of each type; they add up to 1.
///
/// Motion is named after it is smoothed over a tenth of a second (Gaussian sigma), as for segments: a
/// frame that is shown twice in the middle of a movement is no stillness.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct MotionDistribution {
    /// Part in which next to nothing moves.
    #[serde(rename = "static")]
    pub still: f64,
    /// Part with smooth motion.
    pub smooth: f64,
    /// Part with fast motion.
    pub fast: f64,
    /// Part with chaotic motion.
    pub chaotic: f64,
}

/// One point of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimelinePoint {
    /// Number of the frame.
    pub frame: u64,
    /// Presentation time in seconds.
    pub timestamp: f64,
    /// Mean energy of the motion that leads to the frame.
    pub energy: f64,
    /// Its name.
    pub motion_type: MotionType,
    /// Where it goes.
    pub direction: Direction,
}

/// The motion of a whole video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MotionAnalysis {
    /// Name of the flow that measured.
    pub method: String,
    /// Every so many frames one was looked at.
    pub sample_rate: usize,
    /// Width of the source in pixels.
    pub width: f64,
    /// Height of the source in pixels.
    pub height: f64,
    /// Number of frames of the video.
    pub total_frames: u64,
    /// Number of frames that were looked at.
    pub analyzed_frames: u64,
    /// Number of the first frame.
    pub first_frame: u64,
    /// Nominal frame rate that energies refer to; 0 where neither the video nor its time stamps tell one.
    pub fps: f64,
    /// Presentation time of the first frame in seconds.
    pub start_time: f64,
    /// Time at which the last frame ends, in seconds.
    pub end_time: f64,
    /// What was measured, in time order.
    pub frames: Vec<MotionFrame>,
    /// Pairs of frames that were not compared, in time order.
    pub excluded: Vec<ExcludedPair>,
    /// The cuts that were taken into account, in time order.
    pub cuts: Vec<Cut>,
    /// Energies summed up; `None` where nothing was measured.
    pub energy_stats: Option<EnergyStats>,
    /// Parts of the measured time; `None` where nothing was measured.
    pub motion_distribution: Option<MotionDistribution>,
    /// Runs of one type of motion; they follow each other without a gap.
    pub segments: Vec<MotionSegment>,
    /// What to change, in time order.
    pub recommendations: Vec<Recommendation>,
}

impl MotionAnalysis {
    /// The analysis of a video without frames.
    pub(crate) fn empty(method: &str, fps: f64) -> Self {
        Self {
            method: method.to_owned(),
            sample_rate: 1,
            width: 0.0,
            height: 0.0,
            total_frames: 0,
            analyzed_frames: 0,
            first_frame: 0,
            fps,
            start_time: 0.0,
            end_time: 0.0,
            frames: Vec::new(),
            excluded: Vec::new(),
            cuts: Vec::new(),
            energy_stats: None,
            motion_distribution: None,
            segments: Vec::new(),
            recommendations: Vec::new(),
        }
    }

    /// Adds everything that follows from `frames` and `cuts`.
    pub(crate) fn build(mut self) -> Self {
        self.energy_stats = energy_stats(&self.frames);
        self.motion_distribution = motion_distribution(&self.frames);
        self.segments = segments::find(&self);
        self.recommendations = recommendations::find(&self);
        self
    }

    /// Length of the video in seconds, to the end of the last frame.
    pub fn duration(&self) -> f64 {
        self.end_time - self.start_time
    }

    /// What was measured, one point for each frame.
    pub fn timeline(&self) -> Vec<TimelinePoint> {
        let point = |frame: &MotionFrame| TimelinePoint {
            frame: frame.frame_idx,
            timestamp: frame.timestamp,
            energy: frame.motion.mean_energy,
            motion_type: frame.motion.motion_type,
            direction: frame.motion.dominant_direction,
        };
        self.frames.iter().map(point).collect()
    }

    /// Finds where else the video may be cut: at most `num_cuts` points, in time order.
    ///
    /// Two kinds of place hide a cut or make it feel right. At **rest**, motion dips between two
    /// movements: the one is over, the next has not begun. On **action**, a movement sets in: it draws
    /// the eye away from the change (Smith and Henderson 2008 found cuts on action overlooked most
    /// often). Both are scored by how much the motion changes, in nats of `1 + energy`, and need at
    /// least 0.4 of it, so that noise and even motion have none. Points keep 0.5 s from each other and
    /// 0.3 s from the cuts there are and from both ends of the video.
    pub fn find_cut_points(&self, num_cuts: usize) -> Vec<CutPoint> {
        cut_points::find(self, num_cuts)
    }

    /// The shots as spans of seconds, in time order.
    pub(crate) fn shot_spans(&self) -> Vec<(f64, f64)> {
        if self.total_frames == 0 {
            return Vec::new();
        }
        let starts = std::iter::once(self.start_time).chain(self.cuts.iter().map(|c| c.timestamp));
        let ends = self.cuts.iter().map(|c| c.timestamp).chain(std::iter::once(self.end_time));
        starts.zip(ends).collect()
    }
}

fn energy_stats(frames: &[MotionFrame]) -> Option<EnergyStats> {
    let pairs: Vec<_> = frames.iter().map(|f| (f.motion.mean_energy, f.interval())).collect();
    let weight = pairs.iter().map(|(_, weight)| weight).sum::<f64>();
    if weight <= 0.0 {
        return None;
    }
    let mean = pairs.iter().map(|(value, w)| value * (w / weight)).sum::<f64>();
    let variance = pairs.iter().map(|(v, w)| (v - mean) * (v - mean) * (w / weight)).sum::<f64>();
    let values = || pairs.iter().map(|&(value, _)| value);
    let (min, max) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
    let median = weighted_quantile(pairs.clone(), 0.5)?;
    Some(EnergyStats { mean, std: variance.sqrt(), min, max, median })
}

fn motion_distribution(frames: &[MotionFrame]) -> Option<MotionDistribution> {
    let total = frames.iter().map(|frame| frame.interval()).sum::<f64>();
    if total <= 0.0 {
        return None;
    }
    let mut seconds = MotionDistribution::default();
    let levels = smooth_in_shots(frames, segments::SIGMA, |frame| frame.motion.mean_energy);
    for (frame, level) in frames.iter().zip(levels) {
        let part = match classify_motion(level) {
            MotionType::Static => &mut seconds.still,
            MotionType::Smooth => &mut seconds.smooth,
            MotionType::Fast => &mut seconds.fast,
            MotionType::Chaotic => &mut seconds.chaotic,
        };
        *part += frame.interval();
    }
    Some(MotionDistribution {
        still: seconds.still / total,
        smooth: seconds.smooth / total,
        fast: seconds.fast / total,
        chaotic: seconds.chaotic / total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::analysis_of;

    #[test]
    fn statistics_count_time_not_frames() {
        let mut analysis = analysis_of(25.0, &[], |t| if t < 2.0 { 2.0 } else { 8.0 }, 4.0);
        let stats = analysis.energy_stats.unwrap();
        assert!((stats.mean - 5.0).abs() < 0.1 && (stats.std - 3.0).abs() < 0.1, "{stats:?}");
        assert_eq!((stats.min, stats.max), (2.0, 8.0));
        analysis.frames.retain(|f| f.timestamp < 2.0 || f.frame_idx % 2 == 0);
        for frame in &mut analysis.frames {
            frame.from_time -= if frame.timestamp < 2.0 { 0.0 } else { frame.interval() };
        }
        let thinned = analysis.build().energy_stats.unwrap();
        assert!((thinned.mean - stats.mean).abs() < 0.1, "{thinned:?}");
    }

    #[test]
    fn every_type_has_its_share_and_shares_add_up() {
        let levels = [0.2, 3.0, 9.0, 30.0];
        let analysis = analysis_of(25.0, &[], |t| levels[(t as usize).min(3)], 4.0);
        let shares = analysis.motion_distribution.unwrap();
        for share in [shares.still, shares.smooth, shares.fast, shares.chaotic] {
            assert!((share - 0.25).abs() < 0.03, "{shares:?}");
        }
        assert!((shares.still + shares.smooth + shares.fast + shares.chaotic - 1.0).abs() < 1e-12);
    }

    #[test]
    fn frames_shown_twice_are_no_stillness() {
        let every_fifth_twice = |t: f64| if ((t * 30.0) as u64) % 5 == 4 { 0.0 } else { 9.0 };
        let shares = analysis_of(30.0, &[], every_fifth_twice, 4.0).motion_distribution.unwrap();
        assert_eq!((shares.still, shares.fast), (0.0, 1.0));
    }

    #[test]
    fn a_result_survives_json() {
        let analysis = analysis_of(25.0, &[30], |t| 4.0 + 4.0 * (t * 3.0).sin(), 6.0);
        let json = serde_json::to_string(&analysis).unwrap();
        assert!(json.contains("\"mean_energy\"") && json.contains("\"static\""));
        let back: MotionAnalysis = serde_json::from_str(&json).unwrap();
        assert_eq!(back.segments.len(), analysis.segments.len());
        assert_eq!(back.frames[3].frame_idx, analysis.frames[3].frame_idx);
    }

    #[test]
    fn the_timeline_is_what_was_measured() {
        let analysis = analysis_of(25.0, &[10], |_| 3.0, 1.0);
        let timeline = analysis.timeline();
        assert_eq!(timeline.len(), 23);
        assert!(timeline.iter().all(|p| p.frame != 10 && p.energy == 3.0));
        assert_eq!(timeline[0].direction, Direction::Right);
    }
}
