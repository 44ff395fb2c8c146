//! The lanes of the timeline: all that has a time, on one axis. The page and the plot of a notebook draw the same ones.

use crate::analyze::Analysis;
use crate::clock::{clock_tenths, counted};
use gv_timing::Evidence;
use gv_timing::cta_optimizer::{CtaKind, CtaPlacement, ExistingCta};
use gv_vision::yolo_object_detector::is_product;
use serde::Serialize;

/// Points of a curve at most: more than a screen has columns.
const POINTS: usize = 1200;
/// Loudness in LUFS at the foot and at the top of its lane.
const LOUDNESS: (f64, f64) = (-60.0, 0.0);
/// What ads are normalised to, in LUFS.
const NORMAL: f64 = -14.0;
/// Rows in which spans that overlap are drawn, at most; further ones lie over each other in the last.
const ROWS: usize = 4;
/// Least top of the motion lane, in frame diagonals per second, so that a still video is drawn as one.
const LEAST_SPEED: f64 = 0.2;

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Lane {
    /// What it shows.
    pub name: &'static str,
    /// What is to be seen in it, in words.
    pub summary: String,
    /// Why nothing is known of it, where that is so; the shape is empty then.
    pub unknown: Option<String>,
    /// What is drawn.
    pub shape: Shape,
}

/// What a lane draws. Times are in seconds of the presentation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// A value over time.
    Curve(Curve),
    /// Stretches of time in rows; those of one row do not overlap, but for the last of many rows.
    Spans(Vec<Vec<LaneSpan>>),
    /// Moments.
    Marks(Vec<Mark>),
}

/// A value over time.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Curve {
    /// Unit of the values; empty for shares of 1.
    pub unit: &'static str,
    /// The stretches in which the value is known.
    pub runs: Vec<Run>,
    /// Moments at which it peaks.
    pub peaks: Vec<f64>,
    /// Values that are worth a line across.
    pub levels: Vec<Level>,
}

/// A stretch of a curve.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// Times of the points.
    pub times: Vec<f64>,
    /// Their values.
    pub values: Vec<f64>,
    /// Their places in the lane, 0 at the foot to 1 at the top.
    pub heights: Vec<f64>,
}

/// A line across a curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Level {
    /// Its place, 0 at the foot to 1 at the top.
    pub height: f64,
    /// What it stands for.
    pub label: String,
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LaneSpan {
    /// When it begins.
    pub start_time: f64,
    /// When it is over.
    pub end_time: f64,
    /// What it is, for its colour: `shot`, `blank`, `hook`, `transition`, `cta`, `emotional`, `face`, `text`, `product`,
    /// `voice`, `section`, `planned`.
    pub kind: &'static str,
    /// A few letters to write into it; may be empty.
    pub label: String,
    /// What it is, in words.
    pub about: String,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Mark {
    /// When.
    pub time: f64,
    /// What it is: `beat`, `downbeat`, `drop`.
    pub kind: &'static str,
}

/// The calls to action of a video, and where one belongs.
pub(super) struct Calls<'a> {
    pub(super) existing: &'a ExistingCta,
    pub(super) placement: Option<&'a CtaPlacement>,
}

/// All lanes, in the order in which they are drawn.
pub(super) fn lanes(analysis: &Analysis, evidence: &Evidence, calls: &Calls<'_>) -> Vec<Lane> {
    vec![
        shots(analysis),
        attention(analysis),
        moments(analysis),
        motion(analysis),
        faces(analysis),
        products(analysis),
        text(analysis),
        cta(calls),
        loudness(analysis, evidence),
        beats(analysis),
        voice(analysis),
    ]
}

fn spans(name: &'static str, summary: String, spans: Vec<LaneSpan>) -> Lane {
    Lane { name, summary, unknown: None, shape: Shape::Spans(rows(spans)) }
}

/// Spreads spans over rows so that those of one row do not overlap.
fn rows(spans: Vec<LaneSpan>) -> Vec<Vec<LaneSpan>> {
    let mut rows: Vec<Vec<LaneSpan>> = Vec::new();
    for span in spans {
        let free = |row: &Vec<LaneSpan>| {
            row.iter().all(|other| {
                other.end_time <= span.start_time + 1e-9 || span.end_time <= other.start_time + 1e-9
            })
        };
        match rows.iter().position(free) {
            Some(row) => rows[row].push(span),
            None if rows.len() < ROWS => rows.push(vec![span]),
            None => rows[ROWS - 1].push(span),
        }
    }
    rows
}

fn unknown(analysis: &Analysis, name: &'static str, what: &str) -> Lane {
    let reason = analysis.not_analyzed.iter().find(|part| part.what == what);
    let reason = match (reason, what) {
        (Some(part), _) => part.reason.clone(),
        (None, "sound") => "the file has no sound".to_owned(),
        (None, _) => "not looked for".to_owned(),
    };
    Lane { name, summary: reason.clone(), unknown: Some(reason), shape: Shape::Spans(Vec::new()) }
}

fn shots(analysis: &Analysis) -> Lane {
    let shots = &analysis.shots.shots;
    let drawn = shots.iter().map(|shot| LaneSpan {
        start_time: shot.start_time,
        end_time: shot.end_time,
        kind: if shot.blank { "blank" } else { "shot" },
        label: (shot.index + 1).to_string(),
        about: format!(
            "shot {}, {} to {}{}",
            shot.index + 1,
            clock_tenths(shot.start_time),
            clock_tenths(shot.end_time),
            if shot.blank { ", of one plain colour" } else { "" }
        ),
    });
    spans("shots", counted(shots.len(), "shot"), drawn.collect())
}

fn attention(analysis: &Analysis) -> Lane {
    let curve = &analysis.attention;
    let points = curve.timeline.iter().copied().zip(curve.attention.iter().copied());
    let peaks: Vec<String> = curve.peaks.iter().map(|&time| clock_tenths(time)).collect();
    let summary = match peaks.as_slice() {
        [] => "no peak stands out".to_owned(),
        peaks => format!("peaks at {}", peaks.join(", ")),
    };
    let shape = Shape::Curve(Curve {
        unit: "",
        runs: vec![run(points, |value| value)],
        peaks: curve.peaks.clone(),
        levels: vec![Level { height: 0.5, label: "0.5".into() }],
    });
    Lane { name: "attention", summary, unknown: None, shape }
}

fn moments(analysis: &Analysis) -> Lane {
    let drawn: Vec<LaneSpan> = analysis
        .moments
        .iter()
        .map(|moment| LaneSpan {
            start_time: moment.timestamp_start,
            end_time: moment.timestamp_end,
            kind: moment.moment_type.as_str(),
            label: moment.moment_type.to_string(),
            about: format!("{}: {}", moment.moment_type, moment.reason),
        })
        .collect();
    spans("moments", counted(drawn.len(), "moment"), drawn)
}

fn motion(analysis: &Analysis) -> Lane {
    let motion = &analysis.motion;
    let within = |start: f64, end: f64| {
        let inside = motion.frames.iter().filter(move |frame| {
            let middle = frame.middle();
            start <= middle && middle < end
        });
        inside.map(|frame| (frame.middle(), frame.motion.diagonals_per_second))
    };
    let mut speeds: Vec<f64> =
        motion.frames.iter().map(|frame| frame.motion.diagonals_per_second).collect();
    speeds.sort_by(f64::total_cmp);
    // A few frames at a cut must not press the rest to the foot.
    let top = speeds.get(speeds.len().saturating_sub(1) * 98 / 100).copied().unwrap_or(0.0);
    let top = top.max(LEAST_SPEED);
    let shots = analysis.shots.shots.iter();
    let runs = shots.map(|shot| run(within(shot.start_time, shot.end_time), |value| value / top));
    let median = speeds.get(speeds.len() / 2).copied().unwrap_or(0.0);
    let highest = speeds.last().copied().unwrap_or(0.0);
    let summary = format!("median {median:.2}, highest {highest:.2} frame diagonals a second");
    let level = Level { height: 0.5, label: format!("{:.2} /s", top / 2.0) };
    let shape = Shape::Curve(Curve {
        unit: "diagonals a second",
        runs: runs.filter(|run| !run.times.is_empty()).collect(),
        peaks: Vec::new(),
        levels: vec![level],
    });
    Lane { name: "motion", summary, unknown: None, shape }
}

fn faces(analysis: &Analysis) -> Lane {
    let Some(faces) = &analysis.faces else { return unknown(analysis, "faces", "faces") };
    let drawn = faces.tracks.iter().map(|track| LaneSpan {
        start_time: track.start_time,
        end_time: track.end_time,
        kind: "face",
        label: String::new(),
        about: format!(
            "a face, up to {:.0} % of the picture's short side",
            100.0 * f64::from(track.largest)
        ),
    });
    let summary = match faces.presence.first_face_time {
        None => "none".to_owned(),
        Some(first) => format!(
            "from {} on, {:.0} % of the time",
            clock_tenths(first),
            100.0 * faces.presence.face_presence_ratio
        ),
    };
    spans("faces", summary, drawn.collect())
}

fn products(analysis: &Analysis) -> Lane {
    let Some(objects) = &analysis.objects else {
        return unknown(analysis, "products", "objects");
    };
    let frames = &objects.frames;
    let mut drawn: Vec<LaneSpan> = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        if !frame.objects.iter().any(|object| is_product(object.class_id)) {
            continue;
        }
        let end_time = frames.get(number + 1).map_or(analysis.motion.end_time, |next| next.time);
        match drawn.last_mut().filter(|last| last.end_time == frame.time) {
            Some(last) => last.end_time = end_time,
            None => drawn.push(LaneSpan {
                start_time: frame.time,
                end_time,
                kind: "product",
                label: String::new(),
                about: "a product is seen".into(),
            }),
        }
    }
    spans("products", objects.product_visibility.recommendation.clone(), drawn)
}

fn text(analysis: &Analysis) -> Lane {
    let Some(found) = &analysis.text else { return unknown(analysis, "text", "text") };
    let drawn = found.lines.iter().map(|line| LaneSpan {
        start_time: line.start_time,
        end_time: line.end_time,
        kind: "text",
        label: line.text.clone().unwrap_or_default(),
        about: line.text.clone().unwrap_or_else(|| "a line of writing".into()),
    });
    spans("text", counted(found.lines.len(), "line"), drawn.collect())
}

fn cta(calls: &Calls<'_>) -> Lane {
    let mut drawn: Vec<LaneSpan> = Vec::new();
    if let Some(place) = calls.placement {
        drawn.push(LaneSpan {
            start_time: place.start_time,
            end_time: place.end_time,
            kind: "planned",
            label: "place for one".into(),
            about: format!("a call to action would stand well here: {}", place.reason),
        });
    }
    let sure = calls.existing.candidates.iter().filter(|call| call.kind != CtaKind::UnreadText);
    drawn.extend(sure.map(|call| LaneSpan {
        start_time: call.start_time,
        end_time: call.end_time,
        kind: "cta",
        label: call.text.clone().unwrap_or_else(|| "call".into()),
        about: "a call to action".into(),
    }));
    let summary = match calls.existing.cta_detected {
        Some(true) => "there is one",
        Some(false) => "there is none",
        None => "whether there is one is unknown",
    };
    spans("call", summary.into(), drawn)
}

fn loudness(analysis: &Analysis, evidence: &Evidence) -> Lane {
    let known = evidence.sound.as_ref().filter(|_| analysis.sound.is_some());
    let Some(sound) = known else { return unknown(analysis, "loudness", "sound") };
    let (foot, top) = LOUDNESS;
    let height = |value: f64| (value - foot) / (top - foot);
    let points = sound.loudness.iter().map(|point| (point.time, point.lufs));
    let summary = match sound.integrated_lufs {
        Some(value) => format!("{value:.1} LUFS in the whole"),
        None => "silence".to_owned(),
    };
    let shape = Shape::Curve(Curve {
        unit: "LUFS",
        runs: vec![run(points, height)],
        peaks: Vec::new(),
        levels: vec![Level { height: height(NORMAL), label: format!("{NORMAL:.0} LUFS") }],
    });
    Lane { name: "loudness", summary, unknown: None, shape }
}

fn beats(analysis: &Analysis) -> Lane {
    let Some(heard) = &analysis.sound else { return unknown(analysis, "beats", "sound") };
    let first = |time: f64| {
        let bars = heard.bars.iter().flat_map(|bars| &bars.downbeats);
        bars.into_iter().any(|&downbeat| (downbeat - time).abs() < 1e-3)
    };
    let beats = heard.beats.iter().map(|beat| Mark {
        time: beat.time,
        kind: if first(beat.time) { "downbeat" } else { "beat" },
    });
    let drops = heard.drops.iter().map(|drop| Mark { time: drop.time, kind: "drop" });
    let summary = match &heard.tempo {
        Some(tempo) => format!("{:.1} beats a minute", tempo.bpm),
        None => "no beat".to_owned(),
    };
    let shape = Shape::Marks(beats.chain(drops).collect());
    Lane { name: "beats", summary, unknown: None, shape }
}

fn voice(analysis: &Analysis) -> Lane {
    let Some(voice) = analysis.sound.as_ref().and_then(|heard| heard.voice.as_ref()) else {
        return unknown(analysis, "voice", "sound");
    };
    let seconds: f64 = voice.iter().map(|stretch| stretch.end - stretch.start).sum();
    let drawn = voice.iter().map(|stretch| LaneSpan {
        start_time: stretch.start,
        end_time: stretch.end,
        kind: "voice",
        label: String::new(),
        about: "a voice is heard".into(),
    });
    spans("voice", format!("{seconds:.1} s"), drawn.collect())
}

/// The points of a run, thinned where there are more than a screen shows: of each stretch its lowest and highest.
fn run(points: impl Iterator<Item = (f64, f64)>, height: impl Fn(f64) -> f64) -> Run {
    let points: Vec<(f64, f64)> = points.filter(|point| point.1.is_finite()).collect();
    let mut run = Run::default();
    let mut take = |&(time, value): &(f64, f64)| {
        run.times.push(time);
        run.values.push(value);
        run.heights.push(height(value).clamp(0.0, 1.0));
    };
    if points.len() <= POINTS {
        points.iter().for_each(take);
        return run;
    }
    for part in points.chunks(points.len().div_ceil(POINTS / 2)) {
        let low = part.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let high = part.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<_> = low.into_iter().chain(high).collect();
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        both.into_iter().for_each(&mut take);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start_time: f64, end_time: f64) -> LaneSpan {
        let (label, about) = (String::new(), String::new());
        LaneSpan { start_time, end_time, kind: "text", label, about }
    }

    #[test]
    fn spans_that_overlap_lie_in_rows_of_their_own() {
        let spans = vec![span(0.0, 2.0), span(1.0, 3.0), span(2.0, 4.0), span(2.5, 2.6)];
        let lengths: Vec<usize> = rows(spans).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1, 1]);
        assert_eq!(rows((0..20).map(|_| span(0.0, 1.0)).collect()).len(), ROWS);
    }

    #[test]
    fn a_long_curve_keeps_its_extremes() {
        let spike = |i: usize| if i == 54_321 { 9.0 } else { (i % 7) as f64 / 7.0 };
        let run = run((0..100_000).map(|i| (i as f64, spike(i))), |value| value / 10.0);
        assert!(run.times.len() <= POINTS);
        assert!(run.values.contains(&9.0) && run.times.is_sorted());
        assert_eq!(run.heights.iter().copied().fold(0.0, f64::max), 0.9);
    }

    #[test]
    fn what_is_no_number_is_not_drawn() {
        let run = run([(0.0, 1.0), (1.0, f64::NAN), (2.0, 5.0)].into_iter(), |value| value);
        assert_eq!((run.times, run.heights), (vec![0.0, 2.0], vec![1.0, 1.0]));
    }
}
