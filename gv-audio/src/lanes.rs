//! Sums, maxima and logarithms over slices, in an order that the compiler can take to vectors; the same on every
//! processor.

use crate::simd::kernel;

/// Values that are taken together.
pub(crate) const LANES: usize = 16;

kernel! {
    /// The sum of values.
    pub(crate) fn sum(values: &[f32]) -> f32 {
        add_up(values)
    }
}

/// As [`sum`], for kernels.
#[inline(always)]
pub(crate) fn add_up(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value;
        }
    }
    let whole = if chunks.is_empty() { 0.0 } else { join(sums) };
    whole + rest.iter().sum::<f32>()
}

/// The sum of the products of values, for kernels.
#[inline(always)]
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len());
    let (a_chunks, a_rest) = a[..count].as_chunks::<LANES>();
    let (b_chunks, b_rest) = b[..count].as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let whole = if a_chunks.is_empty() { 0.0 } else { join(sums) };
    whole + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// The sum of lanes, for kernels.
#[inline(always)]
pub(crate) fn join(lanes: [f32; LANES]) -> f32 {
    halve(lanes, |a, b| a + b)
}

/// The largest of lanes, for kernels.
#[inline(always)]
pub(crate) fn top(lanes: [f32; LANES]) -> f32 {
    halve(lanes, |a, b| if a > b { a } else { b })
}

#[inline(always)]
fn halve(mut lanes: [f32; LANES], both: impl Fn(f32, f32) -> f32) -> f32 {
    for width in [8, 4, 2, 1] {
        (0..width).for_each(|lane| lanes[lane] = both(lanes[lane], lanes[lane + width]));
    }
    lanes[0]
}

kernel! {
    /// The largest size of a value; values that are no numbers do not count.
    pub(crate) fn largest(values: &[f32]) -> f32 {
        let (chunks, rest) = values.as_chunks::<LANES>();
        let mut tops = [0.0f32; LANES];
        let larger = |(top, value): (&mut f32, &f32)| {
            let size = value.abs();
            *top = if size > *top { size } else { *top };
        };
        chunks.iter().for_each(|chunk| tops.iter_mut().zip(chunk).for_each(larger));
        tops.iter_mut().zip(rest).for_each(larger);
        top(tops)
    }
}

/// The mean of values, exact enough for any number of them.
pub(crate) fn mean(values: &[f32]) -> f64 {
    let total: f64 = values.chunks(64 * LANES).map(|part| f64::from(sum(part))).sum();
    total / values.len().max(1) as f64
}

/// The natural logarithm of a positive, normal number, to 1e-7 of itself or of one.
///
/// The number is taken apart into a power of two and a rest around one, of which the inverse hyperbolic tangent's
/// series is summed.
#[inline(always)]
pub(crate) fn ln(value: f32) -> f32 {
    const MIDDLE: u32 = 0x3f35_04f3; // The bits of the square root of a half.
    let bits = value.to_bits().wrapping_sub(MIDDLE);
    let exponent = (bits as i32) >> 23;
    let rest = f32::from_bits((bits & 0x007f_ffff).wrapping_add(MIDDLE));
    let t = (rest - 1.0) / (rest + 1.0);
    let square = t * t;
    let series = 2.0 / 9.0 * square + 2.0 / 7.0;
    let series = (series * square + 0.4) * square + 2.0 / 3.0;
    exponent as f32 * std::f32::consts::LN_2 + (2.0 * t + t * square * series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_the_library() {
        for step in -600..600 {
            let value = 1.07f64.powi(step);
            let exact = (value as f32).ln();
            assert!((ln(value as f32) - exact).abs() <= 2e-7 * exact.abs().max(1.0), "{value}");
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn sums_and_maxima_take_every_value() {
        let values: Vec<f32> = (0..37).map(|i| i as f32 - 30.0).collect();
        assert_eq!(sum(&values), -444.0);
        assert_eq!((largest(&values), mean(&values)), (30.0, -12.0));
        assert_eq!((sum(&[]), largest(&[f32::NAN]), mean(&[])), (0.0, 0.0, 0.0));
    }
}
