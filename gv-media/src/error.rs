//! What can go wrong with a media file or its decoder.

use std::path::PathBuf;

/// Errors of this crate.
///
/// `reason` is what the decoder or the system said, in its own words: for people to read, never for
/// programs to parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no file at the path.
    #[error("no file at {}", path.display())]
    FileNotFound {
        /// The path as given.
        path: PathBuf,
    },
    /// The path leads to a directory, a pipe or a device.
    #[error("{} is not a regular file", path.display())]
    NotAFile {
        /// The path as given.
        path: PathBuf,
    },
    /// The system does not let the file be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file has no bytes.
    #[error("{} is empty", path.display())]
    EmptyFile {
        /// The path as given.
        path: PathBuf,
    },
    /// The file is a list that names other files or addresses; none of them was opened.
    #[error("{} is a playlist ({kind}), which names other files; give the media file itself", path.display())]
    Playlist {
        /// The path as given.
        path: PathBuf,
        /// The kind of list.
        kind: &'static str,
    },
    /// The decoder does not find a media stream in the file: another kind of file, a kind that is not
    /// allowed, or one cut off before its index.
    #[error("{} is not a media file that can be decoded: {reason}", path.display())]
    NotMedia {
        /// The path as given.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The file has sound, but no moving picture; a cover picture is none.
    #[error("{} has no video stream", path.display())]
    NoVideo {
        /// The path as given.
        path: PathBuf,
    },
    /// The file has no sound.
    #[error("{} has no audio stream", path.display())]
    NoAudio {
        /// The path as given.
        path: PathBuf,
    },
    /// The stream is there, but not one frame or sample of it can be decoded.
    #[error("nothing in {} can be decoded: {reason}", path.display())]
    NoFrames {
        /// The path as given.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The picture has more pixels than [`MediaOptions::max_pixels`](crate::MediaOptions::max_pixels) allows.
    #[error("pictures of {width}x{height} pixels exceed the limit of {limit} pixels")]
    PictureTooLarge {
        /// Width in pixels.
        width: u64,
        /// Height in pixels.
        height: u64,
        /// The limit in pixels.
        limit: u64,
    },
    /// There is no ffmpeg program.
    #[error("no ffmpeg program: {looked}; install ffmpeg 5.1 or later, or name it by GV_FFMPEG")]
    FfmpegMissing {
        /// Where it was looked for.
        looked: String,
    },
    /// The ffmpeg program is older than what is needed.
    #[error("{} is ffmpeg {version}, needed is {minimum} or later", path.display())]
    FfmpegTooOld {
        /// The program.
        path: PathBuf,
        /// Its version.
        version: String,
        /// The oldest version that works.
        minimum: &'static str,
    },
    /// The program does not run, or does not answer as ffmpeg does.
    #[error("{} does not work as ffmpeg: {reason}", path.display())]
    FfmpegUnusable {
        /// The program.
        path: PathBuf,
        /// What it did.
        reason: String,
    },
    /// The decoder sent nothing for too long, or ran for too long.
    #[error("the decoder passed its {what} limit of {limit:?}")]
    TimeLimit {
        /// `silence` or `time`.
        what: &'static str,
        /// The limit.
        limit: std::time::Duration,
    },
    /// The decoder took more memory than it may.
    #[error("the decoder took more than {limit} bytes of memory")]
    MemoryLimit {
        /// The limit in bytes.
        limit: u64,
    },
    /// The decoder was killed, or crashed.
    #[error("the decoder died of signal {signal} after {frames} frames: {reason}")]
    DecoderDied {
        /// Number of the signal.
        signal: i32,
        /// Frames that had come by then.
        frames: u64,
        /// What the decoder said.
        reason: String,
    },
    /// What the decoder sent is not what it was asked to send.
    #[error("the decoder sent a damaged stream: {reason}")]
    BadStream {
        /// What is wrong.
        reason: String,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;
