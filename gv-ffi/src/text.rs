//! Writing on the screen: where lines stand, when they come and go, and what a program's reader reads off them.

use crate::analysis::{GV_PART_TEXT, gv_analysis, known};
use crate::argument::{
    Place, Visible, answer, count, element, free, lent, object_mut, record, text,
};
use crate::call::{Failure, guard};
use crate::callback::{Userdata, asked};
use crate::picture::gv_picture;
use crate::status::gv_status;
use geminivideo::TextAnalysis;
use geminivideo::vision::text::TextReader;
use geminivideo::vision::{self, GrayImage};
use std::ffi::{c_char, c_void};
use std::sync::Arc;

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

unsafe impl Visible for gv_text_line {}

/// A program's reader of writing, for example one that asks a library for optical character recognition. read may be
/// called by several threads at once, threads of the library's own among them; a C++ exception must not leave it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_text_reader_functions {
    /// sizeof(gv_text_reader_functions).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// What results call the reader.
    pub name: *const c_char,
    /// Says with gv_reading_set what a line says, the same for the same picture; a line that cannot be read is left
    /// unsaid. The picture is GV_LAYOUT_GRAY8, the line with a small margin, at the size at which writing is looked for;
    /// picture and reading are lent for the call. Another status than GV_OK is a failure, which gv_explain may explain,
    /// and ends what asked with GV_CALLBACK.
    pub read: Option<
        unsafe extern "C-unwind" fn(
            line: *const gv_picture,
            reading: *mut gv_reading,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Handed to read.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_text_reader_functions {}

/// Reads lines of writing; threads may share it. What was made with it keeps it after gv_text_reader_free.
#[derive(Debug)]
pub struct gv_text_reader(Arc<dyn TextReader>);

/// What a line says.
#[derive(Debug, Default)]
pub struct gv_reading(Option<String>);

impl gv_text_reader {
    /// The reader, for Rust programs that link this crate.
    pub fn reader(&self) -> &dyn TextReader {
        &*self.0
    }

    pub(crate) fn share(&self) -> Arc<dyn TextReader> {
        Arc::clone(&self.0)
    }
}

/// Makes a reader out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_text_reader_new(
    functions: *const gv_text_reader_functions,
    reader: *mut *mut gv_text_reader,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let name = text("functions.name", given.name)?.to_owned();
        let read = given.read.ok_or_else(|| Failure::invalid("functions.read is NULL"))?;
        let place = Place::new("reader", reader)?;
        let userdata = Userdata::new(given.userdata, given.drop);
        place.give(gv_text_reader(Arc::new(Functions { name, read, userdata })));
        Ok(())
    })
}

/// Frees a reader. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_text_reader_free(reader: *mut gv_text_reader) {
    unsafe { free(reader) };
}

/// Says what a line says; writing of blanks alone counts as none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_reading_set(
    reading: *mut gv_reading,
    said: *const c_char,
) -> gv_status {
    guard(|| unsafe {
        let reading = object_mut("reading", reading)?;
        let said = text("said", said)?.trim();
        reading.0 = (!said.is_empty()).then(|| said.to_owned());
        Ok(())
    })
}

/// A program's functions as a reader.
#[derive(Debug)]
struct Functions {
    name: String,
    read: unsafe extern "C-unwind" fn(*const gv_picture, *mut gv_reading, *mut c_void) -> gv_status,
    userdata: Userdata,
}

impl TextReader for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, line: &GrayImage) -> vision::Result<Option<String>> {
        if line.width() == 0 || line.height() == 0 {
            return Ok(None);
        }
        let (picture, mut reading) = (gv_picture::of_gray(line), gv_reading::default());
        let userdata = self.userdata.pointer();
        let call = || Ok(unsafe { (self.read)(&raw const picture, &raw mut reading, userdata) });
        asked(call).map_err(|message| vision::Error::TextReader {
            name: self.name.clone(),
            source: message.into(),
        })?;
        Ok(reading.0)
    }
}

/// Number of lines of writing. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_texts_len(analysis: *const gv_analysis) -> usize {
    let lines = |text: &TextAnalysis| text.lines.len();
    unsafe { count(analysis, |analysis| analysis.found.text.as_ref().map_or(0, lines)) }
}

/// The line at index, in time order. line->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_texts_get(
    analysis: *const gv_analysis,
    index: usize,
    line: *mut gv_text_line,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "line", line, |analysis| {
            let text = known(analysis, GV_PART_TEXT, analysis.found.text.as_ref())?;
            let found = element("line", &text.lines, index)?;
            let said = element("line", &analysis.texts.lines, index)?.as_ref();
            let region = &found.region;
            Ok(gv_text_line {
                light_on_dark: u32::from(region.light_on_dark),
                start_time: found.start_time,
                end_time: found.end_time,
                x: region.x,
                y: region.y,
                width: region.width,
                height: region.height,
                confidence: region.confidence,
                sightings: found.sightings as u64,
                text: lent(said),
                ..gv_text_line::initial()
            })
        })
    }
}
