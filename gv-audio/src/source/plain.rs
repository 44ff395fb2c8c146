//! Plain audio files, decoded in process by symphonia.

use super::AudioSource;
use crate::Result;
use crate::samples::check_format;
use gv_media::{AudioInfo, Cancel, Decoder, Error, MediaOptions, Rational, Timestamp};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// Version of symphonia that is built in.
const VERSION: &str = "0.6";
/// Damaged packets in a row after which the rest is given up.
const MOST_DAMAGED: u32 = 1000;

/// The sound of a WAV, AIFF, FLAC, MP3 or Ogg Vorbis file.
///
/// What an encoder put in front of the sound (the delay that LAME writes down, the first packet of Vorbis) is
/// cut off, so that the sound begins at 0, as in a player.
pub struct PlainAudio {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    info: AudioInfo,
    name: Decoder,
    cancel: Cancel,
    /// The first block, which tells rate and channels.
    first: Option<Vec<f32>>,
    frames: i64,
    damage: u64,
    ended: bool,
}

impl std::fmt::Debug for PlainAudio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlainAudio").field("info", &self.info).finish_non_exhaustive()
    }
}

impl PlainAudio {
    /// Opens a file; `None` for one of another kind, which a child ffmpeg may understand.
    ///
    /// # Errors
    ///
    /// [`Error::FileNotFound`] and [`Error::Unreadable`], [`Error::Cancelled`].
    pub fn open(path: impl AsRef<Path>, options: &MediaOptions) -> Result<Option<Self>> {
        let path = path.as_ref();
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::FileNotFound { path: path.into() },
            _ => Error::Unreadable { path: path.into(), reason: error.to_string() },
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let mut head = [0; 12];
        let length = file.read(&mut head).map_err(unreadable)?;
        if !is_plain(&head[..length]) {
            return Ok(None);
        }
        let file = File::open(path).map_err(unreadable)?;
        Self::start(file, options)
    }

    fn start(file: File, options: &MediaOptions) -> Result<Option<Self>> {
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let probed = symphonia::default::get_probe().probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        );
        let Ok(format) = probed else { return Ok(None) };
        let Some(track) = format.default_track(TrackType::Audio) else { return Ok(None) };
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let Some(parameters) = parameters else { return Ok(None) };
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default());
        let Ok(decoder) = decoder else { return Ok(None) };
        let codec = decoder.codec_info().short_name.to_owned();
        let seconds = track.time_base.zip(track.duration).and_then(|(base, duration)| {
            let end = symphonia::core::units::Timestamp::from(i64::try_from(duration.get()).ok()?);
            base.calc_time(end).map(|time| time.as_secs_f64())
        });
        let mut source = Self {
            track: track.id,
            format,
            decoder,
            info: AudioInfo::new(0, 0),
            name: Decoder { name: "symphonia".into(), version: VERSION.into() },
            cancel: options.cancel.clone(),
            first: None,
            frames: 0,
            damage: 0,
            ended: false,
        };
        source.info.duration = seconds.filter(|seconds| *seconds > 0.0);
        source.info.codec = codec;
        let mut block = Vec::new();
        if !source.decode(&mut block)? {
            return Ok(None);
        }
        source.first = Some(block);
        let channels = source.info.channels.unwrap_or(0) as usize;
        Ok(check_format(channels, source.info.sample_rate, 0.0).is_ok().then_some(source))
    }

    /// Decodes the next block that has samples; `false` at the end.
    fn decode(&mut self, block: &mut Vec<f32>) -> Result<bool> {
        let mut damaged = 0;
        while damaged < MOST_DAMAGED && !self.ended {
            self.cancel.check()?;
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => packet,
                Ok(Some(_)) => continue,
                Err(Symphonia::DecodeError(_)) => {
                    damaged += 1;
                    self.damage += 1;
                    continue;
                }
                Ok(None) => break,
                Err(_) => {
                    self.damage += 1;
                    break;
                }
            };
            let Ok(buffer) = self.decoder.decode(&packet) else {
                damaged += 1;
                self.damage += 1;
                continue;
            };
            let rate = buffer.spec().rate();
            let channels = u32::try_from(buffer.spec().channels().count()).unwrap_or(0);
            if self.info.sample_rate == 0 {
                (self.info.sample_rate, self.info.channels) = (rate, Some(channels));
            }
            if (self.info.sample_rate, self.info.channels) != (rate, Some(channels)) {
                damaged += 1;
                self.damage += 1;
                continue;
            }
            buffer.copy_to_vec_interleaved(block);
            if !block.is_empty() {
                return Ok(true);
            }
        }
        self.ended = true;
        block.clear();
        Ok(false)
    }
}

/// Whether a file begins as one of the formats that are decoded in process.
///
/// Formats are told by their first bytes alone: a frame header of MP3 is found somewhere in every large file.
fn is_plain(head: &[u8]) -> bool {
    let sync = head.len() > 1 && head[0] == 0xff && head[1] & 0xe6 == 0xe2;
    let tagged = head.starts_with(b"ID3") || head.starts_with(b"fLaC") || head.starts_with(b"OggS");
    let form = |kind: &[u8]| head.get(8..12) == Some(kind);
    let wave = head.starts_with(b"RIFF") && form(b"WAVE");
    let aiff = head.starts_with(b"FORM") && (form(b"AIFF") || form(b"AIFC"));
    sync || tagged || wave || aiff
}

impl AudioSource for PlainAudio {
    fn info(&self) -> &AudioInfo {
        &self.info
    }

    fn decoder(&self) -> &Decoder {
        &self.name
    }

    fn read(&mut self, block: &mut Vec<f32>) -> Result<Option<Timestamp>> {
        match self.first.take() {
            Some(first) => *block = first,
            None if !self.decode(block)? => return Ok(None),
            None => {}
        }
        let base = Rational::new(1, i64::from(self.info.sample_rate)).unwrap_or(Rational::ONE);
        let pts = Timestamp::new(self.frames, base);
        let channels = self.info.channels.unwrap_or(1).max(1) as usize;
        self.frames = self.frames.saturating_add((block.len() / channels) as i64);
        Ok(Some(pts))
    }

    fn damage(&self) -> u64 {
        self.damage
    }
}
