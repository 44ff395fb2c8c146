//! The report as HTML.

use super::{LaneSpan, Report, Run, Shape};
use crate::clock::{clock, clock_tenths, round_step};
use crate::{Error, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gv_timing::checks::{self, Outcome};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use std::fmt::Write as _;

/// Share of the time axis from which on a label stands before its line: behind it, it would leave the page.
const NEAR_END: f64 = 0.9;
/// Labels of the time axis at most.
const MOST_LABELS: f64 = 9.0;
/// Width of a letter in percent of a lane on a wide screen.
const LETTER: f64 = 0.75;

/// The whole page.
pub(super) fn page(report: &Report<'_>) -> Result<String> {
    Ok(render(report, "page.html", curves(report)?)? + "\n")
}

/// What a notebook shows.
pub(super) fn fragment(report: &Report<'_>) -> Result<String> {
    render(report, "fragment.html", String::new())
}

/// Fills a template; `curves` are what its script reads.
fn render(report: &Report<'_>, template: &str, curves: String) -> Result<String> {
    let broken = |error: minijinja::Error| Error::Internal {
        message: format!("the template {template} of the report: {error:#}"),
    };
    let analysis = report.analysis;
    let (start, duration) = (analysis.motion.start_time, analysis.duration());
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("clock", clock_tenths);
    environment.add_filter("fixed", |value: f64, digits: usize| format!("{value:.digits$}"));
    environment
        .add_filter("at", move |time: f64| format!("{:.3}%", percent(time - start, duration)));
    environment.add_filter("wide", move |time: f64| format!("{:.3}%", percent(time, duration)));
    let templates = [
        ("page.html", include_str!("templates/page.html")),
        ("fragment.html", include_str!("templates/fragment.html")),
        ("timeline.html", include_str!("templates/timeline.html")),
    ];
    for (name, source) in templates {
        environment.add_template(name, source).map_err(broken)?;
    }
    let context = context! {
        style => Value::from_safe_string(include_str!("templates/style.css").to_owned()),
        script => Value::from_safe_string(include_str!("templates/script.js").to_owned()),
        version => &*analysis.library_version,
        name => name(report),
        facts => facts(report),
        has_time => duration > 0.0,
        start => start,
        duration => duration,
        tiles => Serde(&report.tiles),
        findings => Serde(&report.findings),
        passed => Serde(passed(report)),
        lanes => drawn(report, start, duration),
        axis => axis(start, duration),
        film => film(report),
        shots => Serde(&analysis.shots.shots),
        joins => Serde(&analysis.shots.boundaries),
        moments => Serde(&analysis.moments),
        hook => Serde(&report.hook),
        cta => Serde(&report.cta),
        damage => analysis.damage,
        curves => Value::from_safe_string(curves),
        checks_dated => &*report.checks.placements_dated,
    };
    environment.get_template(template).and_then(|page| page.render(context)).map_err(broken)
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole > 0.0 && part.is_finite() { (100.0 * part / whole).clamp(0.0, 100.0) } else { 0.0 }
}

fn name(report: &Report<'_>) -> String {
    let path = report.analysis.path.as_deref().unwrap_or("video");
    let file = std::path::Path::new(path).file_name();
    file.map_or_else(|| path.to_owned(), |file| file.to_string_lossy().into_owned())
}

fn facts(report: &Report<'_>) -> Vec<String> {
    let analysis = report.analysis;
    let video = &analysis.video;
    let mut facts = vec![
        format!("{:.1} s", analysis.duration()),
        format!("{} × {}", video.display_width(), video.height),
    ];
    facts.extend(video.average_rate.map(|rate| format!("{:.2} frames a second", rate.to_f64())));
    facts.push(video.codec.clone());
    facts.push(match &analysis.audio {
        Some(audio) => format!("{} sound", audio.codec),
        None => "no sound".into(),
    });
    facts
}

fn passed<'a>(report: &'a Report<'_>) -> Vec<&'a checks::Finding> {
    let of_checks = report.checks.findings.iter();
    of_checks.filter(|finding| finding.outcome == Outcome::Pass).collect()
}

/// Lanes with what it takes to draw them: spans in rows, curves as polygons in a box of 1000 by 100.
fn drawn(report: &Report<'_>, start: f64, duration: f64) -> Vec<Value> {
    let lanes = report.lanes.iter().map(|lane| {
        let (kind, rows, outlines) = match &lane.shape {
            Shape::Spans(rows) => ("spans", rows.as_slice(), Vec::new()),
            Shape::Marks(_) => ("marks", [].as_slice(), Vec::new()),
            Shape::Curve(curve) => {
                let outlines = curve.runs.iter().map(|run| outline(run, start, duration));
                ("curve", [].as_slice(), outlines.collect())
            }
        };
        let rows: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row.iter().map(|span| drawn_span(span, duration)).collect())
            .collect();
        let lane = Serde(lane);
        context! { lane => lane, kind => kind, rows => rows, outlines => outlines }
    });
    lanes.collect()
}

/// A span; its label is left out where there is no room for it.
fn drawn_span(span: &LaneSpan, duration: f64) -> Value {
    let width = percent(span.end_time - span.start_time, duration);
    let room = width >= LETTER * span.label.chars().count() as f64;
    let label = if room { span.label.as_str() } else { "" };
    context! {
        start_time => span.start_time,
        end_time => span.end_time,
        kind => span.kind,
        about => &*span.about,
        label => label,
    }
}

/// The line of a run and the area below it, as points of SVG.
fn outline(run: &Run, start: f64, duration: f64) -> Value {
    let mut line = String::new();
    let x = |time: f64| 10.0 * percent(time - start, duration);
    for (&time, &height) in run.times.iter().zip(&run.heights) {
        let _ = write!(line, "{:.1},{:.1} ", x(time), 100.0 * (1.0 - height));
    }
    let line = line.trim_end().to_owned();
    let ends = run.times.first().zip(run.times.last());
    let area = match ends {
        Some((&first, &last)) => format!("{:.1},100 {line} {:.1},100", x(first), x(last)),
        None => String::new(),
    };
    context! { line => line, area => area }
}

fn axis(start: f64, duration: f64) -> Vec<Value> {
    if duration.is_nan() || duration <= 0.0 {
        return Vec::new();
    }
    let step = round_step(duration, MOST_LABELS);
    let labels = (0..).map(|number| f64::from(number) * step).take_while(|&time| time < duration);
    let label = |time: f64| {
        let text = if step < 1.0 { format!("{time:.1}") } else { clock(time) };
        context! { time => start + time, text => text, near_end => time > NEAR_END * duration }
    };
    labels.map(label).collect()
}

fn film(report: &Report<'_>) -> Vec<Value> {
    let still = |still: &super::Still| {
        let uri = format!("data:image/jpeg;base64,{}", STANDARD.encode(&still.jpeg));
        context! {
            start_time => still.start_time,
            end_time => still.end_time,
            shot => still.shot,
            uri => Value::from_safe_string(uri),
        }
    };
    report.film.iter().map(still).collect()
}

/// The curves as JSON, for the readout under the pointer.
fn curves(report: &Report<'_>) -> Result<String> {
    let rounded = |values: &[f64]| -> Vec<f64> {
        values.iter().map(|value| (value * 1000.0).round() / 1000.0).collect()
    };
    let mut curves = Vec::new();
    for lane in &report.lanes {
        if let Shape::Curve(curve) = &lane.shape {
            let times: Vec<f64> = curve.runs.iter().flat_map(|run| rounded(&run.times)).collect();
            let values: Vec<f64> = curve.runs.iter().flat_map(|run| rounded(&run.values)).collect();
            curves.push(serde_json::json!({
                "name": lane.name, "unit": curve.unit, "times": times, "values": values,
            }));
        }
    }
    // What could end the element that holds it is written as an escape.
    serde_json::to_string(&curves)
        .map(|text| text.replace('<', "\\u003c"))
        .map_err(|error| Error::Internal { message: format!("curves of the report: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_outside_of_the_video_is_drawn_at_its_edge() {
        assert_eq!([percent(-1.0, 4.0), percent(1.0, 4.0), percent(9.0, 4.0)], [0.0, 25.0, 100.0]);
        assert_eq!([percent(1.0, 0.0), percent(f64::NAN, 4.0)], [0.0, 0.0]);
    }
}
