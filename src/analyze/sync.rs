//! Whether what is seen falls on what is heard.

use super::Analysis;
use crate::Result;
use gv_audio::{AudioAnalysis, Stretch};
use gv_media::Rational;
use gv_timing::precision_av_sync::{
    RecutOptions, SyncEvidence, SyncQuality, VisualPeak, analyze_sync_quality, visual_peaks,
};

impl Analysis {
    /// What is seen to happen: cuts, transitions, peaks of motion, faces that appear (where they were looked for).
    pub fn visual_peaks(&self) -> Vec<VisualPeak> {
        let faces = self
            .faces
            .as_ref()
            .map(|faces| faces.tracks.iter().map(|track| track.start_time).collect::<Vec<f64>>());
        visual_peaks(&self.shots, &self.motion, faces.as_deref())
    }

    /// Judges how the video goes with a sound, its own or another; two peaks within `tolerance` seconds are in sync.
    ///
    /// # Errors
    ///
    /// Those of [`analyze_sync_quality`].
    pub fn sync_with(&self, heard: &AudioAnalysis, tolerance: f64) -> Result<SyncQuality> {
        let visual = self.visual_peaks();
        let span = (self.motion.start_time, self.motion.end_time);
        let mut evidence = SyncEvidence::new(&heard.peaks, &visual, span);
        evidence.tolerance = tolerance;
        let voices = heard.voice.iter().flatten();
        let speech = voices.map(|voice| Stretch { start: voice.start, end: voice.end });
        let rate = self.video.nominal_rate.map(Rational::to_f64);
        let recut = RecutOptions::default().frame_rate(rate).speech(speech.collect());
        Ok(analyze_sync_quality(&evidence, &recut)?)
    }
}
