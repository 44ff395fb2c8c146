//! Opus in Ogg: pages are walked, not decoded (RFC 3533, RFC 7845).

/// The length in seconds: for each stream its last granule less its pre-skip, at 48 kHz.
pub(crate) fn seconds(bytes: &[u8]) -> Result<f64, String> {
    let mut streams: Vec<(u32, u64, u64)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let head = bytes.get(at..at + 27).ok_or("the audio ends in the middle of a page")?;
        if &head[..4] != b"OggS" {
            return Err(format!("the audio is no Ogg page at byte {at}"));
        }
        let granule = u64::from_le_bytes(head[6..14].try_into().unwrap_or_default());
        let serial = u32::from_le_bytes(head[14..18].try_into().unwrap_or_default());
        let table = at + 27..at + 27 + usize::from(head[26]);
        let sizes = bytes.get(table.clone()).ok_or("the audio ends in the middle of a page")?;
        let body =
            table.end..table.end + sizes.iter().map(|size| usize::from(*size)).sum::<usize>();
        let packet = bytes.get(body.clone()).ok_or("the audio ends in the middle of a page")?;
        if packet.starts_with(b"OpusHead") {
            let skip = packet.get(10..12).ok_or("the Opus header is cut")?;
            streams.push((serial, u64::from(u16::from_le_bytes([skip[0], skip[1]])), 0));
        } else if granule != u64::MAX
            && let Some(stream) = streams.iter_mut().rev().find(|stream| stream.0 == serial)
        {
            stream.2 = stream.2.max(granule);
        }
        at = body.end;
    }
    let samples: u64 = streams.iter().map(|(_, skip, last)| last.saturating_sub(*skip)).sum();
    if samples == 0 {
        return Err("the audio holds no Opus stream with sound".to_owned());
    }
    Ok(samples as f64 / 48_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(serial: u32, granule: u64, packet: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(granule.to_le_bytes());
        page.extend(serial.to_le_bytes());
        page.extend([0; 8]);
        page.push(1);
        page.push(u8::try_from(packet.len()).unwrap());
        page.extend(packet);
        page
    }

    fn stream(serial: u32, samples: u64) -> Vec<u8> {
        let mut head = b"OpusHead\x01\x01".to_vec();
        head.extend(312u16.to_le_bytes());
        [
            page(serial, 0, &head),
            page(serial, 0, b"OpusTags"),
            page(serial, u64::MAX, b"x"),
            page(serial, 312 + samples, b"sound"),
        ]
        .concat()
    }

    #[test]
    fn the_length_is_the_last_granule_less_the_pre_skip() {
        assert_eq!(seconds(&stream(1, 48_000)).unwrap(), 1.0);
        assert_eq!(seconds(&[stream(1, 48_000), stream(2, 24_000)].concat()).unwrap(), 1.5);
    }

    #[test]
    fn damage_is_an_error_and_not_a_panic() {
        let whole = stream(1, 48_000);
        for cut in 0..whole.len() {
            assert!(seconds(&whole[..cut]).is_err(), "{cut}");
        }
        assert!(seconds(b"RIFF and so on, more than a header is long").is_err());
    }
}
