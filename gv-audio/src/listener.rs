//! Blocks of sound as they come, put on one timeline.

use crate::analysis::{AudioAnalysis, Heard};
use crate::loudness::Meter;
use crate::mono::Mono;
use crate::resample::Resampler;
use crate::samples::{Cleaner, check_format};
use crate::{AudioOptions, Result};

/// Seconds by which a block may be off where the one before ended: containers round time stamps.
const TOLERANCE: f64 = 0.01;
/// Longest hole that is filled, in seconds; a later time stamp is damage.
const LONGEST_HOLE: f64 = 3600.0;

/// Listens to blocks of sound in the order of time, and says at the end what was heard.
///
/// A hole between two blocks is silence; what two blocks both hold is taken from the first. Samples that are no
/// numbers, or absurd ones, are taken for 0 and counted.
///
/// # Examples
///
/// ```
/// use gv_audio::{AudioOptions, Listener};
///
/// let mut listener = Listener::new(2, 48_000, &AudioOptions::default())?;
/// listener.push(0.0, &[0.0; 9600])?;
/// let heard = listener.finish()?;
/// assert_eq!((heard.duration, heard.beats.len()), (0.1, 0));
/// # Ok::<(), gv_audio::Error>(())
/// ```
pub struct Listener {
    options: AudioOptions,
    channels: usize,
    rate: u32,
    start: Option<f64>,
    frames: u64,
    /// Whether levels are measured on the way, and what measures them from the first block on.
    measures: bool,
    meter: Option<Meter>,
    resampler: Resampler,
    cleaner: Cleaner,
    mixed: Vec<f32>,
    resampled: Vec<f32>,
    mono: Mono,
    bad_samples: u64,
    damage: u64,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Listener");
        debug.field("channels", &self.channels).field("rate", &self.rate);
        debug.field("frames", &self.frames).finish_non_exhaustive()
    }
}

impl Listener {
    /// Prepares for sound of `channels` channels at `rate` Hz.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidParameter`] for no or more than 64 channels, a rate outside 1 kHz to 768 kHz,
    /// and options outside their ranges.
    pub fn new(channels: usize, rate: u32, options: &AudioOptions) -> Result<Self> {
        check_format(channels, rate, 0.0)?;
        options.check()?;
        Ok(Self {
            // The system is asked once how many threads there may be.
            options: options.clone().threads(options.thread_count()),
            channels,
            rate,
            start: None,
            frames: 0,
            measures: true,
            meter: None,
            resampler: Resampler::new(rate, options.rate)?,
            cleaner: Cleaner::default(),
            mixed: Vec::new(),
            resampled: Vec::new(),
            mono: Mono::default(),
            bad_samples: 0,
            damage: 0,
        })
    }

    /// Leaves levels to a meter beside: loudness, silence and clipping are not measured.
    pub(crate) fn without_levels(mut self) -> Self {
        self.measures = false;
        self
    }

    /// Takes a block of interleaved samples, the first of which is heard at `start` seconds.
    ///
    /// # Errors
    ///
    /// [`crate::Error::InvalidParameter`] for a first start that is not finite, and
    /// [`gv_media::Error::Cancelled`].
    pub fn push(&mut self, start: f64, block: &[f32]) -> Result<()> {
        self.options.cancel.check()?;
        let first = match self.start {
            Some(first) => first,
            None => {
                check_format(self.channels, self.rate, start)?;
                let meter = || Meter::new(self.channels, self.rate, start, &self.options);
                self.meter = self.measures.then(meter);
                *self.start.insert(start)
            }
        };
        let whole = block.len() - block.len() % self.channels;
        if whole < block.len() {
            self.damage += 1;
        }
        let mut block = &block[..whole];
        let rate = f64::from(self.rate);
        let ahead = start - (first + self.frames as f64 / rate);
        if !ahead.is_finite() || ahead > LONGEST_HOLE {
            self.damage += 1;
        } else if ahead > TOLERANCE {
            self.fill((ahead * rate).round() as usize)?;
        } else if ahead < -TOLERANCE {
            let doubled = (-ahead * rate).round() as usize;
            block = block.get(doubled.saturating_mul(self.channels)..).unwrap_or_default();
        }
        self.take(block)
    }

    fn fill(&mut self, mut frames: usize) -> Result<()> {
        let silence = vec![0.0; 4096 * self.channels];
        while frames > 0 {
            let now = frames.min(4096);
            self.take(&silence[..now * self.channels])?;
            frames -= now;
        }
        Ok(())
    }

    fn take(&mut self, block: &[f32]) -> Result<()> {
        let (block, bad) = self.cleaner.clean(block);
        self.bad_samples += u64::from(bad);
        if let Some(meter) = &mut self.meter {
            meter.push(block);
        }
        self.frames += (block.len() / self.channels) as u64;
        let mono = match self.channels {
            1 => block,
            channels => {
                mix(block, channels, &mut self.mixed);
                &self.mixed
            }
        };
        let resampled = self.resampler.push(mono, &mut self.resampled)?;
        self.mono.push(resampled);
        Ok(())
    }

    /// Analyses what was heard.
    ///
    /// No block at all is a sound of no duration.
    ///
    /// # Errors
    ///
    /// [`gv_media::Error::Cancelled`].
    pub fn finish(mut self) -> Result<AudioAnalysis> {
        self.resampled.clear();
        self.resampler.finish(&mut self.resampled)?;
        self.mono.push(&self.resampled);
        self.mono.end();
        let heard = Heard {
            mono: self.mono,
            start: self.start.unwrap_or(0.0),
            duration: self.frames as f64 / f64::from(self.rate),
            channels: self.channels,
            rate: self.rate,
            bad_samples: self.bad_samples,
            damage: self.damage,
        };
        let mut analysis = heard.analyze(&self.options)?;
        if let Some(meter) = self.meter {
            analysis.measured(meter.finish());
        }
        Ok(analysis)
    }
}

/// Mixes interleaved samples to mono.
fn mix(block: &[f32], channels: usize, mixed: &mut Vec<f32>) {
    mixed.clear();
    if channels == 2 {
        mixed.extend(block.as_chunks::<2>().0.iter().map(|[l, r]| 0.5 * (l + r)));
    } else {
        let mean = |frame: &[f32]| frame.iter().sum::<f32>() / channels as f32;
        mixed.extend(block.chunks_exact(channels).map(mean));
    }
}
