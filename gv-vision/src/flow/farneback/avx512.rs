//! The equations of [`update`](super::update) for processors with 512-bit vectors.
//!
//! Sixteen pixels pick their neighbours out of 32 that two registers hold, wherever they lie there: the
//! compiler makes no such instruction of portable code. Every operation is the portable one, so the bits are
//! the same.

use super::expansion::{PAD, TERMS};
use super::sample::sample_segment;
use super::update::{Chunk, LANES, Target};
use std::arch::x86_64::*;

/// Pixels to the left of the first lane's neighbour that the two registers hold.
const BEFORE: i32 = 8;

/// [`update::equations`](super::update::equations).
#[allow(unsafe_code, reason = "vector loads and stores take pointers")]
#[allow(clippy::too_many_arguments, reason = "the arguments of the portable function")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn equations(
    first: &[f32],
    second: Target<'_>,
    y: usize,
    x: usize,
    length: usize,
    u: &[f32],
    v: &[f32],
    weights: &[f32],
    chunk: &mut Chunk,
    out: &mut [f32],
) {
    let Target { data, width, height, stride } = second;
    let row_len = TERMS * stride;
    let pitch = out.len() / TERMS;
    let whole = length.next_multiple_of(LANES);
    assert!(u.len() >= whole && v.len() >= whole && weights.len() >= whole && pitch >= whole);
    assert!(first.len() >= row_len && PAD + x + whole <= stride);

    let numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let one = _mm512_set1_ps(1.0);
    let half = _mm512_set1_ps(0.5);
    let least = _mm512_set1_ps(-2.0);
    let [most_x, most_y] = [width, height].map(|side| _mm512_set1_ps(side as f32 + 1.0));
    let [right, bottom] = [width, height].map(|side| _mm512_set1_epi32(side as i32 - 1));
    let row = _mm512_set1_ps(y as f32);
    for start in (0..length).step_by(LANES) {
        let column = x + start;
        // SAFETY: the slices hold `length` values rounded up to LANES.
        let [u, v, weight] =
            [u, v, weights].map(|values| unsafe { _mm512_loadu_ps(values.as_ptr().add(start)) });
        let here = _mm512_add_epi32(numbers, _mm512_set1_epi32(column as i32));
        let px = _mm512_add_ps(_mm512_cvtepi32_ps(here), u);
        let px = _mm512_min_ps(_mm512_max_ps(px, least), most_x);
        let py = _mm512_min_ps(_mm512_max_ps(_mm512_add_ps(row, v), least), most_y);
        let whole_x = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(px);
        let whole_y = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(py);
        let fx = _mm512_sub_ps(px, whole_x);
        let fy = _mm512_sub_ps(py, whole_y);
        let ix = _mm512_cvttps_epi32(whole_x);
        let iy = _mm512_cvttps_epi32(whole_y);
        let valid = 0xffff >> (LANES - (length - start).min(LANES));
        let inside =
            _mm512_cmplt_epu32_mask(ix, right) & _mm512_cmplt_epu32_mask(iy, bottom) & valid;

        let lane = inside.trailing_zeros() as i32;
        let x0 = _mm512_cvtsi512_si32(_mm512_maskz_compress_epi32(inside, ix)) - lane - BEFORE;
        let y0 = _mm512_cvtsi512_si32(_mm512_maskz_compress_epi32(inside, iy));
        let picked = _mm512_sub_epi32(ix, _mm512_set1_epi32(x0));
        let reached = _mm512_cmplt_epu32_mask(picked, _mm512_set1_epi32(31));
        let above = _mm512_cmpeq_epi32_mask(iy, _mm512_set1_epi32(y0 - 1)) & inside;
        let level = _mm512_cmpeq_epi32_mask(iy, _mm512_set1_epi32(y0)) & inside;
        let below = _mm512_cmpeq_epi32_mask(iy, _mm512_set1_epi32(y0 + 1)) & inside;

        let mut sums = [_mm512_setzero_ps(); TERMS];
        if inside != 0 && reached & (above | level | below) & inside == inside {
            let next = _mm512_add_epi32(picked, _mm512_set1_epi32(1));
            let gx = _mm512_sub_ps(one, fx);
            let gy = _mm512_sub_ps(one, fy);
            let has_above = above != 0;
            let rows = 2 + usize::from(has_above) + usize::from(below != 0);
            let top = y0 as usize - usize::from(has_above);
            let from = PAD.wrapping_add_signed(x0 as isize);
            let window = &data[top * row_len..(top + rows) * row_len];
            assert!(from + 2 * LANES <= stride);
            let (starts, ends) = if has_above {
                ([above, level, below, 0], [0, above, level, below])
            } else {
                ([level, below, 0, 0], [0, level, below, 0])
            };
            for (row, (&starts, &ends)) in starts.iter().zip(&ends).take(rows).enumerate() {
                let weight = _mm512_maskz_mov_ps(starts, gy);
                let weight = _mm512_mask_mov_ps(weight, ends, fy);
                for (term, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: `window` holds `rows` rows of TERMS times `stride` values, and `from` leaves
                    // 32 of them in each.
                    let (near, far) = unsafe {
                        let at = window.as_ptr().add(row * row_len + term * stride + from);
                        (_mm512_loadu_ps(at), _mm512_loadu_ps(at.add(LANES)))
                    };
                    let here = _mm512_permutex2var_ps(near, picked, far);
                    let after = _mm512_permutex2var_ps(near, next, far);
                    let along = _mm512_add_ps(_mm512_mul_ps(gx, here), _mm512_mul_ps(fx, after));
                    *sum = _mm512_add_ps(*sum, _mm512_mul_ps(weight, along));
                }
            }
        } else if inside != 0 {
            let dx = _mm512_sub_epi32(ix, here);
            let dy = _mm512_sub_epi32(iy, _mm512_set1_epi32(y as i32));
            let inside = _mm512_movm_epi32(inside);
            // SAFETY: each array holds at least LANES values.
            unsafe {
                _mm512_storeu_si512(chunk.dx.as_mut_ptr().cast(), dx);
                _mm512_storeu_si512(chunk.dy.as_mut_ptr().cast(), dy);
                _mm512_storeu_si512(chunk.inside.as_mut_ptr().cast(), inside);
                _mm512_storeu_ps(chunk.fx.as_mut_ptr(), fx);
                _mm512_storeu_ps(chunk.fy.as_mut_ptr(), fy);
            }
            sample_segment(second, y, column, 0, chunk);
            for (sum, values) in sums.iter_mut().zip(&chunk.coefficients) {
                // SAFETY: the array holds at least LANES values.
                *sum = unsafe { _mm512_loadu_ps(values.as_ptr()) };
            }
        }

        // SAFETY: `first` holds TERMS times `stride` values, and PAD + x + LANES is within a stride.
        let q: [__m512; TERMS] = [0, 1, 2, 3, 4].map(|term| unsafe {
            _mm512_loadu_ps(first.as_ptr().add(term * stride + PAD + column))
        });
        let share = _mm512_mask_mov_ps(one, inside, half);
        let by = _mm512_mul_ps(_mm512_sub_ps(q[0], sums[0]), half);
        let bx = _mm512_mul_ps(_mm512_sub_ps(q[1], sums[1]), half);
        let ayy = _mm512_mul_ps(_mm512_add_ps(q[2], sums[2]), share);
        let axx = _mm512_mul_ps(_mm512_add_ps(q[3], sums[3]), share);
        let axy = _mm512_mul_ps(_mm512_add_ps(q[4], sums[4]), _mm512_mul_ps(share, half));
        let moved = |a, b| _mm512_add_ps(_mm512_mul_ps(a, v), _mm512_mul_ps(b, u));
        let by = _mm512_mul_ps(_mm512_add_ps(by, moved(ayy, axy)), weight);
        let bx = _mm512_mul_ps(_mm512_add_ps(bx, moved(axy, axx)), weight);
        let [ayy, axx, axy] = [ayy, axx, axy].map(|a| _mm512_mul_ps(a, weight));
        let product = |a, b, c, d| _mm512_add_ps(_mm512_mul_ps(a, b), _mm512_mul_ps(c, d));
        let equations = [
            product(ayy, ayy, axy, axy),
            _mm512_mul_ps(_mm512_add_ps(ayy, axx), axy),
            product(axx, axx, axy, axy),
            product(ayy, by, axy, bx),
            product(axy, by, axx, bx),
        ];
        for (term, values) in equations.into_iter().enumerate() {
            // SAFETY: each term of `out` holds `length` values rounded up to LANES.
            unsafe { _mm512_storeu_ps(out.as_mut_ptr().add(term * pitch + start), values) };
        }
    }
}
