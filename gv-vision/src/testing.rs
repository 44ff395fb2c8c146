//! Conformance suites for the seams of this crate; any implementation may run them. Synthetic video
//! whose shots and boundaries are known.

mod detector_pictures;
mod face_attributes;
mod face_detector;
mod object_detector;
mod optical_flow;
pub mod synthetic;
pub mod synthetic_text;
mod text_reader;

pub use face_attributes::face_attributes_suite;
pub use face_detector::face_detector_suite;
pub use object_detector::object_detector_suite;
pub use optical_flow::optical_flow_suite;
pub use text_reader::text_reader_suite;

use crate::{Frame, FrameSource};
use gv_media::Timestamp;

/// Checks the contract of [`FrameSource`] on a video of at least two frames and no damage.
///
/// `open` opens the same video anew each time it is called. Frames are held in memory: use a short
/// video.
///
/// # Panics
///
/// Where the contract is broken; the message says how.
#[expect(clippy::panic, reason = "a test suite reports by panicking")]
pub fn frame_source_suite(mut open: impl FnMut() -> Box<dyn FrameSource>) {
    let mut walk = |reused: bool| -> Vec<Frame> {
        let mut source = open();
        let (mut frames, mut frame) = (Vec::new(), dirty());
        loop {
            match source.read(&mut frame) {
                Ok(true) => frames.push(frame.clone()),
                Ok(false) => break,
                Err(error) => panic!("read fails after {} frames: {error}", frames.len()),
            }
            if !reused {
                frame = Frame::default();
            }
        }
        check_end(source.as_mut(), &mut frame);
        check_facts(source.as_ref(), &frames);
        frames
    };
    let (first, second) = (walk(true), walk(false));
    check_order(&first);
    assert!(first.len() == second.len(), "the video opened again has another number of frames");
    for (a, b) in first.iter().zip(&second) {
        let same = a.pts == b.pts && a.index == b.index && a.data() == b.data();
        assert!(same, "frame {} differs when the video is opened again", a.index);
    }
    drop(open());
}

/// A frame that holds something else.
fn dirty() -> Frame {
    let mut frame = Frame::default();
    frame.index = 99;
    if let Ok(bytes) = frame.reshape(3, 5, crate::Layout::Rgb24) {
        bytes.fill(0xAB);
    }
    frame
}

fn check_end(source: &mut dyn FrameSource, frame: &mut Frame) {
    let (index, bytes) = (frame.index, frame.data().len());
    for _ in 0..2 {
        assert!(matches!(source.read(frame), Ok(false)), "the end does not stay the end");
    }
    assert!((frame.index, frame.data().len()) == (index, bytes), "the end touches the frame");
}

fn check_facts(source: &dyn FrameSource, frames: &[Frame]) {
    let info = source.info();
    let size = (info.width as usize, info.height as usize);
    let layout = frames.first().map(Frame::layout);
    for frame in frames {
        assert!((frame.width(), frame.height()) == size, "frame {} has another size", frame.index);
        assert!(Some(frame.layout()) == layout, "frame {} has another layout", frame.index);
        let needed = frame.layout().frame_bytes(size.0, size.1);
        assert!(needed == Some(frame.data().len()), "frame {} is not whole", frame.index);
    }
    let start = frames.first().map(|frame| frame.pts);
    assert!(start == Some(info.start), "the first frame is at {start:?}, not at {:?}", info.start);
    if let Some(count) = info.frame_count {
        assert!(count == frames.len() as u64, "{count} frames are stated, {} come", frames.len());
    }
    let rates = info.nominal_rate.into_iter().chain(info.average_rate);
    assert!(rates.into_iter().all(|rate| rate.is_positive()), "a rate is not above zero");
    assert!(!source.decoder().name.is_empty(), "the decoder has no name");
    assert!(source.damage() == 0, "damage is reported of an intact video");
}

fn check_order(frames: &[Frame]) {
    assert!(frames.len() >= 2, "the suite needs a video of two frames or more");
    let mut last: Option<Timestamp> = None;
    for (number, frame) in (0..).zip(frames) {
        assert!(frame.index == number, "frame {number} has index {}", frame.index);
        assert!(last.is_none_or(|last| frame.pts >= last), "frame {number} goes back in time");
        last = Some(frame.pts);
    }
}
