//! What a face detector saw in a video (component 5): faces, how they were followed, moments.

use crate::analysis::{GV_PART_FACES, gv_analysis, known};
use crate::argument::{Visible, answer, count, element};
use crate::call::{Failure, Outcome};
use crate::status::gv_status;
use crate::yolo_face_detector::{gv_face, in_c};
use geminivideo::{ErrorKind, FaceAnalysis};
use std::ffi::c_char;

/// How faces are seen in a video.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face_presence {
    /// sizeof(gv_face_presence), set by the caller.
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// Frames that were looked at.
    pub frames: u64,
    /// Of these, frames with a face.
    pub frames_with_faces: u64,
    /// Part of the time in which a face is seen, 0 to 1.
    pub ratio: f64,
    /// Mean number of faces over the time.
    pub average_faces: f64,
    /// When the first face is seen; NaN where none is.
    pub first_time: f64,
    /// Seconds of the longest stretch with a face in every frame that was looked at.
    pub longest: f64,
    /// Name of the detector; borrowed from the analysis.
    pub detector: *const c_char,
}

unsafe impl Visible for gv_face_presence {}

/// One face followed through one shot.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face_track {
    /// sizeof(gv_face_track), set by the caller.
    pub struct_size: u32,
    /// Number of the track, from 0, in the order of their starts.
    pub id: u32,
    /// When the face is first seen.
    pub start_time: f64,
    /// When it is gone.
    pub end_time: f64,
    /// Frames in which it was seen.
    pub sightings: u64,
    /// Mean confidence, 0 to 1.
    pub confidence: f64,
    /// The largest height of the face over the picture's short side.
    pub largest: f64,
    /// Part of the sightings that are close-ups, 0 to 1.
    pub close_up_ratio: f64,
    /// Part of the sightings that look at the camera, 0 to 1; NaN where the detector gives no landmarks.
    pub looking_ratio: f64,
}

unsafe impl Visible for gv_face_track {}

/// A moment at which a face is seen well. What makes it good is weighed by priors.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face_moment {
    /// sizeof(gv_face_moment), set by the caller.
    pub struct_size: u32,
    /// Faces in the picture.
    pub faces: u32,
    /// Number of the frame.
    pub frame: u64,
    /// When it is shown.
    pub time: f64,
    /// 0 to 1: of size, sharpness, confidence, how frontal and how centred the face is.
    pub score: f64,
    /// What the moment is good for; borrowed from the analysis.
    pub recommendation: *const c_char,
}

unsafe impl Visible for gv_face_moment {}

/// How faces are seen. GV_UNAVAILABLE, with the reason, where nobody looked. presence->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_presence(
    analysis: *const gv_analysis,
    presence: *mut gv_face_presence,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "presence", presence, |analysis| {
            let faces = looked(analysis)?;
            let seen = &faces.presence;
            Ok(gv_face_presence {
                frames: seen.processed_frames,
                frames_with_faces: seen.frames_with_faces,
                ratio: seen.face_presence_ratio,
                average_faces: seen.average_faces_per_frame,
                first_time: seen.first_face_time.unwrap_or(f64::NAN),
                longest: seen.longest_streak().map_or(0.0, |streak| streak.duration()),
                detector: analysis.texts.face_detector.as_ptr(),
                ..gv_face_presence::initial()
            })
        })
    }
}

/// Number of faces that were seen, over all frames that were looked at. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_faces_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.faces.len()) }
}

/// The face at index, in time order, surest of a frame first. face->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_faces_get(
    analysis: *const gv_analysis,
    index: usize,
    face: *mut gv_face,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "face", face, |analysis| {
            let &(frame, number) = element("face", &analysis.faces, index)?;
            let seen = &looked(analysis)?.frames[frame];
            Ok(in_c(&seen.faces[number], seen.frame, seen.time))
        })
    }
}

/// Number of faces that were followed. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_tracks_len(analysis: *const gv_analysis) -> usize {
    let tracks = |faces: &FaceAnalysis| faces.tracks.len();
    unsafe { count(analysis, |analysis| analysis.found.faces.as_ref().map_or(0, tracks)) }
}

/// The track at index, in the order of their starts. track->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_tracks_get(
    analysis: *const gv_analysis,
    index: usize,
    track: *mut gv_face_track,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "track", track, |analysis| {
            let faces = looked(analysis)?;
            let found = element("track", &faces.tracks, index)?;
            Ok(gv_face_track {
                id: found.id,
                start_time: found.start_time,
                end_time: found.end_time,
                sightings: found.sightings.len() as u64,
                confidence: f64::from(found.confidence),
                largest: f64::from(found.largest),
                close_up_ratio: found.close_up_ratio,
                looking_ratio: found.looking_ratio.unwrap_or(f64::NAN),
                ..gv_face_track::initial()
            })
        })
    }
}

/// Where the face of the track at index is at a time, drawn straight between two sightings; GV_NOT_FOUND while it is not
/// seen. face->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_tracks_at(
    analysis: *const gv_analysis,
    index: usize,
    time: f64,
    face: *mut gv_face,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "face", face, |analysis| {
            let faces = looked(analysis)?;
            let track = element("track", &faces.tracks, index)?;
            let found = track.at(time).ok_or_else(|| {
                let message = format!("the face of track {index} is not seen at {time} s");
                Failure::new(ErrorKind::NotFound, message)
            })?;
            let before = track.sightings.iter().take_while(|sighting| sighting.time <= time).last();
            Ok(in_c(&found, before.map_or(0, |sighting| sighting.frame), time))
        })
    }
}

/// Number of moments at which a face is seen best, 5 at most. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_moments_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.texts.face_moments.len()) }
}

/// The moment at index, best first. moment->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_face_moments_get(
    analysis: *const gv_analysis,
    index: usize,
    moment: *mut gv_face_moment,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "moment", moment, |analysis| {
            let found = element("moment", &looked(analysis)?.best_moments, index)?;
            Ok(gv_face_moment {
                faces: found.face_count as u32,
                frame: found.frame,
                time: found.timestamp,
                score: found.score,
                recommendation: element("moment", &analysis.texts.face_moments, index)?.as_ptr(),
                ..gv_face_moment::initial()
            })
        })
    }
}

fn looked(analysis: &gv_analysis) -> Outcome<&FaceAnalysis> {
    known(analysis, GV_PART_FACES, analysis.found.faces.as_ref())
}
