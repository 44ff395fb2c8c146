//! Checks of the sound, and of what is left without it.

use super::{Case, Found};
use crate::SoundEvidence;

fn heard<'a>(case: &'a Case<'_>) -> Result<&'a SoundEvidence, Found> {
    match &case.evidence.sound {
        Some(sound) if sound.has_track => Ok(sound),
        Some(_) => Err(Found::unknown("there is no sound to measure")),
        None => Err(Found::unknown("nobody listened")),
    }
}

pub(super) fn loudness(case: &Case<'_>) -> Found {
    match heard(case) {
        Ok(sound) => match sound.integrated_lufs {
            Some(lufs) => Found::value(lufs, None, format!("{lufs:.1} LUFS over all")),
            None => Found::decided(false, None, "the sound track is silent"),
        },
        Err(unknown) => unknown,
    }
}

pub(super) fn true_peak(case: &Case<'_>) -> Found {
    match heard(case) {
        Ok(sound) => match sound.true_peak_dbtp {
            Some(peak) => Found::value(peak, None, format!("{peak:.1} dBTP at most")),
            None => Found::decided(true, None, "the sound track is silent"),
        },
        Err(unknown) => unknown,
    }
}

/// The part of the speech during which writing stands. A film without speech works muted where it has writing.
pub(super) fn works_muted(case: &Case<'_>) -> Found {
    let Some(texts) = &case.evidence.text else {
        return Found::unknown("nobody looked for writing");
    };
    let Some(sound) = &case.evidence.sound else { return Found::unknown("nobody listened") };
    let none = Vec::new();
    let speech = match (&sound.speech, sound.has_track) {
        (Some(speech), _) => speech,
        (None, false) => &none,
        (None, true) => return Found::unknown("nobody listened for speech"),
    };
    let step = 0.1;
    let (mut spoken, mut shown, mut first_missing) = (0_u64, 0_u64, None);
    for stretch in speech {
        let steps = (stretch.duration() / step).ceil().min(1e6) as u64;
        for number in 0..steps {
            let time = stretch.start_time + (number as f64 + 0.5) * step;
            spoken += 1;
            let stands = texts.iter().any(|t| t.span.start_time <= time && time < t.span.end_time);
            shown += u64::from(stands);
            if !stands && first_missing.is_none() {
                first_missing = Some(time);
            }
        }
    }
    if spoken == 0 {
        let reason = if texts.is_empty() { "neither speech nor writing" } else { "nobody speaks" };
        return Found::decided(!texts.is_empty(), None, reason);
    }
    let percent = 100.0 * shown as f64 / spoken as f64;
    let reason = format!("writing stands during {percent:.0} % of the speech");
    Found::value(percent, first_missing, reason)
}
