//! Frames that the caller pushes from a decoder of its own.

use super::{FrameSource, decoder};
use crate::{Error, Frame, Result};
use gv_media::{Cancel, Decoder, Timestamp, VideoInfo};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a wait lasts before the cancel flag is looked at again.
const TICK: Duration = Duration::from_millis(20);

/// How frames are handed over.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PushOptions {
    /// Frames that may wait between the two sides; 0 is 1. Default: 4.
    pub capacity: usize,
    /// The flag that stops both sides.
    pub cancel: Cancel,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self { capacity: 4, cancel: Cancel::new() }
    }
}

impl PushOptions {
    /// Sets the number of frames that may wait.
    pub fn capacity(mut self, frames: usize) -> Self {
        self.capacity = frames;
        self
    }

    /// Sets the flag that stops both sides.
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }
}

/// A video whose frames another thread pushes: the reading side.
///
/// # Examples
///
/// ```
/// use gv_media::{Rational, Timestamp, VideoInfo};
/// use gv_vision::{Frame, FrameSource, Layout, PushOptions, PushSource};
///
/// let (mut pusher, mut source) = PushSource::new(VideoInfo::new(4, 2), PushOptions::default());
/// let renderer = std::thread::spawn(move || {
///     for tick in 0..3 {
///         let pts = Timestamp::new(tick, Rational::new(1, 25).unwrap());
///         pusher.push(Frame::new(0, pts, 4, 2, Layout::Gray8, vec![tick as u8; 8])?)?;
///     }
///     Ok::<(), gv_vision::Error>(())
/// });
/// let mut frame = Frame::default();
/// while source.read(&mut frame)? {
///     println!("frame {} at {} s", frame.index, frame.pts.seconds());
/// }
/// assert_eq!(frame.index, 2);
/// renderer.join().unwrap()?;
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug)]
pub struct PushSource {
    info: VideoInfo,
    shared: Arc<Shared>,
    next: u64,
}

/// The pushing side of a [`PushSource`]; dropping it ends the video.
#[derive(Debug)]
pub struct FramePusher {
    size: (usize, usize),
    start: Timestamp,
    last: Option<Timestamp>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: PushOptions,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Frame>,
    spare: Option<Frame>,
    pusher_gone: bool,
    source_gone: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, queue: MutexGuard<'a, Queue>) -> Result<MutexGuard<'a, Queue>> {
        self.options.cancel.check()?;
        let waited = self.changed.wait_timeout(queue, TICK);
        Ok(waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    fn leave(&self, leave: impl FnOnce(&mut Queue)) {
        leave(&mut self.lock());
        self.changed.notify_all();
    }
}

impl PushSource {
    /// Both sides of a video of which `info` says what is known; size and start are held to.
    pub fn new(info: VideoInfo, options: PushOptions) -> (FramePusher, Self) {
        let (queue, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { options, queue, changed });
        let pusher = FramePusher {
            size: (info.width as usize, info.height as usize),
            start: info.start,
            last: None,
            shared: Arc::clone(&shared),
        };
        (pusher, Self { info, shared, next: 0 })
    }
}

impl FramePusher {
    /// Hands over the next frame; waits while the queue is full. The frame's `index` is not looked at.
    ///
    /// # Errors
    ///
    /// - [`Error::SizeMismatch`] where the frame has not the size of the video.
    /// - [`Error::InvalidParameter`] where its `pts` is before that of the last frame, or where the
    ///   first frame's is not [`VideoInfo::start`].
    /// - [`Error::SourceClosed`] where the reading side is gone.
    /// - [`gv_media::Error::Cancelled`].
    pub fn push(&mut self, frame: Frame) -> Result<()> {
        let second = (frame.width(), frame.height());
        if second != self.size {
            return Err(Error::SizeMismatch { first: self.size, second });
        }
        let (in_order, allowed) = match self.last {
            None => (frame.pts == self.start, "the start of the video for the first frame"),
            Some(last) => (frame.pts >= last, "at or after the frame before"),
        };
        if !in_order {
            let given = format!("{} s", frame.pts.seconds());
            return Err(Error::InvalidParameter { name: "pts", given, allowed });
        }
        let capacity = self.shared.options.capacity.max(1);
        let mut queue = self.shared.lock();
        loop {
            self.shared.options.cancel.check()?;
            if queue.source_gone {
                return Err(Error::SourceClosed);
            }
            if queue.waiting.len() < capacity {
                break;
            }
            queue = self.shared.wait(queue)?;
        }
        self.last = Some(frame.pts);
        queue.waiting.push_back(frame);
        drop(queue);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// A frame whose memory the reading side no longer needs, or a new one; to be filled and pushed.
    pub fn spare(&self) -> Frame {
        self.shared.lock().spare.take().unwrap_or_default()
    }

    /// Ends the video, as dropping does.
    pub fn finish(self) {}
}

impl Drop for FramePusher {
    fn drop(&mut self) {
        self.shared.leave(|queue| queue.pusher_gone = true);
    }
}

impl Drop for PushSource {
    fn drop(&mut self) {
        self.shared.leave(|queue| {
            queue.source_gone = true;
            queue.waiting.clear();
        });
    }
}

impl FrameSource for PushSource {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        decoder("push")
    }

    /// Waits for the next frame.
    fn read(&mut self, frame: &mut Frame) -> Result<bool> {
        let mut queue = self.shared.lock();
        loop {
            self.shared.options.cancel.check()?;
            if let Some(next) = queue.waiting.pop_front() {
                queue.spare = Some(std::mem::replace(frame, next));
                drop(queue);
                self.shared.changed.notify_all();
                frame.index = self.next;
                self.next += 1;
                return Ok(true);
            }
            if queue.pusher_gone {
                return Ok(false);
            }
            queue = self.shared.wait(queue)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use gv_media::Rational;
    use std::time::Instant;

    fn frame(ticks: i64) -> Frame {
        let pts = Timestamp::new(ticks, Rational::new(1, 10).unwrap());
        Frame::new(0, pts, 2, 2, Layout::Gray8, vec![ticks as u8; 4]).unwrap()
    }

    fn pair(capacity: usize) -> (FramePusher, PushSource, Cancel) {
        let options = PushOptions::default().capacity(capacity);
        let cancel = options.cancel.clone();
        let (pusher, source) = PushSource::new(VideoInfo::new(2, 2), options);
        (pusher, source, cancel)
    }

    #[test]
    fn a_full_queue_makes_the_pusher_wait() {
        let (mut pusher, mut source, _cancel) = pair(2);
        let pushing = std::thread::spawn(move || {
            (0..50).map(|tick| pusher.push(frame(tick))).collect::<Result<Vec<()>>>()
        });
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(source.shared.lock().waiting.len(), 2);
        let (mut read, mut count) = (Frame::default(), 0);
        while source.read(&mut read).unwrap() {
            assert_eq!((read.index, read.data()[0]), (count, count as u8));
            count += 1;
        }
        assert_eq!(count, 50);
        assert_eq!(pushing.join().unwrap().unwrap().len(), 50);
    }

    #[test]
    fn a_dropped_pusher_ends_the_video_after_what_it_has_pushed() {
        let (mut pusher, mut source, _cancel) = pair(4);
        pusher.push(frame(0)).unwrap();
        drop(pusher);
        let mut read = Frame::default();
        assert!(source.read(&mut read).unwrap());
        assert!(!source.read(&mut read).unwrap() && !source.read(&mut read).unwrap());
    }

    #[test]
    fn a_dropped_source_is_told_to_a_pusher_that_waits() {
        let (mut pusher, source, _cancel) = pair(1);
        pusher.push(frame(0)).unwrap();
        let dropping = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(30));
            drop(source);
        });
        assert!(matches!(pusher.push(frame(1)), Err(Error::SourceClosed)));
        dropping.join().unwrap();
    }

    #[test]
    fn either_side_that_waits_is_cancelled_within_100_ms() {
        for full in [false, true] {
            let (mut pusher, mut source, cancel) = pair(1);
            pusher.push(frame(0)).unwrap();
            let canceller = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(30));
                cancel.cancel();
                Instant::now()
            });
            let result = if full {
                pusher.push(frame(1))
            } else {
                source.read(&mut Frame::default()).unwrap();
                source.read(&mut Frame::default()).map(drop)
            };
            assert!(matches!(result, Err(Error::Media(gv_media::Error::Cancelled))));
            assert!(canceller.join().unwrap().elapsed() < Duration::from_millis(100));
        }
    }

    #[test]
    fn frames_out_of_size_or_time_are_refused() {
        let (mut pusher, _source, _cancel) = pair(4);
        assert!(matches!(pusher.push(Frame::default()), Err(Error::SizeMismatch { .. })));
        assert!(pusher.push(frame(3)).unwrap_err().to_string().contains("start of the video"));
        pusher.push(frame(0)).unwrap();
        pusher.push(frame(5)).unwrap();
        assert!(pusher.push(frame(4)).unwrap_err().to_string().contains("frame before"));
    }

    #[test]
    fn memory_goes_back_to_the_pusher() {
        let (mut pusher, mut source, _cancel) = pair(4);
        pusher.push(frame(0)).unwrap();
        pusher.push(frame(1)).unwrap();
        let mut read = Frame::default();
        source.read(&mut read).unwrap();
        source.read(&mut read).unwrap();
        assert_eq!(pusher.spare().data().len(), 4);
    }
}
