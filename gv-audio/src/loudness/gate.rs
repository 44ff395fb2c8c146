//! Loudness of blocks, and of the whole after the gates of BS.1770 and EBU Tech 3342.

use super::Loudness;

/// Steps of 100 ms in a momentary block, a short-term block, and between two of those that the range is made of.
const MOMENTARY: usize = 4;
const SHORT_TERM: usize = 30;
const RANGE_STEP: usize = 10;
/// Lowest value of the curve in LUFS.
const FLOOR: f64 = -120.0;
/// Loudness in LUFS below which a block does not count.
const ABSOLUTE_GATE: f64 = -70.0;
/// Share of the mean energy below which a block does not count: 10 LU for the loudness, 20 LU for the range.
const RELATIVE_GATE: f64 = 0.1;
const RANGE_GATE: f64 = 0.01;
/// Shares of the blocks below the ends of the range.
const RANGE_ENDS: (f64, f64) = (0.1, 0.95);

/// Gathers the energy of steps of 100 ms.
pub(super) struct Gate {
    step_frames: f64,
    energy: f64,
    steps: Vec<f64>,
}

impl Gate {
    pub(super) fn new(step_frames: usize) -> Self {
        Self { step_frames: step_frames as f64, energy: 0.0, steps: Vec::new() }
    }

    /// Adds to the sum of squares of the present step.
    pub(super) fn add(&mut self, energy: f64) {
        self.energy += energy;
    }

    /// Ends a step.
    pub(super) fn step(&mut self) {
        self.steps.push(std::mem::take(&mut self.energy) / self.step_frames);
    }

    /// Mean energy of the `length` steps that end before `end`; what lies before the start is silence.
    fn mean(&self, end: usize, length: usize) -> f64 {
        self.steps[end.saturating_sub(length)..end].iter().sum::<f64>() / length as f64
    }

    /// Everything but the peaks.
    pub(super) fn finish(self) -> Loudness {
        let ends = 1..=self.steps.len();
        let momentary: Vec<f64> =
            ends.clone().map(|end| loudness(self.mean(end, MOMENTARY)).max(FLOOR)).collect();
        let short_term = ends.map(|end| loudness(self.mean(end, SHORT_TERM)));
        let top = |values: &mut dyn Iterator<Item = f64>| {
            Some(values.fold(f64::NEG_INFINITY, f64::max)).filter(|&value| value > FLOOR)
        };
        let short_term_max = top(&mut short_term.into_iter());
        let momentary_max = top(&mut momentary.iter().copied());
        let integrated = self.integrated();
        let range = integrated.and_then(|_| self.range());
        Loudness {
            integrated,
            range,
            momentary_max,
            short_term_max,
            momentary,
            ..Loudness::default()
        }
    }

    fn integrated(&self) -> Option<f64> {
        let blocks = (MOMENTARY..=self.steps.len()).map(|end| self.mean(end, MOMENTARY));
        let blocks = above_gate(blocks);
        let gate = RELATIVE_GATE * mean(&blocks)?;
        let blocks: Vec<f64> = blocks.into_iter().filter(|&block| block >= gate).collect();
        mean(&blocks).map(loudness)
    }

    fn range(&self) -> Option<f64> {
        let ends = (SHORT_TERM..=self.steps.len()).step_by(RANGE_STEP);
        let blocks = above_gate(ends.map(|end| self.mean(end, SHORT_TERM)));
        let Some(mean) = mean(&blocks) else {
            return (self.steps.len() >= SHORT_TERM).then_some(0.0);
        };
        let mut blocks: Vec<f64> =
            blocks.into_iter().filter(|&block| block >= RANGE_GATE * mean).collect();
        blocks.sort_by(f64::total_cmp);
        let end = |share: f64| blocks[((blocks.len() - 1) as f64 * share + 0.5) as usize];
        Some(loudness(end(RANGE_ENDS.1)) - loudness(end(RANGE_ENDS.0)))
    }
}

/// Loudness in LUFS of a mean square of weighted sound.
fn loudness(energy: f64) -> f64 {
    10.0 * energy.log10() - 0.691
}

fn above_gate(blocks: impl Iterator<Item = f64>) -> Vec<f64> {
    let gate = 10f64.powf((ABSOLUTE_GATE + 0.691) / 10.0);
    blocks.filter(|&block| block >= gate).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
