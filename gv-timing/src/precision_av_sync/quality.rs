//! The sync of a whole video.

use super::chance::{ChanceSync, against_chance};
use super::matching::{SYNC_TOLERANCE, find_sync_points};
use super::offset::{SyncOffset, measure_offset};
use super::peaks::VisualPeak;
use super::recut::{RecutOptions, RecutPlan, suggest_cut_adjustments};
use crate::Result;
use gv_audio::{AudioPeak, PeakType};
use serde::{Deserialize, Serialize};

/// Probability of chance up to which sync is taken for intended.
const INTENDED: f64 = 0.01;
/// Seconds from which on a constant offset is worth removing: viewers notice about that much (ITU-R BT.1359: sound
/// 45 ms early).
const NOTICED: f64 = 0.045;

/// What the sync of a video is judged by.
#[derive(Debug, Clone, Copy)]
pub struct SyncEvidence<'a> {
    /// What is heard.
    pub audio: &'a [AudioPeak],
    /// What is seen.
    pub visual: &'a [VisualPeak],
    /// Where the video starts and ends, in seconds.
    pub span: (f64, f64),
    /// Within how many seconds two peaks are in sync.
    pub tolerance: f64,
}

impl<'a> SyncEvidence<'a> {
    /// Peaks of a video that starts and ends at `span`, in sync within 0.1 s.
    pub const fn new(audio: &'a [AudioPeak], visual: &'a [VisualPeak], span: (f64, f64)) -> Self {
        Self { audio, visual, span, tolerance: SYNC_TOLERANCE }
    }
}

/// How much of what is seen falls on what is heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncQuality {
    /// Audio peaks.
    pub total_audio_peaks: usize,
    /// Visual peaks.
    pub total_visual_peaks: usize,
    /// Visual peaks that have an audio peak of their own within half a second.
    pub sync_points_found: usize,
    /// Those of them that are within the tolerance.
    pub synced_within_tolerance: usize,
    /// The same as a share of all visual peaks, in percent; 0 where there are none.
    pub sync_percentage: f64,
    /// Mean size of the offsets of the points found, in seconds; 0 where there are none.
    pub average_offset_seconds: f64,
    /// Mean sync score of the points found; 0 where there are none.
    pub average_sync_score: f64,
    /// Within how many seconds two peaks are in sync.
    pub tolerance_used: f64,
    /// What to do, with the measured values.
    pub recommendation: String,
    /// All visual peaks against all audio peaks, beside chance; `None` where there are none of either.
    pub all_peaks: Option<ChanceSync>,
    /// Cuts and transitions against beats and drops, beside chance; `None` where there are no beats or no cuts.
    pub cuts_on_beats: Option<ChanceSync>,
    /// By how much the picture is late throughout; `None` where no constant offset stands out.
    pub offset: Option<SyncOffset>,
    /// Shifts that bring cuts into sync.
    pub recut: RecutPlan,
}

/// Judges the sync of a video; `recut` says how cuts may be moved.
///
/// # Errors
///
/// [`crate::Error::InvalidParameter`] as for [`find_sync_points`], [`against_chance`] and
/// [`suggest_cut_adjustments`].
pub fn analyze_sync_quality(
    evidence: &SyncEvidence<'_>,
    recut: &RecutOptions,
) -> Result<SyncQuality> {
    let SyncEvidence { audio, visual, span, tolerance } = *evidence;
    let points = find_sync_points(audio, visual, tolerance)?;
    // A drop alone is no beat that cuts could follow.
    let has_beats = audio.iter().any(|peak| peak.peak_type == PeakType::Beat);
    let beats: Vec<AudioPeak> = audio
        .iter()
        .filter(|peak| has_beats && matches!(peak.peak_type, PeakType::Beat | PeakType::Drop))
        .copied()
        .collect();
    let cuts: Vec<VisualPeak> =
        visual.iter().filter(|peak| peak.peak_type.joins_shots()).copied().collect();
    let synced = points.iter().filter(|point| point.is_synced).count();
    let mean = |sum: f64, count: usize| if count > 0 { sum / count as f64 } else { 0.0 };
    let on_beats = find_sync_points(&beats, &cuts, tolerance)?;
    let recut = recut.clone().tolerance(tolerance);
    let plan = suggest_cut_adjustments(if beats.is_empty() { &points } else { &on_beats }, &recut)?;
    let mut quality = SyncQuality {
        total_audio_peaks: audio.len(),
        total_visual_peaks: visual.len(),
        sync_points_found: points.len(),
        synced_within_tolerance: synced,
        sync_percentage: mean(100.0 * synced as f64, visual.len()),
        average_offset_seconds: mean(points.iter().map(|p| p.offset.abs()).sum(), points.len()),
        average_sync_score: mean(points.iter().map(|p| p.sync_score).sum(), points.len()),
        tolerance_used: tolerance,
        recommendation: String::new(),
        all_peaks: against_chance(audio, visual, span, tolerance)?,
        cuts_on_beats: against_chance(&beats, &cuts, span, tolerance)?,
        offset: measure_offset(audio, visual)?,
        recut: plan,
    };
    quality.recommendation = quality.advice();
    Ok(quality)
}

impl SyncQuality {
    fn advice(&self) -> String {
        if self.total_audio_peaks == 0 {
            return "nothing is heard that a cut could fall on".into();
        }
        if self.total_visual_peaks == 0 {
            return "nothing is seen that could fall on a beat: no cut, no motion, no face that appears".into();
        }
        if let Some(offset) = self.offset.filter(|offset| offset.seconds.abs() > NOTICED) {
            let side = if offset.seconds > 0.0 { "later" } else { "earlier" };
            return format!(
                "shift the sound {side} by {:.0} ms (give or take {:.0} ms): the picture is that much {} throughout",
                1000.0 * offset.seconds.abs(),
                1000.0 * offset.uncertainty,
                if offset.seconds > 0.0 { "late" } else { "early" },
            );
        }
        let Some(cuts) = self.cuts_on_beats else {
            return format!(
                "there are no beats or no cuts; {:.0} % of what is seen falls on what is heard, {:.0} % would by chance",
                self.sync_percentage,
                self.all_peaks.map_or(0.0, |all| all.chance_percentage),
            );
        };
        let figures = format!(
            "{} of {} cuts are within {:.2} s of a beat; {:.0} % would be by chance",
            cuts.synced, cuts.visual_peaks, self.tolerance_used, cuts.chance_percentage,
        );
        let shifts = self.recut.adjustments.len();
        match (cuts.p_value <= INTENDED, shifts) {
            (true, 0) => format!("keep the cuts: {figures}"),
            (true, _) => format!("{figures}; {shifts} shifts bring the rest onto beats"),
            (false, 0) => format!("{figures}: the cuts do not follow the beat"),
            (false, _) => format!(
                "{figures}: the cuts do not follow the beat; {shifts} shifts bring them onto beats"
            ),
        }
    }
}
