//! What is heard, for the components that draw conclusions.

use super::Analysis;
use crate::Result;
use gv_audio::{AudioAnalysis, AudioOptions, VoiceDetector};
use gv_media::{AudioInfo, MediaOptions};
use gv_timing::{Evidence, LoudnessPoint, SoundEvidence, SoundPeak, Span};
use std::path::Path;
use std::sync::Arc;

/// Which detector of voices is asked for.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum VoiceModel {
    /// The built-in classifier.
    #[default]
    BuiltIn,
    /// A detector of the program's own, or [`SileroVoice`](crate::SileroVoice).
    Own(Arc<dyn VoiceDetector>),
}

/// Detectors of a program's own are equal where they are the same object.
impl PartialEq for VoiceModel {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::BuiltIn, Self::BuiltIn) => true,
            (Self::Own(a), Self::Own(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl VoiceModel {
    pub(super) fn detector(&self) -> Option<Arc<dyn VoiceDetector>> {
        match self {
            Self::BuiltIn => None,
            Self::Own(detector) => Some(Arc::clone(detector)),
        }
    }
}

/// Listens to the sound of a file, a video's or a plain one, decoding what is no plain file with `ffmpeg`.
///
/// # Errors
///
/// Where the file cannot be decoded, or has no sound.
pub fn listen(path: impl AsRef<Path>, ffmpeg: Option<&Path>) -> Result<SoundEvidence> {
    let media = ffmpeg
        .map_or_else(MediaOptions::default, |program| MediaOptions::default().program(program));
    let heard = gv_audio::analyze_file(path, &media, &AudioOptions::default())?;
    Ok(sound_evidence(&heard))
}

impl Analysis {
    /// Takes what was heard of sound that came beside the frames, on their timeline.
    #[must_use]
    pub fn with_sound(mut self, heard: AudioAnalysis) -> Self {
        let channels = u32::try_from(heard.channels).unwrap_or(u32::MAX);
        self.audio.get_or_insert_with(|| AudioInfo::new(heard.rate, channels));
        self.hear(Ok(heard));
        self
    }

    /// What is known of the video, its own sound included, which is listened to now where it was not before.
    ///
    /// Sound that cannot be decoded stays unknown; the log says why.
    pub fn evidence_with_sound(&self, ffmpeg: Option<&Path>) -> Evidence {
        let mut evidence = self.evidence();
        if let (None, Some(path)) = (&evidence.sound, &self.path) {
            match listen(path, ffmpeg) {
                Ok(sound) => evidence.sound = Some(sound),
                Err(error) => log::warn!("{path}: its sound stays unknown: {error}"),
            }
        }
        evidence
    }
}

/// What an analysis of sound tells.
pub fn sound_evidence(heard: &AudioAnalysis) -> SoundEvidence {
    let loudness = heard.loudness.as_ref();
    let momentary = loudness.map(|loudness| loudness.momentary.as_slice()).unwrap_or_default();
    SoundEvidence {
        has_track: true,
        onsets: heard
            .onsets
            .iter()
            .map(|onset| SoundPeak { time: onset.time, strength: onset.strength })
            .collect(),
        beats: heard.beats.iter().map(|beat| beat.time).collect(),
        loudness: momentary
            .iter()
            .enumerate()
            .map(|(number, &lufs)| LoudnessPoint {
                time: heard.start + (number + 1) as f64 * 0.1,
                lufs,
            })
            .collect(),
        integrated_lufs: loudness.and_then(|loudness| loudness.integrated),
        true_peak_dbtp: loudness.and_then(|loudness| loudness.true_peak),
        speech: heard.voice.as_ref().map(|voice| {
            voice
                .iter()
                .map(|stretch| Span { start_time: stretch.start, end_time: stretch.end })
                .collect()
        }),
        words: None,
    }
}
