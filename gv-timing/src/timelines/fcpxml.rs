//! Final Cut Pro XML, version 1.8.

use super::Timeline;
use std::fmt::Write as _;

pub(super) fn write(timeline: &Timeline) -> String {
    let rate = timeline.rate;
    let time = |frames: i64| rate.rational_seconds(frames);
    let (width, height) = timeline.size;
    let name = escaped(&timeline.name);
    let medium = escaped(timeline.media_name());
    let source = escaped(&url(timeline.media.as_deref().unwrap_or(&timeline.name)));
    let codes = if rate.drops_frames() { "DF" } else { "NDF" };
    let sound = if timeline.has_audio { " hasAudio=\"1\"" } else { "" };
    let (whole, frame) = (time(timeline.length), time(1));
    let mut out = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.8">
  <resources>
    <format id="r1" frameDuration="{frame}" width="{width}" height="{height}"/>
    <asset id="r2" name="{medium}" src="{source}" start="0s" duration="{whole}" hasVideo="1"{sound} format="r1"/>
  </resources>
  <library>
    <event name="{name}">
      <project name="{name}">
        <sequence duration="{whole}" format="r1" tcStart="0s" tcFormat="{codes}">
          <spine>
"#
    );
    for clip in &timeline.clips {
        let (start, length) = (time(clip.start), time(clip.end - clip.start));
        let _ = writeln!(
            out,
            r#"            <asset-clip name="{}" ref="r2" offset="{start}" start="{start}" duration="{length}" format="r1" tcFormat="{codes}">"#,
            escaped(&clip.name)
        );
        for marker in timeline.markers_in(clip) {
            let _ = writeln!(
                out,
                r#"              <marker start="{}" duration="{frame}" value="{}" note="{}"/>"#,
                time(marker.start),
                escaped(&marker.name),
                escaped(&marker.comment)
            );
        }
        out.push_str("            </asset-clip>\n");
    }
    out.push_str(
        "          </spine>\n        </sequence>\n      </project>\n    </event>\n  </library>\n</fcpxml>\n",
    );
    out
}

/// The path as a `file` URL where it is absolute, else as a relative one.
fn url(path: &str) -> String {
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for &byte in path.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Text as XML takes it, also inside of an attribute; control characters, which XML forbids, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
