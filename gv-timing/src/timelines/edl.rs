//! Edit decision lists after CMX 3600.

use super::Timeline;
use crate::{Error, Result};
use std::fmt::Write as _;

/// Events that a list can number.
const MOST: usize = 999;

pub(super) fn write(timeline: &Timeline) -> Result<String> {
    if timeline.clips.len() > MOST {
        return Err(Error::InvalidParameter {
            name: "number of shots of an edit decision list",
            given: timeline.clips.len().to_string(),
            allowed: "at most 999",
        });
    }
    let rate = timeline.rate;
    let drop = if rate.drops_frames() { "DROP FRAME" } else { "NON-DROP FRAME" };
    let mut out = format!("TITLE: {}\nFCM: {drop}\n\n", plain(&timeline.name, 70));
    for (number, clip) in timeline.clips.iter().enumerate() {
        let (start, end) = (rate.timecode(clip.start), rate.timecode(clip.end));
        let channels = if timeline.has_audio { "B    " } else { "V    " };
        let _ = writeln!(
            out,
            "{:03}  AX       {channels} C        {start} {end} {start} {end}",
            number + 1
        );
        let _ = writeln!(out, "* FROM CLIP NAME: {}", plain(timeline.media_name(), 200));
        for marker in timeline.markers_in(clip) {
            let colour = marker.kind.colour();
            let text = plain(&format!("{}: {}", marker.name, marker.comment), 200);
            // The FCM line says whether numbers are dropped; readers of LOC know colons only.
            let at = rate.timecode(marker.start).replace(';', ":");
            let _ = writeln!(out, "* LOC: {at} {colour:<7} {text}");
        }
    }
    Ok(out)
}

/// One line of at most `most` characters.
fn plain(text: &str, most: usize) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(most).collect()
}
