//! What a media file holds.

use crate::{Rational, Timestamp};
use serde::{Deserialize, Serialize};

/// The facts of one media file, as the decoder presents it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaInfo {
    /// The video stream, if there is one and pictures are asked for: the first of the file that is not
    /// a cover picture.
    pub video: Option<VideoInfo>,
    /// The audio stream, if there is one: the first of the file.
    pub audio: Option<AudioInfo>,
    /// What decodes the file.
    pub decoder: Decoder,
}

/// The facts of a video stream.
///
/// Sizes are those of the picture as a player shows it: after rotation, in square pixels where
/// [`display_width`](Self::display_width) says so. What a file or source does not tell is `None`, never
/// a guess.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Width of a decoded frame in pixels, after rotation.
    pub width: u32,
    /// Height of a decoded frame in pixels, after rotation.
    pub height: u32,
    /// Width of a pixel divided by its height, after rotation; 1/1 for square pixels, and where the
    /// file does not say.
    pub pixel_aspect: Rational,
    /// Clockwise rotation that has been applied to the coded picture; `None` where it is no quarter
    /// turn (a mirrored or slanted picture).
    pub rotation: Option<Rotation>,
    /// Frames per second that the stream is made for, found from the time stamps of its packets.
    ///
    /// Where every frame lies on a grid, the container's rounding of time stamps allowed for, it is
    /// the rate of that grid, even if frames are missing. Where intervals vary, it is the usual rate
    /// (24, 25, 30000/1001, ...) that most of them are close to, else that of the median interval.
    /// `None` for a single frame of no stated duration.
    pub nominal_rate: Option<Rational>,
    /// Frames divided by the time that they are shown.
    pub average_rate: Option<Rational>,
    /// Time from the first frame's start to the last frame's end in seconds.
    pub duration: Option<f64>,
    /// Number of frames that the container holds, counted without decoding; fewer come out where
    /// some are damaged.
    pub frame_count: Option<u64>,
    /// Presentation time of the first frame.
    pub start: Timestamp,
    /// Name of the codec, as ffmpeg spells it (`h264`, `hevc`, `vp9`); `rawvideo` for frames that
    /// were never coded.
    pub codec: String,
    /// Name of the coded pixel format, as ffmpeg spells it (`yuv420p`, `yuv422p10le`).
    pub pixel_format: Option<String>,
}

impl VideoInfo {
    /// Facts of raw pictures of a size, of which nothing else is known.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            pixel_aspect: Rational::ONE,
            rotation: Some(Rotation::None),
            nominal_rate: None,
            average_rate: None,
            duration: None,
            frame_count: None,
            start: Timestamp::ZERO,
            codec: "rawvideo".into(),
            pixel_format: None,
        }
    }

    /// Width in square pixels of the height that [`height`](Self::height) gives.
    pub fn display_width(&self) -> u32 {
        (f64::from(self.width) * self.pixel_aspect.to_f64()).round().max(1.0) as u32
    }
}

/// The facts of an audio stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AudioInfo {
    /// Samples per second, in Hz: of the decoded sound, or of the coded stream where none is decoded.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: Option<u32>,
    /// Presentation time of the first sample.
    pub start: Timestamp,
    /// Time from the first packet's start to the last one's end in seconds.
    pub duration: Option<f64>,
    /// Name of the codec, as ffmpeg spells it (`aac`, `opus`).
    pub codec: String,
}

impl AudioInfo {
    /// Facts of raw samples of a rate and number of channels, of which nothing else is known.
    pub fn new(sample_rate: u32, channels: u32) -> Self {
        Self {
            sample_rate,
            channels: Some(channels),
            start: Timestamp::ZERO,
            duration: None,
            codec: "pcm_f32le".into(),
        }
    }
}

/// Clockwise rotation in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Rotation {
    /// As coded.
    #[default]
    #[serde(rename = "0")]
    None,
    /// A quarter turn clockwise.
    #[serde(rename = "90")]
    Quarter,
    /// Upside down.
    #[serde(rename = "180")]
    Half,
    /// A quarter turn counter-clockwise.
    #[serde(rename = "270")]
    ThreeQuarters,
}

impl Rotation {
    /// The angle in degrees clockwise: 0, 90, 180 or 270.
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }
}

/// Name and version of what decoded a file; every result carries it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Decoder {
    /// `ffmpeg`, `opencv`, `memory` or `push`.
    pub name: String,
    /// Version as the decoder states it; empty where there is none.
    pub version: String,
}
