//! How much moves, when and where to (component 7).

use crate::analysis::gv_analysis;
use crate::argument::{Visible, answer, count, element, number_of};
use crate::status::gv_status;
use geminivideo::vision::motion_energy::MotionType;

/// Next to nothing moves.
pub const GV_MOTION_STATIC: u32 = 0;
/// Smooth motion.
pub const GV_MOTION_SMOOTH: u32 = 1;
/// Fast motion.
pub const GV_MOTION_FAST: u32 = 2;
/// Chaotic motion.
pub const GV_MOTION_CHAOTIC: u32 = 3;

const MOTIONS: [(u32, MotionType); 4] = [
    (GV_MOTION_STATIC, MotionType::Static),
    (GV_MOTION_SMOOTH, MotionType::Smooth),
    (GV_MOTION_FAST, MotionType::Fast),
    (GV_MOTION_CHAOTIC, MotionType::Chaotic),
];

/// How much moves from one frame to the next one that was looked at.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_motion_frame {
    /// sizeof(gv_motion_frame), set by the caller.
    pub struct_size: u32,
    /// How much: GV_MOTION_STATIC, ..._SMOOTH, ..._FAST or ..._CHAOTIC.
    pub motion_type: u32,
    /// Number of the second frame.
    pub frame: u64,
    /// When the second frame is shown.
    pub time: f64,
    /// When the first frame is shown.
    pub from_time: f64,
    /// Mean displacement in source pixels per nominal frame interval.
    pub mean_energy: f64,
    /// The same in frame diagonals per second, which any size and rate of a video share.
    pub diagonals_per_second: f64,
    /// Number of the shot that both frames belong to.
    pub shot: u32,
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_motion_frame {}

/// Number of measured pairs of frames. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_motion_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.found.motion.frames.len()) }
}

/// The measured pair at index, in time order. frame->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_motion_get(
    analysis: *const gv_analysis,
    index: usize,
    frame: *mut gv_motion_frame,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "frame", frame, |analysis| {
            let found = element("pair", &analysis.found.motion.frames, index)?;
            Ok(gv_motion_frame {
                motion_type: number_of(&found.motion.motion_type, &MOTIONS),
                frame: found.frame_idx,
                time: found.timestamp,
                from_time: found.from_time,
                mean_energy: found.motion.mean_energy,
                diagonals_per_second: found.motion.diagonals_per_second,
                shot: found.shot,
                ..gv_motion_frame::initial()
            })
        })
    }
}
