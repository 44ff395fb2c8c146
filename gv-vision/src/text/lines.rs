//! Rows of marks that belong together.

use super::glyphs::Glyph;
use super::groups::Groups;
use super::likelihood::likelihood;

/// A row of marks in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    /// Probability of writing.
    pub(super) confidence: f64,
    pub(super) light: bool,
}

impl Line {
    const fn width(&self) -> f64 {
        self.right - self.left
    }

    const fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Width and height of what both cover; below 0 the gap between them.
    fn common(&self, other: &Self) -> (f64, f64) {
        let wide = self.right.min(other.right) - self.left.max(other.left);
        (wide, self.bottom.min(other.bottom) - self.top.max(other.top))
    }

    /// Area that both cover.
    fn overlap(&self, other: &Self) -> f64 {
        let (wide, high) = self.common(other);
        wide.max(0.0) * high.max(0.0)
    }

    const fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// Whether `other` is the same line, found for another shade.
    fn same(&self, other: &Self) -> bool {
        let common = self.overlap(other);
        self.light == other.light && common > 0.5 * (self.area() + other.area() - common)
    }

    /// Whether they lie over each other: three tenths of the smaller one, or more.
    fn covers(&self, other: &Self) -> bool {
        self.overlap(other) > 0.3 * self.area().min(other.area())
    }

    /// Whether `other` goes on where this ends.
    fn continues(&self, other: &Self) -> bool {
        let (wide, high) = self.common(other);
        let (low, tall) = (self.height().min(other.height()), self.height().max(other.height()));
        self.light == other.light && tall <= 2.0 * low && high >= 0.6 * low && -wide <= 1.1 * tall
    }

    fn extend(&mut self, other: &Self) {
        self.right = self.right.max(other.right);
        self.top = self.top.min(other.top);
        self.bottom = self.bottom.max(other.bottom);
        self.confidence = self.confidence.max(other.confidence);
    }
}

/// The rows of marks that stand beside each other, and what each is as a line; those that can be writing.
pub(super) fn lines(mut glyphs: Vec<Glyph>) -> Vec<(Vec<Glyph>, Line)> {
    glyphs.sort_by_key(|glyph| (glyph.left, glyph.top));
    let mut groups = Groups::of(glyphs.len());
    for (i, glyph) in glyphs.iter().enumerate() {
        let reach = glyph.right() as f32 + FARTHEST * TALLER * glyph.height as f32;
        for (j, other) in glyphs.iter().enumerate().skip(i + 1) {
            if other.left as f32 > reach {
                break;
            }
            if beside(glyph, other) {
                groups.join(i as u32, j as u32);
            }
        }
    }
    let mut members: Vec<Vec<Glyph>> = vec![Vec::new(); glyphs.len()];
    for (i, glyph) in glyphs.iter().enumerate() {
        members[groups.root(i as u32) as usize].push(*glyph);
    }
    let as_line = |row: Vec<Glyph>| line(&row).map(|line| (row, line));
    members.into_iter().filter_map(as_line).collect()
}

/// How many times as high a neighbour may be, and how far away in heights of the higher one.
const TALLER: f32 = 2.2;
const FARTHEST: f32 = 1.1;
/// How many times as high as its highest mark a line may be.
const TALLEST: f64 = 1.5;

/// Whether two marks, `a` left of `b`, may be neighbours in a line.
fn beside(a: &Glyph, b: &Glyph) -> bool {
    let (low, high) = (a.height.min(b.height) as f32, a.height.max(b.height) as f32);
    let gap = b.left as f32 - a.right() as f32;
    let common = a.bottom().min(b.bottom()) as f32 - a.top.max(b.top) as f32;
    let (thin, thick) = (a.stroke.min(b.stroke), a.stroke.max(b.stroke));
    a.light == b.light
        && high <= TALLER * low
        && gap <= FARTHEST * high
        && gap >= -0.4 * low
        && common >= 0.6 * low
        && (a.shade - b.shade).abs() <= 0.3 * a.contrast.abs().max(b.contrast.abs())
        && thick <= 2.0 * thin + 0.5
}

/// A row of marks as a line; `None` where it has fewer than three letters, or not the shape of a line.
fn line(row: &[Glyph]) -> Option<Line> {
    if row.len() < 2 || row.iter().map(Glyph::letters).sum::<f32>() < 3.0 {
        return None;
    }
    let left = row.iter().map(|glyph| glyph.left).min()? as f64;
    let right = row.iter().map(Glyph::right).max()? as f64;
    let top = row.iter().map(|glyph| glyph.top).min()? as f64;
    let bottom = row.iter().map(Glyph::bottom).max()? as f64;
    let highest = row.iter().map(|glyph| glyph.height).max()? as f64;
    if bottom - top > TALLEST * highest {
        return None;
    }
    let confidence = likelihood(row);
    Some(Line { left, top, right, bottom, confidence, light: row.first()?.light })
}

/// The lines of a picture among those that were found in it for several shades.
///
/// Writing has sharp edges, so it is found for two shades at least. Of lines that lie over each other the strongest
/// counts (its confidence, weighed by how much it covers), and parts of a line are joined.
pub(super) fn strongest(mut lines: Vec<Line>) -> Vec<Line> {
    let weight = |line: &Line| line.confidence * line.width().sqrt();
    lines.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut kept: Vec<Line> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let confirms = |(other, again): (usize, &Line)| other != number && line.same(again);
        let confirmed = lines.iter().enumerate().any(confirms);
        if confirmed && !kept.iter().any(|other| line.covers(other)) {
            kept.push(*line);
        }
    }
    kept.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut joined: Vec<Line> = Vec::new();
    for line in kept {
        match joined.iter_mut().find(|other| other.continues(&line)) {
            Some(other) => other.extend(&line),
            None => joined.push(line),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(left: usize, width: usize, height: usize) -> Glyph {
        let (shade, contrast, stroke) = (230.0, 180.0, 3.0);
        let fill = 0.5;
        Glyph { left, top: 50 - height, width, height, fill, shade, contrast, stroke, light: true }
    }

    #[test]
    fn a_word_is_a_line_and_a_far_mark_is_not_in_it() {
        let word = [mark(10, 9, 14), mark(22, 4, 20), mark(29, 12, 14), mark(44, 8, 20)];
        let mut marks = word.to_vec();
        marks.push(mark(200, 9, 14));
        let found = lines(marks);
        assert_eq!(found.len(), 1);
        let line = found[0].1;
        assert_eq!((line.left, line.top, line.right, line.bottom), (10.0, 30.0, 52.0, 50.0));
        assert!(line.confidence > 0.8, "{line:?}");
    }

    #[test]
    fn marks_of_other_colours_do_not_join() {
        let mut word = [mark(10, 9, 14), mark(22, 4, 20), mark(29, 12, 14)];
        word[1].shade = 120.0;
        assert!(lines(word.to_vec()).is_empty());
    }

    fn line(left: f64, right: f64, confidence: f64) -> Line {
        Line { left, top: 30.0, right, bottom: 50.0, confidence, light: true }
    }

    #[test]
    fn a_line_that_no_other_shade_shows_is_none() {
        assert!(strongest(vec![line(10.0, 60.0, 0.9)]).is_empty());
        assert!(strongest(vec![line(10.0, 60.0, 0.9), line(50.0, 90.0, 0.8)]).is_empty());
        let twice = strongest(vec![line(10.0, 60.0, 0.9), line(12.0, 62.0, 0.8)]);
        assert_eq!(twice, [line(10.0, 60.0, 0.9)]);
    }

    #[test]
    fn parts_of_a_line_are_one() {
        let parts = [line(10.0, 60.0, 0.9), line(70.0, 110.0, 0.7), line(200.0, 260.0, 0.8)];
        let found = strongest(parts.iter().chain(&parts).copied().collect());
        assert_eq!(found, [line(10.0, 110.0, 0.9), line(200.0, 260.0, 0.8)]);
    }
}
