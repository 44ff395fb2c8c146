//! What every later step looks at: levels of narrow bands, frame by frame, and how they rise.

use crate::mono::Mono;
use crate::simd::kernel;
use crate::spectrum::Stft;
use crate::{AudioOptions, Result, lanes};

/// Seconds of a frame and between frames, about: the nearest power of two samples is taken.
const FRAME: f64 = 0.046;
const HOPS_PER_FRAME: usize = 4;
/// Frames whose sound is looked at in one go: it stays near the processor.
const RUN: usize = 64;
/// Bands of a sixth of an octave.
const BANDS_PER_OCTAVE: f64 = 6.0;
const LOWEST: f64 = 30.0;
const HIGHEST: f64 = 16_000.0;
/// Hz below which kick and bass are.
const LOW: f64 = 150.0;
/// Levels are `ln(1 + KNEE * magnitude / loudest)`: what lies 46 dB below the loudest frame is at the knee.
const KNEE: f32 = 200.0;
/// Mean square of a frame below which nothing is there to be heard (-120 dBFS).
const NOTHING: f32 = 1e-12;

/// Band levels of a sound, and their rises.
#[derive(Debug, Clone, Default)]
pub(crate) struct Features {
    /// Frames a second; frame `t` is centred on `t / fps` seconds after the first sample.
    pub(crate) fps: f64,
    pub(crate) bands: usize,
    /// Middle of each band in Hz.
    pub(crate) centres: Vec<f64>,
    /// Compressed levels, `frames * bands`.
    pub(crate) levels: Vec<f32>,
    /// Mean square of each frame.
    pub(crate) power: Vec<f32>,
    /// Mean square of each frame below 150 Hz.
    pub(crate) low_power: Vec<f32>,
    /// Mean rise over the bands around each frame.
    pub(crate) novelty: Vec<f32>,
    /// Mean rise over the bands below 150 Hz around each frame.
    pub(crate) low_novelty: Vec<f32>,
}

impl Features {
    /// Looks at mono sound.
    pub(crate) fn of(mono: &Mono, options: &AudioOptions) -> Result<Self> {
        let rate = f64::from(options.rate);
        let size = 1usize << (rate * FRAME).log2().round() as u32;
        let hop = size / HOPS_PER_FRAME;
        let stft = Stft::new(size, hop)?;
        let edges = band_edges(rate, size);
        let bands = edges.len() - 1;
        let frames = stft.frames(mono.len());
        let low_bin = ((LOW * size as f64 / rate).round() as usize).max(2);
        let mut features = Self {
            fps: rate / hop as f64,
            bands,
            centres: centres(&edges, rate / size as f64),
            levels: vec![0.0; frames * bands],
            power: vec![0.0; frames],
            low_power: vec![0.0; frames],
            ..Self::default()
        };
        features.transform(mono, &stft, &edges, low_bin, options)?;
        let low_bands = edges.iter().filter(|&&edge| edge < low_bin).count().clamp(1, bands);
        features.compress();
        features.rise(low_bands);
        Ok(features)
    }

    /// Number of frames.
    pub(crate) fn frames(&self) -> usize {
        self.power.len()
    }

    /// The levels of one frame.
    pub(crate) fn level(&self, frame: usize) -> &[f32] {
        &self.levels[frame * self.bands..(frame + 1) * self.bands]
    }

    /// The bands whose middles lie in a range of Hz.
    pub(crate) fn bands_between(&self, range: std::ops::Range<f64>) -> std::ops::Range<usize> {
        let place = |hertz: f64| self.centres.partition_point(|&centre| centre < hertz);
        place(range.start)..place(range.end)
    }

    /// The frame centred nearest to a time in seconds after the first sample.
    pub(crate) fn frame_at(&self, time: f64) -> usize {
        ((time * self.fps).round().max(0.0) as usize).min(self.frames().saturating_sub(1))
    }

    fn transform(
        &mut self,
        mono: &Mono,
        stft: &Stft,
        edges: &[usize],
        low_bin: usize,
        options: &AudioOptions,
    ) -> Result<()> {
        let bands = self.bands;
        // Frames are transformed in pairs, which are the same for any number of threads.
        let share = self.frames().div_ceil(options.thread_count()).max(64).next_multiple_of(2);
        // A Hann window has three eighths of the power of none; a spectrum holds each frequency once.
        let scale = 2.0 / (0.375 * (stft.size() as f32).powi(2));
        std::thread::scope(|scope| {
            let levels = self.levels.chunks_mut(share * bands);
            let powers = self.power.chunks_mut(share).zip(self.low_power.chunks_mut(share));
            for (at, (levels, (power, low_power))) in levels.zip(powers).enumerate() {
                let first = at * share;
                let mut work = move || {
                    let mut space = Vec::new();
                    for run in (0..power.len()).step_by(RUN) {
                        if options.cancel.is_cancelled() {
                            return;
                        }
                        let run = first + run..first + (run + RUN).min(power.len());
                        // The samples from where the first frame of the run begins to where its last one ends.
                        let before = run.start.saturating_sub(HOPS_PER_FRAME / 2);
                        let begin = before * stft.hop();
                        mono.read(begin..(run.end - 1) * stft.hop() + stft.size() / 2, &mut space);
                        stft.powers(
                            &space,
                            run.start - before..run.end - before,
                            |at, spectrum| {
                                let at = at + before - first;
                                let row = &mut levels[at * bands..(at + 1) * bands];
                                power[at] = band_powers(spectrum, edges, scale, row);
                                low_power[at] = lanes::sum(&spectrum[1..low_bin]) * scale;
                            },
                        );
                    }
                };
                if share * (at + 1) >= stft.frames(mono.len()) {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
        Ok(options.cancel.check()?)
    }

    /// Takes powers to levels that are relative to the loud frames of the sound.
    fn compress(&mut self) {
        let mut tops: Vec<f32> = self.levels.chunks(self.bands).map(lanes::largest).collect();
        let reference = percentile(&mut tops, 0.95).max(NOTHING);
        let reference = reference.max(percentile(&mut tops, 1.0) * 0.01);
        let scale = KNEE * KNEE / reference;
        compressed(&mut self.levels, scale);
        if reference <= NOTHING {
            self.levels.fill(0.0);
        }
    }

    /// Compares the frame after with the frame before, each band with the loudest of its neighbours, so that a
    /// gliding tone does not rise; before the first frame there is silence.
    fn rise(&mut self, low_bands: usize) {
        let (frames, bands) = (self.frames(), self.bands);
        let silence = vec![0.0; bands];
        let mut rises = vec![0.0; bands];
        let rise = |frame: usize| {
            let before = if frame == 0 { &silence[..] } else { self.level(frame - 1) };
            let after = self.level((frame + 1).min(frames - 1));
            let (all, low) = rises_between(before, after, low_bands, &mut rises);
            (all / bands as f32, low / low_bands as f32)
        };
        (self.novelty, self.low_novelty) = (0..frames).map(rise).unzip();
    }
}

kernel! {
    /// The scaled power in each band of a spectrum, and in all of them.
    fn band_powers(spectrum: &[f32], edges: &[usize], scale: f32, bands: &mut [f32]) -> f32 {
        for (band, edge) in bands.iter_mut().zip(edges.windows(2)) {
            *band = lanes::add_up(&spectrum[edge[0]..edge[1]]) * scale;
        }
        lanes::add_up(bands)
    }
}

kernel! {
    /// Takes powers to levels: `ln(1 + sqrt(scale * power))`.
    fn compressed(levels: &mut [f32], scale: f32) {
        levels.iter_mut().for_each(|level| *level = lanes::ln(1.0 + (scale * *level).sqrt()));
    }
}

kernel! {
    /// How much levels rise above the louder of those before and their neighbours, summed over all bands and over the
    /// lowest.
    fn rises_between(
        before: &[f32],
        after: &[f32],
        low_bands: usize,
        rises: &mut [f32],
    ) -> (f32, f32) {
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        let inner = rises[1..].iter_mut().zip(before.windows(3)).zip(&after[1..]);
        for ((rise, near), after) in inner {
            let widened = larger(larger(near[0], near[1]), near[2]);
            *rise = larger(after - widened, 0.0);
        }
        let last = rises.len() - 1;
        for (end, beside) in [(0, 1.min(last)), (last, last.saturating_sub(1))] {
            rises[end] = larger(after[end] - larger(before[end], before[beside]), 0.0);
        }
        (lanes::add_up(rises), lanes::add_up(&rises[..low_bands]))
    }
}

/// Bins at which bands of a sixth of an octave begin, and the one after the last.
fn band_edges(rate: f64, size: usize) -> Vec<usize> {
    let top = HIGHEST.min(rate * 0.475);
    let steps = ((top / LOWEST).log2() * BANDS_PER_OCTAVE).floor() as i32;
    let edge = |step: i32| {
        let frequency = LOWEST * 2f64.powf(f64::from(step) / BANDS_PER_OCTAVE);
        ((frequency * size as f64 / rate).round() as usize).clamp(1, size / 2 + 1)
    };
    let mut edges: Vec<usize> = (0..=steps).map(edge).collect();
    edges.dedup();
    edges
}

/// The middles of bands in Hz, for the Hz of a bin.
fn centres(edges: &[usize], bin: f64) -> Vec<f64> {
    let centre = |edge: &[usize]| ((edge[0] * edge[1]) as f64).sqrt() * bin;
    edges.windows(2).map(centre).collect()
}

/// The value below which a share of the values lies; 0 for none. Reorders the values.
pub(crate) fn percentile(values: &mut [f32], share: f64) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let at = ((values.len() - 1) as f64 * share).round() as usize;
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, from: usize, to: usize) -> Vec<f32> {
        (0..to)
            .map(|i| if i < from { 0.0 } else { (i as f32 * hertz * 2.849_5e-4).sin() })
            .collect()
    }

    #[test]
    fn a_tone_has_the_power_of_a_tone() {
        let features =
            Features::of(&Mono::of(&tone(1000.0, 0, 22_050)), &AudioOptions::default()).unwrap();
        assert!((features.power[20] - 0.5).abs() < 0.01, "{}", features.power[20]);
        assert!(features.low_power[20] < 1e-4);
    }

    #[test]
    fn levels_do_not_depend_on_the_volume_or_on_threads() {
        let loud = tone(440.0, 8000, 30_000);
        let quiet: Vec<f32> = loud.iter().map(|sample| sample * 1e-3).collect();
        let one = Features::of(&Mono::of(&loud), &AudioOptions::default().threads(1)).unwrap();
        let two = Features::of(&Mono::of(&quiet), &AudioOptions::default().threads(3)).unwrap();
        assert_eq!(one.frames(), two.frames());
        assert!(one.novelty.iter().zip(&two.novelty).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn silence_has_no_rise() {
        let features = Features::of(&Mono::of(&[0.0; 9000]), &AudioOptions::default()).unwrap();
        assert!(features.novelty.iter().all(|&rise| rise == 0.0));
        assert_eq!(Features::of(&Mono::of(&[]), &AudioOptions::default()).unwrap().frames(), 0);
    }
}
