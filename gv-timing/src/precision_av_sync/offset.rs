//! Whether all of the picture is early or late, and whether it drifts.

use super::matching::{REACH, assign, check};
use super::peaks::VisualPeak;
use crate::Result;
use gv_audio::{AudioPeak, PeakType};
use serde::{Deserialize, Serialize};

/// Seconds between two offsets that are tried, and width of the smoothing over them.
const STEP: f64 = 0.001;
const WIDTH: f64 = 0.012;
/// Standard deviations by which the best offset stands out from those tried.
const LEAST_DEVIATIONS: f64 = 2.5;
/// Share of the best agreement from which on the smaller offset is taken: beats are as good a beat later.
const AS_GOOD: f64 = 0.85;
/// Seconds around the offset within which pairs belong to it.
const NEAR: f64 = 0.06;
/// Fewest pairs, of which this share of the visual peaks.
const FEWEST: usize = 4;
const LEAST_SHARE: f64 = 0.4;
/// Standard errors from which on a drift is told.
const DRIFT_ERRORS: f64 = 4.0;

/// By how much the picture is late throughout.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SyncOffset {
    /// Seconds by which the picture is later than the sound in the middle of the video; negative where it is earlier.
    pub seconds: f64,
    /// Standard error of that in seconds.
    pub uncertainty: f64,
    /// Pairs that it was measured with.
    pub pairs: usize,
    /// Seconds by which the offset grows each second; `None` where it is constant as far as can be told.
    pub drift: Option<f64>,
    /// Standard error of the drift in seconds a second.
    pub drift_uncertainty: f64,
}

/// Measures a constant offset between cuts and beats, up to half a second; `None` where none stands out.
///
/// Cuts and transitions are held against beats and drops where there are four of each, else all peaks against all.
/// Music repeats with its beat: of offsets that agree about equally well the smallest is taken, so that one of more
/// than half a beat cannot be told from its remainder.
///
/// # Errors
///
/// [`crate::Error::InvalidParameter`] for a time that is not finite.
pub fn measure_offset(audio: &[AudioPeak], visual: &[VisualPeak]) -> Result<Option<SyncOffset>> {
    check(REACH, audio, visual)?;
    let is_beat = |peak: &&AudioPeak| matches!(peak.peak_type, PeakType::Beat | PeakType::Drop);
    let mut heard: Vec<f64> = audio.iter().filter(is_beat).map(|peak| peak.timestamp).collect();
    let mut seen: Vec<f64> = visual
        .iter()
        .filter(|peak| peak.peak_type.joins_shots())
        .map(|peak| peak.timestamp)
        .collect();
    if heard.len() < FEWEST || seen.len() < FEWEST {
        heard = audio.iter().map(|peak| peak.timestamp).collect();
        seen = visual.iter().map(|peak| peak.timestamp).collect();
    }
    heard.sort_by(f64::total_cmp);
    seen.sort_by(f64::total_cmp);
    if heard.len() < FEWEST || seen.len() < FEWEST {
        return Ok(None);
    }
    Ok(best_shift(&seen, &heard).and_then(|shift| refine(&seen, &heard, shift)))
}

/// The offset at which most pairs agree.
fn best_shift(seen: &[f64], heard: &[f64]) -> Option<f64> {
    let bins = (2.0 * REACH / STEP) as usize + 1;
    let mut counts = vec![0.0f64; bins];
    for &time in seen {
        let first = heard.partition_point(|&sound| sound < time - REACH);
        for &sound in heard[first..].iter().take_while(|&&sound| sound <= time + REACH) {
            let bin = ((time - sound + REACH) / STEP).round() as usize;
            counts[bin.min(bins - 1)] += 1.0;
        }
    }
    let width = WIDTH / STEP;
    let reach = (3.0 * width) as usize;
    let agreement = |bin: usize| {
        let (first, last) = (bin.saturating_sub(reach), (bin + reach + 1).min(bins));
        let weight = |other: usize| (-0.5 * ((other as f64 - bin as f64) / width).powi(2)).exp();
        (first..last).map(|other| counts[other] * weight(other)).sum::<f64>()
    };
    let smooth: Vec<f64> = (0..bins).map(agreement).collect();
    let mean = smooth.iter().sum::<f64>() / bins as f64;
    let deviation = (smooth.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / bins as f64).sqrt();
    let top = smooth.iter().copied().fold(0.0, f64::max);
    if top - mean < LEAST_DEVIATIONS * deviation {
        return None;
    }
    let is_peak = |&bin: &usize| {
        let near = bin.saturating_sub(reach)..(bin + reach + 1).min(bins);
        smooth[bin] >= mean + AS_GOOD * (top - mean)
            && near.into_iter().all(|b| smooth[b] <= smooth[bin])
    };
    let shift = |bin: usize| bin as f64 * STEP - REACH;
    (0..bins).filter(is_peak).map(shift).min_by(|a, b| a.abs().total_cmp(&b.abs()))
}

/// Measures the offset with the pairs near to it, and how it changes over time.
fn refine(seen: &[f64], heard: &[f64], shift: f64) -> Option<SyncOffset> {
    let moved: Vec<f64> = seen.iter().map(|time| time - shift).collect();
    let mut points: Vec<(f64, f64)> = assign(&moved, heard, NEAR)
        .into_iter()
        .map(|(v, a)| (seen[v], seen[v] - heard[a]))
        .collect();
    if points.len() < FEWEST || (points.len() as f64) < LEAST_SHARE * seen.len() as f64 {
        return None;
    }
    let middle = (seen[0] + seen[seen.len() - 1]) / 2.0;
    let mut line = Line::through(&points, middle);
    for _ in 0..2 {
        let limit = (3.0 * line.spread).max(0.005);
        let kept = |point: &&(f64, f64)| (point.1 - line.at(point.0)).abs() <= limit;
        let near: Vec<(f64, f64)> = points.iter().filter(kept).copied().collect();
        if near.len() < FEWEST {
            break;
        }
        points = near;
        line = Line::through(&points, middle);
    }
    let drifts = line.slope.abs() > DRIFT_ERRORS * line.slope_error && points.len() > 2 * FEWEST;
    let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
    Some(SyncOffset {
        seconds: if drifts { line.value } else { mean },
        uncertainty: line.value_error,
        pairs: points.len(),
        drift: drifts.then_some(line.slope),
        drift_uncertainty: line.slope_error,
    })
}

/// A least-squares line through points, with its errors.
struct Line {
    middle: f64,
    value: f64,
    slope: f64,
    spread: f64,
    value_error: f64,
    slope_error: f64,
}

impl Line {
    fn through(points: &[(f64, f64)], middle: f64) -> Self {
        let count = points.len() as f64;
        let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
        let (x, y) = (sum_x / count, sum_y / count);
        let (xx, xy) = points
            .iter()
            .fold((0.0, 0.0), |(xx, xy), p| (xx + (p.0 - x).powi(2), xy + (p.0 - x) * (p.1 - y)));
        let slope = if xx > 0.0 { xy / xx } else { 0.0 };
        let value = y + slope * (middle - x);
        let residual = |p: &(f64, f64)| (p.1 - y - slope * (p.0 - x)).powi(2);
        let spread = (points.iter().map(residual).sum::<f64>() / (count - 2.0).max(1.0)).sqrt();
        let slope_error = if xx > 0.0 { spread / xx.sqrt() } else { f64::INFINITY };
        Self { middle, value, slope, spread, value_error: spread / count.sqrt(), slope_error }
    }

    fn at(&self, time: f64) -> f64 {
        self.value + self.slope * (time - self.middle)
    }
}
