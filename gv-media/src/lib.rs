//! Exact media time, media facts, and decoding by a child ffmpeg.
//!
//! Everything that `geminivideo` knows about *files* lives here: what a file holds ([`MediaInfo`]),
//! at which exact moment a frame is shown ([`Timestamp`]), and how frames and samples leave the file.
//! What the frames *show* is the business of `gv-vision`, what the samples *sound* like that of `gv-audio`.

mod error;
mod info;
mod time;

pub use error::{Error, Result};
pub use info::{AudioInfo, Decoder, MediaInfo, Rotation, VideoInfo};
pub use time::{Rational, Timestamp};
