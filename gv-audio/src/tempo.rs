//! Tempo: how many beats a minute, and how it changes.

use crate::AudioOptions;
use crate::lanes::ln;
use crate::periodicity::{Lag, Periodicity, value_at};
use serde::{Deserialize, Serialize};

/// Step between the tempi that are tried.
const STEP: f64 = 1.01;
/// Octaves around the expected tempo that are about as likely, a prior.
const OCTAVES: f64 = 0.6;
/// Correlation below which a period does not count.
const FLOOR: f64 = 0.02;
/// How much the logarithm of the evidence counts beside that of the prior.
const EVIDENCE: f64 = 3.0;
/// Logarithm of how much more likely than its half a beat may be that is divided in four and gives way to it; what it
/// loses then.
const LARGEST_LEAD: f64 = std::f64::consts::LN_2;
const LOSS: f64 = 1.0;
/// Correlation at the quarters of a beat, as a share of that at the beat, from which on it is divided in four.
const QUARTERS: f64 = 0.2;
/// Correlation at the multiples of the beat that a rhythm has at least.
const LEAST_RHYTHM: f64 = 0.08;
/// Standard deviations of noise by which a rhythm exceeds it.
const LEAST_DEVIATIONS: f64 = 7.0;
/// Mean and standard deviation of what the best tempo of a window of noise explains.
const NOISE_IN_PIECES: (f64, f64) = (0.08, 0.03);
/// What a change of tempo costs: a share of one, and at most.
const CHANGE: f64 = 25.0;
const LARGEST_CHANGE: f64 = 6.0;
/// How much better than the whole a changing tempo explains the windows.
const CHANGING: f64 = 1.05;
/// Weight of one window beside the whole.
const WINDOW: f64 = 0.5;
const CANDIDATES: usize = 5;

/// The tempo of a sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tempo {
    /// Beats a minute: the median where it changes.
    pub bpm: f64,
    /// How sure it is, 0 to 1: the strength of the tempo among all candidates, times the probability that the
    /// rhythm is none of noise.
    pub confidence: f64,
    /// Whether the tempo stays within 4 % throughout.
    pub steady: bool,
    /// Tempi that explain the sound, most likely first: half, double and the like of the tempo among them.
    pub candidates: Vec<TempoCandidate>,
}

/// A tempo that may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TempoCandidate {
    /// Beats a minute.
    pub bpm: f64,
    /// How likely it is; all candidates together have 1.
    pub strength: f64,
}

/// The rhythm of a sound before its beats are known.
#[derive(Debug, Clone)]
pub(crate) struct Rhythm {
    pub(crate) candidates: Vec<TempoCandidate>,
    /// Probability that it is none of noise.
    pub(crate) certainty: f64,
    /// Mean correlation at the multiples of the beat.
    pub(crate) strength: f64,
    /// Period of the beat in frames, at the middle of each window.
    pub(crate) periods: Vec<f64>,
    /// Frame of the middle of the first window, and from one to the next.
    first: f64,
    hop: f64,
}

impl Rhythm {
    /// Period of the beat in frames where it is steady: within 4 % throughout.
    pub(crate) fn steady_period(&self, fps: f64) -> Option<f64> {
        let slow = self.periods.iter().copied().fold(0.0, f64::max);
        let refined = self.candidates.iter().map(|candidate| 60.0 * fps / candidate.bpm);
        let near = |period: &f64| (period / slow.max(1e-9) - 1.0).abs() < 0.04;
        is_steady(&self.periods).then(|| refined.into_iter().find(near).unwrap_or(slow))
    }

    /// Period of the beat at a frame, in frames.
    pub(crate) fn period_at(&self, frame: usize) -> f64 {
        let at =
            ((frame as f64 - self.first) / self.hop).clamp(0.0, (self.periods.len() - 1) as f64);
        let (whole, part) = (at.floor() as usize, at - at.floor());
        let next = self.periods[(whole + 1).min(self.periods.len() - 1)];
        let here = self.periods[whole];
        if (next / here).ln().abs() > 0.1 {
            return if part < 0.5 { here } else { next };
        }
        here * (1.0 - part) + next * part
    }
}

/// Finds the rhythm; `None` where there is none.
pub(crate) fn find(
    long: &Periodicity,
    short: &Periodicity,
    fps: f64,
    options: &AudioOptions,
) -> Option<Rhythm> {
    let grid = Grid::new(fps, options);
    let overall = grid.overall_scores(&long.overall);
    let best = (0..overall.len()).max_by(|&a, &b| overall[a].total_cmp(&overall[b]))?;
    if !overall[best].is_finite() {
        return None;
    }
    let (whole, count) = multiples(&long.overall, grid.periods[best])?;
    let along = |path: &[f64]| {
        let pairs = path.iter().zip(&short.windows);
        let known = pairs.filter_map(|(&period, window)| multiples(window, period));
        known.map(|(mean, _)| mean).sum::<f64>() / path.len().max(1) as f64
    };
    let windows = grid.window_scores(short);
    let mut path = grid.path(&overall, &windows, 1.0);
    let mut pieces = along(&path);
    let changing =
        grid.path(&overall, &windows, (whole / pieces.max(1e-9)).clamp(0.0, 1.0).powi(2));
    if along(&changing) > CHANGING * pieces {
        (pieces, path) = (along(&changing), changing);
    }
    let apart =
        (path.len().max(1) * short.hop).max(short.length) as f64 / short.length.max(1) as f64;
    let deviations = (whole / (long.noise / count).sqrt())
        .max((pieces - NOISE_IN_PIECES.0) / (NOISE_IN_PIECES.1 / apart.sqrt()));
    let strength = whole.max(pieces);
    if strength < LEAST_RHYTHM || deviations < LEAST_DEVIATIONS {
        return None;
    }
    let certainty = 1.0 - (-0.5 * deviations.powi(2)).exp() * grid.periods.len() as f64;
    let periods = if path.len() > 2 { path } else { vec![grid.periods[best]] };
    let scores = if is_steady(&periods) { overall } else { mean_scores(&windows, overall.len()) };
    let candidates = candidates(&grid, &scores, &long.overall, fps);
    let (first, hop) = ((short.length / 2) as f64, short.hop.max(1) as f64);
    Some(Rhythm { candidates, certainty: certainty.clamp(0.0, 1.0), strength, periods, first, hop })
}

/// Whether periods stay within 4 %.
fn is_steady(periods: &[f64]) -> bool {
    let slow = periods.iter().copied().fold(0.0, f64::max);
    let fast = periods.iter().copied().fold(f64::INFINITY, f64::min);
    slow <= 1.04 * fast
}

/// Mean correlation at one, two and four (or three and six) times a period, and how many of them are known.
fn multiples(correlation: &[f32], period: f64) -> Option<(f64, f64)> {
    let mean = |times: &[f64]| {
        let known: Vec<f64> =
            times.iter().filter_map(|times| value_at(correlation, times * period)).collect();
        let count = known.len() as f64;
        (count > 0.0).then(|| (known.iter().sum::<f64>() / count, count))
    };
    let (fours, threes) = (mean(&[1.0, 2.0, 4.0, 8.0])?, mean(&[1.0, 3.0, 6.0])?);
    Some(if fours.0 >= threes.0 { fours } else { threes })
}

/// Tempi that are tried, as periods in frames.
struct Grid {
    periods: Vec<f64>,
    prior: Vec<f64>,
    /// One, two, four, eight, three and six times each period, and a quarter of it.
    lags: Vec<[Lag; 7]>,
}

impl Grid {
    fn new(fps: f64, options: &AudioOptions) -> Self {
        let (slow, fast) = (60.0 * fps / options.min_bpm, 60.0 * fps / options.max_bpm);
        let steps = ((slow / fast).ln() / STEP.ln()).ceil() as i32;
        let periods: Vec<f64> = (0..=steps).map(|step| fast * STEP.powi(step)).collect();
        let octaves = |period: &f64| (60.0 * fps / period / options.expected_bpm).log2();
        let prior = periods.iter().map(|p| -0.5 * (octaves(p) / OCTAVES).powi(2)).collect();
        let times = [1.0, 2.0, 4.0, 8.0, 3.0, 6.0, 0.25];
        let lags = periods.iter().map(|period| times.map(|times| Lag::new(times * period)));
        Self { prior, lags: lags.collect(), periods }
    }

    /// Logarithms of how well each tempo explains a correlation, up to a constant.
    fn scores(&self, correlation: &[f32]) -> Vec<f64> {
        let score = |(lags, &prior): (&[Lag; 7], &f64)| match evidence(correlation, lags) {
            Some(evidence) => EVIDENCE * f64::from(ln(evidence.max(FLOOR) as f32)) + prior,
            None => f64::NEG_INFINITY,
        };
        self.lags.iter().zip(&self.prior).map(score).collect()
    }

    /// The scores of the whole.
    ///
    /// Of a beat that is divided in four and its half, which is divided in two, listeners take the half where it
    /// explains the sound about as well: the longer one loses its lead.
    fn overall_scores(&self, correlation: &[f32]) -> Vec<f64> {
        let scores = self.scores(correlation);
        let octave = (2f64.ln() / STEP.ln()) as usize;
        let lead = |at: usize| {
            let Some(half) = at.checked_sub(octave + 1) else { return 0.0 };
            let half = scores[half].max(scores[half + 1]);
            let is_rival = half > scores[at] - LARGEST_LEAD;
            if is_rival && in_quarters(correlation, &self.lags[at]) { LOSS } else { 0.0 }
        };
        scores.iter().enumerate().map(|(at, score)| score - lead(at)).collect()
    }

    /// The scores of windows, each less its best one.
    fn window_scores(&self, short: &Periodicity) -> Vec<Vec<f64>> {
        let relative = |window: &Vec<f32>| {
            let mut scores = self.scores(window);
            let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let least = |score: f64| if best.is_finite() { score - best } else { 0.0 };
            scores.iter_mut().for_each(|score| *score = least(*score));
            scores
        };
        short.windows.iter().map(relative).collect()
    }

    /// The most likely course of the tempo: Viterbi over the scores of windows, beside each of which the scores of
    /// the whole have a weight.
    fn path(&self, overall: &[f64], windows: &[Vec<f64>], weight: f64) -> Vec<f64> {
        let states = self.periods.len();
        let top = overall.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let whole: Vec<f64> =
            overall.iter().map(|score| weight * (score - top).max(-12.0)).collect();
        let mut sums = whole.clone();
        let mut from: Vec<Vec<u16>> = Vec::with_capacity(windows.len());
        for scores in windows {
            let (mut next, came) = after_change(&sums);
            for (state, sum) in next.iter_mut().enumerate() {
                *sum += WINDOW * scores[state].max(-8.0) + whole[state];
            }
            sums = next;
            from.push(came);
        }
        let mut state = best_of(&sums);
        let mut path = Vec::with_capacity(from.len());
        for came in from.iter().rev() {
            path.push(self.periods[state.min(states - 1)]);
            state = usize::from(came[state]);
        }
        path.reverse();
        path
    }
}

fn best_of(sums: &[f64]) -> usize {
    (0..sums.len()).max_by(|&a, &b| sums[a].total_cmp(&sums[b])).unwrap_or(0)
}

/// The best sum that each state can be reached with, and from where: a change costs in proportion to how far it goes,
/// up to a limit.
fn after_change(sums: &[f64]) -> (Vec<f64>, Vec<u16>) {
    let top = best_of(sums);
    let far = sums[top] - LARGEST_CHANGE;
    let step = CHANGE * STEP.ln();
    let (mut next, mut came) = (sums.to_vec(), (0..sums.len() as u16).collect::<Vec<_>>());
    let mut spread = |state: usize, neighbour: usize| {
        if next[neighbour] - step > next[state] {
            (next[state], came[state]) = (next[neighbour] - step, came[neighbour]);
        }
    };
    (1..sums.len()).for_each(|state| spread(state, state - 1));
    (1..sums.len()).rev().for_each(|state| spread(state - 1, state));
    for (next, came) in next.iter_mut().zip(&mut came) {
        if far > *next {
            (*next, *came) = (far, top as u16);
        }
    }
    (next, came)
}

/// Means of the scores of windows.
fn mean_scores(windows: &[Vec<f64>], states: usize) -> Vec<f64> {
    let mut sums = vec![0.0; states];
    for scores in windows {
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score.max(-12.0) / windows.len() as f64;
        }
    }
    sums
}

/// Whether something is struck on the quarters of a beat as well.
fn in_quarters(correlation: &[f32], lags: &[Lag; 7]) -> bool {
    let (beat, quarter) = (lags[0].of(correlation), lags[6].of(correlation));
    beat.zip(quarter).is_some_and(|(beat, quarter)| quarter >= QUARTERS * beat.max(FLOOR))
}

/// How well a period explains a correlation: that at the beat, and at the bar of four or three.
fn evidence(correlation: &[f32], lags: &[Lag; 7]) -> Option<f64> {
    let beat = lags[0].of(correlation)?;
    lags[1].of(correlation)?;
    let mean = |lags: &[Lag]| {
        let (mut sum, mut count) = (0.0, 0.0);
        for value in lags.iter().filter_map(|lag| lag.of(correlation)) {
            (sum, count) = (sum + value, count + 1.0);
        }
        if count > 0.0 { sum / count } else { beat }
    };
    let bar = mean(&lags[1..4]).max(0.95 * mean(&lags[4..6]));
    Some((beat.max(FLOOR) * bar.max(FLOOR)).sqrt())
}

/// Peaks among the scores, refined between the steps and weighed against each other.
fn candidates(grid: &Grid, scores: &[f64], correlation: &[f32], fps: f64) -> Vec<TempoCandidate> {
    let peak = |&at: &usize| {
        let here = scores[at];
        let first = at.saturating_sub(3);
        here.is_finite() && scores[first..(at + 4).min(scores.len())].iter().all(|&s| s <= here)
    };
    let mut peaks: Vec<usize> = (0..scores.len()).filter(peak).collect();
    peaks.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    peaks.truncate(CANDIDATES);
    let top = peaks.first().map_or(0.0, |&at| scores[at]);
    let weights: Vec<f64> = peaks.iter().map(|&at| (scores[at] - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let refined = |&at: &usize| 60.0 * fps / refine(correlation, grid.periods[at]);
    let strengths = weights.iter().map(|weight| weight / sum);
    peaks
        .iter()
        .map(refined)
        .zip(strengths)
        .map(|(bpm, strength)| TempoCandidate { bpm, strength })
        .collect()
}

/// Moves a period to the peaks of the correlation at its multiples, the nearer ones first.
fn refine(correlation: &[f32], mut period: f64) -> f64 {
    for times in [1.0, 2.0, 4.0, 8.0] {
        let lag = times * period;
        let reach = (0.015 * lag).max(2.0);
        let (first, last) = ((lag - reach).ceil().max(1.0) as usize, (lag + reach) as usize);
        if last + 1 >= correlation.len() {
            break;
        }
        let best = (first..=last).max_by(|&a, &b| correlation[a].total_cmp(&correlation[b]));
        let Some(at) = best.filter(|&at| at > first && at < last) else { continue };
        let (a, b, c) = (correlation[at - 1], correlation[at], correlation[at + 1]);
        let bend = f64::from(a - 2.0 * b + c);
        if bend < 0.0 && b > 0.0 {
            period = (at as f64 + 0.5 * f64::from(a - c) / bend) / times;
        }
    }
    period
}
