//! Sound in memory.

use crate::simd::kernel;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Rates that are understood, in Hz.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;
/// Most channels that are understood.
const MAX_CHANNELS: usize = 64;
/// Largest sample that is taken for sound; one is full scale, 16-bit integers passed as floats still fit.
const LARGEST: f32 = 1e6;

/// Sound in memory: interleaved samples, of which 1.0 is full scale, and where they lie in time.
///
/// # Examples
///
/// ```
/// use gv_audio::Samples;
///
/// let stereo = Samples::new(vec![0.0, 1.0, 0.5, 0.5], 2, 48_000, 0.25)?;
/// assert_eq!(stereo.frames(), 2);
/// assert!(Samples::new(vec![0.0; 3], 2, 48_000, 0.0).is_err());
/// # Ok::<(), gv_audio::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    values: Vec<f32>,
    channels: usize,
    rate: u32,
    start: f64,
}

impl Samples {
    /// Takes interleaved samples of `channels` channels at `rate` Hz, the first of which is heard `start`
    /// seconds into the presentation.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for no or more than 64 channels, a number of values that is no multiple of
    /// them, a rate outside 1 kHz to 768 kHz, or a start that is not finite.
    pub fn new(values: Vec<f32>, channels: usize, rate: u32, start: f64) -> Result<Self> {
        check_format(channels, rate, start)?;
        if !values.len().is_multiple_of(channels) {
            return Err(Error::InvalidParameter {
                name: "values",
                given: format!("{} values for {channels} channels", values.len()),
                allowed: "as many for each channel",
            });
        }
        Ok(Self { values, channels, rate, start })
    }

    /// Takes samples of one channel at `rate` Hz that begin with the presentation.
    ///
    /// # Errors
    ///
    /// As [`Samples::new`].
    pub fn mono(values: Vec<f32>, rate: u32) -> Result<Self> {
        Self::new(values, 1, rate, 0.0)
    }

    /// The samples, interleaved.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Number of channels, at least 1.
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// Samples per second and channel.
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// Presentation time of the first sample in seconds.
    pub const fn start(&self) -> f64 {
        self.start
    }

    /// Samples of each channel.
    pub fn frames(&self) -> usize {
        self.values.len() / self.channels
    }
}

/// Refuses formats that are none.
pub(crate) fn check_format(channels: usize, rate: u32, start: f64) -> Result<()> {
    let invalid = |name, given, allowed| Err(Error::InvalidParameter { name, given, allowed });
    if !(1..=MAX_CHANNELS).contains(&channels) {
        return invalid("channels", channels.to_string(), "1 to 64");
    }
    check_rate("rate", rate)?;
    if !start.is_finite() {
        return invalid("start", start.to_string(), "a finite number of seconds");
    }
    Ok(())
}

/// Refuses rates that are none.
pub(crate) fn check_rate(name: &'static str, rate: u32) -> Result<()> {
    if RATES.contains(&rate) {
        return Ok(());
    }
    let allowed = "1000 to 768000 Hz";
    Err(Error::InvalidParameter { name, given: rate.to_string(), allowed })
}

/// Takes samples that are no numbers, or absurd ones, for 0.
#[derive(Default)]
pub(crate) struct Cleaner(Vec<f32>);

impl Cleaner {
    /// The block with what is no sound made 0, and how many samples that are.
    pub(crate) fn clean<'a>(&'a mut self, block: &'a [f32]) -> (&'a [f32], u32) {
        let bad = count_bad(block);
        if bad == 0 {
            return (block, 0);
        }
        self.0.clear();
        self.0.extend(block.iter().map(|&sample| if is_sound(sample) { sample } else { 0.0 }));
        (&self.0, bad)
    }
}

kernel! {
    /// How many samples are no sound.
    fn count_bad(samples: &[f32]) -> u32 {
        samples.iter().map(|&sample| u32::from(!is_sound(sample))).sum()
    }
}

/// Whether a sample is a number that can be sound.
fn is_sound(sample: f32) -> bool {
    sample.abs() <= LARGEST
}
