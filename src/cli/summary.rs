//! The summary that a person reads.

use super::chart;
use crate::analyze::Analysis;
use crate::clock::{clock_tenths, counted};
use gv_vision::motion_energy::Recommendation;
use gv_vision::motion_moment_sdk::{MomentType, MotionMoment};
use gv_vision::shots::BoundaryKind;
use std::fmt::Write as _;

const LABEL: usize = 11;

/// Writes the summary of `analysis` for a terminal of `width` columns.
pub(super) fn render(analysis: &Analysis, width: usize) -> String {
    let width = width.clamp(50, 110);
    let columns = width - LABEL;
    let mut text = String::new();
    heading(analysis, &mut text);
    if analysis.duration() > 0.0 {
        timeline(analysis, columns, &mut text);
    }
    shots(analysis, width, &mut text);
    motion(analysis, width, &mut text);
    moments(analysis, width, &mut text);
    faces(analysis, width, &mut text);
    objects(analysis, width, &mut text);
    titles(analysis, width, &mut text);
    sound(analysis, width, &mut text);
    recommendations(&analysis.motion.recommendations, width, &mut text);
    caveats(analysis, width, &mut text);
    text
}

fn heading(analysis: &Analysis, text: &mut String) {
    let video = &analysis.video;
    let name = analysis.path.as_deref().unwrap_or("video");
    let name = name.rsplit('/').next().unwrap_or(name);
    let sound = match &analysis.audio {
        Some(audio) => format!("{} sound", audio.codec),
        None => "no sound".into(),
    };
    let rate = match video.average_rate {
        Some(rate) => format!("{:.2} frames a second, ", rate.to_f64()),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "{name}\n{}, {} x {}, {rate}{}, {sound}\n",
        seconds(analysis.duration()),
        video.display_width(),
        video.height,
        video.codec,
    );
}

fn timeline(analysis: &Analysis, columns: usize, text: &mut String) {
    let (start, duration) = (analysis.motion.start_time, analysis.duration());
    let curve = chart::curve(&analysis.attention.attention, columns);
    let cuts = analysis.shots.boundaries.iter().map(|boundary| {
        let mark = if boundary.kind == BoundaryKind::Cut { '|' } else { '/' };
        (boundary.time - start, mark)
    });
    let moments = analysis.moments.iter().map(|moment| {
        let middle = (moment.timestamp_start + moment.timestamp_end) / 2.0;
        (middle - start, moment.moment_type.letter())
    });
    let mut row = |label: &str, line: String| {
        let _ = writeln!(text, "{}", format!("{label:<LABEL$}{line}").trim_end());
    };
    row("Attention", curve);
    row("Shots", chart::marks(cuts, duration, columns));
    row("Moments", chart::marks(moments, duration, columns));
    if let Some(faces) = &analysis.faces {
        let seen = faces.presence.streaks.iter();
        let spans = seen.map(|streak| (streak.start_time - start, streak.end_time - start));
        row("Faces", chart::spans(spans, duration, columns));
    }
    if let Some(found) = &analysis.text {
        let lines = found.lines.iter();
        let spans = lines.map(|line| (line.start_time - start, line.end_time - start));
        row("Text", chart::spans(spans, duration, columns));
    }
    row("", chart::axis(duration, columns));
    text.push('\n');
}

fn shots(analysis: &Analysis, width: usize, text: &mut String) {
    let shots = &analysis.shots;
    let lengths: Vec<f64> =
        shots.shots.iter().map(|shot| shot.end_time - shot.start_time).collect();
    let line = match lengths.as_slice() {
        [] => "none".to_owned(),
        [one] => format!("one shot of {}, no cut", seconds(*one)),
        many => {
            let mean = many.iter().sum::<f64>() / many.len() as f64;
            let shortest = many.iter().copied().fold(f64::MAX, f64::min);
            let longest = many.iter().copied().fold(0.0, f64::max);
            format!(
                "{}, {} on average, from {} to {}; {}",
                many.len(),
                seconds(mean),
                seconds(shortest),
                seconds(longest),
                boundaries(analysis)
            )
        }
    };
    paragraph("Shots", &line, width, text);
}

fn boundaries(analysis: &Analysis) -> String {
    let kinds = [
        ([BoundaryKind::Cut].as_slice(), "cut"),
        (&[BoundaryKind::Dissolve], "dissolve"),
        (&[BoundaryKind::Fade, BoundaryKind::FadeIn, BoundaryKind::FadeOut], "fade"),
    ];
    let counts = kinds.into_iter().filter_map(|(kinds, name)| {
        let found = analysis.shots.boundaries.iter().filter(|b| kinds.contains(&b.kind)).count();
        (found > 0).then(|| counted(found, name))
    });
    counts.collect::<Vec<_>>().join(", ")
}

fn motion(analysis: &Analysis, width: usize, text: &mut String) {
    let motion = &analysis.motion;
    let line = match (&motion.energy_stats, &motion.motion_distribution) {
        (Some(stats), Some(shares)) => {
            let parts = [
                ("static", shares.still),
                ("smooth", shares.smooth),
                ("fast", shares.fast),
                ("chaotic", shares.chaotic),
            ];
            let shares: Vec<String> = parts
                .iter()
                .filter(|(_, share)| *share >= 0.005)
                .map(|(name, share)| format!("{name} {:.0} %", share * 100.0))
                .collect();
            format!(
                "{}; median {:.1}, highest {:.1} pixels per frame",
                shares.join(", "),
                stats.median,
                stats.max
            )
        }
        _ => "nothing to measure: fewer than two frames in a shot".to_owned(),
    };
    paragraph("Motion", &line, width, text);
}

fn moments(analysis: &Analysis, width: usize, text: &mut String) {
    let is_transition = |moment: &&MotionMoment| moment.moment_type == MomentType::Transition;
    let (transitions, others): (Vec<_>, Vec<_>) = analysis.moments.iter().partition(is_transition);
    let mut lines: Vec<String> = others
        .iter()
        .map(|moment| {
            let (start, end) = (moment.timestamp_start, moment.timestamp_end);
            let (start, end) = (clock_tenths(start), clock_tenths(end));
            format!("{start} to {end}  {}: {}", moment.moment_type, moment.reason)
        })
        .collect();
    if let Some(strongest) = transitions.iter().max_by(|a, b| a.score.total_cmp(&b.score)) {
        let time = clock_tenths(strongest.key_time());
        lines.push(match transitions.len() {
            1 => format!("1 transition, at {time}: {}", strongest.reason),
            many => format!("{many} transitions, the strongest at {time}: {}", strongest.reason),
        });
    }
    if lines.is_empty() {
        lines.push("none stands out".into());
    }
    list("Moments", &lines, width, text);
}

fn faces(analysis: &Analysis, width: usize, text: &mut String) {
    let Some(faces) = &analysis.faces else { return };
    let presence = &faces.presence;
    let mut line = match presence.first_face_time {
        None => "none".to_owned(),
        Some(first) => format!(
            "from {} on, {:.0} % of the time, {:.1} on average",
            clock_tenths(first),
            100.0 * presence.face_presence_ratio,
            presence.average_faces_per_frame
        ),
    };
    if let Some(best) = faces.best_moments.first() {
        let time = clock_tenths(best.timestamp);
        line.push_str(&format!("; best at {time}: {}", best.recommendation));
    }
    line.push_str(&format!(" ({})", faces.model_used));
    paragraph("Faces", &line, width, text);
}

fn objects(analysis: &Analysis, width: usize, text: &mut String) {
    let Some(objects) = &analysis.objects else { return };
    let most = objects.summary.iter().take(5);
    let named: Vec<String> = most.map(|one| format!("{} {}", one.class_name, one.count)).collect();
    let line = if named.is_empty() {
        "none of a known class".to_owned()
    } else {
        let scene = objects.scene.primary_scene_type.as_str();
        let advice = &objects.product_visibility.recommendation;
        format!("{}; scene: {scene}; {advice}", named.join(", "))
    };
    paragraph("Objects", &format!("{line} ({})", objects.model_used), width, text);
}

fn titles(analysis: &Analysis, width: usize, text: &mut String) {
    let Some(found) = &analysis.text else { return };
    let line = match found.lines.as_slice() {
        [] => "none".to_owned(),
        lines => {
            let first = lines.iter().map(|line| line.start_time).fold(f64::INFINITY, f64::min);
            format!("{}, the first at {}", counted(lines.len(), "line"), clock_tenths(first))
        }
    };
    paragraph("Text", &line, width, text);
}

fn sound(analysis: &Analysis, width: usize, text: &mut String) {
    let Some(heard) = &analysis.sound else { return };
    let tempo = match &heard.tempo {
        Some(tempo) => {
            format!("{:.1} beats a minute, {}", tempo.bpm, counted(heard.beats.len(), "beat"))
        }
        None => "no beat".to_owned(),
    };
    let mut parts = vec![tempo, counted(heard.onsets.len(), "onset")];
    if let Some(loudness) = heard.loudness.as_ref().and_then(|loudness| loudness.integrated) {
        parts.push(format!("{loudness:.1} LUFS"));
    }
    if let Some(peak) = heard.loudness.as_ref().and_then(|loudness| loudness.true_peak) {
        parts.push(format!("true peak {peak:.1} dB"));
    }
    paragraph("Sound", &parts.join(", "), width, text);
}

fn recommendations(recommendations: &[Recommendation], width: usize, text: &mut String) {
    let line = |recommendation: &Recommendation| {
        let time = clock_tenths(recommendation.time.start());
        format!("{time}  {}", recommendation.reason)
    };
    list("Advice", &recommendations.iter().map(line).collect::<Vec<_>>(), width, text);
}

fn caveats(analysis: &Analysis, width: usize, text: &mut String) {
    if analysis.damage > 0 {
        let line = format!(
            "{} in the file; what could be decoded was analysed",
            counted(analysis.damage as usize, "damaged place")
        );
        paragraph("Damage", &line, width, text);
    }
    let unknown =
        analysis.not_analyzed.iter().map(|part| format!("{}: {}", part.what, part.reason));
    list("Unknown", &unknown.collect::<Vec<_>>(), width, text);
}

/// Writes one paragraph for each line, the label before the first.
fn list(label: &str, lines: &[String], width: usize, text: &mut String) {
    for (number, line) in lines.iter().enumerate() {
        paragraph(if number == 0 { label } else { "" }, line, width, text);
    }
}

/// Writes a label and a text that is wrapped beside it.
fn paragraph(label: &str, body: &str, width: usize, text: &mut String) {
    let mut line = format!("{label:<LABEL$}");
    let mut used = LABEL;
    for (number, word) in body.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && used + 1 + length > width {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(LABEL);
            used = LABEL;
        } else if number > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
    }
    let _ = writeln!(text, "{}", line.trim_end());
}

fn seconds(value: f64) -> String {
    if value < 9.95 { format!("{value:.1} s") } else { format!("{value:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_wrap_beside_their_label() {
        let mut text = String::new();
        paragraph("Shots", "one two three four five", 20, &mut text);
        assert_eq!(text, "Shots      one two\n           three\n           four five\n");
    }
}
