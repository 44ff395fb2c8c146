//! Writing on the screen: where lines stand, and when they come and go.

use crate::analysis::{GV_PART_TEXT, gv_analysis, known, length};
use crate::argument::{Visible, element, fill, object};
use crate::call::guard;
use crate::status::gv_status;
use geminivideo::TextAnalysis;
use std::ffi::{CString, c_char};
use std::mem::size_of;

/// A line of writing over time. Places are shares of the picture's width and height, 0 to 1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_text_line {
    /// sizeof(gv_text_line), set by the caller.
    pub struct_size: u32,
    /// Whether the writing is lighter than what is behind it: 0 or 1.
    pub light_on_dark: u32,
    /// When it comes.
    pub start_time: f64,
    /// When it stands no longer.
    pub end_time: f64,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// How much speaks for writing, 0 to 1.
    pub confidence: f64,
    /// Frames in which it was found.
    pub sightings: u64,
    /// What it says, borrowed from the analysis; NULL where nobody read it.
    pub text: *const c_char,
}

unsafe impl Visible for gv_text_line {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            light_on_dark: 0,
            start_time: 0.0,
            end_time: 0.0,
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 0.0,
            confidence: 0.0,
            sightings: 0,
            text: std::ptr::null(),
        }
    }
}

/// Number of lines of writing. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_texts_len(analysis: *const gv_analysis) -> usize {
    let lines = |text: &TextAnalysis| text.lines.len();
    unsafe { length(analysis, |analysis| analysis.found.text.as_ref().map_or(0, lines)) }
}

/// The line at index, in time order. line->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_texts_get(
    analysis: *const gv_analysis,
    index: usize,
    line: *mut gv_text_line,
) -> gv_status {
    guard(|| unsafe {
        let analysis = object("analysis", analysis)?;
        let text = known(analysis, GV_PART_TEXT, analysis.found.text.as_ref())?;
        let found = element("line", &text.lines, index)?;
        let said = element("line", &analysis.texts.lines, index)?.as_ref();
        let region = &found.region;
        let told = gv_text_line {
            light_on_dark: u32::from(region.light_on_dark),
            start_time: found.start_time,
            end_time: found.end_time,
            x: region.x,
            y: region.y,
            width: region.width,
            height: region.height,
            confidence: region.confidence,
            sightings: found.sightings as u64,
            text: said.map_or(std::ptr::null(), |text: &CString| text.as_ptr()),
            ..gv_text_line::initial()
        };
        fill("line", line, &told)
    })
}
