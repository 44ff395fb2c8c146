//! The table of all packets of a file, as ffmpeg's `framecrc` format lists them.

use super::rate::{Pace, pace};
use crate::nut::Input;
use crate::{Rational, Result, Timestamp};

const MAX_LINE: usize = 4096;
const MAX_STREAMS: usize = 16;
/// Time stamps kept for finding the rate: half an hour at 30 frames a second.
const KEPT_STAMPS: usize = 65_536;

const FLAG_DISCARD: u64 = 4;

/// What `ffmpeg -c copy -f framecrc` says of each stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PacketTable {
    /// The streams, in the order of their numbers.
    pub(crate) streams: Vec<StreamTable>,
}

/// The packets of one stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct StreamTable {
    /// `video`, `audio`.
    pub(crate) media: String,
    /// Name of the codec.
    pub(crate) codec: String,
    /// Coded width and height in pixels, before rotation.
    pub(crate) size: Option<(u64, u64)>,
    /// Samples per second, in Hz.
    pub(crate) sample_rate: Option<u32>,
    /// Name of the channel layout, for example `stereo`.
    pub(crate) layout: Option<String>,
    /// Length of a time stamp's unit in seconds.
    pub(crate) time_base: Option<Rational>,
    /// Number of pictures or pieces of sound that are shown.
    pub(crate) shown: u64,
    first: Option<i64>,
    end: Option<i64>,
    stamps: Vec<i64>,
    last_duration: i64,
}

impl PacketTable {
    /// Reads the table to its end.
    ///
    /// # Errors
    ///
    /// What the input reports.
    pub(crate) fn read(mut input: impl Input) -> Result<Self> {
        let mut table = Self::default();
        let (mut pending, mut chunk) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            let count = input.read(&mut chunk)?;
            let mut lines = chunk.get(..count).unwrap_or_default().split(|&byte| byte == b'\n');
            let last = if count > 0 { lines.next_back().unwrap_or_default() } else { &[] };
            for line in lines {
                pending.extend_from_slice(line);
                table.line(&String::from_utf8_lossy(&pending));
                pending.clear();
            }
            pending.extend(last.iter().take(MAX_LINE.saturating_sub(pending.len())));
            if count == 0 {
                return Ok(table);
            }
        }
    }

    /// The stream of a kind.
    pub(crate) fn stream(&self, media: &str) -> Option<&StreamTable> {
        self.streams.iter().find(|stream| stream.media == media)
    }

    fn line(&mut self, line: &str) {
        match line.strip_prefix('#') {
            Some(fact) => drop(self.fact(fact)),
            None => drop(self.packet(line)),
        }
    }

    /// Takes `name stream: value`.
    fn fact(&mut self, fact: &str) -> Option<()> {
        let (name, value) = fact.split_once(':')?;
        let (name, stream) = name.split_once(' ')?;
        let stream: usize = stream.parse().ok()?;
        if stream >= MAX_STREAMS {
            return None;
        }
        while self.streams.len() <= stream {
            self.streams.push(StreamTable::default());
        }
        let (table, value) = (self.streams.get_mut(stream)?, value.trim());
        match name {
            "media_type" => table.media = value.into(),
            "codec_id" => table.codec = value.into(),
            "tb" => {
                table.time_base = pair(value, '/').and_then(|(num, den)| Rational::new(num, den))
            }
            "dimensions" => table.size = pair(value, 'x'),
            "sample_rate" => table.sample_rate = value.parse().ok(),
            "channel_layout_name" => table.layout = Some(value.into()),
            _ => {}
        }
        Some(())
    }

    /// Takes `stream, dts, pts, duration, size, checksum[, F=flags]...`.
    fn packet(&mut self, line: &str) -> Option<()> {
        let mut fields = line.split(',').map(str::trim);
        let stream: usize = fields.next()?.parse().ok()?;
        let table = self.streams.get_mut(stream)?;
        let _dts = fields.next()?;
        let pts: Option<i64> = fields.next()?.parse().ok().filter(|&pts| pts != i64::MIN);
        let duration: i64 = fields.next()?.parse().ok()?;
        let flags = fields.find_map(|field| field.strip_prefix("F=0x"));
        let flags = flags.and_then(|flags| u64::from_str_radix(flags, 16).ok()).unwrap_or(0);
        if flags & FLAG_DISCARD == 0 {
            table.add(pts, duration.max(0));
        }
        Some(())
    }
}

fn pair<T: std::str::FromStr>(text: &str, separator: char) -> Option<(T, T)> {
    let (first, second) = text.split_once(separator)?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

impl StreamTable {
    fn add(&mut self, pts: Option<i64>, duration: i64) {
        let Some(pts) = pts else {
            self.shown += 1;
            return;
        };
        self.first = Some(self.first.map_or(pts, |first| first.min(pts)));
        let end = pts.saturating_add(duration);
        self.end = Some(self.end.map_or(end, |known| known.max(end)));
        self.last_duration = duration;
        if self.hides_packets()
            && let Some(last) = self.stamps.last_mut()
            && pts.saturating_sub(*last).unsigned_abs() < duration.unsigned_abs().div_ceil(2)
        {
            *last = pts;
            return;
        }
        self.shown += 1;
        if self.stamps.len() < KEPT_STAMPS {
            self.stamps.push(pts);
        } else if self.hides_packets()
            && let Some(last) = self.stamps.last_mut()
        {
            *last = pts;
        }
    }

    /// Whether pictures that are never shown travel in packets of their own, right before one that is.
    fn hides_packets(&self) -> bool {
        matches!(self.codec.as_str(), "vp8" | "vp9")
    }

    /// Number of channels, by the name of their layout.
    pub(crate) fn channels(&self) -> Option<u32> {
        match self.layout.as_deref()? {
            "mono" => Some(1),
            "stereo" | "downmix" => Some(2),
            "2.1" | "3.0" | "3.0(back)" => Some(3),
            "4.0" | "quad" | "quad(side)" | "3.1" => Some(4),
            "5.0" | "5.0(side)" | "4.1" => Some(5),
            "5.1" | "5.1(side)" | "6.0" | "hexagonal" => Some(6),
            "6.1" | "6.1(back)" | "7.0" => Some(7),
            "7.1" | "7.1(wide)" | "octagonal" => Some(8),
            other => other.strip_suffix(" channels")?.parse().ok(),
        }
    }

    /// Time of the first packet, though not before the start of the movie.
    pub(crate) fn start(&self) -> Option<Timestamp> {
        Some(Timestamp::new(self.first?.max(0), self.time_base?))
    }

    /// Time from the first packet's start to the last one's end in seconds.
    pub(crate) fn duration(&self) -> Option<f64> {
        self.seconds().map(|seconds| seconds.to_f64())
    }

    fn seconds(&self) -> Option<Rational> {
        let ticks = self.end?.checked_sub(self.first?).filter(|&ticks| ticks > 0)?;
        Rational::new(ticks, 1)?.checked_mul(self.time_base?)
    }

    /// Frames divided by the time that they are shown.
    pub(crate) fn average_rate(&self) -> Option<Rational> {
        let frames = i64::try_from(self.shown).ok().filter(|&frames| frames > 0)?;
        Rational::new(frames, 1)?.checked_mul(self.seconds()?.recip()?)
    }

    /// The rate that the stream is made for.
    pub(crate) fn nominal_rate(&self) -> Option<Rational> {
        let time_base = self.time_base?;
        let mut stamps = self.stamps.clone();
        if self.hides_packets() && self.shown > KEPT_STAMPS as u64 {
            stamps.pop();
        }
        stamps.sort_unstable();
        stamps.dedup();
        match pace(&stamps, time_base) {
            Pace::Steady(rate) | Pace::Varying(rate) => Some(rate),
            Pace::Unknown => {
                let step = Rational::new(self.last_duration, 1)?.checked_mul(time_base)?;
                step.recip().filter(|rate| rate.is_positive())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> PacketTable {
        PacketTable::read(text.as_bytes()).unwrap()
    }

    const HEAD: &str = "#software: Lavf59.27.100\n#tb 0: 1/30000\n#media_type 0: video\n\
        #codec_id 0: h264\n#dimensions 0: 1080x720\n#sar 0: 1/1\n#tb 1: 1/44100\n\
        #media_type 1: audio\n#codec_id 1: aac\n#sample_rate 1: 44100\n#channel_layout_name 1: mono\n";

    #[test]
    fn facts_and_packets_are_read_from_the_table() {
        let packets = "0,      -2002,          0,     1001,    36692, 0x79e6ca35\n\
            0,      -1001,       2002,     1001,     5312, 0x47a8658c, F=0x0\n\
            0,          0,       1001,     1001,      599, 0xb8662ce5, F=0x0\n\
            1,       1940,       1940,     1024,       23, 0x4c0e0566\n";
        let table = table(&format!("{HEAD}{packets}"));
        let video = table.stream("video").unwrap();
        assert_eq!((video.shown, video.size, video.codec.as_str()), (3, Some((1080, 720)), "h264"));
        assert_eq!(video.duration(), Some(0.1001));
        assert_eq!(video.average_rate(), Rational::new(30000, 1001));
        assert_eq!(video.nominal_rate(), Rational::new(30000, 1001));
        let audio = table.stream("audio").unwrap();
        assert_eq!((audio.sample_rate, audio.layout.as_deref()), (Some(44100), Some("mono")));
    }

    #[test]
    fn packets_outside_the_edit_are_not_shown() {
        let line = "0, 0, 0, 1001, 9, 0x0\n0, 1001, 1001, 1001, 9, 0x0, F=0x4\n0, 2002, 2002, 1001, 9, 0x0, F=0x10\n";
        assert_eq!(table(&format!("{HEAD}{line}")).stream("video").unwrap().shown, 2);
    }

    #[test]
    fn hidden_vp9_packets_are_no_frames() {
        let head = HEAD.replace("h264", "vp9").replace("1/30000", "1/1000");
        let lines =
            [0, 41, 42, 83, 125].map(|pts| format!("0, {pts}, {pts}, 41, 9, 0x0\n")).concat();
        assert_eq!(table(&format!("{head}{lines}")).stream("video").unwrap().shown, 4);
    }

    #[test]
    fn garbage_makes_an_empty_table_and_a_long_line_no_long_buffer() {
        assert_eq!(table(""), PacketTable::default());
        assert_eq!(table(&"x".repeat(1 << 20)), PacketTable::default());
        assert_eq!(table("#tb 99999999999: 1/2\n#tb 17: 1/2\n0,0,0,0\n"), PacketTable::default());
        let odd =
            table("#tb 0: 1/0\n0, a, b, 1, 2, 3\n0,0,9223372036854775807,9223372036854775807,1\n");
        assert_eq!(odd.streams[0].average_rate(), None);
    }
}
