//! The seam through which frames enter, and what stands behind it.

mod ffmpeg;
mod memory;
#[cfg(feature = "opencv")]
mod opencv;
mod push;

pub use ffmpeg::{FfmpegOptions, FfmpegSource, SoundSink};
pub use memory::MemorySource;
#[cfg(feature = "opencv")]
pub use opencv::OpenCvSource;
pub use push::{FramePusher, PushOptions, PushSource};

use crate::{Frame, Result};
use gv_media::{Decoder, VideoInfo};

/// A video that is read frame by frame.
///
/// # For implementers
///
/// - [`read`](Self::read) fills the caller's frame and returns `true`, or returns `false` at the end and
///   ever after; at the end the caller's frame stays as it was. Whatever the frame held before is
///   overwritten: size, layout, `index`, `pts` and bytes. Keep its buffer's memory where you can.
/// - Frames come in presentation order, `index` counts from 0 without a gap, `pts` never goes back,
///   and the first frame's `pts` is [`VideoInfo::start`].
/// - A source that meets damage in the middle goes on with the next frame it can decode and counts
///   the damage in [`damage`](Self::damage); it returns an error only where nothing more can come, and
///   the same again when asked again.
/// - Every frame of a source has one layout and the size that [`info`](Self::info) states; a smaller one says of
///   itself that it was [reduced from](Frame::reduced_from) that size.
/// - The same video opened twice gives the same frames.
/// - A source that waits for others (a decoder process, a caller's thread) holds a
///   [`Cancel`](gv_media::Cancel) and returns [`gv_media::Error::Cancelled`] within 100 ms of its being
///   raised.
///
/// `testing::frame_source_suite` (feature `testing`) checks all of this but the last.
pub trait FrameSource: Send {
    /// The facts of the video.
    fn info(&self) -> &VideoInfo;

    /// What decodes the video.
    fn decoder(&self) -> Decoder;

    /// Fills `frame` with the next picture; `false` at the end.
    ///
    /// # Errors
    ///
    /// Whatever kept the next frame from coming.
    fn read(&mut self, frame: &mut Frame) -> Result<bool>;

    /// Number of reports of damage so far.
    fn damage(&self) -> u64 {
        0
    }
}

fn decoder(name: &str) -> Decoder {
    Decoder { name: name.into(), version: String::new() }
}
