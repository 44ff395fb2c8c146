//! The seam through which frames enter.

use crate::{Frame, Result};
use gv_media::{Decoder, VideoInfo};

/// A video that is read frame by frame.
///
/// # For implementers
///
/// - [`read`](Self::read) fills the caller's frame and returns `true`, or returns `false` at the end and
///   ever after. Frames come in presentation order, `index` counts from 0 without a gap, `pts` never
///   goes back.
/// - A source that meets damage in the middle goes on with the next frame it can decode and counts
///   the damage in [`damage`](Self::damage); it returns an error only where nothing more can come.
/// - Every frame of a source has the size that [`info`](Self::info) states.
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

    /// Number of places found damaged so far.
    fn damage(&self) -> u64 {
        0
    }
}
