//! The K weighting of BS.1770: a shelf for the head, a high pass for the ear.

use crate::simd::kernel;

/// Stretches that are filtered side by side.
const LANES: usize = 8;

/// States of the two filters, lane by lane.
type States = [[f64; LANES]; 4];

/// A filter of second order, `y = gain x + s1` with states `s1 = d1 x - a1 s1 + s2`, `s2 = d2 x - a2 s1`: the
/// transposed form with its output put into its states, so that a sample waits for one product and one sum.
#[derive(Debug, Clone, Copy)]
struct Biquad {
    gain: f64,
    d: [f64; 2],
    a: [f64; 2],
}

impl Biquad {
    fn new(b: [f64; 3], a: [f64; 2]) -> Self {
        Self { gain: b[0], d: [b[1] - a[0] * b[0], b[2] - a[1] * b[0]], a }
    }

    #[inline(always)]
    fn step(&self, x: f64, s1: &mut f64, s2: &mut f64) -> f64 {
        let y = self.gain * x + *s1;
        let next = (self.d[0] * x + *s2) - self.a[0] * *s1;
        *s2 = self.d[1] * x - self.a[1] * *s1;
        *s1 = next;
        y
    }
}

/// The filters at a sample rate.
#[derive(Debug, Clone, Copy)]
struct Filters {
    shelf: Biquad,
    pass: Biquad,
}

impl Filters {
    /// Takes the filters of BS.1770, which are given for 48 kHz, to another rate as `libebur128` does.
    fn new(rate: f64) -> Self {
        let (frequency, q) = (1_681.974_450_955_533, 0.707_175_236_955_419_6);
        let gain = 10f64.powf(3.999_843_853_973_347 / 20.0);
        let middle = gain.powf(0.499_666_774_154_541_6);
        // Below 4 kHz of rate the shelf would lie beyond half the rate.
        let warp = |frequency: f64| (std::f64::consts::PI * (frequency / rate).min(0.49)).tan();
        let k = warp(frequency);
        let a0 = 1.0 + k / q + k * k;
        let a = [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0];
        let b = [
            (gain + middle * k / q + k * k) / a0,
            2.0 * (k * k - gain) / a0,
            (gain - middle * k / q + k * k) / a0,
        ];
        let shelf = Biquad::new(b, a);
        let (frequency, q) = (38.135_470_876_024_44, 0.500_327_037_323_877_3);
        let k = warp(frequency);
        let a0 = 1.0 + k / q + k * k;
        let a = [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0];
        Self { shelf, pass: Biquad::new([1.0, -2.0, 1.0], a) }
    }
}

kernel! {
    /// Filters stretches side by side, each from its own state on: their sums of squares.
    fn run(filters: &Filters, samples: &[[f32; LANES]], states: &mut States) -> [f64; LANES] {
        let (Filters { shelf, pass }, [s0, s1, s2, s3]) = (filters, states);
        let mut sums = [0.0; LANES];
        for sample in samples {
            for lane in 0..LANES {
                let x = f64::from(sample[lane]);
                let y = shelf.step(x, &mut s0[lane], &mut s1[lane]);
                let y = pass.step(y, &mut s2[lane], &mut s3[lane]);
                sums[lane] += y * y;
            }
        }
        sums
    }
}

/// Weights a channel, step by step of the same length.
///
/// A step is cut into stretches that are filtered side by side, for a filter alone waits for its last value. The filters
/// are linear: from silence each stretch leaves a state behind, to which comes what the state before it becomes over that
/// time. With the states at their starts known, the stretches are filtered again.
#[derive(Debug, Clone)]
pub(super) struct Weighting {
    filters: Filters,
    /// What each state alone becomes over a stretch.
    over_stretch: States,
    /// States at the end of the last step.
    state: [f64; 4],
    side_by_side: Vec<[f32; LANES]>,
}

impl Weighting {
    /// Prepares for steps of so many samples.
    pub(super) fn new(rate: f64, step: usize) -> Self {
        let filters = Filters::new(rate);
        let side_by_side = vec![[0.0; LANES]; step / LANES];
        let mut over_stretch = States::default();
        (0..4).for_each(|state| over_stretch[state][state] = 1.0);
        run(&filters, &side_by_side, &mut over_stretch);
        Self { filters, over_stretch, state: [0.0; 4], side_by_side }
    }

    /// Sum of the squares of a weighted step.
    pub(super) fn energy(&mut self, step: &[f32]) -> f64 {
        let length = self.side_by_side.len();
        let (whole, rest) = step.split_at(length * LANES);
        for (at, samples) in self.side_by_side.iter_mut().enumerate() {
            *samples = std::array::from_fn(|lane| whole[lane * length + at]);
        }
        let mut left = States::default();
        run(&self.filters, &self.side_by_side, &mut left);
        let mut starts = States::default();
        for lane in 0..LANES {
            let before = self.state;
            for state in 0..4 {
                starts[state][lane] = before[state];
                let over = (0..4).map(|from| self.over_stretch[state][from] * before[from]);
                self.state[state] = over.sum::<f64>() + left[state][lane];
            }
        }
        let mut energy = run(&self.filters, &self.side_by_side, &mut starts).iter().sum();
        let [s0, s1, s2, s3] = &mut self.state;
        for &sample in rest {
            let y = self.filters.shelf.step(f64::from(sample), s0, s1);
            let y = self.filters.pass.step(y, s2, s3);
            energy += y * y;
        }
        // What rings on in silence is cut off before numbers become subnormal, which are slow.
        self.state = self.state.map(|value| if value.abs() < 1e-30 { 0.0 } else { value });
        energy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_side_by_side_are_filtered_as_one() {
        for (rate, step) in [(22_050.0, 2205), (48_000.0, 4800), (1000.0, 100), (768_000.0, 5)] {
            let (mut weighting, filters) = (Weighting::new(rate, step), Filters::new(rate));
            let [mut s0, mut s1, mut s2, mut s3] = [0.0; 4];
            for number in 0..5 {
                let sample = |at: usize| ((at * at + 7 * number) as f32 * 0.01).sin() + 0.5;
                let step: Vec<f32> = (0..step).map(sample).collect();
                let mut expected = 0.0;
                for &sample in &step {
                    let y = filters.shelf.step(f64::from(sample), &mut s0, &mut s1);
                    expected += filters.pass.step(y, &mut s2, &mut s3).powi(2);
                }
                let energy = weighting.energy(&step);
                assert!((energy / expected - 1.0).abs() < 1e-9, "{rate}: {energy}, {expected}");
            }
        }
    }
}
