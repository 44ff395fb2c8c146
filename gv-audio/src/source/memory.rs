//! Sound that is in memory already.

use super::AudioSource;
use crate::{Result, Samples};
use gv_media::{AudioInfo, Decoder, Rational, Timestamp};

/// Seconds of sound in a block.
const BLOCK: f64 = 0.25;

/// Samples as a source.
#[derive(Debug, Clone)]
pub struct MemoryAudio {
    samples: Samples,
    info: AudioInfo,
    decoder: Decoder,
    read: usize,
}

impl MemoryAudio {
    /// Makes a source of samples; their start is kept to a tick of the sample rate.
    pub fn new(samples: Samples) -> Self {
        let mut info = AudioInfo::new(samples.rate(), samples.channels() as u32);
        info.start = at(&samples, 0);
        info.duration = Some(samples.frames() as f64 / f64::from(samples.rate()));
        let decoder = Decoder { name: "memory".into(), version: String::new() };
        Self { samples, info, decoder, read: 0 }
    }
}

fn at(samples: &Samples, frame: usize) -> Timestamp {
    let rate = i64::from(samples.rate());
    let first = (samples.start() * rate as f64).round() as i64;
    let base = Rational::new(1, rate).unwrap_or(Rational::ONE);
    Timestamp::new(first.saturating_add(frame as i64), base)
}

impl AudioSource for MemoryAudio {
    fn info(&self) -> &AudioInfo {
        &self.info
    }

    fn decoder(&self) -> &Decoder {
        &self.decoder
    }

    fn read(&mut self, block: &mut Vec<f32>) -> Result<Option<Timestamp>> {
        block.clear();
        let length = ((f64::from(self.samples.rate()) * BLOCK) as usize).max(1);
        let end = (self.read + length).min(self.samples.frames());
        if self.read >= end {
            return Ok(None);
        }
        let pts = at(&self.samples, self.read);
        let channels = self.samples.channels();
        block.extend_from_slice(&self.samples.values()[self.read * channels..end * channels]);
        self.read = end;
        Ok(Some(pts))
    }

    fn damage(&self) -> u64 {
        0
    }
}
