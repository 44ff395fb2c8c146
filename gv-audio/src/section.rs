//! Sections: stretches that sound alike.

use crate::downbeat::mean_level;
use crate::features::Features;
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
    /// Where it starts, in seconds.
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

/// Cuts a sound of `duration` seconds into sections (Foote 2000: a checkerboard along the diagonal of the
/// distances); times are in seconds after the first sample.
pub(crate) fn find(features: &Features, duration: f64) -> Vec<Section> {
    if features.frames() == 0 || duration <= 0.0 {
        return Vec::new();
    }
    let width = (CELL * features.fps).round().max(1.0) as usize;
    let cells: Vec<Vec<f32>> = (0..features.frames().div_ceil(width))
        .map(|cell| mean_level(features, cell * width, (cell + 1) * width))
        .collect();
    let contrasts: Vec<f64> = (0..cells.len()).map(|at| contrast(&cells, at)).collect();
    let is_peak = |&at: &usize| {
        let near = at.saturating_sub(SHORTEST)..(at + SHORTEST + 1).min(cells.len());
        let first = (near.start..at).all(|other| contrasts[other] < contrasts[at]);
        first && near.clone().all(|other| contrasts[other] <= contrasts[at])
    };
    let apart = SHORTEST..cells.len().saturating_sub(SHORTEST).max(SHORTEST);
    let bounds: Vec<usize> =
        apart.filter(|&at| contrasts[at] >= LEAST_CONTRAST).filter(is_peak).collect();
    let seconds = |cell: usize| (cell * width) as f64 / features.fps;
    let mut edges = vec![0];
    edges.extend(&bounds);
    edges.push(cells.len());
    let names = names(&cells, &edges);
    let section = |(at, edge): (usize, &[usize])| {
        let frames = edge[0] * width..(edge[1] * width).min(features.frames());
        let count = frames.len().max(1) as f64;
        let power = features.power[frames].iter().map(|&p| f64::from(p)).sum::<f64>() / count;
        Section {
            start: seconds(edge[0]),
            end: if at + 2 == edges.len() { duration } else { seconds(edge[1]) },
            name: names[at].clone(),
            level: (10.0 * power.log10()).max(-120.0),
            contrast: (at > 0).then(|| contrasts[edge[0]]),
        }
    };
    edges.windows(2).enumerate().map(section).collect()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

/// Mean distance of cells across a place over that of cells on one side of it.
fn contrast(cells: &[Vec<f32>], at: usize) -> f64 {
    let (first, last) = (at.saturating_sub(SIDE), (at + SIDE).min(cells.len()));
    let (mut across, mut within) = ((0.0, 0.0), (0.0, 0.0));
    for a in first..last {
        for b in a + 1..last {
            let sum = if a < at && b >= at { &mut across } else { &mut within };
            sum.0 += distance(&cells[a], &cells[b]);
            sum.1 += 1.0;
        }
    }
    if across.1 == 0.0 || within.1 == 0.0 {
        return 0.0;
    }
    let floor = 0.02 * (cells[at].len() as f64).sqrt();
    (across.0 / across.1) / (within.0 / within.1).max(floor)
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
