//! One stream on its way from a decoder process.

use super::command::OFFSET_MICROSECONDS;
use crate::nut::{Demuxer, FrameHeader, Input, Stream};
use crate::worker::{Exit, Worker};
use crate::{Error, Rational, Result, Timestamp};
use std::path::PathBuf;

/// A decoder process and the stream that it sends.
#[derive(Debug)]
pub(super) struct Feed {
    demuxer: Demuxer<Pipe>,
    offset: i64,
    time_base: Rational,
    /// Ticks of the pipe in one of `time_base`.
    divisor: i64,
    next: Option<FrameHeader>,
    taken: u64,
    ended: bool,
    extra_damage: u64,
}

/// A process's output, which must not end before it has begun.
#[derive(Debug)]
struct Pipe {
    worker: Worker,
    path: PathBuf,
    began: bool,
}

impl Input for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.worker.read(buffer)?;
        if count == 0 && !self.began {
            let exit = self.worker.finish()?;
            let reason = self.worker.reason();
            return Err(match exit {
                Exit::Signal(signal) => Error::DecoderDied { signal, frames: 0, reason },
                _ => Error::NoFrames { path: self.path.clone(), reason },
            });
        }
        self.began = true;
        Ok(count)
    }
}

impl Feed {
    /// Waits for the headers and the first frame. Frames of more than `max_frame` bytes are damage.
    ///
    /// Time stamps are told in units of `time_base`, the file's own, which ffmpeg divides where it is
    /// coarse; a tick that it adds to keep equal time stamps apart is thereby taken off again.
    pub(super) fn open(
        worker: Worker,
        path: PathBuf,
        max_frame: u64,
        time_base: Option<Rational>,
    ) -> Result<Self> {
        let pipe = Pipe { worker, path: path.clone(), began: false };
        let demuxer = Demuxer::open_within(pipe, max_frame)?;
        let [stream] = demuxer.streams() else {
            let reason = format!("{} streams instead of one", demuxer.streams().len());
            return Err(Error::BadStream { reason });
        };
        let (piped, offset) = (stream.time_base, offset_ticks(stream.time_base));
        let divided = time_base.and_then(|own| own.checked_mul(piped.recip()?));
        let (time_base, divisor) = match (time_base, divided) {
            (Some(own), Some(ratio)) if ratio.den() == 1 => (own, ratio.num().max(1)),
            _ => (piped, 1),
        };
        let mut feed = Self {
            demuxer,
            offset,
            time_base,
            divisor,
            next: None,
            taken: 0,
            ended: false,
            extra_damage: 0,
        };
        if feed.peek()?.is_none() {
            let reason = feed.demuxer.get_ref().worker.reason();
            return Err(Error::NoFrames { path, reason });
        }
        Ok(feed)
    }

    /// The stream.
    pub(super) fn stream(&self) -> Option<&Stream> {
        self.demuxer.streams().first()
    }

    /// Time of the next frame; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<Timestamp>> {
        if self.next.is_none() && !self.ended {
            self.next = self.demuxer.next_frame()?;
            if self.next.is_none() {
                self.end()?;
            }
        }
        let ticks =
            |frame: FrameHeader| frame.pts.saturating_sub(self.offset).div_euclid(self.divisor);
        Ok(self.next.map(|frame| Timestamp::new(ticks(frame), self.time_base)))
    }

    /// Number of bytes of the frame that [`peek`](Self::peek) has found.
    pub(super) fn size(&self) -> Option<usize> {
        self.next.map(|frame| frame.size)
    }

    /// Passes over the frame that [`peek`](Self::peek) has found and counts it as damage.
    pub(super) fn reject(&mut self) {
        self.next = None;
        self.extra_damage += 1;
    }

    /// Fills `payload` with the frame that [`peek`](Self::peek) has found; `false` where the stream
    /// ends before it does.
    pub(super) fn take(&mut self, payload: &mut Vec<u8>) -> Result<bool> {
        let Some(frame) = self.next.take() else { return Ok(false) };
        let whole = self.demuxer.read_payload(frame, payload)?;
        if whole {
            self.taken += 1;
        } else {
            self.end()?;
        }
        Ok(whole)
    }

    fn end(&mut self) -> Result<()> {
        self.ended = true;
        let frames = self.taken;
        let worker = &mut self.demuxer.get_mut().worker;
        match worker.finish()? {
            Exit::Success => Ok(()),
            Exit::Failure => {
                self.extra_damage += u64::from(worker.complaints() == 0);
                Ok(())
            }
            Exit::Signal(signal) => {
                Err(Error::DecoderDied { signal, frames, reason: worker.reason() })
            }
        }
    }

    /// Reports of damage by the decoder, and places where its stream was damaged, so far.
    pub(super) fn damage(&self) -> u64 {
        self.demuxer.get_ref().worker.complaints() + self.demuxer.damage() + self.extra_damage
    }

    /// Number of the process.
    pub(super) fn process(&self) -> u32 {
        self.demuxer.get_ref().worker.id()
    }
}

/// The offset in a stream's ticks, rounded as ffmpeg's `av_rescale_q` does: half away from zero.
fn offset_ticks(time_base: Rational) -> i64 {
    let num = i128::from(OFFSET_MICROSECONDS) * i128::from(time_base.den());
    let den = i128::from(time_base.num().max(1)) * 1_000_000;
    i64::try_from((num + den / 2) / den).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_rounded_half_away_from_zero() {
        let ticks = |num, den| offset_ticks(Rational::new(num, den).unwrap());
        assert_eq!(ticks(1, 57600), 57_600_000_000);
        assert_eq!(ticks(1001, 24000), 23_976_024);
        assert_eq!(ticks(3, 125), 41_666_667);
    }
}
