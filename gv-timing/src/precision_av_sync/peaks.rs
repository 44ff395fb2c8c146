//! Moments that stand out in the picture.

use gv_vision::motion_energy::MotionAnalysis;
use gv_vision::shots::{BoundaryKind, ShotList};
use serde::{Deserialize, Serialize};

/// Seconds within which two peaks are one moment.
const SAME: f64 = 0.05;
/// Seconds between two peaks of motion.
const APART: f64 = 0.25;
/// Energy that a peak of motion has at least, in source pixels per frame interval.
const LEAST_MOTION: f64 = 1.0;
/// Standard deviations above the mean that a peak of motion has at least.
const LEAST_DEVIATIONS: f64 = 1.0;
/// Seconds after a moment whose mean motion is its energy.
const AFTER: f64 = 0.25;

/// A moment that stands out in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VisualPeak {
    /// When it is, in seconds: the first frame of the new shot, the frame in which a face is first seen, the
    /// middle of the strongest motion.
    pub timestamp: f64,
    /// Motion there, in source pixels per frame interval: that of the peak itself for motion, else the mean of the
    /// quarter second that follows.
    pub motion_energy: f64,
    /// What happens.
    pub peak_type: VisualPeakType,
}

/// What happens at a visual peak. A moment that is several things is the first of them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisualPeakType {
    /// A cut.
    Cut,
    /// A dissolve or fade.
    Transition,
    /// A face appears within a shot or with it.
    FaceAppear,
    /// Motion that is stronger than before and after.
    Motion,
}

impl VisualPeakType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Cut, Self::Transition, Self::FaceAppear, Self::Motion];

    /// The name that is serialized.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Transition => "transition",
            Self::FaceAppear => "face_appear",
            Self::Motion => "motion",
        }
    }

    /// The type of a name; `None` for a name of none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether one shot gives way to another.
    pub const fn joins_shots(self) -> bool {
        matches!(self, Self::Cut | Self::Transition)
    }
}

/// Gathers the visual peaks of a video in order of time.
///
/// `faces` are the times at which faces are first seen; `None` where nobody looked, and then there is no peak of
/// that type.
pub fn visual_peaks(
    shots: &ShotList,
    motion: &MotionAnalysis,
    faces: Option<&[f64]>,
) -> Vec<VisualPeak> {
    let energy = |time: f64| {
        let after =
            motion.frames.iter().filter(|frame| (time..time + AFTER).contains(&frame.middle()));
        let (sum, count) = after
            .fold((0.0, 0.0), |(sum, count), frame| (sum + frame.motion.mean_energy, count + 1.0));
        if count > 0.0 { sum / count } else { 0.0 }
    };
    let peak = |timestamp, peak_type| VisualPeak {
        timestamp,
        motion_energy: energy(timestamp),
        peak_type,
    };
    let kind = |kind: BoundaryKind| match kind {
        BoundaryKind::Cut => VisualPeakType::Cut,
        _ => VisualPeakType::Transition,
    };
    let mut found: Vec<VisualPeak> = Vec::new();
    found.extend(shots.boundaries.iter().map(|boundary| peak(boundary.time, kind(boundary.kind))));
    let start = shots.shots.first().map_or(f64::NEG_INFINITY, |shot| shot.start_time);
    let appear = faces.unwrap_or_default().iter().filter(|&&time| time > start + SAME);
    found.extend(appear.map(|&time| peak(time, VisualPeakType::FaceAppear)));
    found.extend(motion_peaks(motion));
    merged(found)
}

/// Peaks of motion, away from where shots are joined.
fn motion_peaks(motion: &MotionAnalysis) -> Vec<VisualPeak> {
    let energies: Vec<(f64, f64)> =
        motion.frames.iter().map(|frame| (frame.middle(), frame.motion.mean_energy)).collect();
    let count = energies.len().max(1) as f64;
    let mean = energies.iter().map(|(_, energy)| energy).sum::<f64>() / count;
    let variance = energies.iter().map(|(_, energy)| (energy - mean).powi(2)).sum::<f64>() / count;
    let least = LEAST_MOTION.max(mean + LEAST_DEVIATIONS * variance.sqrt());
    let stands_out = |&(at, &(time, energy)): &(usize, &(f64, f64))| {
        let before = energies[..at].iter().rev().take_while(|other| time - other.0 <= APART);
        let after = energies[at + 1..].iter().take_while(|other| other.0 - time <= APART);
        energy >= least
            && before.into_iter().all(|other| other.1 < energy)
            && after.into_iter().all(|other| other.1 <= energy)
    };
    let peak = |(_, &(timestamp, motion_energy)): (usize, &(f64, f64))| VisualPeak {
        timestamp,
        motion_energy,
        peak_type: VisualPeakType::Motion,
    };
    energies.iter().enumerate().filter(stands_out).map(peak).collect()
}

/// Sorts peaks by time and keeps one for each moment.
fn merged(mut peaks: Vec<VisualPeak>) -> Vec<VisualPeak> {
    let by_kind = |a: &VisualPeak, b: &VisualPeak| {
        a.peak_type.cmp(&b.peak_type).then(a.timestamp.total_cmp(&b.timestamp))
    };
    peaks.sort_by(by_kind);
    let mut kept: Vec<VisualPeak> = Vec::with_capacity(peaks.len());
    for peak in peaks {
        let rival = |other: &VisualPeak| {
            let joins = peak.peak_type.joins_shots();
            !joins && (other.timestamp - peak.timestamp).abs() < SAME
        };
        if !kept.iter().any(rival) {
            kept.push(peak);
        }
    }
    kept.sort_by(|a, b| a.timestamp.total_cmp(&b.timestamp));
    kept
}
