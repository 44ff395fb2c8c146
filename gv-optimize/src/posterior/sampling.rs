//! Random numbers that depend on what they are for, not on when they are drawn.

use super::special::{ln_gamma, normal_quantile};

/// A stream of random numbers named by a seed, a text and a number.
///
/// Draw `i` (from 1) of a stream is `mix(key + i g)` with `g = 0x9E3779B97F4A7C15`, SplitMix64's
/// finaliser `mix` (Steele, Lea and Flood, 2014) and `key = mix(mix(mix(seed + g) ^ fnv1a(name)) ^
/// (index + g))`, modulo 2^64: the same on every machine, for every order of ads and any number of
/// threads.
///
/// # Examples
///
/// ```
/// use gv_optimize::posterior::Stream;
///
/// let mut first = Stream::new(1, "ad_7", 12);
/// let mut again = Stream::new(1, "ad_7", 12);
/// assert_eq!(first.uniform(), again.uniform());
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    key: u64,
    counter: u64,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Stream {
    /// Opens the stream of `seed`, `name` (an ad's id) and `index` (an hour, a draw).
    pub fn new(seed: u64, name: &str, index: u64) -> Self {
        Self::of_key(stream_key(seed, name), index)
    }

    /// Opens stream `index` below a key from [`stream_key`].
    pub fn of_key(key: u64, index: u64) -> Self {
        Self { key: mix(key ^ index.wrapping_add(GOLDEN)), counter: 0 }
    }

    /// Draws 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(1);
        mix(self.key.wrapping_add(self.counter.wrapping_mul(GOLDEN)))
    }

    /// Draws from the open interval (0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Draws an index below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Draws from the standard normal distribution, by inversion of one uniform.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// Draws from Gamma(shape, 1) (Marsaglia and Tsang, 2000); NaN unless `shape > 0`.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if !(shape > 0.0 && shape.is_finite()) {
            return f64::NAN;
        }
        if shape < 1.0 {
            let lift = self.uniform().powf(1.0 / shape);
            return self.gamma(shape + 1.0) * lift;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let root = 1.0 + c * z;
            let v = root * root * root;
            if v > 0.0 {
                let u = self.uniform();
                if u < 1.0 - 0.0331 * (z * z) * (z * z)
                    || u.ln() < 0.5 * z * z + d * (1.0 - v + v.ln())
                {
                    return d * v;
                }
            }
        }
    }

    /// Draws a Poisson count of the given mean; 0 for a mean that is not above 0.
    ///
    /// Means up to 30 by inversion, above by Hörmann's transformed rejection (PTRS, 1993). Means
    /// above 1e15 return the mean.
    pub fn poisson(&mut self, mean: f64) -> f64 {
        if mean.is_nan() || mean <= 0.0 {
            return 0.0;
        }
        if mean > 1e15 {
            return mean;
        }
        if mean <= 30.0 {
            let u = self.uniform();
            let mut probability = (-mean).exp();
            let mut sum = probability;
            let mut count = 0.0;
            while u > sum && count < 1000.0 {
                count += 1.0;
                probability *= mean / count;
                sum += probability;
            }
            return count;
        }
        let ln_mean = mean.ln();
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let limit = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= limit {
                return k;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            if (v * inverse_alpha / (a / (us * us) + b)).ln()
                <= k * ln_mean - mean - ln_gamma(k + 1.0)
            {
                return k;
            }
        }
    }
}

/// The key of all streams of `seed` and `name`; see [`Stream`].
pub fn stream_key(seed: u64, name: &str) -> u64 {
    let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(mix(seed.wrapping_add(GOLDEN)) ^ hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(n: usize, mut draw: impl FnMut(u64) -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..n as u64).map(&mut draw).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64)
    }

    #[test]
    fn streams_of_other_ads_hours_and_seeds_differ() {
        let bits = |seed, name, hour| Stream::new(seed, name, hour).bits();
        let first = bits(1, "a", 0);
        assert_ne!(first, bits(2, "a", 0));
        assert_ne!(first, bits(1, "b", 0));
        assert_ne!(first, bits(1, "a", 1));
    }

    #[test]
    fn the_definition_does_not_change_between_versions() {
        let mut stream = Stream::new(42, "ad_001", 3);
        assert_eq!(
            [stream.bits(), stream.bits()],
            [7_918_275_325_471_428_578, 11_386_532_646_323_531_083]
        );
    }

    #[test]
    fn gamma_draws_have_the_mean_and_variance_of_their_shape() {
        for shape in [0.3, 1.0, 3.3, 40.0] {
            let (mean, variance) = moments(40_000, |i| Stream::new(5, "g", i).gamma(shape));
            assert!((mean / shape - 1.0).abs() < 0.03, "{shape} {mean}");
            assert!((variance / shape - 1.0).abs() < 0.08, "{shape} {variance}");
        }
    }

    #[test]
    fn poisson_draws_have_mean_and_variance_equal() {
        for expected in [0.2, 5.0, 29.0, 31.0, 400.0, 1e5] {
            let (mean, variance) = moments(40_000, |i| Stream::new(6, "p", i).poisson(expected));
            assert!((mean / expected - 1.0).abs() < 0.03, "{expected} {mean}");
            assert!((variance / expected - 1.0).abs() < 0.05, "{expected} {variance}");
        }
        assert_eq!(Stream::new(0, "", 0).poisson(f64::NAN), 0.0);
    }
}
