//! What can be told of the pictures themselves: light and colour, black and frozen stretches, bars, flashes, buttons.
//!
//! [`PictureMeter`] reads the frames of the one pass; nothing is decoded for it.

mod bars;
mod buttons;
mod cells;
mod colour;
mod flashes;
mod stretches;

pub use bars::Bars;
pub use buttons::Button;
pub use colour::{contrast_ratio, relative_luminance};
pub use flashes::{FlashKind, FlashTransition, WorstSecond, worst_second};
pub use stretches::Stretch;

use crate::AnalysisFrame;
use bars::BarMeter;
use buttons::ButtonTracker;
use cells::Cells;
use flashes::FlashMeter;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use stretches::StretchMeter;

/// Luma up to which a pixel is dark: a tenth of white, as ffmpeg's `blackdetect` has it.
const DARK: u8 = 25;
/// Share of dark pixels from which on a picture is black, as ffmpeg's `blackdetect` has it.
const BLACK_SHARE: f64 = 0.98;
/// Mean difference of luma, of white, below which a picture repeats the last one, as ffmpeg's `freezedetect` has it.
const FROZEN: f64 = 0.001;
/// Shortest black stretch that is told, in seconds.
const SHORTEST_BLACK: f64 = 0.1;
/// Shortest frozen stretch that is told, in seconds.
const SHORTEST_FROZEN: f64 = 0.5;
/// Seconds after which a picture is compared with itself.
const LAG: f64 = 0.8;

/// Light and colour over time: columns of one length, one row for each frame.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LightCurve {
    /// When the frame is shown, in seconds.
    pub time: Vec<f64>,
    /// Mean luma, 0 black to 1 white.
    pub brightness: Vec<f64>,
    /// Mean strength of colour, 0 grey to 1.
    pub saturation: Vec<f64>,
    /// Mean blue-difference chroma, -0.5 to 0.5.
    pub blue: Vec<f64>,
    /// Mean red-difference chroma, -0.5 to 0.5.
    pub red: Vec<f64>,
    /// How much light and colour differ from the last frame, place by place: 0 to 1, 0 for the first frame.
    pub change: Vec<f64>,
    /// How alike the layout of light is to that of 0.8 s before, 0 to 1: the correlation of their lumas, 1 for two plain
    /// pictures. 0 for frames before which nothing was shown so long ago.
    pub alike: Vec<f64>,
}

/// What the pictures of a video are like. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PictureAnalysis {
    /// Light and colour over time.
    pub light: LightCurve,
    /// Stretches of at least 0.1 s in which 98 % of the picture are darker than a tenth of white.
    pub black: Vec<Stretch>,
    /// Stretches of at least 0.5 s in which a picture that is not black stands still to the last pixel.
    pub frozen: Vec<Stretch>,
    /// Black bars around the picture, in shares of its sides; `None` where no frame is light enough to tell.
    pub bars: Option<Bars>,
    /// Changes of light and of red over a quarter of the picture or more, in time order.
    pub flashes: Vec<FlashTransition>,
    /// Coloured boxes with writing that stand still for a second or more, in the order in which they come.
    pub buttons: Vec<Button>,
}

/// Measures the pictures of a video, frame by frame.
#[derive(Debug, Default)]
pub struct PictureMeter {
    light: LightCurve,
    /// The cells of the last 0.8 s.
    recent: VecDeque<(f64, Cells)>,
    luma: Vec<u8>,
    black: StretchMeter,
    frozen: StretchMeter,
    bars: BarMeter,
    flashes: FlashMeter,
    buttons: ButtonTracker,
}

impl PictureMeter {
    /// A meter that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at a frame; frames come in the order of their times. One without pixels, or whose planes differ in size,
    /// is passed over.
    pub fn push(&mut self, frame: &AnalysisFrame) {
        let Some(cells) = Cells::of(frame) else { return };
        let pixels = frame.luma.data();
        let dark = pixels.iter().filter(|&&value| value <= DARK).count();
        let is_black = dark as f64 >= BLACK_SHARE * pixels.len() as f64;
        let is_repeated = self.luma.len() == pixels.len()
            && mean_difference(&self.luma, pixels) < FROZEN
            && !is_black;
        self.luma.clear();
        self.luma.extend_from_slice(pixels);
        let last_time = self.light.time.last().copied();
        self.black.push(is_black, frame.time, frame.time);
        self.frozen.push(is_repeated, last_time.unwrap_or(frame.time), frame.time);
        if !is_black {
            self.bars.push(&frame.luma);
        }
        self.flashes.push(frame.time, &cells);
        self.buttons.push(frame);
        let mean = cells.mean();
        self.light.time.push(frame.time);
        self.light.brightness.push(rounded(mean.brightness));
        self.light.saturation.push(rounded(mean.saturation));
        self.light.blue.push(rounded(mean.blue));
        self.light.red.push(rounded(mean.red));
        let change = self.recent.back().map_or(0.0, |(_, last)| cells.difference(last));
        self.light.change.push(rounded(change));
        while self.recent.get(1).is_some_and(|(then, _)| frame.time - then >= LAG - 1e-9) {
            self.recent.pop_front();
        }
        let before = self.recent.front().filter(|(then, _)| frame.time - then >= LAG - 1e-9);
        self.light.alike.push(rounded(before.map_or(0.0, |(_, before)| cells.alike(before))));
        self.recent.push_back((frame.time, cells));
    }

    /// Everything that was seen; `end_time` is when the last frame ends, in seconds.
    pub fn finish(self, end_time: f64) -> PictureAnalysis {
        PictureAnalysis {
            light: self.light,
            black: self.black.finish(end_time, SHORTEST_BLACK),
            frozen: self.frozen.finish(end_time, SHORTEST_FROZEN),
            bars: self.bars.finish(),
            flashes: self.flashes.finish(),
            buttons: self.buttons.finish(end_time),
        }
    }
}

/// Five decimals are finer than a grey level, and keep documents short.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e5).round() / 1e5
}

/// Mean difference of two pictures of one size, of white.
fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    let sum: u64 = a
        .chunks(4096)
        .zip(b.chunks(4096))
        .map(|(a, b)| {
            u64::from(a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum::<u32>())
        })
        .sum();
    sum as f64 / (255.0 * a.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GrayImage;

    pub(super) fn frame(
        number: u32,
        rate: f64,
        ycc: impl Fn(usize, usize) -> [u8; 3],
    ) -> AnalysisFrame {
        let plane = |channel: usize| GrayImage::from_fn(64, 36, |x, y| ycc(x, y)[channel]);
        AnalysisFrame {
            index: u64::from(number),
            time: f64::from(number) / rate,
            luma: plane(0),
            cb: plane(1),
            cr: plane(2),
            source_scale: 1.0,
        }
    }

    fn measured(count: u32, of: impl Fn(u32, usize, usize) -> [u8; 3]) -> PictureAnalysis {
        let mut meter = PictureMeter::new();
        for number in 0..count {
            meter.push(&frame(number, 25.0, |x, y| of(number, x, y)));
        }
        meter.finish(f64::from(count) / 25.0)
    }

    #[test]
    fn black_and_frozen_stretches_are_where_they_are() {
        let found = measured(100, |n, x, _| match n {
            0..25 => [((x as u32 * 3 + n * 5) % 200) as u8 + 40, 128, 128],
            25..50 => [4, 128, 128],
            50..90 => [(x * 3) as u8, 120, 140],
            _ => [((x as u32 * 3 + n * 9) % 200) as u8 + 40, 128, 128],
        });
        assert_eq!(found.black, [Stretch { start_time: 1.0, end_time: 2.0 }]);
        assert_eq!(found.frozen, [Stretch { start_time: 2.0, end_time: 3.6 }]);
        assert_eq!(worst_second(&found.flashes, FlashKind::Red), None);
        assert_eq!(found.buttons, []);
        assert_eq!(found.light.time.len(), 100);
        assert!(found.light.change[50] > 0.1 && found.light.change[60] == 0.0);
    }

    #[test]
    fn a_black_clip_has_one_black_stretch_and_nothing_else() {
        let found = measured(50, |_, _, _| [0, 128, 128]);
        assert_eq!(found.black, [Stretch { start_time: 0.0, end_time: 2.0 }]);
        assert_eq!((found.frozen, found.bars, found.flashes), (vec![], None, vec![]));
        assert!(found.light.brightness.iter().chain(&found.light.saturation).all(|&v| v == 0.0));
    }

    #[test]
    fn no_frame_and_empty_frames_are_nothing() {
        let mut meter = PictureMeter::new();
        meter.push(&AnalysisFrame::default());
        assert_eq!(meter.finish(f64::NAN), PictureAnalysis::default());
    }
}
