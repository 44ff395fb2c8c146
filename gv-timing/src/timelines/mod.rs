//! Shots and markers for an editor: OpenTimelineIO, Final Cut Pro XML, CMX 3600 edit decision lists.
//!
//! Everything is counted in frames of a rational rate; ends are exclusive. Times become frames once, by rounding to the
//! nearest.
//!
//! # Examples
//!
//! ```
//! use gv_timing::timelines::{FrameRate, Timeline};
//!
//! let rate = FrameRate::new(30000, 1001)?;
//! let mut timeline = Timeline::new("ad", rate, 2.002);
//! timeline.cut(&[1.001]);
//! assert_eq!(timeline.clips.len(), 2);
//! assert!(timeline.to_edl()?.contains("DROP FRAME"));
//! # Ok::<(), gv_timing::Error>(())
//! ```

mod edl;
mod fcpxml;
mod otio;
mod rate;
#[cfg(test)]
mod tests;

pub use rate::FrameRate;

use crate::Result;

/// A run of frames of the medium, each shown where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clip {
    /// Its name.
    pub name: String,
    /// The first frame.
    pub start: i64,
    /// One past the last frame.
    pub end: i64,
}

/// What a marker is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MarkerKind {
    /// A moment that stands out.
    Moment,
    /// Something to do.
    Suggestion,
    /// A place where a cut would fit.
    CutPoint,
}

impl MarkerKind {
    /// OpenTimelineIO's name of its colour.
    const fn colour(self) -> &'static str {
        match self {
            Self::Moment => "GREEN",
            Self::Suggestion => "YELLOW",
            Self::CutPoint => "CYAN",
        }
    }
}

/// A note at a stretch of frames.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marker {
    /// What it is about.
    pub kind: MarkerKind,
    /// In a word.
    pub name: String,
    /// In full.
    pub comment: String,
    /// The first frame.
    pub start: i64,
    /// One past the last frame.
    pub end: i64,
}

/// One medium, cut into clips, with markers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Timeline {
    /// Its name.
    pub name: String,
    /// Frames per second.
    pub rate: FrameRate,
    /// Length in frames.
    pub length: i64,
    /// Path of the medium, where it is a file.
    pub media: Option<String>,
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Whether the medium has sound.
    pub has_audio: bool,
    /// The clips; they cover every frame once.
    pub clips: Vec<Clip>,
    /// The markers in the order of their starts.
    pub markers: Vec<Marker>,
}

impl Timeline {
    /// A medium of `seconds`, in one clip.
    pub fn new(name: &str, rate: FrameRate, seconds: f64) -> Self {
        let length = rate.frames(seconds).max(1);
        Self {
            name: name.into(),
            rate,
            length,
            media: None,
            size: (0, 0),
            has_audio: false,
            clips: vec![Clip { name: "Shot 1".into(), start: 0, end: length }],
            markers: Vec::new(),
        }
    }

    /// Cuts at `times` in seconds from the first frame; what is no frame inside of the medium is passed over.
    pub fn cut(&mut self, times: &[f64]) {
        let mut edges: Vec<i64> = times.iter().map(|&time| self.rate.frames(time)).collect();
        edges.retain(|edge| (1..self.length).contains(edge));
        edges.push(0);
        edges.push(self.length);
        edges.sort_unstable();
        edges.dedup();
        self.clips = edges
            .windows(2)
            .enumerate()
            .map(|(number, pair)| Clip {
                name: format!("Shot {}", number + 1),
                start: pair[0],
                end: pair[1],
            })
            .collect();
    }

    /// Notes something from `start` to `end` in seconds from the first frame; at least a frame, inside of the medium.
    pub fn mark(&mut self, kind: MarkerKind, name: &str, comment: &str, start: f64, end: f64) {
        let first = self.rate.frames(start).clamp(0, self.length - 1);
        let end = self.rate.frames(end).clamp(first + 1, self.length);
        let marker = Marker { kind, name: name.into(), comment: comment.into(), start: first, end };
        let place = self.markers.partition_point(|other| other.start <= first);
        self.markers.insert(place, marker);
    }

    /// The markers that begin in a clip.
    fn markers_in(&self, clip: &Clip) -> impl Iterator<Item = &Marker> {
        self.markers.iter().filter(|marker| (clip.start..clip.end).contains(&marker.start))
    }

    /// Name of the medium: the last part of its path.
    fn media_name(&self) -> &str {
        let path = self.media.as_deref().unwrap_or(&self.name);
        path.rsplit(['/', '\\']).next().unwrap_or(path)
    }

    /// An OpenTimelineIO document (JSON).
    pub fn to_otio(&self) -> String {
        otio::write(self)
    }

    /// A Final Cut Pro XML document, version 1.8.
    pub fn to_fcpxml(&self) -> String {
        fcpxml::write(self)
    }

    /// A CMX 3600 edit decision list; markers are `LOC` comments.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error) for more than 999 clips, which such a list cannot number.
    pub fn to_edl(&self) -> Result<String> {
        edl::write(self)
    }
}
