//! What an analysis says, and how it is written down.

use super::AnalyzeOptions;
use gv_media::{AudioInfo, Decoder, VideoInfo};
use gv_vision::motion_energy::{MotionAnalysis, MotionAnalyzer, ShotJoin};
use gv_vision::motion_moment_sdk::{AttentionCurve, MotionMoment, detect_motion_moments};
use gv_vision::picture::{PictureAnalysis, PictureMeter};
use gv_vision::shots::{ShotDetector, ShotList};
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
    /// What was not looked at, and why. What stands here is unknown, not absent.
    pub not_analyzed: Vec<NotAnalyzed>,
}

/// Something that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAnalyzed {
    /// What: `faces`, `sound`.
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
    pub(super) picture: PictureMeter,
    pub(super) options: &'a AnalyzeOptions,
}

impl Analysis {
    pub(super) fn build(measured: Measured<'_>) -> Self {
        let Measured { video, audio, decoder, frames, damage, shots, mut motion, picture, options } =
            measured;
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
        let attention = AttentionCurve::new(&motion, None, &options.attention);
        let moments = detect_motion_moments(&motion, &attention, None, &options.moments);
        let mut not_analyzed = vec![NotAnalyzed {
            what: "faces".into(),
            reason: "no face detector is plugged in".into(),
        }];
        if audio.is_some() {
            not_analyzed.push(NotAnalyzed {
                what: "sound".into(),
                reason: "this version does not listen yet".into(),
            });
        }
        Self {
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
            not_analyzed,
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
