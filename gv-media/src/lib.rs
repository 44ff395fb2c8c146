//! Exact media time, media facts, and decoding by a child ffmpeg.
//!
//! Everything that `geminivideo` knows about *files* lives here: what a file holds ([`MediaInfo`]),
//! at which exact moment a frame is shown ([`Timestamp`]), and how frames and samples leave the file
//! ([`MediaReader`]). What the frames *show* is the business of `gv-vision`, what the samples *sound*
//! like that of the sound analysis to come.

mod cancel;
mod error;
mod ffmpeg;
mod info;
pub mod nut;
mod options;
mod probe;
mod reader;
mod time;
mod worker;

pub use cancel::Cancel;
pub use error::{Error, Result};
pub use ffmpeg::{Ffmpeg, Version};
pub use info::{AudioInfo, Decoder, MediaInfo, Rotation, VideoInfo};
pub use options::MediaOptions;
pub use reader::{Event, MediaReader, check_file};
pub use time::{Rational, Timestamp};
