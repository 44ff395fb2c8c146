//! What a media file holds.

use crate::{Rational, Timestamp};
use serde::{Deserialize, Serialize};

/// The facts of one media file, as the decoder presents it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MediaInfo {
    /// The video stream that is decoded (the one ffmpeg prefers), if there is one.
    pub video: Option<VideoInfo>,
    /// The audio stream that is decoded, if there is one.
    pub audio: Option<AudioInfo>,
    /// What decodes the file.
    pub decoder: Decoder,
}

/// The facts of a video stream.
///
/// Sizes are those of the picture as a player shows it: after rotation, in square pixels where
/// [`display_width`](Self::display_width) says so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Width of a decoded frame in pixels, after rotation.
    pub width: u32,
    /// Height of a decoded frame in pixels, after rotation.
    pub height: u32,
    /// Width of a pixel divided by its height, after rotation; 1/1 for square pixels.
    pub pixel_aspect: Rational,
    /// Clockwise rotation that has been applied to the coded picture.
    pub rotation: Rotation,
    /// Frames per second that the stream is made for: the rate in which every frame interval can be
    /// counted, or the most common one where the rate varies.
    pub nominal_rate: Rational,
    /// Frames divided by the time that they are shown.
    pub average_rate: Rational,
    /// Time from the first frame's start to the last frame's end in seconds, where it is known.
    pub duration: Option<f64>,
    /// Number of frames that the container announces, where it is known without decoding.
    pub frame_count: Option<u64>,
    /// Presentation time of the first frame.
    pub start: Timestamp,
    /// Name of the codec, as ffmpeg spells it (`h264`, `hevc`, `vp9`).
    pub codec: String,
    /// Name of the coded pixel format, as ffmpeg spells it (`yuv420p`, `yuv422p10le`).
    pub pixel_format: String,
}

impl VideoInfo {
    /// Width in square pixels of the height that [`height`](Self::height) gives.
    pub fn display_width(&self) -> u32 {
        (f64::from(self.width) * self.pixel_aspect.to_f64()).round().max(1.0) as u32
    }
}

/// The facts of an audio stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AudioInfo {
    /// Samples per second of the coded stream, in Hz.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u32,
    /// Presentation time of the first sample.
    pub start: Timestamp,
    /// Length in seconds, where it is known.
    pub duration: Option<f64>,
    /// Name of the codec, as ffmpeg spells it (`aac`, `opus`).
    pub codec: String,
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
