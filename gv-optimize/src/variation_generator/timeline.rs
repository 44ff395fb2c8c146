//! A variation as an OpenTimelineIO document, which editing programs open.

use super::export::ExportedVariation;
use crate::Result;
use crate::error::parameter;
use serde_json::{Map, Value, json};

/// Puts an exported variation into OpenTimelineIO's JSON form (schemas `Timeline.1`, `Clip.2`, as version 0.18 writes
/// them), at `rate` frames a second.
///
/// The picture track has a clip for each scene, with its text in a marker and its media missing: there is none yet. Where
/// the variation names music or a voice, a sound track has a clip over the whole length. Scenes begin and end on whole
/// frames, so that they fill the duration exactly. The variation itself is the metadata `geminivideo`.
///
/// # Errors
///
/// [`InvalidParameter`](crate::Error::InvalidParameter) unless `rate` is from 1 to 1,000.
pub(crate) fn timeline(variation: &ExportedVariation, rate: f64) -> Result<Value> {
    if !(1.0..=1000.0).contains(&rate) {
        return Err(parameter("rate", rate, "1 to 1000 frames a second"));
    }
    let frame = |seconds: f64| (seconds * rate).round();
    let scenes: Vec<Value> = variation
        .scenes
        .iter()
        .map(|scene| {
            let (start, end) = (frame(scene.start), frame(scene.end));
            let mut clip = clip(scene.role, end - start, rate, json!({"text": scene.text}));
            if !scene.text.is_empty() {
                clip["markers"] = json!([marker(&scene.text, end - start, rate)]);
            }
            clip
        })
        .collect();
    let mut tracks = vec![track("picture", "Video", scenes)];
    let length = frame(f64::from(variation.duration));
    for (name, what) in [("music", &variation.music), ("voice", &variation.voice)] {
        if !what.is_empty() {
            let sound = clip(what, length, rate, json!({"kind": name}));
            tracks.push(track(name, "Audio", vec![sound]));
        }
    }
    let about = serde_json::to_value(variation).unwrap_or(Value::Null);
    let stack = item("Stack.1", "tracks", Value::Null, json!({}), [("children", json!(tracks))]);
    Ok(json!({
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"geminivideo": about},
        "name": variation.id,
        "global_start_time": null,
        "tracks": stack,
    }))
}

fn time(value: f64, rate: f64) -> Value {
    json!({"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value})
}

fn range(frames: f64, rate: f64) -> Value {
    json!({"OTIO_SCHEMA": "TimeRange.1", "duration": time(frames, rate), "start_time": time(0.0, rate)})
}

fn item<const N: usize>(
    schema: &str,
    name: &str,
    source_range: Value,
    metadata: Value,
    own: [(&str, Value); N],
) -> Value {
    let mut item: Map<String, Value> = [
        ("OTIO_SCHEMA", json!(schema)),
        ("metadata", metadata),
        ("name", json!(name)),
        ("source_range", source_range),
        ("effects", json!([])),
        ("markers", json!([])),
        ("enabled", json!(true)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    item.extend(own.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(item)
}

fn track(name: &str, kind: &str, children: Vec<Value>) -> Value {
    let own = [("children", json!(children)), ("kind", json!(kind))];
    item("Track.1", name, Value::Null, json!({}), own)
}

fn clip(name: &str, frames: f64, rate: f64, about: Value) -> Value {
    let missing = json!({
        "OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": "",
        "available_range": null, "available_image_bounds": null
    });
    let own = [
        ("media_references", json!({"DEFAULT_MEDIA": missing})),
        ("active_media_reference_key", json!("DEFAULT_MEDIA")),
    ];
    item("Clip.2", name, range(frames, rate), json!({"geminivideo": about}), own)
}

fn marker(text: &str, frames: f64, rate: f64) -> Value {
    json!({
        "OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": text, "color": "GREEN",
        "marked_range": range(frames, rate), "comment": ""
    })
}

#[cfg(test)]
mod tests {
    use crate::variation_generator::{CreativeConcept, VariationGenerator, VariationOptions};

    #[test]
    fn scenes_fill_the_length_to_the_frame_at_any_rate() {
        let options =
            VariationOptions { music: vec!["calm".into()], ..VariationOptions::default() };
        let generator = VariationGenerator::new(options).unwrap();
        let concept = CreativeConcept {
            id: "c".into(),
            hook_script: "Cold coffee?".into(),
            cta_text: "Buy".into(),
            ..CreativeConcept::default()
        };
        let set = generator.generate(&concept, 12).unwrap();
        for rate in [1.0, 23.976, 25.0, 60.0] {
            let timelines = generator.export_timelines(&set.variations, None, rate).unwrap();
            assert_eq!(timelines.len(), set.variations.len());
            for (timeline, variation) in timelines.iter().zip(&set.variations) {
                let tracks = timeline["tracks"]["children"].as_array().unwrap();
                assert_eq!(tracks.len(), 2);
                for track in tracks {
                    let clips = track["children"].as_array().unwrap().iter();
                    let frames: f64 = clips
                        .map(|clip| clip["source_range"]["duration"]["value"].as_f64().unwrap())
                        .sum();
                    assert_eq!(frames, (f64::from(variation.duration) * rate).round());
                }
                assert_eq!(timeline["metadata"]["geminivideo"]["id"], variation.id.as_str());
            }
        }
        for rate in [0.0, f64::NAN, f64::INFINITY, -25.0] {
            assert!(generator.export_timelines(&set.variations, None, rate).is_err(), "{rate}");
        }
    }
}
