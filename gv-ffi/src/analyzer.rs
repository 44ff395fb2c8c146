//! Analysing frames that the program pushes, out of its own decoder or renderer.
//!
//! Make an analyzer, push every frame in the order of its time, and the sound where there is one, finish. The analysis runs beside the program, on threads
//! of the library's own; pushing waits where it falls behind by more than a few frames.

use crate::analysis::gv_analysis;
use crate::analyze::{gv_analyze_options, options_of};
use crate::argument::{Place, Visible, free, initialize, object, one_of, record};
use crate::call::{Failure, Outcome, caught, guard, lock};
use crate::ear::Ear;
use crate::picture::{GV_LAYOUT_YUV420P, LAYOUTS, Memory, Planes, check_sides};
use crate::sound::gv_audio;
use crate::status::gv_status;
use geminivideo::media::{Cancel, Rational, Timestamp, VideoInfo};
use geminivideo::vision::{Error, Frame, FramePusher, PushOptions, PushSource};
use geminivideo::{Analysis, AnalyzeOptions, ErrorKind, NotAnalyzed, Progress, analyze_source};
use std::mem::size_of;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard};
use std::thread::JoinHandle;

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
    ear: Mutex<Ear>,
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
        let cancel = Cancel::new();
        let ear = Mutex::new(Ear::beside(cancel.clone(), options.num_threads));
        place.give(gv_analyzer { format, options, cancel, state: Mutex::new(State::Waiting), ear });
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

/// Takes the next block of the sound, in the order of time, on the timeline of the frames; from any thread, before, beside
/// or after them. Where options.sound is 0 it is not listened to.
///
/// A hole between two blocks is silence. Errors: GV_INVALID_INPUT for a block that is not of the first one's format,
/// GV_CONFLICT after gv_analyzer_finish.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analyzer_push_audio(
    analyzer: *mut gv_analyzer,
    audio: *const gv_audio,
) -> gv_status {
    guard(|| unsafe {
        let analyzer = object("analyzer", analyzer)?;
        let block = record("audio", audio)?;
        let mut ear = lock(&analyzer.ear);
        if analyzer.options.sound { ear.push(&block) } else { Ok(()) }
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
        let mut found = state.end()?;
        match lock(&analyzer.ear).finish()? {
            Some(heard) => found = found.with_sound(heard),
            None => found.not_analyzed.push(NotAnalyzed {
                what: "sound".into(),
                reason: match analyzer.options.sound {
                    true => "no sound was pushed".into(),
                    false => "not asked for".into(),
                },
            }),
        }
        place.give(gv_analysis::new(found));
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
        lock(&self.state)
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
        check_sides("format", given.width, given.height)?;
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

    unsafe fn copy(&self, given: &gv_frame, frame: &mut Frame) -> Outcome {
        let (width, height) = (self.info.width as usize, self.info.height as usize);
        frame.pts = Timestamp::new(given.pts, self.time_base);
        let memory = Memory { name: "frame", planes: &given.planes, strides: &given.strides };
        unsafe { memory.copy(self.planes, width, height, frame) }
    }
}

fn positive(name: &str, (num, den): (i64, i64)) -> Outcome<Rational> {
    Rational::new(num, den).filter(|value| value.is_positive()).ok_or_else(|| {
        Failure::invalid(format!("format.{name} is {num} / {den}, allowed is a number above 0"))
    })
}
