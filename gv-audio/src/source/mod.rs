//! Where sound comes from.

mod ffmpeg;
mod memory;
mod plain;

pub use ffmpeg::FfmpegAudio;
pub use memory::MemoryAudio;
pub use plain::PlainAudio;

use crate::Result;
use gv_media::{AudioInfo, Decoder, MediaOptions, Timestamp};
use std::path::Path;

/// Sound that is read from its start to its end.
///
/// # For implementers
///
/// Blocks come in the order of time. Their time stamps are those of the presentation: what an encoder put in
/// front of the sound is gone, and what an edit list moves is moved. A hole is a later time stamp, never
/// silence of your own. Rate and channels stay those of [`info`](Self::info).
pub trait AudioSource: Send {
    /// The facts of the sound; `channels` is known.
    fn info(&self) -> &AudioInfo;

    /// What decodes it.
    fn decoder(&self) -> &Decoder;

    /// Fills `block` with interleaved samples, keeping its memory, and says when its first one is heard;
    /// `None` at the end and ever after.
    ///
    /// # Errors
    ///
    /// What keeps the sound from being read further.
    fn read(&mut self, block: &mut Vec<f32>) -> Result<Option<Timestamp>>;

    /// Places so far that were damaged and passed over.
    fn damage(&self) -> u64;
}

/// Opens the sound of a file: WAV, AIFF, FLAC, MP3 and Ogg Vorbis are decoded in process, anything else by a
/// child ffmpeg; [`AudioSource::decoder`] says by which.
///
/// # Errors
///
/// Those of [`gv_media::MediaReader::open`] with sound alone.
pub fn open(path: impl AsRef<Path>, options: &MediaOptions) -> Result<Box<dyn AudioSource>> {
    let path = path.as_ref();
    gv_media::check_file(path)?;
    match PlainAudio::open(path, options)? {
        Some(source) => Ok(Box::new(source)),
        None => Ok(Box::new(FfmpegAudio::open(path, options)?)),
    }
}
