//! The equations of [`update`](super::update) for processors with 512-bit vectors.
//!
//! Sixteen pixels pick their neighbours out of 32 that two registers hold, wherever they lie there: the
//! compiler makes no such instruction of portable code. Every operation is the portable one, so the bits are
//! the same.

use super::expansion::{PAD, TERMS};
use super::sample::sample_segment;
use super::update::{CHUNK, Chunk, LANES, Target};
use std::arch::x86_64::*;

/// Pixels to the left of the first lane's neighbour that the two registers hold.
const BEFORE: i32 = 8;
/// Vectors of a chunk.
const SEGMENTS: usize = CHUNK / LANES;

/// Sixteen pixels, and where their neighbours are in the second picture.
#[derive(Debug, Clone, Copy, Default)]
struct Segment {
    /// Those inside the second picture.
    inside: u16,
    /// Whether the two registers hold all neighbours, in three rows.
    is_close: bool,
    /// Column of the registers' first value, less the segment's.
    left: i32,
    /// The first of the rows.
    top: i32,
    /// Those whose upper neighbours are in the first row, and in the second.
    level: u16,
    below: u16,
}

/// The equations of one chunk, as in [`update::equations`](super::update::equations): of the pixels from column
/// `place.0` on, written from value `place.1` of each part of `out` on.
///
/// All segments are located before the first is sampled: where a segment lies takes long to find, and the processor
/// finds it for several at once.
#[allow(clippy::too_many_arguments, reason = "slices as arguments are known not to overlap")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
pub(super) fn equations(
    first: &[f32],
    second: Target<'_>,
    y: usize,
    count: usize,
    u: &[f32],
    v: &[f32],
    weights: &[f32],
    place: (usize, usize),
    chunk: &mut Chunk,
    out: &mut [f32],
) {
    let segments = locate((second.width, second.height), y, place.0, count, u, v, chunk);
    combine(first, second, y, &segments, u, v, weights, place, chunk, out);
}

/// Finds where the pixels `x..x + count` of row `y` lie in the second picture.
#[allow(unsafe_code, reason = "vector loads and stores take pointers")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn locate(
    (width, height): (usize, usize),
    y: usize,
    x: usize,
    count: usize,
    u: &[f32],
    v: &[f32],
    chunk: &mut Chunk,
) -> [Segment; SEGMENTS] {
    let numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let before = _mm512_add_epi32(numbers, _mm512_set1_epi32(BEFORE));
    let least = _mm512_set1_ps(-2.0);
    let [most_x, most_y] = [width, height].map(|side| _mm512_set1_ps(side as f32 + 1.0));
    let [right, bottom] = [width, height].map(|side| _mm512_set1_epi32(side as i32 - 1));
    let row = _mm512_set1_epi32(y as i32);
    let mut segments = [Segment::default(); SEGMENTS];
    let us = u.as_chunks::<LANES>().0.iter().zip(v.as_chunks::<LANES>().0);
    for (number, (segment, (u, v))) in segments.iter_mut().zip(us).enumerate() {
        let start = number * LANES;
        // SAFETY: both hold LANES values.
        let [u, v] = [u, v].map(|values| unsafe { _mm512_loadu_ps(values.as_ptr()) });
        let here = _mm512_add_epi32(numbers, _mm512_set1_epi32((x + start) as i32));
        let px = _mm512_add_ps(_mm512_cvtepi32_ps(here), u);
        let px = _mm512_min_ps(_mm512_max_ps(px, least), most_x);
        let py = _mm512_add_ps(_mm512_cvtepi32_ps(row), v);
        let py = _mm512_min_ps(_mm512_max_ps(py, least), most_y);
        let whole_x = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(px);
        let whole_y = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>(py);
        let (ix, iy) = (_mm512_cvttps_epi32(whole_x), _mm512_cvttps_epi32(whole_y));
        let valid = 0xffff >> (LANES - (count - start).min(LANES));
        let inside = _mm512_mask_cmplt_epu32_mask(valid, ix, right);
        let inside = _mm512_mask_cmplt_epu32_mask(inside, iy, bottom);

        let left = _mm512_maskz_compress_epi32(inside, _mm512_sub_epi32(ix, before));
        let left = _mm512_broadcastd_epi32(_mm512_castsi512_si128(left));
        let most = _mm512_set1_epi32(2 * LANES as i32 - 1);
        let reached = _mm512_mask_cmplt_epu32_mask(inside, _mm512_sub_epi32(ix, left), most);
        let top = _mm512_mask_reduce_min_epi32(inside, iy);
        let level = _mm512_mask_cmpeq_epi32_mask(inside, iy, _mm512_set1_epi32(top));
        let below =
            _mm512_mask_cmpeq_epi32_mask(inside, iy, _mm512_set1_epi32(top.wrapping_add(1)));
        let is_close = reached & (level | below) == inside;
        let left = _mm_cvtsi128_si32(_mm512_castsi512_si128(left));
        *segment = Segment { inside, is_close, left, top, level, below };
        // SAFETY: each array holds CHUNK values, of which `start` leaves LANES.
        unsafe {
            _mm512_storeu_si512(chunk.dx[start..].as_mut_ptr().cast(), _mm512_sub_epi32(ix, here));
            _mm512_storeu_si512(chunk.dy[start..].as_mut_ptr().cast(), _mm512_sub_epi32(iy, row));
            _mm512_storeu_si512(
                chunk.inside[start..].as_mut_ptr().cast(),
                _mm512_movm_epi32(inside),
            );
            _mm512_storeu_ps(chunk.fx[start..].as_mut_ptr(), _mm512_sub_ps(px, whole_x));
            _mm512_storeu_ps(chunk.fy[start..].as_mut_ptr(), _mm512_sub_ps(py, whole_y));
        }
    }
    segments
}

/// Samples the second picture there, and writes the equations.
#[allow(unsafe_code, reason = "vector loads and stores take pointers")]
#[allow(clippy::too_many_arguments, reason = "slices as arguments are known not to overlap")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
fn combine(
    first: &[f32],
    second: Target<'_>,
    y: usize,
    segments: &[Segment; SEGMENTS],
    u: &[f32],
    v: &[f32],
    weights: &[f32],
    (x, place): (usize, usize),
    chunk: &mut Chunk,
    out: &mut [f32],
) {
    let Target { data, stride, .. } = second;
    let row_len = TERMS * stride;
    let pitch = out.len() / TERMS;
    let length = u.len();
    assert!(v.len() >= length && weights.len() >= length && place + length <= pitch);
    assert!(first.len() >= row_len && PAD + x + length <= stride);
    let numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let one = _mm512_set1_ps(1.0);
    let half = _mm512_set1_ps(0.5);
    for (segment, start) in segments.iter().zip((0..length).step_by(LANES)) {
        let column = x + start;
        let mut sums = [_mm512_setzero_ps(); TERMS];
        if segment.inside != 0 && segment.is_close {
            // SAFETY: each array holds CHUNK values, of which `start` leaves LANES.
            let (dx, fx, fy) = unsafe {
                (
                    _mm512_loadu_si512(chunk.dx[start..].as_ptr().cast()),
                    _mm512_loadu_ps(chunk.fx[start..].as_ptr()),
                    _mm512_loadu_ps(chunk.fy[start..].as_ptr()),
                )
            };
            let left = column as i32 - segment.left;
            let picked = _mm512_add_epi32(_mm512_add_epi32(dx, numbers), _mm512_set1_epi32(left));
            let next = _mm512_add_epi32(picked, _mm512_set1_epi32(1));
            let gx = _mm512_sub_ps(one, fx);
            let gy = _mm512_sub_ps(one, fy);
            let Segment { level, below, .. } = *segment;
            let weights = [
                _mm512_maskz_mov_ps(level, gy),
                _mm512_mask_mov_ps(_mm512_maskz_mov_ps(below, gy), level, fy),
                _mm512_maskz_mov_ps(below, fy),
            ];
            let rows = if below == 0 { 2 } else { 3 };
            let from = PAD.wrapping_add_signed(segment.left as isize);
            let top = segment.top as usize;
            let window = &data[top * row_len..(top + rows) * row_len];
            assert!(from + 2 * LANES <= stride);
            for (row, &weight) in weights.iter().take(rows).enumerate() {
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
        } else if segment.inside != 0 {
            sample_segment(second, y, column - start, start, chunk);
            for (sum, values) in sums.iter_mut().zip(&chunk.coefficients) {
                // SAFETY: the array holds CHUNK values, of which `start` leaves LANES.
                *sum = unsafe { _mm512_loadu_ps(values[start..].as_ptr()) };
            }
        }

        // SAFETY: `first` holds TERMS times `stride` values, and PAD + x + length is within a stride; the others
        // hold `length` values, a multiple of LANES.
        let (q, [u, v, weight]) = unsafe {
            let q: [__m512; TERMS] = [0, 1, 2, 3, 4]
                .map(|term| _mm512_loadu_ps(first.as_ptr().add(term * stride + PAD + column)));
            (q, [u, v, weights].map(|values| _mm512_loadu_ps(values.as_ptr().add(start))))
        };
        let share = _mm512_mask_mov_ps(one, segment.inside, half);
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
            // SAFETY: each term of `out` holds `place + length` values.
            unsafe {
                _mm512_storeu_ps(out.as_mut_ptr().add(term * pitch + place + start), values);
            }
        }
    }
}
