//! Frames that are in memory.

use super::{FrameSource, decoder};
use crate::{Error, Frame, Result};
use gv_media::{Decoder, Rational, Timestamp, VideoInfo};

/// A video whose frames are all in memory.
///
/// # Examples
///
/// ```
/// use gv_media::{Rational, Timestamp};
/// use gv_vision::{Frame, FrameSource, Layout, MemorySource};
///
/// let white = Frame::new(0, Timestamp::ZERO, 4, 2, Layout::Gray8, vec![255; 8])?;
/// let rate = Rational::new(25, 1).unwrap();
/// let mut source = MemorySource::at_rate(vec![white; 50], rate)?;
/// assert_eq!(source.info().duration, Some(2.0));
///
/// let mut frame = Frame::default();
/// source.read(&mut frame)?;
/// source.read(&mut frame)?;
/// assert_eq!(frame.pts.seconds(), 0.04);
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug)]
pub struct MemorySource {
    info: VideoInfo,
    frames: std::vec::IntoIter<Frame>,
    next: u64,
}

impl MemorySource {
    /// Frames that carry their own times, made for `rate` frames per second.
    ///
    /// Frames are numbered in the order given. No frame at all is a video of 0x0 pixels that ends at
    /// once.
    ///
    /// # Errors
    ///
    /// [`Error::SizeMismatch`] where frames differ in size; [`Error::InvalidParameter`] where their
    /// layouts differ, a time goes back, or the rate is not above zero.
    pub fn new(frames: Vec<Frame>, rate: Rational) -> Result<Self> {
        let step = rate.recip().filter(|step| step.is_positive());
        let step = step.ok_or_else(|| invalid("rate", rate.to_string(), "above zero"))?;
        check(&frames)?;
        let size = frames.first().map_or((0, 0), |frame| (frame.width(), frame.height()));
        let count = frames.len() as u64;
        let mut info = VideoInfo::new(pixels(size.0)?, pixels(size.1)?);
        info.nominal_rate = Some(rate);
        info.frame_count = Some(count);
        if let (Some(first), Some(last)) = (frames.first(), frames.last()) {
            let duration = last.pts.seconds() - first.pts.seconds() + step.to_f64();
            info.start = first.pts;
            info.duration = Some(duration);
            info.average_rate = Some(rate).filter(|_| count == 1 || is_even(&frames, step));
        }
        Ok(Self { info, frames: frames.into_iter(), next: 0 })
    }

    /// Frames shown one after the other from 0 on, `rate` of them a second; their own times are
    /// replaced.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn at_rate(mut frames: Vec<Frame>, rate: Rational) -> Result<Self> {
        let step = rate.recip().filter(|step| step.is_positive());
        let step = step.ok_or_else(|| invalid("rate", rate.to_string(), "above zero"))?;
        for (tick, frame) in (0..).zip(&mut frames) {
            frame.pts = Timestamp::new(tick, step);
        }
        Self::new(frames, rate)
    }
}

fn invalid(name: &'static str, given: String, allowed: &'static str) -> Error {
    Error::InvalidParameter { name, given, allowed }
}

fn pixels(count: usize) -> Result<u32> {
    u32::try_from(count).map_err(|_| invalid("size", count.to_string(), "below 2^32"))
}

fn check(frames: &[Frame]) -> Result<()> {
    for pair in frames.windows(2) {
        let [a, b] = pair else { continue };
        let (first, second) = ((a.width(), a.height()), (b.width(), b.height()));
        if first != second {
            return Err(Error::SizeMismatch { first, second });
        }
        if a.layout() != b.layout() {
            return Err(invalid("layout", format!("{:?}", b.layout()), "the first frame's layout"));
        }
        if b.pts < a.pts {
            let given = format!("{} s", b.pts.seconds());
            return Err(invalid("pts", given, "at or after the frame before"));
        }
    }
    Ok(())
}

fn is_even(frames: &[Frame], step: Rational) -> bool {
    let first = frames.first().map_or(0.0, |frame| frame.pts.seconds());
    let time = |index: usize| first + index as f64 * step.to_f64();
    let off = |(index, frame): (usize, &Frame)| (frame.pts.seconds() - time(index)).abs();
    frames.iter().enumerate().all(|pair| off(pair) < 1e-9)
}

impl FrameSource for MemorySource {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        decoder("memory")
    }

    fn read(&mut self, frame: &mut Frame) -> Result<bool> {
        let Some(next) = self.frames.next() else { return Ok(false) };
        *frame = next;
        frame.index = self.next;
        self.next += 1;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    fn frame(width: usize, ticks: i64) -> Frame {
        let pts = Timestamp::new(ticks, Rational::new(1, 10).unwrap());
        Frame::new(7, pts, width, 2, Layout::Gray8, vec![9; 2 * width]).unwrap()
    }

    fn ten() -> Rational {
        Rational::new(10, 1).unwrap()
    }

    #[test]
    fn frames_keep_their_times_and_get_their_numbers() {
        let mut source = MemorySource::new(vec![frame(4, 5), frame(4, 9)], ten()).unwrap();
        assert_eq!((source.info().start.seconds(), source.info().duration), (0.5, Some(0.5)));
        assert_eq!(source.info().average_rate, None);
        let mut read = Frame::default();
        assert!(source.read(&mut read).unwrap() && source.read(&mut read).unwrap());
        assert_eq!((read.index, read.pts.seconds()), (1, 0.9));
        assert!(!source.read(&mut read).unwrap());
        assert_eq!(read.index, 1);
    }

    #[test]
    fn frames_that_do_not_make_one_video_are_refused() {
        let error = |frames, rate| MemorySource::new(frames, rate).unwrap_err();
        let sizes = error(vec![frame(4, 0), frame(5, 1)], ten());
        assert!(matches!(sizes, Error::SizeMismatch { .. }), "{sizes}");
        let times = error(vec![frame(4, 1), frame(4, 0)], ten());
        assert!(times.to_string().starts_with("pts is 0 s"), "{times}");
        let rate = error(vec![], Rational::new(0, 1).unwrap());
        assert_eq!(rate.to_string(), "rate is 0/1, allowed is above zero");
    }

    #[test]
    fn no_frame_is_a_video_that_ends_at_once() {
        let mut source = MemorySource::new(vec![], ten()).unwrap();
        assert_eq!((source.info().width, source.info().duration), (0, None));
        assert!(!source.read(&mut Frame::default()).unwrap());
    }
}
