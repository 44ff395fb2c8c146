//! What a decoder process writes to its standard error.

use std::io::{BufRead, BufReader, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

const KEPT_BYTES: usize = 4096;
const LONGEST_LINE: u64 = 64 * 1024;
const LINES_SHOWN: usize = 3;

/// The complaints of one process, drained by a thread so that the process never waits for us.
///
/// The number of lines is a measure of damage; the text is for people. Of the text the first
/// 4 KiB are kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Complaints(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    lines: AtomicU64,
    text: Mutex<String>,
    ended: Mutex<bool>,
    end: Condvar,
}

impl Complaints {
    /// Drains `stderr` until its end.
    pub(super) fn drain(stderr: impl Read + Send + 'static) -> std::io::Result<Self> {
        let complaints = Self::default();
        let writer = complaints.clone();
        std::thread::Builder::new()
            .name("gv-media-stderr".into())
            .spawn(move || writer.collect(BufReader::new(stderr)))?;
        Ok(complaints)
    }

    fn collect(&self, mut stderr: impl BufRead) {
        let mut line = Vec::new();
        loop {
            line.clear();
            match stderr.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break,
                Ok(_) => self.add(&String::from_utf8_lossy(&line)),
            }
        }
        *self.0.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.end.notify_all();
    }

    fn add(&self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.0.lines.fetch_add(1, Ordering::Relaxed);
        let mut text = self.0.text.lock().unwrap_or_else(PoisonError::into_inner);
        if text.len() < KEPT_BYTES {
            let line = without_addresses(line).replace("file:/dev/stdin", "the file");
            text.extend(line.chars().take(KEPT_BYTES));
            text.push('\n');
        }
    }

    /// Number of lines so far.
    pub(super) fn count(&self) -> u64 {
        self.0.lines.load(Ordering::Relaxed)
    }

    /// Waits until the process has nothing more to say, though not for one that leaves its error
    /// output to others.
    pub(super) fn settle(&self) {
        let ended = self.0.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let patience = Duration::from_millis(500);
        drop(self.0.end.wait_timeout_while(ended, patience, |ended| !*ended));
    }

    /// The first lines, joined; a stand-in where there are none.
    pub(super) fn summary(&self) -> String {
        let text = self.0.text.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = text.lines().take(LINES_SHOWN).collect();
        if lines.is_empty() { "it gave no reason".into() } else { lines.join("; ") }
    }
}

/// Takes the ` @ 0x55d0c8e5c8c0` out of `[mov @ 0x55d0c8e5c8c0]`, which Windows writes without `0x`: it differs from run to run.
fn without_addresses(line: &str) -> String {
    let mut parts = line.split(" @ ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.strip_prefix("0x").unwrap_or(part);
        let rest = digits.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if rest.len() < digits.len() && rest.starts_with(']') {
            text.push_str(rest);
        } else {
            text.push_str(" @ ");
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_counted_in_full_and_kept_in_part() {
        let complaints = Complaints::drain(std::io::Cursor::new("bad\n".repeat(100_000))).unwrap();
        complaints.settle();
        assert_eq!(complaints.count(), 100_000);
        assert_eq!(complaints.summary(), "bad; bad; bad");
        assert!(complaints.0.text.lock().unwrap().len() < 2 * KEPT_BYTES);
    }

    #[test]
    fn the_text_is_free_of_addresses_and_of_the_way_the_file_is_passed() {
        let complaints = Complaints::default();
        complaints.add("[mov,mp4 @ 0x55dde6729600] file:/dev/stdin: Invalid data\n");
        complaints.add("[vf#0:0 @ 00007ffffe95ebc0] no format\n");
        complaints.add("1080 @ 30 fps [wide @ 16:9]\n");
        let told =
            "[mov,mp4] the file: Invalid data; [vf#0:0] no format; 1080 @ 30 fps [wide @ 16:9]";
        assert_eq!(complaints.summary(), told);
    }

    #[test]
    fn a_line_without_an_end_is_bounded() {
        let endless = std::io::repeat(b'x').take(LONGEST_LINE * 3);
        let complaints = Complaints::drain(endless).unwrap();
        complaints.settle();
        assert_eq!(complaints.count(), 3);
    }
}
