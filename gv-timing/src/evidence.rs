//! What is known of a video. Every kind of evidence may be missing: `None` is unknown, an empty list is nothing found.

use serde::{Deserialize, Serialize};

/// A stretch of time in seconds; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub start_time: f64,
    /// When it is over.
    pub end_time: f64,
}

impl Span {
    /// Length in seconds, at least 0.
    pub fn duration(&self) -> f64 {
        (self.end_time - self.start_time).max(0.0)
    }

    /// Seconds that both share.
    pub fn overlap(&self, start: f64, end: f64) -> f64 {
        (self.end_time.min(end) - self.start_time.max(start)).max(0.0)
    }
}

/// A box in shares of the picture's width and height, from the upper left.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// Share of the picture that it covers.
    pub fn share(&self) -> f64 {
        (self.width * self.height).max(0.0)
    }

    /// Share of the picture that both cover.
    pub fn common(&self, other: &Self) -> f64 {
        let side = |a: f64, a_len: f64, b: f64, b_len: f64| {
            ((a + a_len).min(b + b_len) - a.max(b)).max(0.0)
        };
        side(self.x, self.width, other.x, other.width)
            * side(self.y, self.height, other.y, other.height)
    }
}

/// How much moves at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MotionPoint {
    /// When, in seconds.
    pub time: f64,
    /// Source pixels per frame interval at the nominal rate.
    pub energy: f64,
    /// Frame diagonals per second.
    pub speed: f64,
}

/// Predicted attention at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct AttentionPoint {
    /// When, in seconds.
    pub time: f64,
    /// 0 to 1.
    pub attention: f64,
}

/// Light and colour at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LightPoint {
    /// When, in seconds.
    pub time: f64,
    /// 0 black to 1 white.
    pub brightness: f64,
    /// Blue-difference chroma, -0.5 to 0.5.
    pub blue: f64,
    /// Red-difference chroma, -0.5 to 0.5.
    pub red: f64,
    /// How much light and colour differ from the frame before, place by place, 0 to 1.
    pub change: f64,
    /// How alike the layout is to that of 0.8 s before, 0 to 1.
    pub alike: f64,
}

/// A face on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct FaceSpan {
    /// When it is seen.
    #[serde(flatten)]
    pub span: Span,
    /// Its largest height over the picture's short side.
    pub size: f64,
}

/// A line of writing on the screen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TextSpan {
    /// When it stands.
    #[serde(flatten)]
    pub span: Span,
    /// Where.
    pub area: Area,
    /// What it says; `None` where nobody reads.
    pub text: Option<String>,
    /// Contrast against what is behind it, 1 to 21 (WCAG); `None` where it was not measured.
    pub contrast: Option<f64>,
}

/// A button: a box of one strong colour with writing in it, that stands still.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ButtonSpan {
    /// When it stands.
    #[serde(flatten)]
    pub span: Span,
    /// Where.
    pub area: Area,
    /// Its colour as `#RRGGBB`.
    pub colour: String,
    /// Mean contrast of the writing over its life, 1 to 21 (WCAG).
    pub contrast: f64,
    /// The lowest contrast over its life.
    pub lowest_contrast: f64,
}

/// A moment at which sound sets in.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct SoundPeak {
    /// When, in seconds.
    pub time: f64,
    /// How strong, 0 to 1, 1 being the strongest of the video.
    pub strength: f64,
}

/// Loudness at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LoudnessPoint {
    /// When, in seconds.
    pub time: f64,
    /// Momentary loudness in LUFS.
    pub lufs: f64,
}

/// What is heard. A video without sound has the default: nothing is heard in it, and that is known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SoundEvidence {
    /// Whether the file has a sound track.
    pub has_track: bool,
    /// Moments at which sound sets in, in time order.
    pub onsets: Vec<SoundPeak>,
    /// Beats in seconds, in time order.
    pub beats: Vec<f64>,
    /// Loudness over time.
    pub loudness: Vec<LoudnessPoint>,
    /// Integrated loudness in LUFS; `None` for silence.
    pub integrated_lufs: Option<f64>,
    /// True peak in dBTP; `None` for silence.
    pub true_peak_dbtp: Option<f64>,
    /// When somebody speaks; `None` where nobody listened for it.
    pub speech: Option<Vec<Span>>,
    /// What is said; `None` where nobody understands it.
    pub words: Option<String>,
}

/// All that is known of a video. Lists are in time order, times in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// When the first frame is shown.
    pub start_time: f64,
    /// When the last frame ends.
    pub end_time: f64,
    /// Width of the picture over its height, as shown.
    pub aspect: Option<f64>,
    /// How much moves.
    pub motion: Option<Vec<MotionPoint>>,
    /// Where one shot gives way to the next.
    pub cuts: Option<Vec<f64>>,
    /// Predicted attention.
    pub attention: Option<Vec<AttentionPoint>>,
    /// Light and colour.
    pub light: Option<Vec<LightPoint>>,
    /// Faces.
    pub faces: Option<Vec<FaceSpan>>,
    /// Writing.
    pub text: Option<Vec<TextSpan>>,
    /// Buttons.
    pub buttons: Option<Vec<ButtonSpan>>,
    /// Sound.
    pub sound: Option<SoundEvidence>,
}

impl Evidence {
    /// Length of the video in seconds; 0 where its times are no numbers.
    pub fn duration(&self) -> f64 {
        let duration = self.end_time - self.start_time;
        if duration.is_finite() { duration.max(0.0) } else { 0.0 }
    }

    /// Mean motion energy between two moments; `None` where motion is unknown or nothing was measured there.
    pub(crate) fn mean_energy(&self, start: f64, end: f64) -> Option<f64> {
        let points = self.motion.as_ref()?;
        let (mut sum, mut count) = (0.0, 0.0);
        for point in points.iter().filter(|point| point.time >= start && point.time < end) {
            if point.energy.is_finite() {
                sum += point.energy;
                count += 1.0;
            }
        }
        (count > 0.0).then(|| sum / count)
    }

    /// Cuts between two moments, the moments themselves left out; `None` where shots are unknown.
    pub(crate) fn cuts_between(&self, start: f64, end: f64) -> Option<usize> {
        let cuts = self.cuts.as_ref()?;
        Some(cuts.iter().filter(|&&cut| cut > start && cut < end).count())
    }
}
