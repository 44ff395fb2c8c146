//! All that is heard in a sound.

use crate::features::Features;
use crate::loudness::{Levels, Meter};
use crate::mono::Mono;
use crate::periodicity::{Curves, Periodicity};
use crate::samples::Cleaner;
use crate::section::Anchors;
use crate::source::{AudioSource, open};
use crate::{
    AudioOptions, Bars, Beat, Drop, Listener, Loudness, Onset, Result, Samples, Section, Stretch,
    Tempo, VoiceStretch, beat, downbeat, drop, onset, section, tempo, voice,
};
use gv_media::{Decoder, MediaOptions};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Seconds of the windows in which the tempo of the whole, and its course, are looked for.
const LONG_WINDOW: f64 = 14.0;
const SHORT_WINDOW: f64 = 7.0;
const HOP: f64 = 1.0;
/// Weight of rises below 150 Hz in what a tempo explains, and in where its beats lie: kick and bass mark beats
/// more than they mark how fast they come.
const PULSE_LOW: f32 = 0.5;
const BEAT_LOW: f32 = 1.0;
/// Seconds of sound between two looks at whether to stop.
const BLOCK: f64 = 1.0;
/// Seconds within which two peaks are one moment.
const SAME: f64 = 0.035;

/// What was heard. Times are in seconds of the presentation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AudioAnalysis {
    /// When the sound begins.
    pub start: f64,
    /// How long it is, in seconds.
    pub duration: f64,
    /// Its rate in Hz, before it was resampled.
    pub rate: u32,
    /// Its channels, before they were mixed.
    pub channels: usize,
    /// What decoded it; `None` for samples in memory or pushed.
    pub decoder: Option<Decoder>,
    /// Where sounds begin.
    pub onsets: Vec<Onset>,
    /// Where a listener taps; none where there is no rhythm.
    pub beats: Vec<Beat>,
    /// The tempo of the beats.
    pub tempo: Option<Tempo>,
    /// The bars of the beats; `None` where no beat of the bar stands out.
    pub bars: Option<Bars>,
    /// Stretches that sound alike, without gaps.
    pub sections: Vec<Section>,
    /// Where the bass comes in.
    pub drops: Vec<Drop>,
    /// Where somebody speaks or sings; `None` where it was not looked for.
    pub voice: Option<Vec<VoiceStretch>>,
    /// What looked for voices: `built-in`, or the name of the detector that was given.
    pub voice_detector: Option<String>,
    /// How loud it is; `None` where it was not measured.
    pub loudness: Option<Loudness>,
    /// Where it is silent.
    pub silence: Vec<Stretch>,
    /// Where it is clipped.
    pub clipping: Vec<Stretch>,
    /// Samples that are clipped, of all channels.
    pub clipped_samples: u64,
    /// Samples that were no numbers, or absurd, and were taken for 0.
    pub bad_samples: u64,
    /// Places that were damaged and passed over.
    pub damage: u64,
    /// The moments that a cut can fall on, in order of time, each once.
    pub peaks: Vec<AudioPeak>,
}

/// A moment that a cut can fall on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AudioPeak {
    /// When it is, in seconds.
    pub timestamp: f64,
    /// Root mean square of the 46 ms that follow, as a share of the loudest such stretch of the sound.
    pub energy: f64,
    /// What happens.
    pub peak_type: PeakType,
}

/// What happens at an audio peak. A moment that is several things is the first of them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeakType {
    /// The bass comes in.
    Drop,
    /// A beat.
    Beat,
    /// Somebody begins to speak or sing.
    Vocal,
    /// A sound begins.
    Onset,
}

impl PeakType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Drop, Self::Beat, Self::Vocal, Self::Onset];

    /// The type of a name; `None` for a name of none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The name that is serialized.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Beat => "beat",
            Self::Vocal => "vocal",
            Self::Onset => "onset",
        }
    }
}

/// Analyses samples in memory.
///
/// # Errors
///
/// [`crate::Error::InvalidParameter`] for options outside their ranges, and [`gv_media::Error::Cancelled`].
pub fn analyze(samples: &Samples, options: &AudioOptions) -> Result<AudioAnalysis> {
    let listener = Listener::new(samples.channels(), samples.rate(), options)?.without_levels();
    let (levels, analysis) =
        side_by_side(options, || measure(samples, options), || listen(listener, samples));
    let mut analysis = analysis?;
    analysis.measured(levels?);
    Ok(analysis)
}

fn listen(mut listener: Listener, samples: &Samples) -> Result<AudioAnalysis> {
    let length = block_frames(samples);
    for (at, block) in samples.values().chunks(length * samples.channels()).enumerate() {
        let start = samples.start() + (at * length) as f64 / f64::from(samples.rate());
        listener.push(start, block)?;
    }
    listener.finish()
}

fn measure(samples: &Samples, options: &AudioOptions) -> Result<Levels> {
    let mut meter = Meter::new(samples.channels(), samples.rate(), samples.start(), options);
    let mut cleaner = Cleaner::default();
    for block in samples.values().chunks(block_frames(samples) * samples.channels()) {
        options.cancel.check()?;
        meter.push(cleaner.clean(block).0);
    }
    Ok(if samples.frames() == 0 { Levels::default() } else { meter.finish() })
}

/// Samples of each channel in a block.
fn block_frames(samples: &Samples) -> usize {
    (f64::from(samples.rate()) * BLOCK).ceil() as usize
}

/// Analyses the sound of a file, a video's or a plain one.
///
/// # Errors
///
/// Those of [`open`] and [`analyze`].
pub fn analyze_file(
    path: impl AsRef<Path>,
    media: &MediaOptions,
    options: &AudioOptions,
) -> Result<AudioAnalysis> {
    analyze_source(&mut *open(path, media)?, options)
}

/// Analyses what a source holds.
///
/// # Errors
///
/// Those of the source and of [`analyze`].
pub fn analyze_source(
    source: &mut dyn AudioSource,
    options: &AudioOptions,
) -> Result<AudioAnalysis> {
    let info = source.info();
    let channels = info.channels.unwrap_or(0) as usize;
    let mut listener = Listener::new(channels, info.sample_rate, options)?;
    let mut block = Vec::new();
    while let Some(pts) = source.read(&mut block)? {
        listener.push(pts.seconds(), &block)?;
    }
    let mut heard = listener.finish()?;
    heard.damage += source.damage();
    heard.decoder = Some(source.decoder().clone());
    Ok(heard)
}

/// Sound that was heard to its end: mono at the rate of the analysis.
pub(crate) struct Heard {
    pub(crate) mono: Mono,
    pub(crate) start: f64,
    pub(crate) duration: f64,
    pub(crate) channels: usize,
    pub(crate) rate: u32,
    pub(crate) bad_samples: u64,
    pub(crate) damage: u64,
}

impl Heard {
    pub(crate) fn analyze(self, options: &AudioOptions) -> Result<AudioAnalysis> {
        let features = Features::of(&self.mono, options)?;
        let listen = || options.voice.then(|| voice::find(&self.mono, &features, options));
        let rhythm = || self.rhythm(&features, options);
        let (voices, mut analysis) = side_by_side(options, listen, rhythm);
        analysis.voice = voices.transpose()?;
        analysis.voice_detector = options.voice.then(|| voice::detector_name(options));
        options.cancel.check()?;
        analysis.peaks = peaks(&analysis, &features);
        analysis.shift(self.start);
        Ok(AudioAnalysis {
            start: self.start,
            duration: self.duration,
            rate: self.rate,
            channels: self.channels,
            bad_samples: self.bad_samples,
            damage: self.damage,
            ..analysis
        })
    }

    /// Everything but voices, in seconds after the first sample.
    fn rhythm(&self, features: &Features, options: &AudioOptions) -> AudioAnalysis {
        let curves = Curves::of(features);
        let frames = |seconds: f64| (seconds * features.fps).round() as usize;
        let strokes = || onset::find(&self.mono, f64::from(options.rate), features);
        let tempo = || {
            let pulse = curves.weighted(PULSE_LOW);
            let long = Periodicity::of(&pulse, frames(LONG_WINDOW), frames(HOP));
            let short = Periodicity::of(&pulse, frames(SHORT_WINDOW), frames(HOP));
            (tempo::find(&long, &short, features.fps, options), short)
        };
        let (onsets, (rhythm, short)) = side_by_side(options, strokes, tempo);
        let mut analysis = AudioAnalysis::default();
        if let Some(rhythm) = rhythm {
            analysis.beats =
                beat::place(features, &curves.weighted(BEAT_LOW), &rhythm, &short, &onsets);
            analysis.tempo = beat::tempo(&analysis.beats, &rhythm, features.fps);
            analysis.bars = downbeat::find(&analysis.beats, features);
        }
        let times = |beats: &[Beat]| beats.iter().map(|beat| beat.time).collect::<Vec<_>>();
        let anchors = Anchors {
            downbeats: analysis.bars.as_ref().map_or(&[], |bars| &bars.downbeats),
            beats: &times(&analysis.beats),
            onsets: &onsets.iter().map(|onset| onset.time).collect::<Vec<_>>(),
        };
        analysis.sections = section::find(features, self.duration, &anchors);
        analysis.drops = drop::find(features, &onsets);
        analysis.onsets = onsets;
        analysis
    }
}

/// Does two things, side by side where there may be more than one thread.
fn side_by_side<A: Send, B>(
    options: &AudioOptions,
    one: impl Fn() -> A + Sync,
    other: impl FnOnce() -> B,
) -> (A, B) {
    if options.thread_count() < 2 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let beside = scope.spawn(&one);
        let other = other();
        (beside.join().unwrap_or_else(|_| one()), other)
    })
}

fn peaks(analysis: &AudioAnalysis, features: &Features) -> Vec<AudioPeak> {
    let loudest = features.power.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let after = 2.0 / features.fps;
    let energy = |time: f64| {
        let power = features.power.get(features.frame_at(time + after)).copied().unwrap_or(0.0);
        f64::from((power / loudest).sqrt())
    };
    let voices = analysis.voice.iter().flatten();
    let mut moments: Vec<(PeakType, f64)> = Vec::new();
    moments.extend(analysis.drops.iter().map(|drop| (PeakType::Drop, drop.time)));
    moments.extend(analysis.beats.iter().map(|beat| (PeakType::Beat, beat.time)));
    moments.extend(voices.map(|voice| (PeakType::Vocal, voice.start)));
    moments.extend(analysis.onsets.iter().map(|onset| (PeakType::Onset, onset.time)));
    moments.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut kept: Vec<(PeakType, f64)> = Vec::with_capacity(moments.len());
    for moment in moments {
        match kept.last_mut() {
            Some(last) if moment.1 - last.1 < SAME && last.0 != moment.0 => {
                if moment.0 < last.0 {
                    *last = moment;
                }
            }
            _ => kept.push(moment),
        }
    }
    let peak =
        |(peak_type, timestamp)| AudioPeak { timestamp, energy: energy(timestamp), peak_type };
    kept.into_iter().map(peak).collect()
}

impl AudioAnalysis {
    /// Takes what a meter has seen.
    pub(crate) fn measured(&mut self, levels: Levels) {
        self.loudness = levels.loudness;
        self.silence = levels.silence;
        self.clipping = levels.clipping;
        self.clipped_samples = levels.clipped_samples;
    }

    /// Takes times after the first sample to times of the presentation.
    fn shift(&mut self, start: f64) {
        self.onsets.iter_mut().for_each(|onset| onset.time += start);
        self.beats.iter_mut().for_each(|beat| beat.time += start);
        self.drops.iter_mut().for_each(|drop| drop.time += start);
        self.peaks.iter_mut().for_each(|peak| peak.timestamp += start);
        if let Some(bars) = &mut self.bars {
            bars.downbeats.iter_mut().for_each(|time| *time += start);
        }
        for section in &mut self.sections {
            section.start += start;
            section.end += start;
        }
        for voice in self.voice.iter_mut().flatten() {
            voice.start += start;
            voice.end += start;
        }
    }
}
