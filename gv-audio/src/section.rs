//! Sections: stretches that sound alike.

use crate::downbeat::mean_level;
use crate::features::Features;
use crate::lanes;
use serde::{Deserialize, Serialize};

/// Seconds of a cell that is compared with the others.
const CELL: f64 = 0.5;
/// Cells on each side of a boundary.
const SIDE: usize = 12;
/// Fewest cells of a section.
const SHORTEST: usize = 8;
/// How much further cells across a boundary lie from each other than cells on one side of it.
const LEAST_CONTRAST: f64 = 1.35;
/// Distance of means, relative to the spread within, up to which two sections have one name.
const ALIKE: f64 = 1.25;

/// A stretch that sounds like itself and unlike its neighbours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Section {
    /// Where it starts, in seconds: on a downbeat, else a beat, else an onset, where there is one within half a second.
    pub start: f64,
    /// Where it ends; not part of it.
    pub end: f64,
    /// `A`, `B`, ...: sections that sound alike have one name.
    pub name: String,
    /// Mean level in dBFS; -120 for silence.
    pub level: f64,
    /// How many times further the sound before its start lies from that after it than on either side; `None` for
    /// the first section.
    pub contrast: Option<f64>,
}

/// What a section may begin with, best first: it begins with the first kind that there is near.
pub(crate) struct Anchors<'a> {
    /// The first beats of bars.
    pub(crate) downbeats: &'a [f64],
    /// Beats.
    pub(crate) beats: &'a [f64],
    /// Onsets.
    pub(crate) onsets: &'a [f64],
}

/// Cuts a sound of `duration` seconds into sections; times are in seconds after the first sample.
///
/// Cells of half a second are compared with each other; a section begins where those across a place lie further from
/// each other than those on either side of it (Foote 2000: a checkerboard along the diagonal of the distances). Of the
/// downbeats within a cell of that place, or else the beats, or else the onsets, the one is taken between whose sides
/// the sound changes most.
pub(crate) fn find(features: &Features, duration: f64, anchors: &Anchors<'_>) -> Vec<Section> {
    if features.frames() == 0 || duration <= 0.0 {
        return Vec::new();
    }
    let width = (CELL * features.fps).round().max(1.0) as usize;
    let cells: Vec<Vec<f32>> = (0..features.frames().div_ceil(width))
        .map(|cell| mean_level(features, cell * width, (cell + 1) * width))
        .collect();
    let distances = Distances::of(&cells);
    let floor = 0.02 * (features.bands as f64).sqrt();
    let contrasts: Vec<f64> = (0..cells.len()).map(|at| distances.contrast(at, floor)).collect();
    let is_peak = |&at: &usize| {
        let near = at.saturating_sub(SHORTEST)..(at + SHORTEST + 1).min(cells.len());
        let first = (near.start..at).all(|other| contrasts[other] < contrasts[at]);
        first && near.clone().all(|other| contrasts[other] <= contrasts[at])
    };
    let apart = SHORTEST..cells.len().saturating_sub(SHORTEST).max(SHORTEST);
    let bounds: Vec<usize> =
        apart.filter(|&at| contrasts[at] >= LEAST_CONTRAST).filter(is_peak).collect();
    let mut edges = vec![0];
    edges.extend(&bounds);
    edges.push(cells.len());
    let start = |&cell: &usize| anchors.nearest(features, (cell * width) as f64 / features.fps);
    let mut times = vec![0.0];
    times.extend(bounds.iter().map(start));
    times.push(duration);
    let names = names(&cells, &edges);
    let section = |(at, span): (usize, &[f64])| {
        let frames = features.frame_at(span[0])..features.frame_at(span[1]) + 1;
        Section {
            start: span[0],
            end: span[1],
            name: names[at].clone(),
            level: (10.0 * lanes::mean(&features.power[frames]).log10()).max(-120.0),
            contrast: (at > 0).then(|| contrasts[edges[at]]),
        }
    };
    times.windows(2).enumerate().map(section).collect()
}

impl Anchors<'_> {
    /// The anchor near a time at which the sound changes most; the time itself where there is none.
    fn nearest(&self, features: &Features, time: f64) -> f64 {
        let change = |anchor: f64| {
            let frame = features.frame_at(anchor);
            let side = (SIDE as f64 * CELL / 4.0 * features.fps) as usize;
            let before = mean_level(features, frame.saturating_sub(side), frame);
            distance(&before, &mean_level(features, frame, frame + side))
        };
        let best = |anchors: &[f64]| {
            let first = anchors.partition_point(|&anchor| anchor < time - CELL);
            let near = anchors[first..].iter().take_while(|&&anchor| anchor <= time + CELL);
            let changes = near.map(|&anchor| (change(anchor), anchor));
            changes.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, anchor)| anchor)
        };
        let kinds = [self.downbeats, self.beats, self.onsets];
        kinds.into_iter().find_map(best).unwrap_or(time)
    }
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    let squares = |(a, b): (&f32, &f32)| (a - b) * (a - b);
    f64::from(lanes::sum(&a.iter().zip(b).map(squares).collect::<Vec<f32>>())).sqrt()
}

/// Distances of each cell to those that follow it within two sides.
struct Distances(Vec<Vec<f64>>);

impl Distances {
    fn of(cells: &[Vec<f32>]) -> Self {
        let row = |(at, cell): (usize, &Vec<f32>)| {
            let later = cells[at + 1..].iter().take(2 * SIDE - 1);
            later.map(|other| distance(cell, other)).collect()
        };
        Self(cells.iter().enumerate().map(row).collect())
    }

    /// Mean distance of cells across a place over that of cells on one side of it, or over `floor` where that is
    /// larger.
    fn contrast(&self, at: usize, floor: f64) -> f64 {
        let (first, last) = (at.saturating_sub(SIDE), (at + SIDE).min(self.0.len()));
        let (mut across, mut within) = ((0.0, 0.0), (0.0, 0.0));
        for a in first..last {
            for b in a + 1..last {
                let sum = if a < at && b >= at { &mut across } else { &mut within };
                sum.0 += self.0[a][b - a - 1];
                sum.1 += 1.0;
            }
        }
        if across.1 == 0.0 || within.1 == 0.0 {
            return 0.0;
        }
        (across.0 / across.1) / (within.0 / within.1).max(floor)
    }
}

/// Names each section after the first one that it sounds like.
fn names(cells: &[Vec<f32>], edges: &[usize]) -> Vec<String> {
    let means: Vec<(Vec<f32>, f64)> = edges
        .windows(2)
        .map(|edge| {
            let cells = &cells[edge[0]..edge[1].max(edge[0] + 1)];
            let mut mean = vec![0.0f32; cells[0].len()];
            for cell in cells {
                mean.iter_mut()
                    .zip(cell)
                    .for_each(|(sum, value)| *sum += value / cells.len() as f32);
            }
            let spread = cells.iter().map(|cell| distance(cell, &mean)).sum::<f64>();
            (mean, spread / cells.len() as f64)
        })
        .collect();
    let mut kinds: Vec<usize> = Vec::new();
    let mut count = 0;
    for (at, (mean, spread)) in means.iter().enumerate() {
        let like = (0..at).find(|&other| {
            let (other_mean, other_spread) = &means[other];
            distance(mean, other_mean) <= ALIKE * spread.max(*other_spread)
        });
        let kind = like.map_or(count, |other| kinds[other]);
        count = count.max(kind + 1);
        kinds.push(kind);
    }
    kinds.into_iter().map(name).collect()
}

fn name(kind: usize) -> String {
    let letter = char::from(b'A' + (kind % 26) as u8);
    if kind < 26 { letter.to_string() } else { format!("{letter}{}", kind / 26) }
}
