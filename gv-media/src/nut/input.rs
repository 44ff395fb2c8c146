//! Bytes as they come: small pieces through a buffer, payloads past it.

use super::bytes::checksum_step;
use crate::{Error, Result};
use std::io::Read;

/// Where the bytes come from.
///
/// Every [`Read`] is one; a source with errors of its own implements this instead.
pub trait Input {
    /// Fills a part of `buffer`; 0 at the end.
    ///
    /// # Errors
    ///
    /// Whatever kept the bytes from coming.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize>;
}

impl<R: Read> Input for R {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match Read::read(self, buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                result => {
                    return result.map_err(|error| Error::BadStream { reason: error.to_string() });
                }
            }
        }
    }
}

/// Small, so that little of a payload takes the way through it.
const BUFFER_BYTES: usize = 512;

/// An [`Input`] with a small buffer for what lies between the payloads.
#[derive(Debug)]
pub(super) struct Buffered<R> {
    input: R,
    buffer: [u8; BUFFER_BYTES],
    start: usize,
    end: usize,
    /// Bytes handed out so far.
    pub(super) position: u64,
    crc: u32,
}

impl<R: Input> Buffered<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: [0; BUFFER_BYTES], start: 0, end: 0, position: 0, crc: 0 }
    }

    pub(super) fn get_mut(&mut self) -> &mut R {
        &mut self.input
    }

    pub(super) fn get_ref(&self) -> &R {
        &self.input
    }

    /// The next byte; `None` at the end.
    pub(super) fn byte(&mut self) -> Result<Option<u8>> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.end = self.input.read(&mut self.buffer)?.min(BUFFER_BYTES);
            if self.end == 0 {
                return Ok(None);
            }
        }
        let byte = self.buffer[self.start];
        self.start += 1;
        self.position += 1;
        self.crc = checksum_step(self.crc, byte);
        Ok(Some(byte))
    }

    /// Starts the checksum of the bytes that follow.
    pub(super) fn restart_checksum(&mut self) {
        self.crc = 0;
    }

    /// Checksum of the bytes got since the last restart, taken by [`byte`](Self::byte).
    pub(super) const fn checksum(&self) -> u32 {
        self.crc
    }

    /// Fills `target`; the number of bytes that came before the end.
    pub(super) fn fill(&mut self, target: &mut [u8]) -> Result<usize> {
        let buffered = target.len().min(self.end - self.start);
        target[..buffered].copy_from_slice(&self.buffer[self.start..self.start + buffered]);
        self.start += buffered;
        let mut filled = buffered;
        while filled < target.len() {
            match self.input.read(&mut target[filled..])? {
                0 => break,
                count => filled = (filled + count).min(target.len()),
            }
        }
        self.position += filled as u64;
        Ok(filled)
    }

    /// Passes over `count` bytes; whether they were there.
    pub(super) fn skip(&mut self, mut count: u64) -> Result<bool> {
        let mut scratch = [0; BUFFER_BYTES];
        while count > 0 {
            let step = count.min(BUFFER_BYTES as u64) as usize;
            if self.fill(&mut scratch[..step])? < step {
                return Ok(false);
            }
            count -= step as u64;
        }
        Ok(true)
    }
}
