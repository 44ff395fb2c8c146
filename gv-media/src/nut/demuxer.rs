//! Walking along a NUT stream, frame by frame.

use super::bytes::{Bytes, append, checksum};
use super::header::{
    FLAG_CHECKSUM, FLAG_CODED_FLAGS, FLAG_CODED_PTS, FLAG_HEADER_INDEX, FLAG_INVALID, FLAG_KEY,
    FLAG_MATCH_TIME, FLAG_RESERVED, FLAG_SIDE_DATA, FLAG_SIZE_MSB, FLAG_STREAM_ID, FrameCode,
    MainHeader, Stream,
};
use super::input::{Buffered, Input};
use super::{Damage, Parsed};
use crate::{Error, Result};

const MAIN: u64 = 0x4E4D_7A56_1F5F_04AD;
const STREAM: u64 = 0x4E53_1140_5BF2_F9DB;
const SYNCPOINT: u64 = 0x4E4B_E4AD_EECA_4569;
const INDEX: u64 = 0x4E58_DD67_2F23_E64E;
const INFO: u64 = 0x4E49_AB68_B596_BA78;

const MAX_HEADER_BYTES: u64 = 1 << 20;
const MAX_ELIDED_FRAME: u64 = 4096;
const MAX_BYTES_BEFORE_HEADER: u64 = 1 << 20;
const MAX_BYTES_OF_DAMAGE: u64 = 64 << 20;

/// What precedes the bytes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Number of the stream.
    pub stream: usize,
    /// Presentation time in units of the stream's time base.
    pub pts: i64,
    /// Number of bytes.
    pub size: usize,
    /// Whether the frame can be decoded on its own.
    pub key: bool,
    elided: usize,
}

/// A reader of one NUT stream.
#[derive(Debug)]
pub struct Demuxer<R> {
    input: Buffered<R>,
    main: MainHeader,
    streams: Vec<Stream>,
    last_pts: Vec<i64>,
    max_frame: u64,
    unread: u64,
    damage: u64,
}

enum Step {
    Frame(FrameHeader),
    Passed,
    End,
}

impl<R: Input> Demuxer<R> {
    /// Reads the headers. Frames of more than 1 GiB are damage.
    ///
    /// # Errors
    ///
    /// [`Error::BadStream`] where the stream does not begin with the headers of NUT 3, and what the
    /// input reports.
    pub fn open(input: R) -> Result<Self> {
        Self::open_within(input, 1 << 30)
    }

    /// Reads the headers. Frames of more than `max_frame` bytes are damage.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_within(input: R, max_frame: u64) -> Result<Self> {
        let mut input = Buffered::new(input);
        let main = main_header(&mut input)?;
        let count = usize::try_from(main.stream_count).unwrap_or(0);
        let mut found: Vec<Option<Stream>> = vec![None; count];
        while found.iter().any(Option::is_none) {
            let packet = next_packet(&mut input)?.ok_or_else(|| bad("it ends in its headers"))?;
            if let (STREAM, Some(payload)) = (packet.code, packet.payload) {
                let (number, stream) = Stream::parse(Bytes::new(&payload), &main)
                    .map_err(|damage| bad(&format!("stream header: {damage:?}")))?;
                if let Some(slot) = usize::try_from(number).ok().and_then(|n| found.get_mut(n)) {
                    *slot = Some(stream);
                }
            }
        }
        let streams: Vec<Stream> = found.into_iter().flatten().collect();
        let last_pts = vec![0; streams.len()];
        Ok(Self { input, main, streams, last_pts, max_frame, unread: 0, damage: 0 })
    }

    /// The streams, in the order of their numbers.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Number of places where the stream was found damaged.
    pub const fn damage(&self) -> u64 {
        self.damage
    }

    /// Where the bytes come from.
    pub fn get_ref(&self) -> &R {
        self.input.get_ref()
    }

    /// Where the bytes come from.
    pub fn get_mut(&mut self) -> &mut R {
        self.input.get_mut()
    }

    /// Goes to the next frame, past what is unread of the last one; `None` at the end.
    ///
    /// # Errors
    ///
    /// What the input reports, and [`Error::BadStream`] where 64 MiB hold no start code.
    pub fn next_frame(&mut self) -> Result<Option<FrameHeader>> {
        let unread = std::mem::take(&mut self.unread);
        if !self.input.skip(unread)? {
            self.damage += 1;
            return Ok(None);
        }
        loop {
            match self.step()? {
                Ok(Step::Frame(frame)) => return Ok(Some(frame)),
                Ok(Step::Passed) => {}
                Ok(Step::End) => return Ok(None),
                Err(_) => {
                    self.damage += 1;
                    let Some(code) = find_start_code(&mut self.input, MAX_BYTES_OF_DAMAGE)? else {
                        return Ok(None);
                    };
                    if let Err(_damage) = self.packet(code)? {
                        self.damage += 1;
                    }
                }
            }
        }
    }

    /// Fills `payload` with the bytes of the frame that [`next_frame`](Self::next_frame) has just
    /// returned, keeping its memory; `false` where the stream ends before the frame does.
    ///
    /// # Errors
    ///
    /// What the input reports.
    pub fn read_payload(&mut self, frame: FrameHeader, payload: &mut Vec<u8>) -> Result<bool> {
        payload.resize(frame.size, 0);
        let elided = self.main.elided.get(frame.elided).map_or(&[][..], Vec::as_slice);
        let Some((front, rest)) = payload.split_at_mut_checked(elided.len()) else {
            return Ok(false);
        };
        front.copy_from_slice(elided);
        self.unread = 0;
        let whole = self.input.fill(rest)? == rest.len();
        self.damage += u64::from(!whole);
        Ok(whole)
    }

    fn step(&mut self) -> Result<Parsed<Step>> {
        self.input.restart_checksum();
        let Some(first) = self.input.byte()? else { return Ok(Ok(Step::End)) };
        if first == b'N' {
            return match read_start_code(&mut self.input, first)? {
                Some(code) if is_start_code(code) => Ok(self.packet(code)?.map(|()| Step::Passed)),
                Some(_) => Ok(Err(Damage::FrameCode)),
                None => Ok(Err(Damage::Short)),
            };
        }
        let Some(code) = self.main.codes.get(usize::from(first)).copied() else {
            return Ok(Err(Damage::FrameCode));
        };
        Ok(self.frame(code)?.map(Step::Frame))
    }

    fn packet(&mut self, code: u64) -> Result<Parsed<()>> {
        match read_packet(&mut self.input, code)? {
            Ok(Packet { code: SYNCPOINT, payload: Some(payload) }) => {
                Ok(self.synchronise(&payload))
            }
            Ok(_) => Ok(Ok(())),
            Err(damage) => Ok(Err(damage)),
        }
    }

    fn synchronise(&mut self, payload: &[u8]) -> Parsed<()> {
        let stamp = Bytes::new(payload).number()?;
        let bases = self.main.time_bases.len() as u64;
        let base = usize::try_from(stamp % bases).ok().and_then(|at| self.main.time_bases.get(at));
        let base = *base.ok_or(Damage::Header)?;
        for (last, stream) in self.last_pts.iter_mut().zip(&self.streams) {
            let own = stream.time_base;
            let num = i128::from(stamp / bases) * i128::from(base.num()) * i128::from(own.den());
            let ticks = num.div_euclid(i128::from(base.den()) * i128::from(own.num()));
            *last = i64::try_from(ticks).map_err(|_| Damage::Number)?;
        }
        Ok(())
    }

    fn frame(&mut self, code: FrameCode) -> Result<Parsed<FrameHeader>> {
        let mut fields = FrameFields { input: &mut self.input, short: false };
        let parsed = fields.parse(code, &self.streams, &self.last_pts);
        let fields = match parsed? {
            Ok(parsed) => parsed,
            Err(damage) => return Ok(Err(damage)),
        };
        let (frame, checked) = fields;
        if checked.is_some_and(|(computed, stated)| computed != stated) {
            return Ok(Err(Damage::Checksum));
        }
        let elided = if frame.size > MAX_ELIDED_FRAME { 0 } else { frame.header };
        let elided = usize::try_from(elided).unwrap_or(usize::MAX);
        let Some(prefix) = self.main.elided.get(elided) else { return Ok(Err(Damage::Header)) };
        let (Some(unread), Ok(size)) =
            (frame.size.checked_sub(prefix.len() as u64), usize::try_from(frame.size))
        else {
            return Ok(Err(Damage::Size));
        };
        if frame.size > self.max_frame {
            return Ok(Err(Damage::Size));
        }
        self.unread = unread;
        self.last_pts[frame.stream] = frame.pts;
        let key = frame.flags & FLAG_KEY != 0;
        Ok(Ok(FrameHeader { stream: frame.stream, pts: frame.pts, size, key, elided }))
    }
}

struct ParsedFrame {
    stream: usize,
    pts: i64,
    size: u64,
    header: u64,
    flags: u64,
}

struct FrameFields<'a, R> {
    input: &'a mut Buffered<R>,
    short: bool,
}

impl<R: Input> FrameFields<'_, R> {
    /// A number straight from the input; sets `short` where it does not end.
    fn number(&mut self) -> Result<u64> {
        let mut value = 0;
        while !self.short {
            match self.input.byte()? {
                Some(byte) => match append(value, byte) {
                    Ok(next) if byte & 0x80 == 0 => return Ok(next),
                    Ok(next) => value = next,
                    Err(_) => self.short = true,
                },
                None => self.short = true,
            }
        }
        Ok(0)
    }

    #[expect(clippy::type_complexity, reason = "used once")]
    fn parse(
        &mut self,
        code: FrameCode,
        streams: &[Stream],
        last_pts: &[i64],
    ) -> Result<Parsed<(ParsedFrame, Option<(u32, u32)>)>> {
        let mut flags = code.flags;
        if flags & FLAG_CODED_FLAGS != 0 {
            flags ^= self.number()?;
        }
        if flags & (FLAG_INVALID | FLAG_SIDE_DATA) != 0 {
            return Ok(Err(Damage::FrameCode));
        }
        let stream = if flags & FLAG_STREAM_ID != 0 { self.number()? } else { code.stream };
        let coded_pts = if flags & FLAG_CODED_PTS != 0 { Some(self.number()?) } else { None };
        let msb = if flags & FLAG_SIZE_MSB != 0 { self.number()? } else { 0 };
        if flags & FLAG_MATCH_TIME != 0 {
            self.number()?;
        }
        let header = if flags & FLAG_HEADER_INDEX != 0 { self.number()? } else { code.header };
        let reserved = if flags & FLAG_RESERVED != 0 { self.number()? } else { code.reserved };
        for _ in 0..reserved {
            self.number()?;
            if self.short {
                break;
            }
        }
        let mut checked = None;
        if flags & FLAG_CHECKSUM != 0 && !self.short {
            let computed = self.input.checksum();
            let mut stated = [0; 4];
            self.short = self.input.fill(&mut stated)? < stated.len();
            checked = Some((computed, u32::from_be_bytes(stated)));
        }
        if self.short {
            return Ok(Err(Damage::Short));
        }
        let index = usize::try_from(stream).unwrap_or(usize::MAX);
        let (Some(stream), Some(&last)) = (streams.get(index), last_pts.get(index)) else {
            return Ok(Err(Damage::Header));
        };
        let size = code.size_mul.checked_mul(msb).and_then(|size| size.checked_add(code.size_lsb));
        let pts = match coded_pts {
            None => last.checked_add(code.pts_delta),
            Some(coded) => full_pts(coded, last, stream.msb_pts_shift),
        };
        let (Some(size), Some(pts)) = (size, pts) else { return Ok(Err(Damage::Number)) };
        Ok(Ok((ParsedFrame { stream: index, pts, size, header, flags }, checked)))
    }
}

/// The time stamp whose low bits are coded, nearest to the last one; or one coded in full.
fn full_pts(coded: u64, last: i64, shift: u32) -> Option<i64> {
    let range = 1i64 << shift;
    let coded = i64::try_from(coded).ok()?;
    if coded >= range {
        return Some(coded - range);
    }
    let mask = range - 1;
    let low = last.checked_sub(mask / 2)?;
    coded.checked_sub(low).map(|delta| delta & mask)?.checked_add(low)
}

struct Packet {
    code: u64,
    payload: Option<Vec<u8>>,
}

fn bad(reason: &str) -> Error {
    Error::BadStream { reason: reason.into() }
}

const fn is_start_code(code: u64) -> bool {
    matches!(code, MAIN | STREAM | SYNCPOINT | INDEX | INFO)
}

fn main_header<R: Input>(input: &mut Buffered<R>) -> Result<MainHeader> {
    let missing = || bad("it is not NUT");
    loop {
        let left = MAX_BYTES_BEFORE_HEADER.checked_sub(input.position).ok_or_else(missing)?;
        let code = find_start_code(input, left).map_err(|error| match error {
            Error::BadStream { .. } => missing(),
            other => other,
        })?;
        let packet = read_packet(input, code.ok_or_else(missing)?)?;
        if let Ok(Packet { code: MAIN, payload: Some(payload) }) = packet {
            return MainHeader::parse(Bytes::new(&payload))
                .map_err(|damage| bad(&format!("main header: {damage:?}")));
        }
    }
}

fn next_packet<R: Input>(input: &mut Buffered<R>) -> Result<Option<Packet>> {
    let Some(code) = find_start_code(input, MAX_BYTES_BEFORE_HEADER)? else { return Ok(None) };
    read_packet(input, code)?.map(Some).map_err(|damage| bad(&format!("headers: {damage:?}")))
}

fn read_start_code<R: Input>(input: &mut Buffered<R>, first: u8) -> Result<Option<u64>> {
    let mut code = u64::from(first);
    for _ in 1..8 {
        let Some(byte) = input.byte()? else { return Ok(None) };
        code = code << 8 | u64::from(byte);
    }
    Ok(Some(code))
}

/// Reads up to and with the next start code; `None` at the end.
fn find_start_code<R: Input>(input: &mut Buffered<R>, most: u64) -> Result<Option<u64>> {
    let mut window = 0;
    for _ in 0..most {
        let Some(byte) = input.byte()? else { return Ok(None) };
        window = window << 8 | u64::from(byte);
        if is_start_code(window) {
            return Ok(Some(window));
        }
    }
    Err(bad("no start code is found"))
}

fn read_packet<R: Input>(input: &mut Buffered<R>, code: u64) -> Result<Parsed<Packet>> {
    let mut head = code.to_be_bytes().to_vec();
    let mut length = 0;
    loop {
        let Some(byte) = input.byte()? else { return Ok(Err(Damage::Short)) };
        head.push(byte);
        length = match append(length, byte) {
            Ok(length) => length,
            Err(damage) => return Ok(Err(damage)),
        };
        if byte & 0x80 == 0 {
            break;
        }
    }
    if length > 4096 {
        let mut stated = [0; 4];
        if input.fill(&mut stated)? < stated.len() {
            return Ok(Err(Damage::Short));
        }
        if checksum(&head) != u32::from_be_bytes(stated) {
            return Ok(Err(Damage::Checksum));
        }
    }
    if matches!(code, INDEX | INFO) {
        let passed = input.skip(length)?;
        return Ok(if passed { Ok(Packet { code, payload: None }) } else { Err(Damage::Short) });
    }
    if !(4..=MAX_HEADER_BYTES).contains(&length) {
        return Ok(Err(Damage::Size));
    }
    let mut payload = vec![0; length as usize];
    if input.fill(&mut payload)? < payload.len() {
        return Ok(Err(Damage::Short));
    }
    if checksum(&payload) != 0 {
        return Ok(Err(Damage::Checksum));
    }
    payload.truncate(payload.len() - 4);
    Ok(Ok(Packet { code, payload: Some(payload) }))
}
