//! Numbers and checksums as NUT writes them.

use super::{Damage, Parsed};

/// Reads numbers from bytes that are all there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn byte(&mut self) -> Parsed<u8> {
        let (first, rest) = self.0.split_first().ok_or(Damage::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: u64) -> Parsed<&'a [u8]> {
        let count = usize::try_from(count).map_err(|_| Damage::Short)?;
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damage::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// An unsigned number: seven bits a byte, the top bit set on all but the last.
    pub(super) fn number(&mut self) -> Parsed<u64> {
        let mut value = 0u64;
        loop {
            let byte = self.byte()?;
            value = append(value, byte)?;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
    }

    /// A signed number.
    pub(super) fn signed(&mut self) -> Parsed<i64> {
        self.number().map(unfold)
    }

    /// Bytes preceded by their count.
    pub(super) fn block(&mut self) -> Parsed<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}

/// Appends the low seven bits of `byte` to a number.
pub(super) fn append(value: u64, byte: u8) -> Parsed<u64> {
    if value >> 57 != 0 {
        return Err(Damage::Number);
    }
    Ok(value << 7 | u64::from(byte & 0x7f))
}

/// The signed number that an unsigned one stands for: 0, 1, -1, 2, -2, ...
pub(super) fn unfold(value: u64) -> i64 {
    let half = (value >> 1) as i64;
    if value & 1 == 1 { half.saturating_add(1) } else { -half }
}

/// The checksum of headers: CRC-32 with generator 0x04C11DB7, highest bit first, starting at 0.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, &byte| checksum_step(crc, byte))
}

pub(super) fn checksum_step(crc: u32, byte: u8) -> u32 {
    (crc << 8) ^ TABLE[usize::from((crc >> 24) as u8 ^ byte)]
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 1 { crc << 1 ^ 0x04C1_1DB7 } else { crc << 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups_of_seven_bits() {
        assert_eq!(Bytes::new(&[0x7f]).number(), Ok(127));
        assert_eq!(Bytes::new(&[0x83, 0xc2, 0x00]).number(), Ok(57600));
        assert_eq!(Bytes::new(&[0x80]).number(), Err(Damage::Short));
        assert_eq!(Bytes::new(&[0xff; 11]).number(), Err(Damage::Number));
    }

    #[test]
    fn signed_numbers_alternate_around_zero() {
        let values: Vec<i64> = (0..5).map(unfold).collect();
        assert_eq!(values, [0, 1, -1, 2, -2]);
        assert_eq!(unfold(u64::MAX), i64::MAX);
    }

    #[test]
    fn the_checksum_of_nothing_and_of_itself_is_zero() {
        assert_eq!(checksum(b""), 0);
        let mut bytes = b"nut".to_vec();
        bytes.extend(checksum(b"nut").to_be_bytes());
        assert_eq!(checksum(&bytes), 0);
    }
}
