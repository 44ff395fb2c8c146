//! The one pass: a thread that reads and scales, a bounded queue, and the analyses on the caller's thread.

use crate::{Error, Result};
use gv_vision::{AnalysisFrame, Frame, FrameScaler, FrameSource};
use std::ops::ControlFlow;
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

/// Reads `source` to its end and gives every frame, at analysis size, to `consume`.
///
/// `cancel` is called where the pass ends early, so that a blocked source can be woken.
///
/// # Errors
///
/// The source's error, `consume`'s, or [`Error::Cancelled`].
pub(super) fn run(
    source: &mut dyn FrameSource,
    mut scaler: FrameScaler,
    observer: &mut dyn Observer,
    cancel: &dyn Fn(),
    mut consume: impl FnMut(&AnalysisFrame) -> Result<()>,
) -> Result<u64> {
    let mut progress = Progress { frames: 0, total_frames: source.info().frame_count };
    let (filled, arriving) = mpsc::sync_channel(QUEUE);
    let (emptied, spare) = mpsc::channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || read(source, &mut scaler, filled, spare));
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
    scaler: &mut FrameScaler,
    filled: SyncSender<AnalysisFrame>,
    spare: Receiver<AnalysisFrame>,
) -> Result<()> {
    let pixel_aspect = source.info().pixel_aspect;
    let mut frame = Frame::default();
    while source.read(&mut frame)? {
        let mut scaled = spare.try_recv().unwrap_or_default();
        scaler.scale(&frame, pixel_aspect, &mut scaled);
        if filled.send(scaled).is_err() {
            break;
        }
    }
    Ok(())
}

fn drain(
    arriving: Receiver<AnalysisFrame>,
    emptied: Sender<AnalysisFrame>,
    progress: &mut Progress,
    observer: &mut dyn Observer,
    consume: &mut dyn FnMut(&AnalysisFrame) -> Result<()>,
) -> Result<()> {
    loop {
        match arriving.recv_timeout(POLL) {
            Ok(frame) => {
                consume(&frame)?;
                progress.frames += 1;
                // The reader has ended when this fails, and needs no more frames.
                let _ = emptied.send(frame);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if observer.update(*progress).is_break() {
            return Err(Error::Cancelled);
        }
    }
}
