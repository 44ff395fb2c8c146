//! What is heard in a sound, moment by moment: onsets, beats, sections, voices, and where cuts can fall. Times are in seconds
//! of the presentation.

use crate::analysis::{GV_NO, GV_UNKNOWN, GV_YES};
use crate::argument::{Visible, answer, count, element, number_of};
use crate::sound::gv_sound;
use crate::status::gv_status;
use geminivideo::audio::PeakType;

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

unsafe impl Visible for gv_onset {}

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

unsafe impl Visible for gv_beat {}

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

unsafe impl Visible for gv_section {}

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

unsafe impl Visible for gv_voice {}

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

unsafe impl Visible for gv_audio_peak {}

/// Number of onsets. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_sound_onsets_len(sound: *const gv_sound) -> usize {
    unsafe { count(sound, |sound| sound.0.onsets.len()) }
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
    unsafe { count(sound, |sound| sound.0.beats.len()) }
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
    unsafe { count(sound, |sound| sound.0.sections.len()) }
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
    unsafe { count(sound, |sound| sound.0.voice.as_ref().map_or(0, Vec::len)) }
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
    unsafe { count(sound, |sound| sound.0.peaks.len()) }
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
