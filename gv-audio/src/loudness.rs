//! How loud sound is: EBU R128 and true peak, silence, clipping.

use crate::{AudioOptions, Error, Result, Stretch};
use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

/// Seconds between two points of the curve.
const STEP: f64 = 0.1;
/// Seconds over which a level is taken for silence.
const CELL: f64 = 0.01;
/// Level from which on a sample is at the limit.
const LIMIT: f32 = 0.999;
/// Samples in a row at the limit that are clipping.
const CLIPPED_RUN: usize = 3;
/// Seconds within which two clipped places are one.
const CLIPPED_GAP: f64 = 0.05;
/// Lowest value of the curve in LUFS.
const FLOOR: f64 = -120.0;

/// How loud a sound is, after ITU-R BS.1770 and EBU R128.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loudness {
    /// Integrated loudness in LUFS; `None` where nothing is louder than the gate of -70 LUFS.
    pub integrated: Option<f64>,
    /// Loudness range in LU; `None` for less than three seconds, and where nothing is loud enough.
    pub range: Option<f64>,
    /// Largest true peak of any channel in dBTP; `None` for digital silence, and above 192 kHz.
    pub true_peak: Option<f64>,
    /// Largest sample of any channel in dBFS; `None` for digital silence.
    pub sample_peak: Option<f64>,
    /// Largest momentary loudness (400 ms) in LUFS.
    pub momentary_max: Option<f64>,
    /// Largest short-term loudness (3 s) in LUFS.
    pub short_term_max: Option<f64>,
    /// Momentary loudness in LUFS of the 400 ms that end 0.1, 0.2, ... seconds after the start; -120 at least.
    pub momentary: Vec<f64>,
}

/// What a meter has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    pub(crate) loudness: Option<Loudness>,
    pub(crate) silence: Vec<Stretch>,
    pub(crate) clipping: Vec<Stretch>,
    pub(crate) clipped_samples: u64,
}

/// Measures interleaved sound piece by piece.
pub(crate) struct Meter {
    ebu: Option<EbuR128>,
    channels: usize,
    rate: f64,
    start: f64,
    frames: u64,
    silence_power: f64,
    min_silence: f64,
    cell: Cell,
    cell_frames: u64,
    quiet_since: Option<f64>,
    runs: Vec<usize>,
    step_frames: usize,
    until_step: usize,
    short_term: Vec<f64>,
    levels: Levels,
}

#[derive(Debug, Default)]
struct Cell {
    frames: u64,
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Meter {
    pub(crate) fn new(
        channels: usize,
        rate: u32,
        start: f64,
        options: &AudioOptions,
    ) -> Result<Self> {
        let mut mode = Mode::I | Mode::LRA | Mode::M | Mode::S | Mode::SAMPLE_PEAK;
        if rate <= 192_000 {
            mode |= Mode::TRUE_PEAK;
        }
        let ebu = options.loudness.then(|| EbuR128::new(channels as u32, rate, mode)).transpose();
        let ebu = ebu.map_err(|error| Error::InvalidParameter {
            name: "rate",
            given: format!("{channels} channels at {rate} Hz ({error})"),
            allowed: "what EBU R128 measures",
        })?;
        let rate = f64::from(rate);
        let step_frames = (rate * STEP).round().max(1.0) as usize;
        let mut levels = Levels::default();
        levels.loudness = options.loudness.then(Loudness::default);
        Ok(Self {
            ebu,
            channels,
            rate,
            start,
            frames: 0,
            silence_power: 10f64.powf(options.silence_level / 10.0),
            min_silence: options.min_silence,
            cell: Cell { frames: 0, sums: vec![0.0; channels], squares: vec![0.0; channels] },
            cell_frames: (rate * CELL).round().max(1.0) as u64,
            quiet_since: None,
            runs: vec![0; channels],
            step_frames,
            until_step: step_frames,
            short_term: Vec::new(),
            levels,
        })
    }

    /// Takes finite interleaved samples in.
    pub(crate) fn push(&mut self, block: &[f32]) {
        self.push_ebu(block);
        for frame in block.chunks_exact(self.channels) {
            for (channel, &sample) in frame.iter().enumerate() {
                let value = f64::from(sample);
                self.cell.sums[channel] += value;
                self.cell.squares[channel] += value * value;
                if sample.abs() >= LIMIT {
                    self.runs[channel] += 1;
                } else if self.runs[channel] > 0 {
                    self.end_run(channel);
                }
            }
            self.cell.frames += 1;
            self.frames += 1;
            if self.cell.frames == self.cell_frames {
                self.end_cell();
            }
        }
    }

    fn push_ebu(&mut self, mut block: &[f32]) {
        while let Some(ebu) = self.ebu.as_mut().filter(|_| !block.is_empty()) {
            let take = (block.len() / self.channels).min(self.until_step);
            let (now, later) = block.split_at(take * self.channels);
            if take == 0 || ebu.add_frames_f32(now).is_err() {
                return;
            }
            block = later;
            self.until_step -= take;
            if self.until_step == 0 {
                self.until_step = self.step_frames;
                if let Some(loudness) = &mut self.levels.loudness {
                    loudness.momentary.push(ebu.loudness_momentary().unwrap_or(FLOOR).max(FLOOR));
                }
                self.short_term.push(ebu.loudness_shortterm().unwrap_or(f64::NEG_INFINITY));
            }
        }
    }

    fn now(&self) -> f64 {
        self.start + self.frames as f64 / self.rate
    }

    fn end_run(&mut self, channel: usize) {
        let run = std::mem::take(&mut self.runs[channel]);
        if run < CLIPPED_RUN {
            return;
        }
        self.levels.clipped_samples += run as u64;
        let end = self.now();
        let start = end - run as f64 / self.rate;
        match self.levels.clipping.last_mut() {
            Some(last) if start - last.end <= CLIPPED_GAP => {
                last.end = last.end.max(end);
                last.start = last.start.min(start);
            }
            _ => self.levels.clipping.push(Stretch { start, end }),
        }
    }

    /// A cell is silent where the power around its mean is: a constant offset is not heard.
    fn end_cell(&mut self) {
        let count = self.cell.frames as f64;
        if count == 0.0 {
            return;
        }
        let sums = self.cell.sums.iter().zip(&self.cell.squares);
        let loudest = sums.map(|(sum, square)| square / count - (sum / count).powi(2));
        let quiet = loudest.fold(0.0, f64::max) < self.silence_power;
        let begin = self.now() - count / self.rate;
        match (quiet, self.quiet_since) {
            (true, None) => self.quiet_since = Some(begin),
            (false, Some(since)) => self.end_silence(since, begin),
            _ => {}
        }
        self.cell.frames = 0;
        self.cell.sums.fill(0.0);
        self.cell.squares.fill(0.0);
    }

    fn end_silence(&mut self, start: f64, end: f64) {
        self.quiet_since = None;
        if end - start >= self.min_silence {
            self.levels.silence.push(Stretch { start, end });
        }
    }

    pub(crate) fn finish(mut self) -> Levels {
        self.end_cell();
        for channel in 0..self.channels {
            self.end_run(channel);
        }
        if let Some(since) = self.quiet_since {
            self.end_silence(since, self.now());
        }
        if let (Some(ebu), Some(loudness)) = (&self.ebu, &mut self.levels.loudness) {
            let known = |value: f64| Some(value).filter(|value| value.is_finite());
            let decibel = |value: f64| known(20.0 * value.log10());
            let largest = |peak: &dyn Fn(u32) -> Option<f64>| {
                (0..self.channels as u32).filter_map(peak).fold(0.0, f64::max)
            };
            loudness.integrated = ebu.loudness_global().ok().and_then(known);
            loudness.range = ebu.loudness_range().ok().and_then(known);
            loudness.range = loudness
                .range
                .filter(|_| loudness.integrated.is_some() && self.frames as f64 >= 3.0 * self.rate);
            loudness.true_peak = decibel(largest(&|channel| ebu.true_peak(channel).ok()));
            loudness.sample_peak = decibel(largest(&|channel| ebu.sample_peak(channel).ok()));
            let top = |values: &[f64]| {
                known(values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
                    .filter(|&value| value > FLOOR)
            };
            loudness.momentary_max = top(&loudness.momentary);
            loudness.short_term_max = top(&self.short_term);
        }
        self.levels
    }
}
