//! The inner loops: sums of weighted rows, for each instruction set.
//!
//! A convolution adds up rows of its input, each times a weight, moved by the place of the weight in the window. So there
//! is one loop for all of them. A product and a sum are rounded together where the processor can.

use crate::simd::{Isa, Kind, kernel};

/// Columns of a row are computed in multiples of these.
pub(super) const COLUMNS: usize = 16;
/// Values that a row must have behind it, since whole vectors are read.
pub(super) const BEHIND: usize = 64;

/// Output rows that are computed at once: weights come in groups of so many.
pub(super) const fn group(isa: Isa) -> usize {
    match isa.0 {
        Kind::Portable => 1,
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => 4,
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => 8,
    }
}

/// Rows of input, and where in them the first value of each term lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) source: &'a [f32],
    pub(super) offsets: &'a [usize],
}

/// One weight a term for each row of a group, and what the sums start from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group<'a> {
    /// Term by term, the rows of the group side by side.
    pub(super) weights: &'a [f32],
    pub(super) bias: &'a [f32],
}

/// Writes the sums of `terms` for each row of a group into the first `columns` columns of `out`, whose rows are `pitch`
/// apart; a sum below `floor` is `floor`. `columns` is a multiple of [`COLUMNS`].
///
/// A group has [`group`] rows, or one.
pub(super) fn sums(
    isa: Isa,
    terms: Terms<'_>,
    group: Group<'_>,
    floor: f32,
    columns: usize,
    pitch: usize,
    out: &mut [f32],
) {
    let out = Out { values: out, pitch };
    match isa.0 {
        Kind::Portable => portable(terms, group, floor, columns, out),
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "an Isa is only made for instructions that were detected")]
        // SAFETY: an `Isa` of this kind is only made where the features were detected.
        Kind::Avx2 => unsafe { avx2::sums(terms, group, floor, columns, out) },
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "an Isa is only made for instructions that were detected")]
        // SAFETY: as above.
        Kind::Avx512 => unsafe { avx512::sums(terms, group, floor, columns, out) },
    }
}

struct Out<'a> {
    values: &'a mut [f32],
    pitch: usize,
}

fn portable(terms: Terms<'_>, group: Group<'_>, floor: f32, columns: usize, out: Out<'_>) {
    let rows = group.bias.len();
    for (row, &bias) in group.bias.iter().enumerate() {
        let sums = &mut out.values[row * out.pitch..][..columns];
        for (block, sums) in sums.chunks_mut(BEHIND).enumerate() {
            sums.fill(bias);
            for (term, &offset) in terms.offsets.iter().enumerate() {
                let weight = group.weights[term * rows + row];
                let values = &terms.source[offset + block * BEHIND..];
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum += weight * value;
                }
            }
            for sum in sums {
                *sum = if *sum < floor { floor } else { *sum };
            }
        }
    }
}

/// Defines [`sums`] for an instruction set of x86-64.
#[cfg(target_arch = "x86_64")]
macro_rules! sums_for {
    ($name:ident, $features:literal, $lanes:literal, $rows:literal, $load:ident, $store:ident, $splat:ident, $fma:ident, $max:ident) => {
        mod $name {
            use super::{COLUMNS, Group, Out, Terms};
            use std::arch::x86_64::{$fma, $load, $max, $splat, $store};

            #[target_feature(enable = $features)]
            pub(super) fn sums(
                terms: Terms<'_>,
                group: Group<'_>,
                floor: f32,
                columns: usize,
                mut out: Out<'_>,
            ) {
                debug_assert!(columns.is_multiple_of(COLUMNS));
                let mut x = 0;
                if group.bias.len() == $rows {
                    while x < columns {
                        match (columns - x) / $lanes {
                            1 => block::<$rows, 1>(terms, group, floor, &mut x, &mut out),
                            2 => block::<$rows, 2>(terms, group, floor, &mut x, &mut out),
                            _ => block::<$rows, 3>(terms, group, floor, &mut x, &mut out),
                        }
                    }
                } else {
                    while x < columns {
                        match (columns - x) / $lanes {
                            1 => block::<1, 1>(terms, group, floor, &mut x, &mut out),
                            2 => block::<1, 2>(terms, group, floor, &mut x, &mut out),
                            3 => block::<1, 3>(terms, group, floor, &mut x, &mut out),
                            4 => block::<1, 4>(terms, group, floor, &mut x, &mut out),
                            _ => block::<1, 5>(terms, group, floor, &mut x, &mut out),
                        }
                    }
                }
            }

            /// `ROWS` rows of `VECTORS` vectors each, kept in registers; moves `x` past them.
            #[inline]
            #[target_feature(enable = $features)]
            #[allow(unsafe_code, reason = "vector loads and stores take pointers")]
            fn block<const ROWS: usize, const VECTORS: usize>(
                terms: Terms<'_>,
                group: Group<'_>,
                floor: f32,
                x: &mut usize,
                out: &mut Out<'_>,
            ) {
                let start = *x;
                *x += VECTORS * $lanes;
                let mut sums = [[$splat(0.0); VECTORS]; ROWS];
                for (sums, &bias) in sums.iter_mut().zip(group.bias) {
                    *sums = [$splat(bias); VECTORS];
                }
                let weights = group.weights.chunks_exact(ROWS);
                for (&offset, weights) in terms.offsets.iter().zip(weights) {
                    let values = &terms.source[offset + start..][..VECTORS * $lanes];
                    let mut vectors = [$splat(0.0); VECTORS];
                    for (at, vector) in vectors.iter_mut().enumerate() {
                        // SAFETY: `values` holds so many vectors.
                        *vector = unsafe { $load(values.as_ptr().add(at * $lanes)) };
                    }
                    for row in 0..ROWS {
                        let weight = $splat(weights[row]);
                        for at in 0..VECTORS {
                            sums[row][at] = $fma(weight, vectors[at], sums[row][at]);
                        }
                    }
                }
                let floor = $splat(floor);
                for (row, sums) in sums.iter().enumerate() {
                    let target = &mut out.values[row * out.pitch + start..][..VECTORS * $lanes];
                    for (at, sum) in sums.iter().enumerate() {
                        // SAFETY: `target` holds so many vectors.
                        unsafe { $store(target.as_mut_ptr().add(at * $lanes), $max(floor, *sum)) };
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
sums_for!(
    avx2,
    "avx2,fma",
    8,
    4,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_max_ps
);
#[cfg(target_arch = "x86_64")]
sums_for!(
    avx512,
    "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl",
    16,
    8,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_max_ps
);

kernel! {
    /// Takes the larger of each pair, and what is no number.
    pub(super) fn larger(into: &mut [f32], values: &[f32]) {
        for (into, &value) in into.iter_mut().zip(values) {
            *into = if value <= *into { *into } else { value };
        }
    }
}

kernel! {
    /// Replaces each value by `value / (1 + exp(-value))`.
    pub(super) fn silu(values: &mut [f32]) {
        for value in values {
            *value /= 1.0 + exp(-*value);
        }
    }
}

/// `exp` within two units in the last place (the polynomial of Cephes' `expf`), from -87 to 87; what lies beyond counts
/// as these.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding it rounds to a whole number, which the lowest bits then hold.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let terms = [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let series = terms.iter().fold(1.987_569_1e-4, |sum, term| sum * rest + term);
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    (series * rest * rest + rest + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_adds_up_the_same_rows() {
        let source: Vec<f32> = (0..400).map(|i| ((i * 37) % 101) as f32 * 0.01 - 0.5).collect();
        let offsets = [3, 90, 41, 200, 120];
        for isa in Isa::available() {
            for rows in [1, group(isa)] {
                let weights: Vec<f32> = (0..5 * rows).map(|i| (i as f32 * 0.7).sin()).collect();
                let bias: Vec<f32> = (0..rows).map(|i| i as f32 * 0.1).collect();
                let mut out = vec![0.0; rows * 100];
                let terms = Terms { source: &source, offsets: &offsets };
                let group = Group { weights: &weights, bias: &bias };
                sums(isa, terms, group, 0.1, 80, 100, &mut out);
                for row in 0..rows {
                    for x in 0..80 {
                        let products =
                            (0..5).map(|t| weights[t * rows + row] * source[offsets[t] + x]);
                        let expected = (bias[row] + products.sum::<f32>()).max(0.1);
                        let found = out[row * 100 + x];
                        assert!((found - expected).abs() < 1e-5, "{isa:?} {row} {x}");
                    }
                }
            }
        }
    }

    #[test]
    fn silu_is_right_near_zero_and_far_from_it() {
        for isa in Isa::available() {
            let mut values: Vec<f32> = (-2000..=2000).map(|i| i as f32 * 0.05).collect();
            let given = values.clone();
            silu(isa, &mut values);
            for (&x, &found) in given.iter().zip(&values) {
                let x = f64::from(x);
                let expected = x / (1.0 + (-x).exp());
                let apart = (f64::from(found) - expected).abs();
                assert!(apart <= 1e-6 * expected.abs().max(1e-3), "{x}: {found} {expected}");
            }
            let mut odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
            silu(isa, &mut odd);
            assert!(odd[0].is_nan() && odd[1] == f32::INFINITY);
        }
    }
}
