//! A sound that was listened to: that of an analysed video, of a file, or of samples that the program pushed.

use crate::analysis::{GV_UNKNOWN, gv_analysis};
use crate::argument::{Visible, answer, free, object, tell};
use crate::status::gv_status;
use geminivideo::audio::AudioAnalysis;
use std::ffi::c_char;

/// What was heard; never changes, so threads may share it.
#[derive(Debug)]
pub struct gv_sound(pub(crate) AudioAnalysis);

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

unsafe impl Visible for gv_sound_figures {}

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
