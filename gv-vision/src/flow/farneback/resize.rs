//! The flow of a level as the first guess of the next larger one.

use super::pyramid::sample_position;
use crate::simd::kernel;

/// Linear interpolation of a flow field to a larger size, displacements scaled with it.
#[derive(Debug, Clone)]
pub(super) struct Resize {
    source: (usize, usize),
    columns: Vec<(usize, f32)>,
    rows: Vec<(usize, f32)>,
    doubles: bool,
    factor: f32,
}

impl Resize {
    /// Interpolation from `source` to `target` (width, height), pixel centres aligned as in OpenCV's
    /// `resize`; displacements are multiplied by `factor`.
    pub(super) fn new(source: (usize, usize), target: (usize, usize), factor: f64) -> Self {
        let axis = |source: usize, target: usize| {
            let positions = (0..target).map(|i| sample_position(i, source, target));
            positions.map(|(first, fraction)| (first, fraction as f32)).collect()
        };
        Self {
            source,
            columns: axis(source.0, target.0),
            rows: axis(source.1, target.1),
            doubles: target.0 == 2 * source.0,
            factor: factor as f32,
        }
    }

    /// Writes the interpolated displacements of row `y` from column `x` on to `u` and `v`.
    #[allow(clippy::too_many_arguments, reason = "one slice for each direction of a row")]
    pub(super) fn row(
        &self,
        isa: crate::simd::Isa,
        flow: &[[f32; 2]],
        y: usize,
        x: usize,
        blended: &mut Vec<[f32; 2]>,
        u: &mut [f32],
        v: &mut [f32],
    ) {
        let (width, height) = self.source;
        let (first, fraction) = self.rows[y];
        let second = (first + 1).min(height - 1);
        let columns = &self.columns[x..x + u.len()];
        let (Some(&(left, _)), Some(&(right, _))) = (columns.first(), columns.last()) else {
            return;
        };
        let left = left.saturating_sub(1);
        let right = (right + 2).min(width);
        blended.resize(right - left + 1, [0.0; 2]);
        let (blend, last) = blended.split_at_mut(right - left);
        let weights = [(1.0 - fraction) * self.factor, fraction * self.factor];
        blend_rows(
            isa,
            &flow[first * width + left..first * width + right],
            &flow[second * width + left..second * width + right],
            weights,
            blend,
        );
        last[0] = blend[right - left - 1];
        let inner = x.next_multiple_of(2).max(2)..(x + u.len()).min(2 * width - 2) / 2 * 2;
        if self.doubles && inner.start < inner.end {
            let at = inner.start / 2 - 1 - left;
            let count = inner.len() / 2;
            double_row(
                isa,
                &blended[at..at + count + 2],
                &mut u[inner.start - x..inner.end - x],
                &mut v[inner.start - x..inner.end - x],
            );
            self.row_anywhere(blended, left, x, 0..inner.start - x, u, v);
            let length = u.len();
            self.row_anywhere(blended, left, x, inner.end - x..length, u, v);
        } else {
            let length = u.len();
            self.row_anywhere(blended, left, x, 0..length, u, v);
        }
    }

    fn row_anywhere(
        &self,
        blended: &[[f32; 2]],
        left: usize,
        x: usize,
        range: std::ops::Range<usize>,
        u: &mut [f32],
        v: &mut [f32],
    ) {
        for i in range {
            let (first, fraction) = self.columns[x + i];
            let [a, b] = [blended[first - left], blended[first - left + 1]];
            u[i] = a[0] * (1.0 - fraction) + b[0] * fraction;
            v[i] = a[1] * (1.0 - fraction) + b[1] * fraction;
        }
    }
}

kernel! {
    fn blend_rows(
        first: &[[f32; 2]],
        second: &[[f32; 2]],
        weights: [f32; 2],
        out: &mut [[f32; 2]],
    ) {
        let first = first.as_flattened();
        let second = second.as_flattened();
        for ((out, &a), &b) in out.as_flattened_mut().iter_mut().zip(first).zip(second) {
            *out = a * weights[0] + b * weights[1];
        }
    }
}

kernel! {
    /// Outputs `2 i` and `2 i + 1` lie a quarter before and behind value `i + 1`.
    fn double_row(values: &[[f32; 2]], u: &mut [f32], v: &mut [f32]) {
        let count = values.len() - 2;
        let before = &values[..count];
        let here = &values[1..count + 1];
        let after = &values[2..count + 2];
        let u = &mut u.as_chunks_mut::<2>().0[..count];
        let v = &mut v.as_chunks_mut::<2>().0[..count];
        for i in 0..count {
            u[i][0] = before[i][0] * 0.25 + here[i][0] * 0.75;
            u[i][1] = here[i][0] * 0.75 + after[i][0] * 0.25;
            v[i][0] = before[i][1] * 0.25 + here[i][1] * 0.75;
            v[i][1] = here[i][1] * 0.75 + after[i][1] * 0.25;
        }
    }
}
