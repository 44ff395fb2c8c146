//! Bars: which beats are ones.

use crate::beat::Beat;
use crate::features::Features;
use crate::simd::kernel;
use serde::{Deserialize, Serialize};

/// Beats of a bar that are tried.
const METERS: [usize; 2] = [4, 3];
/// Bars that a decision needs.
const FEWEST_BARS: usize = 4;
/// Probability that the ones are no chance from which on they are told.
const LEAST_CONFIDENCE: f64 = 0.95;
/// Weight of a change of sound beside that of a low stroke.
const CHANGE_WEIGHT: f64 = 1.0;

/// How beats make bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bars {
    /// Beats of a bar: 3 or 4.
    pub beats_per_bar: usize,
    /// Times of the first beats of bars in seconds.
    pub downbeats: Vec<f64>,
    /// Probability that low strokes and changes of sound fall on the ones more than on any other beat of the bar,
    /// all ways of counting that were tried allowed for.
    pub confidence: f64,
}

/// Finds the bars; `None` where no beat of the bar stands out. Times are in seconds after the first sample.
pub(crate) fn find(beats: &[Beat], features: &Features) -> Option<Bars> {
    let accents = accents(beats, features);
    let tried = METERS.into_iter().filter(|meter| beats.len() >= meter * FEWEST_BARS);
    let tried = tried.flat_map(|meter| (0..meter).map(move |phase| (meter, phase)));
    let contrasts: Vec<_> = tried.map(|way| (contrast(&accents, way.0, way.1), way)).collect();
    let (deviations, (meter, phase)) =
        contrasts.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0))?;
    let chance = contrasts.len() as f64 * upper_tail(deviations);
    let rival = (1..meter)
        .map(|other| upper_tail(lead(&accents, meter, phase, (phase + other) % meter)))
        .fold(0.0, f64::max);
    let confidence = (1.0 - chance.max(rival * (meter - 1) as f64)).max(0.0);
    let downbeats = beats.iter().skip(phase).step_by(meter).map(|beat| beat.time).collect();
    (confidence >= LEAST_CONFIDENCE).then_some(Bars { beats_per_bar: meter, downbeats, confidence })
}

/// How much each beat looks like a one: low strokes and changes of sound, in standard deviations.
fn accents(beats: &[Beat], features: &Features) -> Vec<f64> {
    let frames: Vec<usize> = beats.iter().map(|beat| features.frame_at(beat.time)).collect();
    let low = |&frame: &usize| {
        let near = frame.saturating_sub(3)..(frame + 4).min(features.frames());
        features.low_novelty[near].iter().copied().fold(0.0, f32::max)
    };
    let low = standardized(&frames.iter().map(|frame| f64::from(low(frame))).collect::<Vec<_>>());
    let means: Vec<Vec<f32>> =
        frames.windows(2).map(|pair| held_level(features, pair[0], pair[1])).collect();
    let distance = |at: usize| {
        let (Some(before), Some(after)) =
            (at.checked_sub(1).and_then(|i| means.get(i)), means.get(at))
        else {
            return None;
        };
        let squares = before.iter().zip(after).map(|(a, b)| f64::from(a - b).powi(2));
        Some(squares.sum::<f64>().sqrt())
    };
    let known: Vec<f64> = (0..beats.len()).filter_map(distance).collect();
    let usual = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let changes: Vec<f64> = (0..beats.len()).map(|at| distance(at).unwrap_or(usual)).collect();
    let changes = standardized(&changes);
    low.iter().zip(&changes).map(|(low, change)| low + CHANGE_WEIGHT * change).collect()
}

/// The levels that are held from one beat to the next, their medians: strokes are shorter than half of it.
fn held_level(features: &Features, first: usize, last: usize) -> Vec<f32> {
    let last = last.max(first + 1).min(features.frames());
    let bands = features.bands;
    let mut medians = vec![0; bands];
    let levels = &features.levels[first * bands..last * bands];
    let below = (last - first - 1).div_ceil(2) as u32;
    of_rank(levels, below, &mut medians, &mut vec![0; bands], &mut vec![0; bands]);
    medians.into_iter().map(f32::from_bits).collect()
}

kernel! {
    /// The bits of the value in each column of a table that `rank` others in it lie below, once equal ones are put in an
    /// order; none is negative.
    ///
    /// The bits of such numbers are in the order of the numbers. They are found one by one, the highest first, for all
    /// columns together: a bit is set where no more than `rank` values lie below the number that has it.
    fn of_rank(
        table: &[f32],
        rank: u32,
        found: &mut [u32],
        tried: &mut [u32],
        below: &mut [u32],
    ) {
        let columns = found.len();
        found.fill(0);
        for bit in (0..31).rev() {
            tried.iter_mut().zip(&*found).for_each(|(tried, found)| *tried = found | 1 << bit);
            below.fill(0);
            for row in table.chunks_exact(columns) {
                for ((below, tried), value) in below.iter_mut().zip(&*tried).zip(row) {
                    *below += u32::from(value.to_bits() < *tried);
                }
            }
            for ((found, tried), below) in found.iter_mut().zip(&*tried).zip(&*below) {
                *found = if *below <= rank { *tried } else { *found };
            }
        }
    }
}

/// Mean levels of a stretch of frames.
pub(crate) fn mean_level(features: &Features, first: usize, last: usize) -> Vec<f32> {
    let last = last.max(first + 1).min(features.frames());
    let mut mean = vec![0.0; features.bands];
    for frame in first..last {
        for (sum, level) in mean.iter_mut().zip(features.level(frame)) {
            *sum += level;
        }
    }
    let count = last.saturating_sub(first).max(1) as f32;
    mean.iter_mut().for_each(|sum| *sum /= count);
    mean
}

fn standardized(values: &[f64]) -> Vec<f64> {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let deviation = variance.sqrt();
    values.iter().map(|v| if deviation > 1e-9 { (v - mean) / deviation } else { 0.0 }).collect()
}

/// Difference of the means of ones and others in standard errors, each with its own spread (Welch).
fn contrast(accents: &[f64], meter: usize, phase: usize) -> f64 {
    welch(accents, |at| at % meter == phase, |at| at % meter != phase)
}

/// Difference of the means of two beats of the bar in standard errors.
fn lead(accents: &[f64], meter: usize, phase: usize, other: usize) -> f64 {
    welch(accents, |at| at % meter == phase, |at| at % meter == other)
}

fn welch(accents: &[f64], ours: impl Fn(usize) -> bool, theirs: impl Fn(usize) -> bool) -> f64 {
    let moments = |chosen: &dyn Fn(usize) -> bool| {
        let values = || accents.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, v)| v);
        let count = values().count() as f64;
        let mean = values().sum::<f64>() / count.max(1.0);
        let spread = values().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        (mean, spread / count.max(1.0))
    };
    let ((one, one_error), (other, other_error)) = (moments(&ours), moments(&theirs));
    (one - other) / (one_error + other_error + 1e-3).sqrt()
}

/// Probability that a normal variable is larger (Abramowitz and Stegun 7.1.26).
fn upper_tail(deviations: f64) -> f64 {
    let x = deviations.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let poly = series.iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
    let tail = 0.5 * poly * (-x * x).exp();
    if deviations >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_normal_distribution() {
        for (deviations, tail) in
            [(0.0, 0.5), (1.644_854, 0.05), (-1.644_854, 0.95), (3.0, 0.001_35)]
        {
            assert!((upper_tail(deviations) - tail).abs() < 1e-5);
        }
    }

    #[test]
    fn medians_of_columns_are_those_of_sorted_columns() {
        for rows in 1..30 {
            let value = |at: usize| (at * at * 37 % 101) as f32 * 0.07;
            let table: Vec<f32> = (0..rows * 5).map(value).collect();
            let (mut found, rank) = ([0; 5], (rows - 1).div_ceil(2));
            of_rank(&table, rank as u32, &mut found, &mut [0; 5], &mut [0; 5]);
            for (column, found) in found.into_iter().enumerate() {
                let mut values: Vec<f32> = table.iter().skip(column).step_by(5).copied().collect();
                values.sort_by(f32::total_cmp);
                assert_eq!(f32::from_bits(found), values[rank]);
            }
        }
    }

    #[test]
    fn the_beat_that_stands_out_is_the_one() {
        let accents: Vec<f64> =
            (0..32).map(|i| f64::from(u8::from(i % 4 == 2)) + 0.1 * f64::from(i % 5)).collect();
        let best =
            (0..4).max_by(|&a, &b| contrast(&accents, 4, a).total_cmp(&contrast(&accents, 4, b)));
        assert_eq!(best, Some(2));
    }
}
