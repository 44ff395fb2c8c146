//! What an analysis tells the components that draw conclusions.

use super::{Analysis, sound_evidence};
use gv_timing::{
    Area, AttentionPoint, ButtonSpan, Evidence, FaceSpan, LightPoint, MotionPoint, SoundEvidence,
    Span, TextSpan,
};
use gv_vision::picture::{Button, LightCurve};
use gv_vision::text::TextTrack;
use gv_vision::yolo_face_detector::FaceTrack;

impl Analysis {
    /// What is known of the video, in the form that hooks, calls to action and checks are judged by.
    ///
    /// What was not looked at is `None` in it. A file without a sound track is known to be silent.
    pub fn evidence(&self) -> Evidence {
        let motion = &self.motion;
        let video = &self.video;
        let aspect = f64::from(video.display_width()) / f64::from(video.height.max(1));
        let points = motion.frames.iter().map(|frame| MotionPoint {
            time: frame.timestamp,
            energy: frame.motion.mean_energy,
            speed: frame.motion.diagonals_per_second,
        });
        let curve = self.attention.timeline.iter().zip(&self.attention.attention);
        let attention = curve.map(|(&time, &attention)| AttentionPoint { time, attention });
        let cuts = self.shots.boundaries.iter().map(|boundary| boundary.time);
        let mut evidence = Evidence {
            start_time: motion.start_time,
            end_time: motion.end_time,
            aspect: (video.height > 0).then_some(aspect),
            motion: Some(points.collect()),
            cuts: Some(cuts.collect()),
            attention: Some(attention.collect()),
            ..Evidence::default()
        };
        if let Some(picture) = &self.picture {
            evidence.light = Some(light(&picture.light));
            evidence.buttons = Some(picture.buttons.iter().map(button).collect());
        }
        if let Some(faces) = &self.faces {
            evidence.faces = Some(faces.tracks.iter().map(face).collect());
        }
        if let Some(found) = &self.text {
            evidence.text = Some(found.lines.iter().map(line).collect());
        }
        if let Some(heard) = &self.sound {
            evidence.sound = Some(sound_evidence(heard));
        } else if self.audio.is_none() && self.path.is_some() {
            evidence.sound = Some(SoundEvidence::default());
        }
        evidence
    }
}

fn face(track: &FaceTrack) -> FaceSpan {
    FaceSpan {
        span: Span { start_time: track.start_time, end_time: track.end_time },
        size: f64::from(track.largest),
    }
}

fn line(line: &TextTrack) -> TextSpan {
    let region = &line.region;
    TextSpan {
        span: Span { start_time: line.start_time, end_time: line.end_time },
        area: Area { x: region.x, y: region.y, width: region.width, height: region.height },
        text: line.text.clone(),
        contrast: None,
    }
}

fn light(curve: &LightCurve) -> Vec<LightPoint> {
    (0..curve.time.len())
        .map(|i| LightPoint {
            time: curve.time[i],
            brightness: curve.brightness[i],
            blue: curve.blue[i],
            red: curve.red[i],
            change: curve.change[i],
            alike: curve.alike[i],
        })
        .collect()
}

fn button(button: &Button) -> ButtonSpan {
    ButtonSpan {
        span: Span { start_time: button.start_time, end_time: button.end_time },
        area: Area { x: button.x, y: button.y, width: button.width, height: button.height },
        colour: button.colour.clone(),
        contrast: button.contrast,
        lowest_contrast: button.lowest_contrast,
    }
}
