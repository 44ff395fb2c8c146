//! Frames that a program pushes, and the work on them, on a thread of the library's own.

use crate::argument::{Visible, blank, initialize, one_of};
use crate::call::{Failure, Outcome, caught, lock};
use crate::picture::{GV_LAYOUT_YUV420P, LAYOUTS, Memory, Planes, check_sides};
use geminivideo::media::{Cancel, Rational, Timestamp, VideoInfo};
use geminivideo::vision::{Error, Frame, FramePusher, PushOptions, PushSource};
use geminivideo::{ErrorKind, Observer, Progress};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
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
            layout: GV_LAYOUT_YUV420P,
            time_base_num: 1,
            time_base_den: 1000,
            rate_den: 1,
            pixel_aspect_num: 1,
            pixel_aspect_den: 1,
            ..blank()
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

unsafe impl Visible for gv_frame {}

/// What is done with the frames of a video.
type Work<T> = dyn Fn(&mut PushSource, &mut dyn Observer) -> Outcome<T> + Send + Sync;

/// The frames of one video on their way to the work that makes a `T` of them.
pub(crate) struct Pushing<T> {
    format: Format,
    cancel: Cancel,
    work: Arc<Work<T>>,
    state: Mutex<State<T>>,
}

impl<T> std::fmt::Debug for Pushing<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pushing").field("format", &self.format).finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State<T> {
    Waiting,
    Running(FramePusher, JoinHandle<Outcome<T>>),
    Over,
}

/// How the frames lie in memory and in time.
#[derive(Debug)]
pub(crate) struct Format {
    info: VideoInfo,
    planes: Planes,
    time_base: Rational,
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

impl<T: Send + 'static> Pushing<T> {
    /// Does `work` with frames of one format; it begins with the first of them.
    pub(crate) fn new(
        format: Format,
        cancel: Cancel,
        work: impl Fn(&mut PushSource, &mut dyn Observer) -> Outcome<T> + Send + Sync + 'static,
    ) -> Self {
        Self { format, cancel, work: Arc::new(work), state: Mutex::new(State::Waiting) }
    }

    /// Takes the next frame; what made the work end is an error here.
    pub(crate) unsafe fn push(&self, given: &gv_frame) -> Outcome {
        let mut state = lock(&self.state);
        self.start(&mut state, given.pts)?;
        let State::Running(pusher, _) = &mut *state else { return Err(finished()) };
        let mut next = pusher.spare();
        unsafe { self.format.copy(given, &mut next) }?;
        match pusher.push(next) {
            Err(Error::SourceClosed) => Err(state.take().end().err().unwrap_or_else(|| {
                Failure::new(ErrorKind::Internal, "the analysis ended before the frames did")
            })),
            pushed => Ok(pushed?),
        }
    }

    /// Ends the video and waits for what was made of it; whoever pushes meanwhile is told that it is finished.
    pub(crate) fn finish(&self) -> Outcome<T> {
        let mut state = lock(&self.state);
        self.start(&mut state, 0)?;
        let running = state.take();
        drop(state);
        running.end()
    }

    /// Ends the work.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Starts the work with the first frame, whose time is the video's start.
    fn start(&self, state: &mut State<T>, pts: i64) -> Outcome {
        if !matches!(state, State::Waiting) {
            return Ok(());
        }
        let mut info = self.format.info.clone();
        info.start = Timestamp::new(pts, self.format.time_base);
        let push = PushOptions::default().cancel(self.cancel.clone());
        let (pusher, mut source) = PushSource::new(info, push);
        let (work, cancel) = (Arc::clone(&self.work), self.cancel.clone());
        let run = move || {
            caught(|| {
                let mut observer = |_: Progress| match cancel.is_cancelled() {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                };
                work(&mut source, &mut observer)
            })
        };
        let spawned = std::thread::Builder::new().name("geminivideo".into()).spawn(run);
        let worker = spawned.map_err(|error| {
            Failure::new(ErrorKind::Internal, format!("cannot start a thread: {error}"))
        })?;
        *state = State::Running(pusher, worker);
        Ok(())
    }
}

impl<T> State<T> {
    /// What it was; it is over now.
    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Over)
    }

    fn end(self) -> Outcome<T> {
        match self {
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

impl<T> Drop for Pushing<T> {
    fn drop(&mut self) {
        self.cancel.cancel();
        drop(lock(&self.state).take().end());
    }
}

fn finished() -> Failure {
    Failure::new(ErrorKind::Conflict, "the video is finished")
}

impl Format {
    pub(crate) fn of(given: gv_video_format) -> Outcome<Self> {
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
