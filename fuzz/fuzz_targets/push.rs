//! Frames that a caller pushes: whatever their sizes, times and layouts, each is taken or refused, in order.

#![no_main]

use gv_media::{Rational, Timestamp, VideoInfo};
use gv_vision::{Frame, FrameScaler, FrameSource, Layout, PushOptions, PushSource};
use libfuzzer_sys::fuzz_target;

const LAYOUTS: [Layout; 4] = [Layout::Gray8, Layout::Yuv420p, Layout::Bgr24, Layout::Rgb24];

fuzz_target!(|bytes: &[u8]| {
    let [width, height, long_side, rest @ ..] = bytes else { return };
    let (width, height) = (usize::from(*width), usize::from(*height));
    let info = VideoInfo::new(width as u32, height as u32);
    let (mut pusher, mut source) = PushSource::new(info, PushOptions::default().capacity(1));
    let mut scaler = FrameScaler::new(usize::from(*long_side));
    let (mut frame, mut small) = (Frame::default(), Default::default());
    let mut last = i64::MIN;
    for step in rest.chunks_exact(4) {
        let [layout, ticks, wider, extra] = [0, 1, 2, 3].map(|at| step[at]);
        let layout = LAYOUTS[usize::from(layout) % 4];
        let width = width + usize::from(wider % 16 == 1);
        let pixels = width * height + usize::from(extra % 16 == 1);
        let bytes = match layout {
            Layout::Gray8 => pixels,
            Layout::Yuv420p => pixels + 2 * width.div_ceil(2) * height.div_ceil(2),
            _ => 3 * pixels,
        };
        let time = i64::from(ticks as i8);
        let pts = Timestamp::new(time, Rational::ONE);
        let Ok(pushed) = Frame::new(0, pts, width, height, layout, vec![ticks; bytes]) else {
            continue;
        };
        if pusher.push(pushed).is_ok() {
            assert!(source.read(&mut frame).is_ok_and(|read| read));
            assert!(time >= last);
            last = time;
            scaler.scale(&frame, Rational::ONE, &mut small);
        }
    }
});
