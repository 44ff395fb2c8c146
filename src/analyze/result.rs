//! What an analysis says, and how it is written down.

use super::AnalyzeOptions;
use super::looks::{FaceAnalysis, Looks, ObjectAnalysis, TextAnalysis, Video};
use gv_audio::AudioAnalysis;
use gv_media::{AudioInfo, Decoder, VideoInfo};
use gv_vision::motion_energy::{MotionAnalysis, MotionAnalyzer, ShotJoin};
use gv_vision::motion_moment_sdk::{
    AttentionCurve, FaceSample, MotionMoment, detect_motion_moments,
};
use gv_vision::picture::{PictureAnalysis, PictureMeter};
use gv_vision::shots::{ShotDetector, ShotList};
use gv_vision::yolo_face_detector::FaceFrame;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Everything that was found in a video.
///
/// Times are presentation times in seconds, frames are counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Analysis {
    /// Version of this document's shape; a reader of version 1 understands every document of version 1.
    pub schema_version: u32,
    /// Version of the library that made it.
    pub library_version: String,
    /// The file as it was named, where it was one.
    pub path: Option<String>,
    /// The facts of the video stream.
    pub video: VideoInfo,
    /// The facts of the audio stream, where there is one.
    pub audio: Option<AudioInfo>,
    /// What decoded the video.
    pub decoder: Decoder,
    /// Number of frames that were decoded.
    pub frames: u64,
    /// Number of damaged places that the decoder met.
    pub damage: u64,
    /// The shots and what separates them.
    pub shots: ShotList,
    /// How much moves, when and where to.
    pub motion: MotionAnalysis,
    /// Light and colour, black and frozen stretches, bars, flashes, buttons; `None` in documents of earlier versions.
    #[serde(default)]
    pub picture: Option<PictureAnalysis>,
    /// Predicted attention over time.
    pub attention: AttentionCurve,
    /// The moments that stand out.
    pub moments: Vec<MotionMoment>,
    /// The faces; `None` where none were looked for.
    #[serde(default)]
    pub faces: Option<FaceAnalysis>,
    /// The objects; `None` where none were looked for.
    #[serde(default)]
    pub objects: Option<ObjectAnalysis>,
    /// The text on the screen; `None` where none was looked for.
    #[serde(default)]
    pub text: Option<TextAnalysis>,
    /// The sound; `None` where there is none or it was not listened to.
    #[serde(default)]
    pub sound: Option<AudioAnalysis>,
    /// What was not looked at, and why. What stands here is unknown, not absent.
    pub not_analyzed: Vec<NotAnalyzed>,
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAnalyzed {
    /// What: `faces`, `objects`, `text`, `sound`.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// What the pass measured, before conclusions are drawn.
pub(super) struct Measured<'a> {
    pub(super) video: VideoInfo,
    pub(super) audio: Option<AudioInfo>,
    pub(super) decoder: Decoder,
    pub(super) frames: u64,
    pub(super) damage: u64,
    pub(super) shots: ShotDetector,
    pub(super) motion: MotionAnalyzer,
    pub(super) looks: Looks,
    pub(super) picture: PictureMeter,
    pub(super) options: &'a AnalyzeOptions,
}

impl Analysis {
    /// Sums up what the pass measured.
    ///
    /// # Errors
    ///
    /// Those of a reader of writing.
    pub(super) fn build(measured: Measured<'_>) -> super::Result<Self> {
        let Measured {
            video,
            audio,
            decoder,
            frames,
            damage,
            shots,
            mut motion,
            mut looks,
            picture,
            options,
        } = measured;
        let end_time = video.duration.map(|duration| video.start.seconds() + duration);
        let shots = match end_time {
            Some(end_time) => shots.finish_at(end_time),
            None => shots.finish(),
        };
        if let Some(end_time) = end_time {
            motion.ends_at(end_time);
        }
        let joins: Vec<ShotJoin> = shots.boundaries.iter().map(ShotJoin::from).collect();
        let motion = motion.finish_joined(&joins);
        let picture = Some(picture.finish(motion.end_time));
        let cuts: Vec<f64> = shots.boundaries.iter().map(|boundary| boundary.time).collect();
        let no_objects = looks.no_objects.take();
        let (faces, objects, text) = looks.finish(&Video {
            size: (video.display_width() as usize, video.height as usize),
            cuts: &cuts,
            end_time: motion.start_time + motion.duration(),
        })?;
        let samples: Option<Vec<FaceSample>> = faces.as_ref().map(|faces| {
            let sample = |frame: &FaceFrame| FaceSample {
                time: frame.time,
                present: !frame.faces.is_empty(),
            };
            faces.frames.iter().map(sample).collect()
        });
        let samples = samples.as_deref();
        let attention = AttentionCurve::new(&motion, samples, &options.attention);
        let moments = detect_motion_moments(&motion, &attention, samples, &options.moments);
        let mut not_analyzed = Vec::new();
        let mut unknown = |what: &str, is_known: bool, reason: Option<String>| {
            if !is_known {
                let reason = reason.unwrap_or_else(|| "not asked for".into());
                not_analyzed.push(NotAnalyzed { what: what.into(), reason });
            }
        };
        unknown("faces", faces.is_some(), None);
        unknown("objects", objects.is_some(), no_objects);
        unknown("text", text.is_some(), None);
        if audio.is_some() {
            not_analyzed.push(NotAnalyzed {
                what: "sound".into(),
                reason: "the frames came without it".into(),
            });
        }
        Ok(Self {
            schema_version: 1,
            library_version: env!("CARGO_PKG_VERSION").into(),
            path: None,
            video,
            audio,
            decoder,
            frames,
            damage,
            shots,
            motion,
            picture,
            attention,
            moments,
            faces,
            objects,
            text,
            sound: None,
            not_analyzed,
        })
    }

    /// Takes what was heard of the file, or why nothing was.
    pub(super) fn hear(&mut self, heard: Result<AudioAnalysis, String>) {
        let unknown = self.not_analyzed.iter().position(|part| part.what == "sound");
        match (heard, unknown) {
            (Ok(sound), _) => {
                self.sound = Some(sound);
                self.not_analyzed.retain(|part| part.what != "sound");
            }
            (Err(reason), Some(at)) => self.not_analyzed[at].reason = reason,
            (Err(_), None) => {}
        }
    }

    /// Length of the video in seconds, from the first frame to the end of the last.
    pub fn duration(&self) -> f64 {
        self.motion.duration()
    }

    /// Writes everything as one JSON document.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Writes the motion timeline as comma-separated values, one row for each measured frame.
    ///
    /// Columns: `frame`, `time` (s), `shot`, `mean_energy` (source pixels per frame interval),
    /// `diagonals_per_second`, `motion_type`, `direction`, `camera_energy`, `subject_energy` (empty where unknown),
    /// `attention` (0 to 1).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "frame,time,shot,mean_energy,diagonals_per_second,motion_type,direction,camera_energy,subject_energy,attention"
        )?;
        for frame in &self.motion.frames {
            let motion = &frame.motion;
            write!(
                out,
                "{},{:.6},{},{:.4},{:.6},{},{},",
                frame.frame_idx,
                frame.timestamp,
                frame.shot,
                motion.mean_energy,
                motion.diagonals_per_second,
                motion.motion_type,
                motion.dominant_direction
            )?;
            match &frame.camera {
                Some(camera) => {
                    write!(out, "{:.4},{:.4},", camera.camera_energy, camera.subject_energy)?;
                }
                None => write!(out, ",,")?,
            }
            match self.attention.at(frame.timestamp) {
                Some(attention) => writeln!(out, "{attention:.4}")?,
                None => writeln!(out)?,
            }
        }
        Ok(())
    }
}
