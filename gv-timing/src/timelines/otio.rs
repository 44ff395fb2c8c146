//! OpenTimelineIO.

use super::{Clip, FrameRate, Marker, Timeline};
use serde_json::{Value, json};

pub(super) fn write(timeline: &Timeline) -> String {
    let clips: Vec<Value> = timeline.clips.iter().map(|clip| of_clip(timeline, clip)).collect();
    let rate = timeline.rate;
    let document = json!({
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"geminivideo": {"rate": [rate.num(), rate.den()]}},
        "name": timeline.name,
        "global_start_time": Value::Null,
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "metadata": {},
            "name": "tracks",
            "source_range": Value::Null,
            "effects": [],
            "markers": [],
            "enabled": true,
            "children": [{
                "OTIO_SCHEMA": "Track.1",
                "metadata": {},
                "name": "V1",
                "source_range": Value::Null,
                "effects": [],
                "markers": [],
                "enabled": true,
                "children": clips,
                "kind": "Video",
            }],
        },
    });
    let mut text = format!("{document:#}");
    text.push('\n');
    text
}

fn of_clip(timeline: &Timeline, clip: &Clip) -> Value {
    let rate = timeline.rate;
    let whole = range(rate, 0, timeline.length);
    let reference = match &timeline.media {
        Some(path) => json!({
            "OTIO_SCHEMA": "ExternalReference.1",
            "metadata": {},
            "name": timeline.media_name(),
            "available_range": whole,
            "available_image_bounds": Value::Null,
            "target_url": path,
        }),
        None => json!({
            "OTIO_SCHEMA": "MissingReference.1",
            "metadata": {},
            "name": timeline.media_name(),
            "available_range": whole,
            "available_image_bounds": Value::Null,
        }),
    };
    let markers: Vec<Value> =
        timeline.markers_in(clip).map(|marker| of_marker(rate, marker)).collect();
    json!({
        "OTIO_SCHEMA": "Clip.2",
        "metadata": {},
        "name": clip.name,
        "source_range": range(rate, clip.start, clip.end),
        "effects": [],
        "markers": markers,
        "enabled": true,
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    })
}

fn of_marker(rate: FrameRate, marker: &Marker) -> Value {
    json!({
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": marker.name,
        "color": marker.kind.colour(),
        "marked_range": range(rate, marker.start, marker.end),
        "comment": marker.comment,
    })
}

fn range(rate: FrameRate, start: i64, end: i64) -> Value {
    let time = |frames: i64| json!({"OTIO_SCHEMA": "RationalTime.1", "rate": rate.to_f64(), "value": frames as f64});
    json!({"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start), "duration": time(end - start)})
}
