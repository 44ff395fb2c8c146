//! The sound of a video, by a child ffmpeg.

use super::AudioSource;
use crate::Result;
use gv_media::{AudioInfo, Decoder, Error, Event, MediaOptions, MediaReader, Timestamp};
use std::path::Path;

/// The sound of any media file, decoded by a child ffmpeg.
#[derive(Debug)]
pub struct FfmpegAudio {
    reader: MediaReader,
    info: AudioInfo,
}

impl FfmpegAudio {
    /// Opens the first sound track of a file.
    ///
    /// # Errors
    ///
    /// Those of [`MediaReader::open`] with sound alone.
    pub fn open(path: impl AsRef<Path>, options: &MediaOptions) -> Result<Self> {
        let path = path.as_ref();
        let reader = MediaReader::open(path, &options.clone().video(false).audio(true))?;
        let info = reader.info().audio.clone();
        let info = info.filter(|info| info.channels.is_some_and(|channels| channels > 0));
        let info = info.ok_or_else(|| Error::NoAudio { path: path.into() })?;
        Ok(Self { reader, info })
    }
}

impl AudioSource for FfmpegAudio {
    fn info(&self) -> &AudioInfo {
        &self.info
    }

    fn decoder(&self) -> &Decoder {
        &self.reader.info().decoder
    }

    fn read(&mut self, block: &mut Vec<f32>) -> Result<Option<Timestamp>> {
        let mut picture = Vec::new();
        loop {
            match self.reader.read(&mut picture, block)? {
                Some(Event::Sound { pts }) => return Ok(Some(pts)),
                Some(Event::Picture { .. }) => {}
                None => return Ok(None),
            }
        }
    }

    fn damage(&self) -> u64 {
        self.reader.damage()
    }
}
