//! Scenes of known motion, rendered at any size and rate.

use gv_media::{Rational, Timestamp};
use gv_vision::motion_energy::{MotionAnalysis, MotionAnalyzer, MotionOptions};
use gv_vision::{
    AnalysisFrame, Farneback, FarnebackOptions, Frame, FrameScaler, GrayImage, Layout,
};

/// Brightness at a place of the world, in frame widths; smooth, without a period.
pub(crate) fn texture(x: f64, y: f64) -> f64 {
    let cell = |i: i64, j: i64| {
        let mut h = (i.wrapping_mul(0x9E37_79B9) ^ j.wrapping_mul(0x85EB_CA6B)) as u64;
        h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D_9A2B_4E1F);
        ((h >> 40) & 0xFF) as f64
    };
    let noise = |x: f64, y: f64| {
        let (i, j) = (x.floor(), y.floor());
        let ease = |t: f64| t * t * (3.0 - 2.0 * t);
        let (u, v) = (ease(x - i), ease(y - j));
        let (i, j) = (i as i64, j as i64);
        let top = cell(i, j) * (1.0 - u) + cell(i + 1, j) * u;
        let bottom = cell(i, j + 1) * (1.0 - u) + cell(i + 1, j + 1) * u;
        top * (1.0 - v) + bottom * v
    };
    0.6 * noise(x * 24.0, y * 24.0) + 0.4 * noise(x * 55.0 + 3.3, y * 55.0)
}

/// A picture `width` pixels wide, 16:9; `bright(x, y)` gives 0 to 255 at a place in frame widths from
/// the middle.
pub(crate) fn render(width: usize, bright: impl Fn(f64, f64) -> f64) -> GrayImage {
    let height = width * 9 / 16;
    let middle = ((width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0);
    GrayImage::from_fn(width, height, |x, y| {
        let place = |at: usize, middle: f64| (at as f64 - middle) / width as f64;
        bright(place(x, middle.0), place(y, middle.1)).clamp(0.0, 255.0) as u8
    })
}

/// How a scene is seen.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub(crate) width: usize,
    pub(crate) analysis: usize,
    pub(crate) fps: i64,
    pub(crate) seconds: f64,
    pub(crate) threads: usize,
    pub(crate) sample_rate: usize,
}

pub(crate) const VIEW: View =
    View { width: 256, analysis: 256, fps: 30, seconds: 1.0, threads: 1, sample_rate: 1 };

/// Renders `bright(t, x, y)` and follows its motion.
pub(crate) fn analyze(
    view: View,
    cuts: &[f64],
    bright: impl Fn(f64, f64, f64) -> f64,
) -> MotionAnalysis {
    let flow = FarnebackOptions::default().num_threads(view.threads);
    let flow = Farneback::new(flow).unwrap();
    let options = MotionOptions::default().sample_rate(view.sample_rate);
    let mut analyzer = MotionAnalyzer::with_flow(&flow, options, view.fps as f64).unwrap();
    let mut scaler = FrameScaler::new(view.analysis);
    let mut small = AnalysisFrame::default();
    let count = (view.seconds * view.fps as f64).round() as i64;
    let base = Rational::new(1, view.fps).unwrap();
    for index in 0..count {
        let pts = Timestamp::new(index, base);
        let picture = render(view.width, |x, y| bright(pts.seconds(), x, y));
        let (width, height) = (picture.width(), picture.height());
        let data = picture.data().to_vec();
        let frame = Frame::new(index as u64, pts, width, height, Layout::Gray8, data).unwrap();
        scaler.scale(&frame, Rational::ONE, &mut small);
        analyzer.push(&small).unwrap();
    }
    let cuts: Vec<u64> = cuts.iter().map(|t| (t * view.fps as f64).round() as u64).collect();
    analyzer.finish(&cuts)
}
