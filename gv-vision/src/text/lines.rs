//! Rows of marks that belong together.

use super::glyphs::Glyph;

/// A row of marks in pixels of the picture in which they were found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    pub(super) confidence: f64,
    /// Mean grey of the marks less that of what is around them.
    pub(super) contrast: f64,
    pub(super) light: bool,
}

/// Joins marks that stand beside each other into lines, and keeps those that look like writing.
pub(super) fn lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    glyphs.sort_by_key(|glyph| (glyph.left, glyph.top));
    let mut groups = Groups::new(glyphs.len());
    let tallest = glyphs.iter().map(|glyph| glyph.height).max().unwrap_or(0);
    for (i, glyph) in glyphs.iter().enumerate() {
        let reach = glyph.right() + tallest;
        for (j, other) in glyphs.iter().enumerate().skip(i + 1) {
            if other.left > reach {
                break;
            }
            if beside(glyph, other) {
                groups.join(i, j);
            }
        }
    }
    let mut members: Vec<Vec<Glyph>> = vec![Vec::new(); glyphs.len()];
    for (i, glyph) in glyphs.iter().enumerate() {
        members[groups.root(i)].push(*glyph);
    }
    members.iter().filter_map(|row| judge(row)).collect()
}

/// Whether two marks, `a` left of `b`, may be neighbours in a line.
fn beside(a: &Glyph, b: &Glyph) -> bool {
    let (low, high) = (a.height.min(b.height) as f32, a.height.max(b.height) as f32);
    let gap = b.left as f32 - a.right() as f32;
    let common = a.bottom().min(b.bottom()) as f32 - a.top.max(b.top) as f32;
    let (thin, thick) = (a.stroke.min(b.stroke), a.stroke.max(b.stroke));
    a.light == b.light
        && high <= 2.2 * low
        && gap <= 1.1 * high
        && gap >= -0.4 * low
        && common >= 0.6 * low
        && (a.shade - b.shade).abs() <= 0.3 * a.contrast.abs().max(b.contrast.abs())
        && thick <= 2.0 * thin + 0.5
}

/// What speaks for a row of marks being writing; `None` where too much speaks against it.
fn judge(row: &[Glyph]) -> Option<Line> {
    let letters: f32 = row.iter().map(Glyph::letters).sum();
    if row.len() < 2 || letters < 3.0 {
        return None;
    }
    let count = row.len() as f32;
    let left = row.iter().map(|glyph| glyph.left).min()?;
    let right = row.iter().map(Glyph::right).max()?;
    let top = row.iter().map(|glyph| glyph.top).min()?;
    let bottom = row.iter().map(Glyph::bottom).max()?;
    let height = median(row.iter().map(|glyph| glyph.height as f32));
    let tall = (bottom - top) as f32;
    if tall > 2.6 * height || ((right - left) as f32) < 1.3 * tall {
        return None;
    }
    let share = |edge: &dyn Fn(&Glyph) -> f32| {
        let middle = median(row.iter().map(edge));
        let near = |glyph: &&Glyph| (edge(glyph) - middle).abs() <= (0.12 * height).max(1.0);
        row.iter().filter(near).count() as f32 / count
    };
    let standing = share(&|glyph| glyph.bottom() as f32);
    let hanging = share(&|glyph| glyph.top as f32);
    let wide = relative_spread(row.iter().map(|glyph| glyph.width as f32));
    let high = relative_spread(row.iter().map(|glyph| glyph.height as f32));
    let strokes = relative_spread(row.iter().map(|glyph| glyph.stroke));
    let shades = relative_spread(row.iter().map(|glyph| glyph.contrast.abs()));
    let covered: usize = row.iter().map(|glyph| glyph.width).sum();
    let density = (covered as f32 / (right - left) as f32).min(1.0);
    let filled = relative_spread(row.iter().map(|glyph| glyph.area as f32));
    let repeated = row.len() >= 4 && wide < 0.08 && high < 0.08 && filled < 0.06;
    if repeated || standing < 0.5 || density < 0.4 {
        return None;
    }
    let amount = 1.0 - (-letters / 4.0).exp();
    let evenness = (1.0 - 1.2 * strokes).max(0.0) * (1.0 - shades).max(0.0) * (1.0 - high).max(0.0);
    let aligned = 0.7 * standing + 0.3 * hanging;
    let confidence = f64::from(amount * aligned * evenness.cbrt());
    Some(Line {
        left: left as f64,
        top: top as f64,
        right: right as f64,
        bottom: bottom as f64,
        confidence,
        contrast: f64::from(row.iter().map(|glyph| glyph.contrast).sum::<f32>() / count),
        light: row.first()?.light,
    })
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Standard deviation over the mean.
fn relative_spread(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for value in values {
        (sum, squares, count) = (sum + value, squares + value * value, count + 1.0);
    }
    let mean: f32 = sum / count;
    if mean > 0.0 { (squares / count - mean * mean).max(0.0).sqrt() / mean } else { 0.0 }
}

/// Disjoint sets.
struct Groups(Vec<usize>);

impl Groups {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(left: usize, width: usize, height: usize) -> Glyph {
        let (shade, contrast, stroke) = (230.0, 180.0, 3.0);
        let area = width * height / 2;
        Glyph { left, top: 50 - height, width, height, area, shade, contrast, stroke, light: true }
    }

    #[test]
    fn a_word_is_a_line_and_a_far_mark_is_not_in_it() {
        let word = [mark(10, 9, 14), mark(22, 4, 20), mark(29, 12, 14), mark(44, 8, 20)];
        let mut marks = word.to_vec();
        marks.push(mark(200, 9, 14));
        let found = lines(marks);
        assert_eq!(found.len(), 1);
        let line = found[0];
        assert_eq!((line.left, line.top, line.right, line.bottom), (10.0, 30.0, 52.0, 50.0));
        assert!(line.confidence > 0.4, "{line:?}");
    }

    #[test]
    fn a_fence_is_no_writing() {
        assert!(lines((0..12).map(|i| mark(10 + 12 * i, 5, 20)).collect()).is_empty());
    }

    #[test]
    fn marks_of_other_colours_do_not_join() {
        let mut word = [mark(10, 9, 14), mark(22, 4, 20), mark(29, 12, 14)];
        word[1].shade = 120.0;
        assert!(lines(word.to_vec()).is_empty());
    }
}
