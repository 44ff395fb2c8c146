//! The strip of pictures above the timeline.

use crate::pipeline::{self, Observer, Pictures, Sizes};
use crate::{Error, Result};
use gv_vision::AnalysisFrame;
use gv_vision::shots::Shot;
use jpeg_encoder::{ColorType, Encoder};
use std::path::Path;

/// Pictures in a strip: about as many, one for each shot at least, and at most.
const ABOUT: f64 = 14.0;
const MOST: usize = 60;
/// Pixels on the long side, and quality of 100.
const LONG_SIDE: usize = 240;
const QUALITY: u8 = 72;

/// One picture.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Still {
    /// The stretch for which it stands, in seconds.
    pub start_time: f64,
    /// Its end.
    pub end_time: f64,
    /// Number of its shot, from 0.
    pub shot: usize,
    /// The picture as JPEG.
    pub jpeg: Vec<u8>,
}

/// A stretch that wants a picture, that of its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Cell {
    shot: usize,
    start: f64,
    end: f64,
}

/// Reads the pictures of `shots` out of the video at `path`.
///
/// # Errors
///
/// Those of decoding, and [`Error::Cancelled`].
pub(super) fn read(
    path: &Path,
    ffmpeg: Option<&Path>,
    shots: &[Shot],
    observer: &mut dyn Observer,
) -> Result<Vec<Still>> {
    let mut wanted = cells(shots).into_iter().peekable();
    let mut stills = Vec::new();
    let mut before = AnalysisFrame::default();
    let mut keep = |cell: Cell, picture: &AnalysisFrame| -> Result<()> {
        stills.push(still(cell, picture)?);
        Ok(())
    };
    let (mut source, cancel) = pipeline::open(path, ffmpeg, LONG_SIDE)?;
    let sizes = Sizes::small(LONG_SIDE);
    pipeline::run(&mut source, sizes, observer, &|| cancel.cancel(), |pictures: &mut Pictures| {
        // The frame that is shown at a moment is the last that began before it.
        let picture = &mut pictures.small;
        while let Some(cell) = wanted.next_if(|cell| picture.time > (cell.start + cell.end) / 2.0) {
            let shown = if before.luma.width() > 0 { &before } else { &*picture };
            keep(cell, shown)?;
        }
        std::mem::swap(&mut before, picture);
        Ok(())
    })?;
    if before.luma.width() > 0 {
        for cell in wanted {
            keep(cell, &before)?;
        }
    }
    Ok(stills)
}

fn still(cell: Cell, picture: &AnalysisFrame) -> Result<Still> {
    let rgb = picture.to_rgb()?;
    let side = |pixels: usize| u16::try_from(pixels).unwrap_or(u16::MAX);
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, QUALITY)
        .encode(rgb.data(), side(rgb.width()), side(rgb.height()), ColorType::Rgb)
        .map_err(|error| Error::Internal {
            message: format!("a picture of the report: {error}"),
        })?;
    Ok(Still { start_time: cell.start, end_time: cell.end, shot: cell.shot, jpeg })
}

/// Which stretches want a picture: long shots several. Of very many shots only so many have one, evenly spread.
fn cells(shots: &[Shot]) -> Vec<Cell> {
    let (Some(first), Some(last)) = (shots.first(), shots.last()) else { return Vec::new() };
    let length = (last.end_time - first.start_time) / ABOUT;
    let of_shot = |shot: &Shot| {
        let (start, span) = (shot.start_time, shot.end_time - shot.start_time);
        let share = (span / length).round();
        let parts = if share.is_finite() { share.clamp(1.0, ABOUT) } else { 1.0 };
        let shot = shot.index;
        (0..parts as usize).map(move |part| {
            let at = |part: usize| start + span * part as f64 / parts;
            Cell { shot, start: at(part), end: at(part + 1) }
        })
    };
    let all: Vec<Cell> = shots.iter().flat_map(of_shot).collect();
    if all.len() <= MOST {
        return all;
    }
    (0..MOST)
        .map(|place| {
            let (from, to) = (place * all.len() / MOST, (place + 1) * all.len() / MOST);
            Cell { end: all[to - 1].end, ..all[from] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shots(ends: &[f64]) -> Vec<Shot> {
        let starts = std::iter::once(0.0).chain(ends.iter().copied());
        let shot = |(index, (start_time, &end_time))| Shot {
            index,
            start_frame: 0,
            end_frame: 0,
            start_time,
            end_time,
            blank: false,
        };
        starts.zip(ends).enumerate().map(shot).collect()
    }

    #[test]
    fn the_strip_covers_the_video_without_a_gap() {
        let many: Vec<f64> = (1..=1000).map(|i| f64::from(i) * 0.4).collect();
        for ends in [vec![30.0], vec![1.0, 1.5, 30.0], vec![0.0], many] {
            let cells = cells(&shots(&ends));
            assert!(!cells.is_empty() && cells.len() <= MOST);
            assert_eq!((cells[0].start, cells[cells.len() - 1].end), (0.0, ends[ends.len() - 1]));
            assert!(cells.windows(2).all(|pair| (pair[0].end - pair[1].start).abs() < 1e-9));
        }
        assert_eq!(cells(&shots(&[30.0])).len(), 14);
        assert_eq!(cells(&[]), []);
    }
}
