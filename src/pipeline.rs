//! The one pass: a thread that reads and scales, a bounded queue, and the analyses on the caller's thread.
//!
//! Every frame comes as a small picture, for motion and shots; some come larger as well, for what looks at detail.

use crate::{Error, Result};
use gv_media::Cancel;
use gv_vision::{
    AnalysisFrame, FfmpegOptions, FfmpegSource, Frame, FrameScaler, FrameSource, Parallel,
};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::time::Duration;

/// Frames that may wait between reading and analysing; with the frames in work this bounds the memory.
const QUEUE: usize = 8;
/// The longest time for which an observer is not asked.
const POLL: Duration = Duration::from_millis(20);

/// Where a running analysis is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Frames analysed.
    pub frames: u64,
    /// Frames that the file announces, where it does.
    pub total_frames: Option<u64>,
}

/// Watches a running analysis and may stop it.
///
/// # For implementers
///
/// [`update`](Self::update) is called on the thread that called the analysis: after each frame, and about every 20 ms
/// while none comes. [`ControlFlow::Break`] ends the analysis with [`Error::Cancelled`].
pub trait Observer {
    /// Takes notice of the progress; says whether to go on.
    fn update(&mut self, progress: Progress) -> ControlFlow<()>;
}

impl<F: FnMut(Progress) -> ControlFlow<()>> Observer for F {
    fn update(&mut self, progress: Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// Which frames come in detail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sampling {
    /// None.
    Never,
    /// The first frame and every so many after it.
    Every(usize),
    /// So many in a second, evenly by presentation time; every frame where it has fewer.
    PerSecond(f64),
}

/// The sizes in which frames are wanted, in pixels on the long side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Of every frame; 0 where no frame is wanted small.
    pub(crate) small: usize,
    /// Of the frames that come in detail.
    pub(crate) detail: usize,
    /// Which these are.
    pub(crate) sampling: Sampling,
}

impl Sizes {
    /// Every frame small, none in detail.
    pub(crate) const fn small(long_side: usize) -> Self {
        Self { small: long_side, detail: 0, sampling: Sampling::Never }
    }

    /// The longer side of the largest.
    pub(crate) fn longest(self) -> usize {
        self.small.max(self.detail)
    }
}

/// One frame in the sizes in which it is wanted.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    /// The small picture; without pixels where none is wanted.
    pub(crate) small: AnalysisFrame,
    detail: AnalysisFrame,
    has_detail: bool,
}

impl Pictures {
    /// The picture in detail, where the frame is one of those.
    pub(crate) fn detail(&self) -> Option<&AnalysisFrame> {
        self.has_detail.then_some(&self.detail)
    }

    /// Takes the picture in detail away.
    pub(crate) fn take_detail(&mut self) -> Option<AnalysisFrame> {
        std::mem::take(&mut self.has_detail).then(|| std::mem::take(&mut self.detail))
    }
}

/// Opens a video file that is looked at with at most `long_side` pixels; the flag stops its decoder.
///
/// Large pictures are made smaller before they pass the pipe from the decoder: moving all their pixels would take
/// longer than looking at them.
///
/// # Errors
///
/// Where the file cannot be decoded at all.
pub(crate) fn open(
    path: &Path,
    ffmpeg: Option<&Path>,
    long_side: usize,
) -> Result<(FfmpegSource, Cancel)> {
    let long_side = u32::try_from(long_side).unwrap_or(u32::MAX);
    let mut options = FfmpegOptions::default().reduce_to(long_side);
    if let Some(program) = ffmpeg {
        options = options.program(program);
    }
    let cancel = options.cancel.clone();
    Ok((FfmpegSource::open(path, options)?, cancel))
}

/// Threads for looking at frames while others decode and scale them: those given, else `GV_NUM_THREADS`, else half of
/// what the process may use.
///
/// # Errors
///
/// Where a number given is not 1 to 1024.
pub(crate) fn threads_beside_decoding(given: Option<usize>) -> Result<usize> {
    Ok(Parallel::with_default(given, |available| available / 2)?.num_threads())
}

/// Reads `source` to its end and gives every frame to `consume`.
///
/// `cancel` is called where the pass ends early, so that a blocked source can be woken.
///
/// # Errors
///
/// The source's error, `consume`'s, or [`Error::Cancelled`].
pub(crate) fn run(
    source: &mut dyn FrameSource,
    sizes: Sizes,
    observer: &mut dyn Observer,
    cancel: &dyn Fn(),
    mut consume: impl FnMut(&mut Pictures) -> Result<()>,
) -> Result<u64> {
    let mut progress = Progress { frames: 0, total_frames: source.info().frame_count };
    let (filled, arriving) = mpsc::sync_channel(QUEUE);
    let (emptied, spare) = mpsc::channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(source, sizes, filled, spare));
        let consumed = drain(arriving, emptied, &mut progress, observer, &mut consume);
        if consumed.is_err() {
            cancel();
        }
        let read = reader.join().unwrap_or_else(|_| {
            Err(Error::Internal { message: "the thread that reads frames panicked".into() })
        });
        consumed.and(read)
    })?;
    Ok(progress.frames)
}

fn read(
    source: &mut dyn FrameSource,
    sizes: Sizes,
    filled: SyncSender<Pictures>,
    spare: Receiver<Pictures>,
) -> Result<()> {
    let pixel_aspect = source.info().pixel_aspect;
    let mut small = FrameScaler::new(sizes.small);
    let mut detail = FrameScaler::new(sizes.detail);
    let mut clock = Clock::new(sizes.sampling);
    let mut frame = Frame::default();
    while source.read(&mut frame)? {
        let mut pictures: Pictures = spare.try_recv().unwrap_or_default();
        if sizes.small > 0 {
            small.scale(&frame, pixel_aspect, &mut pictures.small);
        } else {
            (pictures.small.index, pictures.small.time) = (frame.index, frame.pts.seconds());
        }
        pictures.has_detail = clock.is_due(frame.index, frame.pts.seconds());
        if pictures.has_detail {
            detail.scale(&frame, pixel_aspect, &mut pictures.detail);
        }
        if filled.send(pictures).is_err() {
            break;
        }
    }
    Ok(())
}

/// Says of each frame in turn whether it comes in detail.
#[derive(Debug)]
pub(crate) struct Clock {
    sampling: Sampling,
    first: Option<f64>,
    next: f64,
}

impl Clock {
    pub(crate) const fn new(sampling: Sampling) -> Self {
        Self { sampling, first: None, next: 0.0 }
    }

    pub(crate) fn is_due(&mut self, index: u64, time: f64) -> bool {
        let rate = match self.sampling {
            Sampling::Never => return false,
            Sampling::Every(step) => return index.is_multiple_of(step.max(1) as u64),
            Sampling::PerSecond(rate) => rate.max(1e-3),
        };
        let first = *self.first.get_or_insert(time);
        let passed = (time - first) * rate + 1e-6;
        let due = passed >= self.next;
        if due {
            self.next = passed.floor() + 1.0;
        }
        due
    }
}

fn drain(
    arriving: Receiver<Pictures>,
    emptied: Sender<Pictures>,
    progress: &mut Progress,
    observer: &mut dyn Observer,
    consume: &mut dyn FnMut(&mut Pictures) -> Result<()>,
) -> Result<()> {
    loop {
        match arriving.recv_timeout(POLL) {
            Ok(mut pictures) => {
                consume(&mut pictures)?;
                progress.frames += 1;
                // The reader has ended when this fails, and needs no more frames.
                let _ = emptied.send(pictures);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if observer.update(*progress).is_break() {
            return Err(Error::Cancelled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(sampling: Sampling, rate: f64, frames: u64) -> Vec<u64> {
        let mut clock = Clock::new(sampling);
        (0..frames).filter(|&index| clock.is_due(index, 3.0 + index as f64 / rate)).collect()
    }

    #[test]
    fn frames_in_detail_are_even_in_time_or_in_number() {
        assert_eq!(due(Sampling::PerSecond(5.0), 25.0, 16), [0, 5, 10, 15]);
        assert_eq!(due(Sampling::PerSecond(5.0), 24.0, 16), [0, 5, 10, 15]);
        assert_eq!(due(Sampling::PerSecond(5.0), 24.0, 241).len(), 51);
        assert_eq!(due(Sampling::PerSecond(5.0), 2.0, 4), [0, 1, 2, 3]);
        assert_eq!(due(Sampling::Every(3), 25.0, 7), [0, 3, 6]);
        assert_eq!(due(Sampling::Every(0), 25.0, 3), [0, 1, 2]);
        assert_eq!(due(Sampling::Never, 25.0, 7), [0_u64; 0]);
    }
}
