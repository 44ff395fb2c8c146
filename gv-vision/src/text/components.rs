//! Connected marks: pixels on one side of a shade, for several shades in one pass over the picture.

use super::groups::Groups;
use crate::GrayImage;

/// Grey levels between two shades at which a picture is parted.
const STEP: usize = 16;
/// Pixels for each mark below which a shade parts a picture into texture, in which nothing can be read, and the number of
/// marks that are looked at in any case.
const TEXTURE: usize = 20;
const FEW: usize = 1000;

/// A connected mark of pixels that are all lighter, or all darker, than a shade.
///
/// A picture has tens of thousands of them, so the numbers are short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Component {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    /// Number of its pixels, and of their sides at which it ends.
    area: u32,
    edges: i32,
    /// Number of its runs: pixels beside each other in a row.
    runs: u32,
    /// Sums over the runs of the grey in their middle, where a stroke has its colour, and of its square.
    middles: u32,
    squares: u64,
    /// Number of ends of runs that have a pixel two beyond, and the sum of the steps of grey from there to the middle.
    ends: u32,
    rise: i32,
    pub(super) light: bool,
}

impl Component {
    const fn new(light: bool) -> Self {
        Self {
            left: u32::MAX,
            top: u32::MAX,
            right: 0,
            bottom: 0,
            area: 0,
            edges: 0,
            runs: 0,
            middles: 0,
            squares: 0,
            ends: 0,
            rise: 0,
            light,
        }
    }

    pub(super) const fn left(&self) -> usize {
        self.left as usize
    }

    pub(super) const fn top(&self) -> usize {
        self.top as usize
    }

    pub(super) const fn width(&self) -> usize {
        (self.right - self.left) as usize
    }

    pub(super) const fn height(&self) -> usize {
        (self.bottom - self.top) as usize
    }

    /// Part of its box that it fills.
    pub(super) fn fill(&self) -> f32 {
        self.area as f32 / (self.width() * self.height()) as f32
    }

    /// Mean width of its strokes in pixels.
    pub(super) fn stroke(&self) -> f32 {
        2.0 * self.area as f32 / self.edges as f32
    }

    /// Mean grey along the middle of its strokes.
    pub(super) fn shade(&self) -> f32 {
        self.middles as f32 / self.runs as f32
    }

    /// Standard deviation of the grey along the middle of its strokes.
    pub(super) fn spread(&self) -> f32 {
        let mean = f64::from(self.middles) / f64::from(self.runs);
        (self.squares as f64 / f64::from(self.runs) - mean * mean).max(0.0).sqrt() as f32
    }

    /// Grey along the middle of its strokes less that two pixels beyond their ends.
    pub(super) fn contrast(&self) -> f32 {
        self.rise as f32 / self.ends.max(1) as f32
    }

    fn add_run(&mut self, row: &[u8], y: usize, (start, end): (usize, usize)) {
        let middle = u32::from(row[(start + end) / 2]);
        let length = (end - start) as u32;
        self.left = self.left.min(start as u32);
        self.right = self.right.max(end as u32);
        self.top = self.top.min(y as u32);
        self.bottom = y as u32 + 1;
        self.area += length;
        self.edges += 2 * length as i32 + 2;
        self.runs += 1;
        self.middles += middle;
        self.squares += u64::from(middle * middle);
        let beyond = [start.checked_sub(2), Some(end + 1)];
        for &outer in beyond.into_iter().flatten().filter_map(|x| row.get(x)) {
            self.ends += 1;
            self.rise += middle as i32 - i32::from(outer);
        }
    }

    fn add(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.top = self.top.min(other.top);
        self.right = self.right.max(other.right);
        self.bottom = self.bottom.max(other.bottom);
        self.area += other.area;
        self.edges += other.edges;
        self.runs += other.runs;
        self.middles += other.middles;
        self.squares += other.squares;
        self.ends += other.ends;
        self.rise += other.rise;
    }
}

/// Pixels beside each other on one side of the shade, and the number of the mark they belong to.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    light: bool,
    mark: u32,
}

/// A picture parted by one shade.
#[derive(Debug, Default)]
pub(super) struct Parted {
    /// Pixels of this grey and above are light, the others dark.
    shade: u8,
    /// Marks, and which of them turned out to be parts of one.
    marks: Vec<Component>,
    groups: Groups,
    /// Columns at which the row that is looked at changes its side.
    changes: Vec<usize>,
    runs: Vec<Run>,
    above: Vec<Run>,
}

/// Parts `image` by shades from dark to light; shades that find nothing but texture are left out.
pub(super) fn part(image: &GrayImage) -> Vec<Parted> {
    let shades = (STEP..256).step_by(STEP);
    let most = (image.width() * image.height() / TEXTURE).max(FEW);
    let mut parts: Vec<Parted> = shades.map(|shade| Parted::new(shade as u8)).collect();
    for y in 0..image.height() {
        let row = image.row(y);
        for (x, pair) in row.windows(2).enumerate() {
            let (a, b) = (usize::from(pair[0]) / STEP, usize::from(pair[1]) / STEP);
            // Equal for most pixels.
            for part in &mut parts[a.min(b)..a.max(b)] {
                part.changes.push(x + 1);
            }
        }
        parts.iter_mut().for_each(|part| part.add_row(row, y, most));
    }
    parts.retain(|part| part.marks.len() <= most);
    parts.iter_mut().for_each(Parted::join_parts);
    parts
}

impl Parted {
    fn new(shade: u8) -> Self {
        Self { shade, ..Self::default() }
    }

    /// The marks; those that touch by sides or corners are one.
    pub(super) fn marks(&self) -> impl Iterator<Item = &Component> {
        let all = self.groups.are_roots().zip(&self.marks);
        all.filter(|(whole, _)| *whole).map(|(_, mark)| mark)
    }

    /// Adds a row; not to more than `most` marks.
    fn add_row(&mut self, row: &[u8], y: usize, most: usize) {
        if self.marks.len() > most {
            self.changes.clear();
            return;
        }
        self.above.clear();
        std::mem::swap(&mut self.above, &mut self.runs);
        let mut first = 0;
        let (mut start, mut light) = (0, row.first().is_some_and(|&pixel| pixel >= self.shade));
        self.changes.push(row.len());
        for number in 0..self.changes.len() {
            let end = self.changes[number];
            if end > start {
                while self.above.get(first).is_some_and(|run| run.end < start) {
                    first += 1;
                }
                let mark = self.mark_of(first, (start, end), light);
                self.marks[mark as usize].add_run(row, y, (start, end));
                self.runs.push(Run { start, end, light, mark });
            }
            (start, light) = (end, !light);
        }
        self.changes.clear();
    }

    /// The mark of a run that touches runs of the row above, the first of them at `first`; a new one where none has its side.
    fn mark_of(&mut self, first: usize, (start, end): (usize, usize), light: bool) -> u32 {
        let mut mark = None;
        let mut common = 0;
        for other in self.above[first..].iter().take_while(|other| other.start <= end) {
            if other.light != light {
                continue;
            }
            mark = Some(self.groups.join(mark.unwrap_or(other.mark), other.mark));
            common += end.min(other.end).saturating_sub(start.max(other.start));
        }
        let mark = mark.unwrap_or_else(|| {
            self.marks.push(Component::new(light));
            self.groups.add()
        });
        self.marks[mark as usize].edges -= 2 * common as i32;
        mark
    }

    /// Adds marks that turned out to be parts of others to these.
    fn join_parts(&mut self) {
        for number in (0..self.marks.len()).rev() {
            let whole = self.groups.root(number as u32) as usize;
            if whole != number {
                let part = self.marks[number];
                self.marks[whole].add(&part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The marks of a picture drawn in letters, parted by 128: `#` is light.
    fn marks(drawn: &[&str]) -> Vec<Component> {
        let lit = |x: usize, y: usize| u8::from(drawn[y].as_bytes()[x] == b'#') * 200;
        let picture = GrayImage::from_fn(drawn[0].len(), drawn.len(), lit);
        let parts = part(&picture);
        let middle = parts.iter().find(|part| part.shade == 128).unwrap();
        middle.marks().copied().collect()
    }

    fn place(mark: &Component) -> (usize, usize, usize, usize, u32) {
        (mark.left(), mark.top(), mark.width(), mark.height(), mark.area)
    }

    #[test]
    fn marks_that_meet_below_or_at_corners_are_one() {
        let found = marks(&[
            "........", ".#..#.#.", //
            ".#..#..#", ".####...", "........",
        ]);
        let light: Vec<_> = found.iter().filter(|mark| mark.light).map(place).collect();
        assert_eq!(light, [(1, 1, 4, 3, 8), (6, 1, 2, 2, 2)]);
        let dark: Vec<_> = found.iter().filter(|mark| !mark.light).map(place).collect();
        assert_eq!(dark, [(0, 0, 8, 5, 30)]);
    }

    #[test]
    fn edges_are_the_sides_at_which_a_mark_ends() {
        let found = marks(&["........", "..####..", "..####..", "..####..", "........"]);
        let mark = found.iter().find(|mark| mark.light).unwrap();
        assert_eq!((mark.area, mark.edges), (12, 14));
        assert_eq!((mark.shade(), mark.spread(), mark.contrast()), (200.0, 0.0, 200.0));
        assert_eq!((mark.fill(), mark.stroke()), (1.0, 24.0 / 14.0));
    }

    #[test]
    fn every_pixel_is_in_one_mark_of_each_shade() {
        for (width, height) in [(0, 0), (1, 1), (1, 40), (40, 1), (13, 29), (32, 30)] {
            let noise = |x: usize, y: usize| (x * 97 + y * 61 + x * y * 31) as u8;
            let parts = part(&GrayImage::from_fn(width, height, noise));
            assert_eq!(parts.len(), 15);
            for parted in parts {
                let area: u32 = parted.marks().map(|mark| mark.area).sum();
                assert_eq!(area as usize, width * height, "shade {}", parted.shade);
            }
        }
    }
}
