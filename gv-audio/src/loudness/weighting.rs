//! The K weighting of BS.1770: a shelf for the head, a high pass for the ear.

/// State of the two filters.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State([f64; 4]);

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
pub(super) struct Weighting {
    shelf: Biquad,
    pass: Biquad,
}

impl Weighting {
    /// Takes the filters of BS.1770, which are given for 48 kHz, to another rate as `libebur128` does.
    pub(super) fn new(rate: f64) -> Self {
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

    /// Sums of the squares of as many weighted channels as there are states.
    pub(super) fn energies<const N: usize>(
        &self,
        states: [&mut State; N],
        lines: [&[f32]; N],
    ) -> [f64; N] {
        let length = lines.iter().map(|line| line.len()).min().unwrap_or(0);
        let lines = lines.map(|line| &line[..length]);
        let mut s: [[f64; N]; 4] = std::array::from_fn(|i| std::array::from_fn(|n| states[n].0[i]));
        let mut sums = [0.0; N];
        for at in 0..length {
            for (n, line) in lines.iter().enumerate() {
                let x = f64::from(line[at]);
                let [s0, s1, s2, s3] = &mut s;
                let y = self.shelf.step(x, &mut s0[n], &mut s1[n]);
                let y = self.pass.step(y, &mut s2[n], &mut s3[n]);
                sums[n] += y * y;
            }
        }
        for (n, state) in states.into_iter().enumerate() {
            // What rings on in silence is cut off before numbers become subnormal, which are slow.
            let settled = |value: f64| if value.abs() < 1e-30 { 0.0 } else { value };
            state.0 = std::array::from_fn(|i| settled(s[i][n]));
        }
        sums
    }
}
