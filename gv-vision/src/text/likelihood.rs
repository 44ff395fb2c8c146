//! How likely a row of marks is writing.

use super::glyphs::Glyph;

/// Number of measures of a row.
pub(super) const MEASURES: usize = 9;

/// Log odds of writing where all measures are 0, and what each adds, times its value.
///
/// Fitted by `scripts/fit_text.py`: logistic regression on rows of marks in photos and frames of ads over which texts of known
/// place were drawn, 9 to 65 pixels high in a picture of 640 x 360, plain, with a shadow, an outline or a box, light and
/// dark. Another draw of texts moves the weights a little.
const BIAS: f32 = -10.83;
const WEIGHTS: [f32; MEASURES] = [3.83, 3.89, 3.37, -6.23, -12.14, 7.29, -30.69, 7.74, -1.72];

/// Probability that `row`, two marks or more, is writing.
///
/// Marks that are all alike are a fence, windows or keys, and no writing.
pub(super) fn likelihood(row: &[Glyph]) -> f64 {
    if repeated(row) {
        return 0.0;
    }
    let odds = BIAS + measures(row).iter().zip(WEIGHTS).map(|(a, b)| a * b).sum::<f32>();
    1.0 / (1.0 + f64::from(-odds).exp())
}

/// What speaks for and against writing, in the order of [`WEIGHTS`].
pub(super) fn measures(row: &[Glyph]) -> [f32; MEASURES] {
    let count = row.len() as f32;
    let height = median(row.iter().map(|glyph| glyph.height as f32));
    // Share of the marks whose edge lies where that of most does.
    let level = |edge: fn(&Glyph) -> usize| {
        let middle = median(row.iter().map(|glyph| edge(glyph) as f32));
        let near = |glyph: &&Glyph| (edge(glyph) as f32 - middle).abs() <= (0.12 * height).max(1.0);
        row.iter().filter(near).count() as f32 / count
    };
    let contrast = Spread::of(row, |glyph| glyph.contrast.abs()).mean;
    [
        count.ln(),
        level(Glyph::bottom),
        level(|glyph| glyph.top),
        Spread::of(row, |glyph| glyph.stroke).relative(),
        Spread::of(row, |glyph| glyph.shade).deviation / contrast,
        contrast.min(200.0) / 100.0,
        Spread::of(row, |glyph| glyph.stroke / glyph.height as f32).mean,
        Spread::of(row, |glyph| glyph.fill).mean,
        height.ln(),
    ]
}

fn repeated(row: &[Glyph]) -> bool {
    let alike = |value: fn(&Glyph) -> f32, most| Spread::of(row, value).relative() < most;
    row.len() >= 4
        && alike(|glyph| glyph.width as f32, 0.08)
        && alike(|glyph| glyph.height as f32, 0.08)
        && alike(|glyph| glyph.fill, 0.06)
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Mean and standard deviation over the marks of a row.
struct Spread {
    mean: f32,
    deviation: f32,
}

impl Spread {
    fn of(row: &[Glyph], value: impl Fn(&Glyph) -> f32) -> Self {
        let count = row.len() as f32;
        let mean = row.iter().map(&value).sum::<f32>() / count;
        let squares = row.iter().map(|glyph| (value(glyph) - mean).powi(2)).sum::<f32>();
        Self { mean, deviation: (squares / count).sqrt() }
    }

    fn relative(&self) -> f32 {
        self.deviation / self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of marks that are `wide` pixels wide and `high` pixels high, on one line.
    fn row(sizes: &[(usize, usize)], contrast: f32) -> Vec<Glyph> {
        let marks = sizes.iter().enumerate();
        let mark = |(number, &(width, height)): (usize, &(usize, usize))| Glyph {
            left: 10 + 14 * number,
            top: 50 - height,
            width,
            height,
            fill: 0.5,
            shade: 40.0 + contrast,
            contrast,
            stroke: 3.0,
            light: true,
        };
        marks.map(mark).collect()
    }

    #[test]
    fn a_word_is_likely_and_the_more_so_the_longer_and_clearer_it_is() {
        let word = [(9, 14), (4, 20), (12, 14), (8, 20), (10, 14)];
        let likely = likelihood(&row(&word, 180.0));
        assert!(likely > 0.9, "{likely}");
        assert!(likely > likelihood(&row(&word[..3], 180.0)));
        assert!(likely > likelihood(&row(&word, 60.0)));
    }

    #[test]
    fn marks_that_do_not_stand_on_a_line_are_unlikely() {
        let mut marks = row(&[(9, 14), (4, 20), (12, 14), (8, 20)], 120.0);
        let level = likelihood(&marks);
        for (number, mark) in marks.iter_mut().enumerate() {
            mark.top += 5 * (number % 3);
            mark.stroke = [2.0, 3.6][number % 2];
        }
        assert!(likelihood(&marks) < 0.3 * level);
    }

    #[test]
    fn a_fence_is_no_writing() {
        assert_eq!(likelihood(&row(&[(5, 20); 12], 180.0)), 0.0);
    }
}
