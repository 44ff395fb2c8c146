//! Reading a media file: its facts, its pictures, its sound.

mod command;
mod feed;
mod reduction;

use crate::nut::StreamKind;
use crate::probe::{self, NativePicture, PacketTable, StreamTable, Timeline};
use crate::worker::{Exit, Worker};
use crate::{
    AudioInfo, Decoder, Error, Ffmpeg, MediaInfo, MediaOptions, Rational, Result, Timestamp,
    VideoInfo,
};
use command::Command;
use feed::Feed;
use reduction::Reduction;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const HEAD_BYTES: u64 = 4096;
const MAX_SOUND_BYTES: u64 = 16 << 20;

/// What [`MediaReader::read`] has delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A picture.
    Picture {
        /// The moment at which it is shown.
        pts: Timestamp,
    },
    /// A piece of sound.
    Sound {
        /// The moment of its first sample.
        pts: Timestamp,
    },
}

/// A media file that is read from its start to its end, in the order of presentation.
///
/// Pictures are planar 8-bit 4:2:0 (Y, Cb, Cr; chroma of half the size in both directions, rounded up)
/// of limited range (16 black to 235 white), whatever the file holds, in native size after rotation or smaller
/// where [`MediaOptions::reduce_to`] says so.
/// Sound is interleaved `f32` in the file's rate and channels. Time stamps are those of the
/// presentation: edit lists, priming and encoder delay are applied, and 0 is where a player's clock
/// starts, so that a first frame may well come later. Of several streams the first of each kind is
/// read; cover pictures are not video.
///
/// Decoding is done by `ffmpeg` in processes of its own, which see nothing but the file, have the
/// limits of [`MediaOptions`], and end with the reader.
///
/// # Examples
///
/// ```no_run
/// use gv_media::{Event, MediaOptions, MediaReader};
///
/// let mut reader = MediaReader::open("ad.mp4", &MediaOptions::default())?;
/// let (mut picture, mut sound) = (Vec::new(), Vec::new());
/// while let Some(event) = reader.read(&mut picture, &mut sound)? {
///     match event {
///         Event::Picture { pts } => println!("{:.3} s: {} bytes", pts.seconds(), picture.len()),
///         Event::Sound { pts } => println!("{:.3} s: {} values", pts.seconds(), sound.len()),
///     }
/// }
/// println!("{} places were damaged", reader.damage());
/// # Ok::<(), gv_media::Error>(())
/// ```
#[derive(Debug)]
pub struct MediaReader {
    info: MediaInfo,
    video: Option<Feed>,
    audio: Option<Feed>,
    picture_size: (u32, u32),
    picture_bytes: usize,
    bytes: Vec<u8>,
    failed: Option<Error>,
    lost_damage: u64,
}

impl MediaReader {
    /// Opens a file, finds its facts and waits for its first frame.
    ///
    /// # Errors
    ///
    /// - The file: [`Error::FileNotFound`], [`Error::NotAFile`], [`Error::Unreadable`],
    ///   [`Error::EmptyFile`], [`Error::Playlist`].
    /// - Its content: [`Error::NotMedia`], [`Error::NoVideo`], [`Error::NoAudio`],
    ///   [`Error::NoFrames`], [`Error::PictureTooLarge`].
    /// - The program: [`Error::FfmpegMissing`], [`Error::FfmpegTooOld`], [`Error::FfmpegUnusable`],
    ///   [`Error::BadStream`], [`Error::DecoderDied`].
    /// - The limits: [`Error::TimeLimit`], [`Error::MemoryLimit`], [`Error::Cancelled`].
    pub fn open(path: impl AsRef<Path>, options: &MediaOptions) -> Result<Self> {
        let path = path.as_ref();
        let timeline = look_at(path)?;
        let ffmpeg = Ffmpeg::for_options(options)?;
        let command = Command { ffmpeg: &ffmpeg, path, timeline, options };
        let start = |args| Worker::spawn(ffmpeg.path(), args, Some(open(path)?), options);
        let video = options.video.then(|| start(command.video())).transpose()?;
        let audio = options.audio.then(|| start(command.audio())).transpose()?;
        let native = options.video.then(|| start(command.native_picture())).transpose()?;
        let header = options.video.then(|| start(command.track_header())).transpose()?;
        let table = read_table(start(command.packets())?, path)?;
        let pictures = table.stream("video");
        let sounds = table.stream("audio");
        if options.video && pictures.is_none() {
            return Err(Error::NoVideo { path: path.into() });
        }
        if !options.video && options.audio && sounds.is_none() {
            return Err(Error::NoAudio { path: path.into() });
        }
        let mut reader = Self {
            info: MediaInfo {
                video: None,
                audio: None,
                decoder: Decoder { name: "ffmpeg".into(), version: ffmpeg.version().to_string() },
            },
            video: None,
            audio: None,
            picture_size: (0, 0),
            picture_bytes: 0,
            bytes: Vec::new(),
            failed: None,
            lost_damage: 0,
        };
        if let (Some(worker), Some(table)) = (video, pictures) {
            let native = native.map(probe::native_picture).transpose()?.flatten();
            if !reader.start_video(worker, table, native, path, options)? {
                log::debug!("{}: its pictures come in native size", path.display());
                return Self::open(path, &MediaOptions { reduce_to: None, ..options.clone() });
            }
        }
        if let Some(info) = &mut reader.info.video {
            info.rotation = header.map(probe::rotation).transpose()?.flatten();
        }
        if let Some(table) = sounds {
            reader.start_audio(audio, table, path, options.video)?;
        }
        Ok(reader)
    }

    /// Takes the decoder of pictures; `false` where it stays unknown what they were reduced from.
    fn start_video(
        &mut self,
        worker: Worker,
        table: &StreamTable,
        native: Option<NativePicture>,
        path: &Path,
        options: &MediaOptions,
    ) -> Result<bool> {
        let limit = options.max_pixels;
        if let Some((width, height)) = table.size {
            check_size(width, height, limit)?;
        }
        let mut feed =
            Feed::open(worker, path.into(), limit.saturating_mul(2).max(64), table.time_base)?;
        let stream = feed.stream().cloned();
        let Some(StreamKind::Video { width, height, pixel_aspect }) = stream.map(|s| s.kind) else {
            return Err(Error::BadStream { reason: "it holds no pictures".into() });
        };
        let delivered = (width, height);
        let (width, height) = check_size(width, height, limit)?;
        let chroma = width.div_ceil(2) as usize * height.div_ceil(2) as usize;
        self.picture_size = (width, height);
        self.picture_bytes = width as usize * height as usize + 2 * chroma;
        let source = match (options.reduce_to, &native) {
            (None, _) => Some((delivered, pixel_aspect.unwrap_or(Rational::ONE))),
            (Some(long_side), Some(native)) => {
                Reduction { long_side }.source(native.size, native.pixel_aspect, delivered)
            }
            (Some(_), None) => None,
        };
        let Some((size, pixel_aspect)) = source else { return Ok(false) };
        let pixel_format = native.and_then(|native| native.pixel_format);
        let (width, height) = check_size(size.0, size.1, limit)?;
        self.info.video = Some(VideoInfo {
            pixel_aspect,
            pixel_format,
            nominal_rate: table.nominal_rate(),
            average_rate: table.average_rate(),
            duration: table.duration(),
            frame_count: Some(table.shown).filter(|&count| count > 0),
            start: feed.peek()?.unwrap_or(Timestamp::ZERO),
            codec: table.codec.clone(),
            ..VideoInfo::new(width, height)
        });
        self.video = Some(feed);
        Ok(true)
    }

    /// Sound that cannot be decoded is damage beside pictures, and an error without them.
    fn start_audio(
        &mut self,
        worker: Option<Worker>,
        table: &StreamTable,
        path: &Path,
        beside_pictures: bool,
    ) -> Result<()> {
        let feed =
            worker.map(|worker| Feed::open(worker, path.into(), MAX_SOUND_BYTES, table.time_base));
        let mut feed = match feed {
            Some(Err(Error::NoFrames { .. } | Error::DecoderDied { .. })) if beside_pictures => {
                self.lost_damage += 1;
                None
            }
            feed => feed.transpose()?,
        };
        let decoded = feed.as_ref().and_then(Feed::stream).map(|stream| stream.kind.clone());
        let (sample_rate, channels) = match decoded {
            Some(StreamKind::Audio { sample_rate, channels }) => {
                (u32::try_from(sample_rate).ok(), u32::try_from(channels).ok())
            }
            _ => (table.sample_rate, table.channels()),
        };
        let Some(sample_rate) = sample_rate.filter(|&rate| rate > 0) else { return Ok(()) };
        let first = feed.as_mut().map(Feed::peek).transpose()?.flatten();
        self.info.audio = Some(AudioInfo {
            sample_rate,
            channels,
            start: first.or_else(|| table.start()).unwrap_or(Timestamp::ZERO),
            duration: table.duration(),
            codec: table.codec.clone(),
        });
        self.audio = feed;
        Ok(())
    }

    /// The facts of the file.
    pub const fn info(&self) -> &MediaInfo {
        &self.info
    }

    /// Width and height in pixels of the pictures as they are read: those of [`VideoInfo`], or what
    /// [`MediaOptions::reduce_to`] makes of them.
    pub const fn picture_size(&self) -> (u32, u32) {
        self.picture_size
    }

    /// Fills `picture` or `sound`, keeping their memory, and says which; `None` at the end and ever after.
    ///
    /// A picture goes from the pipe into `picture` by one copy. Damage in the middle is counted and
    /// passed over.
    ///
    /// # Errors
    ///
    /// [`Error::DecoderDied`], [`Error::TimeLimit`], [`Error::MemoryLimit`], [`Error::BadStream`] and
    /// [`Error::Cancelled`]; the same again ever after.
    pub fn read(&mut self, picture: &mut Vec<u8>, sound: &mut Vec<f32>) -> Result<Option<Event>> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let event = self.next(picture, sound);
        if let Err(error) = &event {
            self.failed = Some(error.clone());
            (self.video, self.audio) = (None, None);
        }
        event
    }

    fn next(&mut self, picture: &mut Vec<u8>, sound: &mut Vec<f32>) -> Result<Option<Event>> {
        loop {
            let shown = self.video.as_mut().map(Feed::peek).transpose()?.flatten();
            let heard = self.audio.as_mut().map(Feed::peek).transpose()?.flatten();
            match (shown, heard) {
                (Some(pts), heard) if heard.is_none_or(|heard| pts < heard) => {
                    if self.take_picture(picture)? {
                        return Ok(Some(Event::Picture { pts }));
                    }
                }
                (_, Some(pts)) => {
                    if self.take_sound(sound)? {
                        return Ok(Some(Event::Sound { pts }));
                    }
                }
                _ => return Ok(None),
            }
        }
    }

    fn take_picture(&mut self, picture: &mut Vec<u8>) -> Result<bool> {
        let Some(feed) = &mut self.video else { return Ok(false) };
        if feed.size() != Some(self.picture_bytes) {
            feed.reject();
            return Ok(false);
        }
        feed.take(picture)
    }

    fn take_sound(&mut self, sound: &mut Vec<f32>) -> Result<bool> {
        let Some(feed) = &mut self.audio else { return Ok(false) };
        let whole = feed.take(&mut self.bytes)?;
        let (values, _) = self.bytes.as_chunks::<4>();
        sound.clear();
        sound.extend(values.iter().map(|&value| f32::from_le_bytes(value)));
        Ok(whole && !sound.is_empty())
    }

    /// Number of reports of damage so far, by the decoder and about what it sent.
    ///
    /// One damaged place in the file makes one report or several; an intact file makes none.
    pub fn damage(&self) -> u64 {
        let feeds = self.video.iter().chain(&self.audio);
        self.lost_damage + feeds.map(Feed::damage).sum::<u64>()
    }

    /// Numbers of the decoder processes that are running or not yet waited for.
    #[doc(hidden)]
    pub fn processes(&self) -> Vec<u32> {
        self.video.iter().chain(&self.audio).map(Feed::process).collect()
    }
}

/// Looks at the file itself, before any program does.
///
/// # Errors
///
/// [`Error::FileNotFound`], [`Error::NotAFile`], [`Error::Unreadable`], [`Error::EmptyFile`], and
/// [`Error::Playlist`] for a list that names other files or addresses.
pub fn check_file(path: &Path) -> Result<()> {
    look_at(path).map(drop)
}

fn look_at(path: &Path) -> Result<Timeline> {
    let mut head = Vec::new();
    let read = open(path)?.take(HEAD_BYTES).read_to_end(&mut head);
    read.map_err(|error| unreadable(path, &error))?;
    if head.is_empty() {
        return Err(Error::EmptyFile { path: path.into() });
    }
    probe::sniff(&head).map_err(|kind| Error::Playlist { path: path.into(), kind })
}

fn open(path: &Path) -> Result<File> {
    let metadata = path.metadata().map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(Error::NotAFile { path: path.into() });
    }
    File::open(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let path = PathBuf::from(path);
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::FileNotFound { path },
        _ => Error::Unreadable { path, reason: error.to_string() },
    }
}

fn read_table(mut worker: Worker, path: &Path) -> Result<PacketTable> {
    let table = PacketTable::read(&mut worker)?;
    if table.streams.is_empty() {
        let exit = worker.finish()?;
        let reason = worker.reason();
        return Err(match exit {
            Exit::Signal(signal) => Error::DecoderDied { signal, frames: 0, reason },
            _ => Error::NotMedia { path: path.into(), reason },
        });
    }
    Ok(table)
}

fn check_size(width: u64, height: u64, limit: u64) -> Result<(u32, u32)> {
    let allowed = width.checked_mul(height).is_some_and(|pixels| pixels <= limit);
    match (allowed, u32::try_from(width), u32::try_from(height)) {
        (true, Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::PictureTooLarge { width, height, limit }),
    }
}
