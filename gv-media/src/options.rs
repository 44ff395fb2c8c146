//! How a media file is opened.

use crate::Cancel;
use std::path::PathBuf;
use std::time::Duration;

/// What to decode, by which program, and within which limits.
///
/// # Examples
///
/// ```
/// use gv_media::MediaOptions;
///
/// let pictures_only = MediaOptions::default().audio(false);
/// assert!(pictures_only.video && !pictures_only.audio);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MediaOptions {
    /// The ffmpeg program. Default: `GV_FFMPEG`, else the `ffmpeg` found in `PATH`.
    pub program: Option<PathBuf>,
    /// Whether pictures are decoded; a file without any is then an error. Default: `true`.
    pub video: bool,
    /// Whether sound is decoded. A file without any is an error only where pictures are not asked
    /// for. Default: `true`.
    pub audio: bool,
    /// Longer side, in square pixels, to which the decoder reduces pictures at least twice as large, by area
    /// averaging, before they pass the pipe; smaller ones come in native size. Default: `None`, all in native size.
    pub reduce_to: Option<u32>,
    /// Threads that the decoder uses for pictures. Default: two more than processors, at most 16.
    pub threads: Option<usize>,
    /// Largest picture in pixels. Default: 67 108 864 (8192x8192).
    pub max_pixels: u64,
    /// Longest time for which the decoder may send nothing while it is waited for. Default: 60 s.
    pub silence_limit: Duration,
    /// Longest time from opening to the last frame, the caller's own work included; `None` for no limit.
    /// Default: 12 h.
    pub time_limit: Option<Duration>,
    /// Most memory that a decoder process may hold, in bytes; looked at on Linux only. Default: 4 GiB.
    pub memory_limit: u64,
    /// The flag that stops the reader.
    pub cancel: Cancel,
}

impl Default for MediaOptions {
    fn default() -> Self {
        Self {
            program: None,
            video: true,
            audio: true,
            reduce_to: None,
            threads: None,
            max_pixels: 8192 * 8192,
            silence_limit: Duration::from_secs(60),
            time_limit: Some(Duration::from_secs(12 * 3600)),
            memory_limit: 4 << 30,
            cancel: Cancel::new(),
        }
    }
}

impl MediaOptions {
    /// Sets the ffmpeg program.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Sets whether pictures are decoded.
    pub fn video(mut self, wanted: bool) -> Self {
        self.video = wanted;
        self
    }

    /// Sets whether sound is decoded.
    pub fn audio(mut self, wanted: bool) -> Self {
        self.audio = wanted;
        self
    }

    /// Sets the longer side to which the decoder reduces large pictures; 0 is 1.
    pub fn reduce_to(mut self, long_side: u32) -> Self {
        self.reduce_to = Some(long_side.max(1));
        self
    }

    /// Sets the number of threads; 0 is 1.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Sets the largest picture in pixels.
    pub fn max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets the longest silence.
    pub fn silence_limit(mut self, limit: Duration) -> Self {
        self.silence_limit = limit;
        self
    }

    /// Sets the longest time in all.
    pub fn time_limit(mut self, limit: Option<Duration>) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets the most memory of a decoder process in bytes.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = bytes;
        self
    }

    /// Sets the flag that stops the reader.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }
}
