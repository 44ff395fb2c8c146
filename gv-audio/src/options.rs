//! How sound is listened to.

use crate::samples::check_rate;
use crate::{Error, Result, VoiceDetector};
use gv_media::Cancel;
use std::sync::Arc;

/// What to listen for, and how.
///
/// # Examples
///
/// ```
/// use gv_audio::AudioOptions;
///
/// let rhythm_only = AudioOptions::default().voice(false).loudness(false);
/// assert_eq!(rhythm_only.rate, 22_050);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AudioOptions {
    /// Rate in Hz at which the sound is analysed; 8000 to 192000. Default: 22050.
    pub rate: u32,
    /// Slowest tempo that is looked for, in beats a minute. Default: 40.
    pub min_bpm: f64,
    /// Fastest tempo that is looked for, in beats a minute. Default: 220.
    pub max_bpm: f64,
    /// Tempo that is most likely before anything is heard, a prior: of tempi that explain the sound equally
    /// well (half, double) the one nearer to it is taken. Default: 115.
    pub expected_bpm: f64,
    /// Whether voices are looked for. Default: `true`.
    pub voice: bool,
    /// What finds voices; `None` is the built-in classifier. Default: `None`.
    pub voice_detector: Option<Arc<dyn VoiceDetector>>,
    /// Whether loudness and true peak are measured. Default: `true`.
    pub loudness: bool,
    /// Level in dBFS below which sound is silence. Default: -60.
    pub silence_level: f64,
    /// Seconds from which on silence is reported. Default: 0.5.
    pub min_silence: f64,
    /// Threads that are used; results do not depend on it. Default: as many as the process may use.
    pub threads: Option<usize>,
    /// The flag that stops the analysis.
    pub cancel: Cancel,
}

impl Default for AudioOptions {
    fn default() -> Self {
        Self {
            rate: 22_050,
            min_bpm: 40.0,
            max_bpm: 220.0,
            expected_bpm: 115.0,
            voice: true,
            voice_detector: None,
            loudness: true,
            silence_level: -60.0,
            min_silence: 0.5,
            threads: None,
            cancel: Cancel::new(),
        }
    }
}

impl AudioOptions {
    /// Sets the rate of the analysis in Hz.
    pub fn rate(mut self, rate: u32) -> Self {
        self.rate = rate;
        self
    }

    /// Sets the tempi that are looked for, in beats a minute.
    pub fn bpm_range(mut self, min: f64, max: f64) -> Self {
        (self.min_bpm, self.max_bpm) = (min, max);
        self
    }

    /// Sets the tempo that is most likely beforehand.
    pub fn expected_bpm(mut self, bpm: f64) -> Self {
        self.expected_bpm = bpm;
        self
    }

    /// Sets whether voices are looked for.
    pub fn voice(mut self, wanted: bool) -> Self {
        self.voice = wanted;
        self
    }

    /// Sets what finds voices.
    pub fn voice_detector(mut self, detector: Option<Arc<dyn VoiceDetector>>) -> Self {
        self.voice_detector = detector;
        self
    }

    /// Sets whether loudness is measured.
    pub fn loudness(mut self, wanted: bool) -> Self {
        self.loudness = wanted;
        self
    }

    /// Sets what silence is: a level in dBFS, and seconds.
    pub fn silence(mut self, level: f64, seconds: f64) -> Self {
        (self.silence_level, self.min_silence) = (level, seconds);
        self
    }

    /// Sets the number of threads; 0 is 1.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.max(1));
        self
    }

    /// Sets the flag that stops the analysis.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_rate("rate", self.rate)?;
        let rule = |name, holds: bool, given: String, allowed| {
            if holds { Ok(()) } else { Err(Error::InvalidParameter { name, given, allowed }) }
        };
        let rate = (8_000..=192_000).contains(&self.rate);
        rule("rate", rate, self.rate.to_string(), "8000 to 192000 Hz")?;
        let range = self.min_bpm >= 20.0 && self.max_bpm <= 400.0;
        let range = range && self.max_bpm >= 2.0 * self.min_bpm;
        let given = format!("{} to {}", self.min_bpm, self.max_bpm);
        rule("bpm_range", range, given, "an octave or more within 20 to 400")?;
        let expected = (20.0..=400.0).contains(&self.expected_bpm);
        rule("expected_bpm", expected, self.expected_bpm.to_string(), "20 to 400")?;
        let level = (-200.0..=0.0).contains(&self.silence_level);
        rule("silence_level", level, self.silence_level.to_string(), "-200 to 0 dBFS")?;
        let seconds = (0.0..=f64::MAX).contains(&self.min_silence);
        rule("min_silence", seconds, self.min_silence.to_string(), "0 or more seconds")
    }

    pub(crate) fn thread_count(&self) -> usize {
        let given = self.threads.map(|threads| threads.max(1));
        given.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, Into::into))
    }
}
