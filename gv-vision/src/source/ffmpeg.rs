//! Frames decoded by a child ffmpeg.

use super::FrameSource;
use crate::{Frame, Layout, Result};
use gv_media::{Decoder, Event, MediaInfo, MediaReader, Timestamp, VideoInfo};
use std::fmt;
use std::path::Path;

/// How ffmpeg is run; pictures are always decoded, sound where it is asked for.
pub type FfmpegOptions = gv_media::MediaOptions;

/// Takes the sound of a video while its pictures are read: the time of the first sample, and
/// interleaved samples in the rate and channels of [`FfmpegSource::media`].
pub type SoundSink = Box<dyn FnMut(Timestamp, &[f32]) + Send>;

/// A video file, decoded by the `ffmpeg` program in a process of its own.
///
/// Frames are [`Layout::Yuv420p`] in native size after rotation, or smaller where
/// [`reduce_to`](FfmpegOptions::reduce_to) says so ([`Frame::native_size`] tells). Files, limits and errors are those
/// of [`MediaReader`].
///
/// # Examples
///
/// ```no_run
/// use gv_vision::{FfmpegOptions, FfmpegSource, Frame, FrameSource};
///
/// let mut source = FfmpegSource::open("ad.mp4", FfmpegOptions::default())?;
/// let mut frame = Frame::default();
/// while source.read(&mut frame)? {
///     println!("frame {} at {:.3} s", frame.index, frame.pts.seconds());
/// }
/// # Ok::<(), gv_vision::Error>(())
/// ```
pub struct FfmpegSource {
    reader: MediaReader,
    video: VideoInfo,
    next: u64,
    picture: Vec<u8>,
    sound: Vec<f32>,
    sink: Option<SoundSink>,
}

impl FfmpegSource {
    /// Opens a file for its pictures alone; [`media`](Self::media) still tells of its sound.
    ///
    /// # Errors
    ///
    /// Those of [`MediaReader::open`].
    pub fn open(path: impl AsRef<Path>, options: FfmpegOptions) -> Result<Self> {
        Self::start(path.as_ref(), options.audio(false), None)
    }

    /// Opens a file and gives its sound to `sink` on the way, in the order of presentation: what is
    /// heard before a frame is shown comes before that frame.
    ///
    /// # Errors
    ///
    /// Those of [`MediaReader::open`]; a file without sound is none.
    pub fn open_with_sound(
        path: impl AsRef<Path>,
        options: FfmpegOptions,
        sink: SoundSink,
    ) -> Result<Self> {
        Self::start(path.as_ref(), options.audio(true), Some(sink))
    }

    fn start(path: &Path, options: FfmpegOptions, sink: Option<SoundSink>) -> Result<Self> {
        let reader = MediaReader::open(path, &options.video(true))?;
        let missing = || gv_media::Error::NoVideo { path: path.into() };
        let video = reader.info().video.clone().ok_or_else(missing)?;
        let (picture, sound) = (Vec::new(), Vec::new());
        Ok(Self { reader, video, next: 0, picture, sound, sink })
    }

    /// The facts of the whole file.
    pub const fn media(&self) -> &MediaInfo {
        self.reader.info()
    }
}

impl FrameSource for FfmpegSource {
    fn info(&self) -> &VideoInfo {
        &self.video
    }

    fn decoder(&self) -> Decoder {
        self.reader.info().decoder.clone()
    }

    fn read(&mut self, frame: &mut Frame) -> Result<bool> {
        loop {
            match self.reader.read(&mut self.picture, &mut self.sound)? {
                None => return Ok(false),
                Some(Event::Sound { pts }) => {
                    if let Some(sink) = &mut self.sink {
                        sink(pts, &self.sound);
                    }
                }
                Some(Event::Picture { pts }) => {
                    let native = (self.video.width, self.video.height);
                    let size = self.reader.picture_size();
                    frame.reshape(size.0 as usize, size.1 as usize, Layout::Yuv420p)?;
                    if size != native {
                        frame.reduced_from(native.0 as usize, native.1 as usize);
                    }
                    frame.swap_data(&mut self.picture)?;
                    (frame.index, frame.pts) = (self.next, pts);
                    self.next += 1;
                    return Ok(true);
                }
            }
        }
    }

    fn damage(&self) -> u64 {
        self.reader.damage()
    }
}

impl fmt::Debug for FfmpegSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FfmpegSource").field("reader", &self.reader).finish_non_exhaustive()
    }
}
