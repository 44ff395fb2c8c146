//! Analysing frames that the program pushes, out of its own decoder or renderer.
//!
//! Make an analyzer, push every frame in the order of its time, finish. The analysis runs beside the program, on threads
//! of the library's own; pushing waits where it falls behind by more than a few frames.

use crate::analysis::gv_analysis;
use crate::analyze::{gv_analyze_options, options_of};
use crate::argument::{Place, Visible, free, initialize, object, one_of, record};
use crate::call::{Failure, Outcome, caught, guard};
use crate::status::gv_status;
use geminivideo::media::{Cancel, Rational, Timestamp, VideoInfo};
use geminivideo::vision::{Error, Frame, FramePusher, Layout, PushOptions, PushSource};
use geminivideo::{Analysis, AnalyzeOptions, ErrorKind, Progress, analyze_source};
use std::mem::size_of;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// One plane of grey, 0 black to 255 white.
pub const GV_LAYOUT_GRAY8: u32 = 0;
/// Three planes Y, Cb, Cr of limited range; the chroma planes have half the size, rounded up.
pub const GV_LAYOUT_YUV420P: u32 = 1;
/// Two planes: Y, and Cb and Cr in turn; limited range.
pub const GV_LAYOUT_NV12: u32 = 2;
/// One plane of blue, green, red.
pub const GV_LAYOUT_BGR24: u32 = 3;
/// One plane of red, green, blue.
pub const GV_LAYOUT_RGB24: u32 = 4;
/// One plane of blue, green, red and a byte that is not looked at.
pub const GV_LAYOUT_BGRA32: u32 = 5;
/// One plane of red, green, blue and a byte that is not looked at.
pub const GV_LAYOUT_RGBA32: u32 = 6;

/// How planes of C become the bytes of a frame.
#[derive(Debug, Clone, Copy)]
enum Planes {
    Same(Layout),
    Nv12,
    Padded(Layout),
}

const LAYOUTS: [(u32, (Planes, &str)); 7] = [
    (GV_LAYOUT_GRAY8, (Planes::Same(Layout::Gray8), "gray")),
    (GV_LAYOUT_YUV420P, (Planes::Same(Layout::Yuv420p), "yuv420p")),
    (GV_LAYOUT_NV12, (Planes::Nv12, "nv12")),
    (GV_LAYOUT_BGR24, (Planes::Same(Layout::Bgr24), "bgr24")),
    (GV_LAYOUT_RGB24, (Planes::Same(Layout::Rgb24), "rgb24")),
    (GV_LAYOUT_BGRA32, (Planes::Padded(Layout::Bgr24), "bgra")),
    (GV_LAYOUT_RGBA32, (Planes::Padded(Layout::Rgb24), "rgba")),
];

/// Pixels on one side at most.
const MAX_SIDE: u32 = 1 << 15;

/// What all frames of a video have in common; gv_video_format_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_video_format {
    /// sizeof(gv_video_format).
    pub struct_size: u32,
    /// How the bytes are laid out: GV_LAYOUT_...
    pub layout: u32,
    /// Width in pixels, 1 to 32768.
    pub width: u32,
    /// Height in pixels, 1 to 32768.
    pub height: u32,
    /// Seconds of one unit of pts, as time_base_num / time_base_den; 1 / 1000 is usual.
    pub time_base_num: i64,
    /// See time_base_num.
    pub time_base_den: i64,
    /// Frames per second that the video is made for, as rate_num / rate_den; 0 / 1 where nobody knows.
    pub rate_num: i64,
    /// See rate_num.
    pub rate_den: i64,
    /// Width of a pixel divided by its height, as pixel_aspect_num / pixel_aspect_den; 1 / 1 is usual.
    pub pixel_aspect_num: i64,
    /// See pixel_aspect_num.
    pub pixel_aspect_den: i64,
}

unsafe impl Visible for gv_video_format {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            layout: GV_LAYOUT_YUV420P,
            width: 0,
            height: 0,
            time_base_num: 1,
            time_base_den: 1000,
            rate_num: 0,
            rate_den: 1,
            pixel_aspect_num: 1,
            pixel_aspect_den: 1,
        }
    }
}

/// One picture; gv_frame_init sets it to nothing. Its bytes are borrowed for the call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_frame {
    /// sizeof(gv_frame).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// The moment at which it is shown, in units of the time base; not before that of the frame before.
    pub pts: i64,
    /// The first row's first byte of each plane that the layout has.
    pub planes: [*const u8; 3],
    /// Bytes from a row to the next one below; negative for pictures that lie upside down in memory.
    pub strides: [isize; 3],
}

unsafe impl Visible for gv_frame {
    fn initial() -> Self {
        Self {
            struct_size: size_of::<Self>() as u32,
            reserved: 0,
            pts: 0,
            planes: [std::ptr::null(); 3],
            strides: [0; 3],
        }
    }
}

/// Analyses the frames of one video. Threads may share it: what one of them asks waits for what another does, but for
/// gv_analyzer_cancel.
#[derive(Debug)]
pub struct gv_analyzer {
    format: Format,
    options: AnalyzeOptions,
    cancel: Cancel,
    state: Mutex<State>,
}

#[derive(Debug)]
struct Format {
    info: VideoInfo,
    planes: Planes,
    time_base: Rational,
}

#[derive(Debug)]
enum State {
    Waiting,
    Running(FramePusher, JoinHandle<Outcome<Analysis>>),
    Over,
}

/// Sets a format to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_video_format_init(format: *mut gv_video_format) {
    unsafe { initialize(format) };
}

/// Sets a frame to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_frame_init(frame: *mut gv_frame) {
    unsafe { initialize(frame) };
}

/// Makes an analyzer of frames of one format. options may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_new(
    format: *const gv_video_format,
    options: *const gv_analyze_options,
    analyzer: *mut *mut gv_analyzer,
) -> gv_status {
    guard(|| unsafe {
        let format = Format::of(record("format", format)?)?;
        let options = options_of(options)?;
        let place = Place::new("analyzer", analyzer)?;
        place.give(gv_analyzer {
            format,
            options,
            cancel: Cancel::new(),
            state: Mutex::new(State::Waiting),
        });
        Ok(())
    })
}

/// Takes the next frame; returns when its bytes are no longer needed.
///
/// Errors: GV_INVALID_INPUT for a frame that goes back in time, GV_CONFLICT after gv_analyzer_finish, and what made the
/// analysis itself end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_push_frame(
    analyzer: *mut gv_analyzer,
    frame: *const gv_frame,
) -> gv_status {
    guard(|| unsafe {
        let analyzer = object("analyzer", analyzer)?;
        let given = record("frame", frame)?;
        let mut state = analyzer.lock();
        analyzer.start(&mut state, given.pts)?;
        let State::Running(pusher, _) = &mut *state else { return Err(finished()) };
        let mut next = pusher.spare();
        analyzer.format.copy(&given, &mut next)?;
        match pusher.push(next) {
            Err(Error::SourceClosed) => {
                let ended = state.end();
                Err(ended.err().unwrap_or_else(|| {
                    Failure::new(ErrorKind::Internal, "the analysis ended before the frames did")
                }))
            }
            pushed => Ok(pushed?),
        }
    })
}

/// Ends the video, waits for the analysis and gives it. The analyzer is then of no more use and is to be freed.
///
/// A video without frames is no error: nothing is found in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_finish(
    analyzer: *mut gv_analyzer,
    analysis: *mut *mut gv_analysis,
) -> gv_status {
    guard(|| unsafe {
        let analyzer = object("analyzer", analyzer)?;
        let place = Place::new("analysis", analysis)?;
        let mut state = analyzer.lock();
        analyzer.start(&mut state, 0)?;
        place.give(gv_analysis::new(state.end()?));
        Ok(())
    })
}

/// Makes pushing and finishing end with GV_CANCELLED; may be called from any thread while they run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_cancel(analyzer: *const gv_analyzer) -> gv_status {
    guard(|| unsafe {
        object("analyzer", analyzer)?.cancel.cancel();
        Ok(())
    })
}

/// Frees an analyzer; one that was not finished is cancelled. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_free(analyzer: *mut gv_analyzer) {
    unsafe { free(analyzer) };
}

impl gv_analyzer {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the analysis with the first frame, whose time is the video's start.
    fn start(&self, state: &mut State, pts: i64) -> Outcome {
        if !matches!(state, State::Waiting) {
            return Ok(());
        }
        let mut info = self.format.info.clone();
        info.start = Timestamp::new(pts, self.format.time_base);
        let push = PushOptions::default().cancel(self.cancel.clone());
        let (pusher, mut source) = PushSource::new(info, push);
        let (options, cancel) = (self.options.clone(), self.cancel.clone());
        let work = move || {
            caught(|| {
                let mut observer = |_: Progress| match cancel.is_cancelled() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                };
                Ok(analyze_source(&mut source, &options, &mut observer)?)
            })
        };
        let spawned = std::thread::Builder::new().name("geminivideo".into()).spawn(work);
        let worker = spawned.map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
        })?;
        *state = State::Running(pusher, worker);
        Ok(())
    }
}

impl State {
    fn end(&mut self) -> Outcome<Analysis> {
        match std::mem::replace(self, Self::Over) {
            Self::Running(pusher, worker) => {
                pusher.finish();
                worker.join().unwrap_or_else(|_| {
                    Err(Failure::new(ErrorKind::Internal, "the thread of the analysis panicked"))
                })
            }
            Self::Waiting | Self::Over => Err(finished()),
        }
    }
}

impl Drop for gv_analyzer {
    fn drop(&mut self) {
        self.cancel.cancel();
        drop(self.lock().end());
    }
}

fn finished() -> Failure {
    Failure::new(ErrorKind::Conflict, "the analyzer is finished")
}

impl Format {
    fn of(given: gv_video_format) -> Outcome<Self> {
        let (planes, name) = one_of("format.layout", given.layout, &LAYOUTS)?;
        for (what, side) in [("width", given.width), ("height", given.height)] {
            if !(1..=MAX_SIDE).contains(&side) {
                let message = format!("format.{what} is {side}, allowed is 1 to {MAX_SIDE}");
                return Err(Failure::invalid(message));
            }
        }
        let mut info = VideoInfo::new(given.width, given.height);
        info.pixel_format = Some(name.into());
        let aspect = (given.pixel_aspect_num, given.pixel_aspect_den);
        info.pixel_aspect = positive("pixel_aspect", aspect)?;
        if given.rate_num != 0 {
            info.nominal_rate = Some(positive("rate", (given.rate_num, given.rate_den))?);
        }
        let time_base = positive("time_base", (given.time_base_num, given.time_base_den))?;
        Ok(Self { info, planes, time_base })
    }

    /// Copies the planes into a frame, rows without padding, without bytes that are not looked at.
    unsafe fn copy(&self, given: &gv_frame, frame: &mut Frame) -> Outcome {
        let (width, height) = (self.info.width as usize, self.info.height as usize);
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        frame.pts = Timestamp::new(given.pts, self.time_base);
        let plane = |number, row_bytes| unsafe { Rows::new(given, number, row_bytes) };
        match self.planes {
            Planes::Same(layout) => {
                let data = frame.reshape(width, height, layout)?;
                let shapes: &[(usize, usize)] = match layout {
                    Layout::Yuv420p => {
                        &[(width, height), (half_width, half_height), (half_width, half_height)]
                    }
                    Layout::Gray8 => &[(width, height)],
                    _ => &[(width * 3, height)],
                };
                let mut rest = data;
                for (number, &(row_bytes, rows)) in shapes.iter().enumerate() {
                    let source = plane(number, row_bytes)?;
                    let (part, after) = rest.split_at_mut(row_bytes * rows);
                    for (row, target) in part.chunks_exact_mut(row_bytes).enumerate() {
                        target.copy_from_slice(unsafe { source.row(row) });
                    }
                    rest = after;
                }
            }
            Planes::Nv12 => {
                let (luma, chroma) = (plane(0, width)?, plane(1, half_width * 2)?);
                let data = frame.reshape(width, height, Layout::Yuv420p)?;
                let (y, rest) = data.split_at_mut(width * height);
                for (row, target) in y.chunks_exact_mut(width).enumerate() {
                    target.copy_from_slice(unsafe { luma.row(row) });
                }
                let (cb, cr) = rest.split_at_mut(half_width * half_height);
                let targets = cb.chunks_exact_mut(half_width).zip(cr.chunks_exact_mut(half_width));
                for (row, (cb, cr)) in targets.enumerate() {
                    let pairs = unsafe { chroma.row(row) }.chunks_exact(2);
                    for ((pair, cb), cr) in pairs.zip(cb).zip(cr) {
                        (*cb, *cr) = (pair[0], pair[1]);
                    }
                }
            }
            Planes::Padded(layout) => {
                let source = plane(0, width * 4)?;
                let data = frame.reshape(width, height, layout)?;
                for (row, target) in data.chunks_exact_mut(width * 3).enumerate() {
                    let pixels = unsafe { source.row(row) }.chunks_exact(4);
                    for (pixel, target) in pixels.zip(target.chunks_exact_mut(3)) {
                        target.copy_from_slice(&pixel[..3]);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The rows of a plane of C.
struct Rows {
    start: *const u8,
    stride: isize,
    bytes: usize,
}

impl Rows {
    unsafe fn new(frame: &gv_frame, number: usize, bytes: usize) -> Outcome<Self> {
        let (start, stride) = (frame.planes[number], frame.strides[number]);
        if start.is_null() {
            return Err(Failure::invalid(format!("frame.planes[{number}] is NULL")));
        }
        if stride.unsigned_abs() < bytes || stride.unsigned_abs() > (1 << 30) {
            let message = format!(
                "frame.strides[{number}] is {stride}, allowed is {bytes} or more, or minus that"
            );
            return Err(Failure::invalid(message));
        }
        Ok(Self { start, stride, bytes })
    }

    unsafe fn row(&self, row: usize) -> &[u8] {
        unsafe {
            let start = self.start.offset(self.stride * row as isize);
            std::slice::from_raw_parts(start, self.bytes)
        }
    }
}

fn positive(name: &str, (num, den): (i64, i64)) -> Outcome<Rational> {
    Rational::new(num, den).filter(|value| value.is_positive()).ok_or_else(|| {
        Failure::invalid(format!("format.{name} is {num} / {den}, allowed is a number above 0"))
    })
}
