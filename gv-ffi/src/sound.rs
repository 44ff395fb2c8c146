//! What is heard: onsets, beats, tempo, sections, voices, loudness.
//!
//! A sound is that of an analysed video, of a file, or of samples that the program pushes. Times are in seconds of the
//! presentation.

use crate::analysis::{GV_NO, GV_UNKNOWN, GV_YES, gv_analysis};
use crate::argument::{
    Place, Visible, answer, element, free, initialize, number_of, object, optional_text, record,
    tell, text,
};
use crate::call::{Failure, Outcome, guard, lock};
use crate::ear::Ear;
use crate::status::gv_status;
use geminivideo::SileroVoice;
use geminivideo::audio::{AudioAnalysis, AudioOptions, PeakType};
use geminivideo::media::MediaOptions;
use geminivideo::vision::inference::Runtime;
use std::ffi::{c_char, c_void};
use std::mem::size_of;
use std::sync::{Arc, Mutex};

/// 32-bit floats, the channels in turn in `planes[0]`; -1 to 1 is full scale.
pub const GV_SAMPLES_F32: u32 = 0;
/// 16-bit integers, the channels in turn in `planes[0]`.
pub const GV_SAMPLES_S16: u32 = 1;
/// 32-bit floats, each channel in a plane of its own; 8 channels at most.
pub const GV_SAMPLES_F32_PLANAR: u32 = 2;

/// The bass comes in.
pub const GV_AUDIO_PEAK_DROP: u32 = 0;
/// A beat.
pub const GV_AUDIO_PEAK_BEAT: u32 = 1;
/// Somebody begins to speak or sing.
pub const GV_AUDIO_PEAK_VOCAL: u32 = 2;
/// A sound begins.
pub const GV_AUDIO_PEAK_ONSET: u32 = 3;

pub(crate) const AUDIO_PEAKS: [(u32, PeakType); 4] = [
    (GV_AUDIO_PEAK_DROP, PeakType::Drop),
    (GV_AUDIO_PEAK_BEAT, PeakType::Beat),
    (GV_AUDIO_PEAK_VOCAL, PeakType::Vocal),
    (GV_AUDIO_PEAK_ONSET, PeakType::Onset),
];

/// A block of samples; gv_audio_init sets it to nothing. Its samples are borrowed for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_audio {
    /// sizeof(gv_audio).
    pub struct_size: u32,
    /// How samples are laid out: GV_SAMPLES_F32, ..._S16 or ..._F32_PLANAR; the same for all blocks.
    pub format: u32,
    /// Channels, 1 to 64; the same for all blocks.
    pub channels: u32,
    /// Samples a second of each channel, 1000 to 768000; the same for all blocks.
    pub rate: u32,
    /// When the first sample is heard, counted in samples of one channel: seconds are pts / rate. On the timeline of the
    /// frames: 0 is heard when 0 is shown.
    pub pts: i64,
    /// Samples of each channel.
    pub frames: usize,
    /// The samples.
    pub planes: [*const c_void; 8],
}

unsafe impl Visible for gv_audio {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            format: GV_SAMPLES_F32,
            channels: 0,
            rate: 0,
            pts: 0,
            frames: 0,
            planes: [std::ptr::null(); 8],
        }
    }
}

/// How sound is listened to; gv_listen_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_listen_options {
    /// sizeof(gv_listen_options).
    pub struct_size: u32,
    /// Threads at most, results do not depend on it; 0 takes what the process may use.
    pub num_threads: u32,
    /// Slowest tempo that is looked for, in beats a minute; 40 is usual.
    pub min_bpm: f64,
    /// Fastest tempo that is looked for, in beats a minute; 220 is usual.
    pub max_bpm: f64,
    /// Tempo that is most likely before anything is heard, a prior that decides between half and double; 115 is usual.
    pub expected_bpm: f64,
    /// The ffmpeg program, for files; NULL takes that of the environment variable GV_FFMPEG, else the one on the PATH.
    pub ffmpeg: *const c_char,
    /// An ONNX file of Silero's that finds voices; NULL takes the built-in classifier.
    pub voice_model: *const c_char,
}

unsafe impl Visible for gv_listen_options {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            num_threads: 0,
            min_bpm: 40.0,
            max_bpm: 220.0,
            expected_bpm: 115.0,
            ffmpeg: std::ptr::null(),
            voice_model: std::ptr::null(),
        }
    }
}

/// The headline figures of a sound.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_sound_figures {
    /// sizeof(gv_sound_figures), set by the caller.
    pub struct_size: u32,
    /// Channels, before they were mixed.
    pub channels: u32,
    /// Samples a second, before they were resampled.
    pub rate: u32,
    /// Beats of a bar, 3 or 4; 0 where no beat of the bar stands out.
    pub beats_per_bar: u32,
    /// When the sound begins.
    pub start_time: f64,
    /// How long it is, in seconds.
    pub duration: f64,
    /// Beats a minute; NaN where there is no rhythm.
    pub bpm: f64,
    /// How sure the tempo is, 0 to 1; NaN where there is none.
    pub bpm_confidence: f64,
    /// Whether the tempo stays within 4 % throughout: GV_YES, GV_NO, or GV_UNKNOWN where there is none.
    pub steady: i32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Integrated loudness in LUFS; NaN where nothing is loud enough.
    pub integrated_lufs: f64,
    /// Loudness range in LU; NaN for less than three seconds.
    pub loudness_range: f64,
    /// Largest true peak in dBTP; NaN for digital silence.
    pub true_peak: f64,
    /// Samples that are clipped, of all channels.
    pub clipped_samples: u64,
    /// Samples that were no numbers and were taken for 0.
    pub bad_samples: u64,
    /// Damaged places that were passed over.
    pub damage: u64,
}

unsafe impl Visible for gv_sound_figures {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            channels: 0,
            rate: 0,
            beats_per_bar: 0,
            start_time: 0.0,
            duration: 0.0,
            bpm: f64::NAN,
            bpm_confidence: f64::NAN,
            steady: GV_UNKNOWN,
            reserved: 0,
            integrated_lufs: f64::NAN,
            loudness_range: f64::NAN,
            true_peak: f64::NAN,
            clipped_samples: 0,
            bad_samples: 0,
            damage: 0,
        }
    }
}

/// Where a sound begins: the moment at which its energy begins to rise.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_onset {
    /// sizeof(gv_onset), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// When it is.
    pub time: f64,
    /// How much the energy rises, as a share of the strongest rise, 0 to 1.
    pub strength: f64,
}

unsafe impl Visible for gv_onset {
    fn initial() -> Self {
        Self { struct_size: size_of::<Self>() as u32, reserved: 0, time: 0.0, strength: 0.0 }
    }
}

/// Where a listener taps.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_beat {
    /// sizeof(gv_beat), set by the caller.
    pub struct_size: u32,
    /// Whether it is the first of a bar: GV_YES, GV_NO, or GV_UNKNOWN where no beat of the bar stands out.
    pub downbeat: i32,
    /// When it is.
    pub time: f64,
    /// How much the energy rises there, 0 to 1; 0 for a beat at which nothing is struck.
    pub strength: f64,
}

unsafe impl Visible for gv_beat {
    fn initial() -> Self {
        let struct_size = size_of::<Self>() as u32;
        Self { struct_size, downbeat: GV_UNKNOWN, time: 0.0, strength: 0.0 }
    }
}

/// A stretch that sounds alike.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_section {
    /// sizeof(gv_section), set by the caller.
    pub struct_size: u32,
    /// Sections that sound alike have one number, from 0.
    pub kind: u32,
    /// Where it starts.
    pub start_time: f64,
    /// Where it ends; not part of it.
    pub end_time: f64,
    /// Mean level in dBFS.
    pub level: f64,
    /// How many times further the sound before its start lies from that after it than on either side; NaN for the first.
    pub contrast: f64,
}

unsafe impl Visible for gv_section {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            kind: 0,
            start_time: 0.0,
            end_time: 0.0,
            level: 0.0,
            contrast: f64::NAN,
        }
    }
}

/// A stretch in which somebody speaks or sings.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_voice {
    /// sizeof(gv_voice), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Where it starts.
    pub start_time: f64,
    /// Where it ends; not part of it.
    pub end_time: f64,
    /// Mean of the detector's scores in it, 0 to 1.
    pub confidence: f64,
}

unsafe impl Visible for gv_voice {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            reserved: 0,
            start_time: 0.0,
            end_time: 0.0,
            confidence: 0.0,
        }
    }
}

/// A moment that a cut can fall on.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_audio_peak {
    /// sizeof(gv_audio_peak).
    pub struct_size: u32,
    /// What happens: GV_AUDIO_PEAK_...
    pub kind: u32,
    /// When it is.
    pub time: f64,
    /// Root mean square of the 46 ms that follow, as a share of the loudest such stretch, 0 to 1.
    pub energy: f64,
}

unsafe impl Visible for gv_audio_peak {
    fn initial() -> Self {
        Self { struct_size: size_of::<Self>() as u32, kind: 0, time: 0.0, energy: 0.0 }
    }
}

/// What was heard; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_sound(pub(crate) AudioAnalysis);

/// Listens to samples that the program pushes. Threads may share it: what one of them asks waits for what another does.
#[derive(Debug)]
pub struct gv_listener(Mutex<Ear>);

/// Sets a block to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_audio_init(audio: *mut gv_audio) {
    unsafe { initialize(audio) };
}

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listen_options_init(options: *mut gv_listen_options) {
    unsafe { initialize(options) };
}

/// Listens to a file, a video's sound or a plain one. options may be NULL.
///
/// Errors: GV_NOT_FOUND, GV_MEDIA, GV_UNSUPPORTED where it has no sound, GV_UNAVAILABLE where there is no ffmpeg, GV_MODEL
/// for a voice_model that is none of Silero's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listen_file(
    path: *const c_char,
    options: *const gv_listen_options,
    sound: *mut *mut gv_sound,
) -> gv_status {
    guard(|| unsafe {
        let path = text("path", path)?;
        let (options, media) = options_of(options)?;
        let place = Place::new("sound", sound)?;
        place.give(gv_sound(geminivideo::audio::analyze_file(path, &media, &options)?));
        Ok(())
    })
}

/// Makes a listener. options may be NULL.
///
/// Errors: GV_NOT_FOUND and GV_MODEL for a voice_model that is not there, or none of Silero's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_new(
    options: *const gv_listen_options,
    listener: *mut *mut gv_listener,
) -> gv_status {
    guard(|| unsafe {
        let (options, _) = options_of(options)?;
        Place::new("listener", listener)?.give(gv_listener(Mutex::new(Ear::new(options))));
        Ok(())
    })
}

/// Takes the next block, in the order of time. A hole between two blocks is silence; what two blocks both hold is taken
/// from the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_push(
    listener: *mut gv_listener,
    audio: *const gv_audio,
) -> gv_status {
    guard(|| unsafe {
        let listener = object("listener", listener)?;
        let block = record("audio", audio)?;
        lock(&listener.0).push(&block)
    })
}

/// Ends the sound and gives what was heard; GV_INVALID_INPUT where nothing was pushed. The listener is then of no more use
/// and is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_finish(
    listener: *mut gv_listener,
    sound: *mut *mut gv_sound,
) -> gv_status {
    guard(|| unsafe {
        let listener = object("listener", listener)?;
        let place = Place::new("sound", sound)?;
        let heard = lock(&listener.0).finish()?;
        let heard = heard.ok_or_else(|| Failure::invalid("no sound was pushed"))?;
        place.give(gv_sound(heard));
        Ok(())
    })
}

/// Frees a listener. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_listener_free(listener: *mut gv_listener) {
    unsafe { free(listener) };
}

/// The sound of an analysed video, lent by the analysis and not to be freed; NULL where none was heard: there is none, or
/// nobody listened (see gv_analysis_unknown_get).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_sound(analysis: *const gv_analysis) -> *const gv_sound {
    let heard = |analysis: &gv_analysis| {
        analysis.sound.as_ref().map_or(std::ptr::null(), std::ptr::from_ref)
    };
    unsafe { object("analysis", analysis) }.map_or(std::ptr::null(), heard)
}

/// Frees a sound that gv_listen_file or gv_listener_finish gave. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_free(sound: *mut gv_sound) {
    unsafe { free(sound) };
}

/// Everything that was heard as a JSON object. Free it with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_json(
    sound: *const gv_sound,
    sound_json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("sound", sound, "sound_json", sound_json, |sound| Ok(sound.0.clone())) }
}

/// The headline figures. figures->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_summary(
    sound: *const gv_sound,
    figures: *mut gv_sound_figures,
) -> gv_status {
    unsafe {
        answer("sound", sound, "figures", figures, |sound| {
            let heard = &sound.0;
            let loudness = heard.loudness.as_ref();
            let tempo = heard.tempo.as_ref();
            Ok(gv_sound_figures {
                channels: heard.channels as u32,
                rate: heard.rate,
                beats_per_bar: heard.bars.as_ref().map_or(0, |bars| bars.beats_per_bar as u32),
                start_time: heard.start,
                duration: heard.duration,
                bpm: tempo.map_or(f64::NAN, |tempo| tempo.bpm),
                bpm_confidence: tempo.map_or(f64::NAN, |tempo| tempo.confidence),
                steady: tempo.map_or(GV_UNKNOWN, |tempo| i32::from(tempo.steady)),
                integrated_lufs: loudness.and_then(|levels| levels.integrated).unwrap_or(f64::NAN),
                loudness_range: loudness.and_then(|levels| levels.range).unwrap_or(f64::NAN),
                true_peak: loudness.and_then(|levels| levels.true_peak).unwrap_or(f64::NAN),
                clipped_samples: heard.clipped_samples,
                bad_samples: heard.bad_samples,
                damage: heard.damage,
                ..gv_sound_figures::initial()
            })
        })
    }
}

/// Number of onsets. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_onsets_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |heard| heard.onsets.len()) }
}

/// The onset at index, in time order. onset->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_onsets_get(
    sound: *const gv_sound,
    index: usize,
    onset: *mut gv_onset,
) -> gv_status {
    unsafe {
        answer("sound", sound, "onset", onset, |sound| {
            let found = element("onset", &sound.0.onsets, index)?;
            let (time, strength) = (found.time, found.strength);
            Ok(gv_onset { time, strength, ..gv_onset::initial() })
        })
    }
}

/// Number of beats. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_beats_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |heard| heard.beats.len()) }
}

/// The beat at index, in time order. beat->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_beats_get(
    sound: *const gv_sound,
    index: usize,
    beat: *mut gv_beat,
) -> gv_status {
    unsafe {
        answer("sound", sound, "beat", beat, |sound| {
            let heard = &sound.0;
            let found = element("beat", &heard.beats, index)?;
            let first = |times: &[f64]| times.iter().any(|time| (time - found.time).abs() < 1e-6);
            let downbeat = match &heard.bars {
                None => GV_UNKNOWN,
                Some(bars) if first(&bars.downbeats) => GV_YES,
                Some(_) => GV_NO,
            };
            let (time, strength) = (found.time, found.strength);
            Ok(gv_beat { downbeat, time, strength, ..gv_beat::initial() })
        })
    }
}

/// Number of sections, which cover the sound without gaps. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_sections_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |heard| heard.sections.len()) }
}

/// The section at index, in time order. section->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_sections_get(
    sound: *const gv_sound,
    index: usize,
    section: *mut gv_section,
) -> gv_status {
    unsafe {
        answer("sound", sound, "section", section, |sound| {
            let sections = &sound.0.sections;
            let found = element("section", sections, index)?;
            let mut names: Vec<&str> = Vec::new();
            for section in sections {
                if !names.contains(&section.name.as_str()) {
                    names.push(&section.name);
                }
            }
            let kind = names.iter().position(|name| *name == found.name).unwrap_or(0);
            Ok(gv_section {
                kind: kind as u32,
                start_time: found.start,
                end_time: found.end,
                level: found.level,
                contrast: found.contrast.unwrap_or(f64::NAN),
                ..gv_section::initial()
            })
        })
    }
}

/// Number of stretches in which somebody speaks or sings. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_voices_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |heard| heard.voice.as_ref().map_or(0, Vec::len)) }
}

/// The stretch at index, in time order. voice->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_voices_get(
    sound: *const gv_sound,
    index: usize,
    voice: *mut gv_voice,
) -> gv_status {
    unsafe {
        answer("sound", sound, "voice", voice, |sound| {
            let voices = sound.0.voice.as_deref().unwrap_or_default();
            let found = element("voice", voices, index)?;
            Ok(gv_voice {
                start_time: found.start,
                end_time: found.end,
                confidence: found.confidence,
                ..gv_voice::initial()
            })
        })
    }
}

/// Number of moments that a cut can fall on. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_peaks_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |heard| heard.peaks.len()) }
}

/// The moment at index, in time order. peak->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_peaks_get(
    sound: *const gv_sound,
    index: usize,
    peak: *mut gv_audio_peak,
) -> gv_status {
    unsafe {
        answer("sound", sound, "peak", peak, |sound| {
            let found = element("peak", &sound.0.peaks, index)?;
            Ok(gv_audio_peak {
                kind: number_of(&found.peak_type, &AUDIO_PEAKS),
                time: found.timestamp,
                energy: found.energy,
                ..gv_audio_peak::initial()
            })
        })
    }
}

unsafe fn count(sound: *const gv_sound, of: impl Fn(&AudioAnalysis) -> usize) -> usize {
    unsafe { object("sound", sound) }.map_or(0, |sound| of(&sound.0))
}

unsafe fn options_of(options: *const gv_listen_options) -> Outcome<(AudioOptions, MediaOptions)> {
    let given = match options.is_null() {
        true => gv_listen_options::initial(),
        false => unsafe { record("options", options) }?,
    };
    let mut options = AudioOptions::default()
        .bpm_range(given.min_bpm, given.max_bpm)
        .expected_bpm(given.expected_bpm);
    if given.num_threads > 0 {
        options = options.threads(given.num_threads as usize);
    }
    if let Some(path) = unsafe { optional_text("options.voice_model", given.voice_model) }? {
        let silero = SileroVoice::open(path, &Runtime::default())?;
        options = options.voice_detector(Some(Arc::new(silero)));
    }
    let mut media = MediaOptions::default();
    if let Some(program) = unsafe { optional_text("options.ffmpeg", given.ffmpeg) }? {
        media = media.program(program);
    }
    Ok((options, media))
}
