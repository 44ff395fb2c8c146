//! When lines of writing come, change and go.

use super::sighting::Sighting;
use super::{TextDetector, TextReader, TextRegion};
use crate::{AnalysisFrame, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sightings in a row that may fail.
const MISSES: usize = 1;

/// A line of writing over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextTrack {
    /// Time of the first frame looked at in which the line stands, in seconds.
    pub start_time: f64,
    /// Time of the first frame looked at in which it stands no longer, or the end of the video, in seconds.
    pub end_time: f64,
    /// Where it stands at the sighting of the largest width times confidence.
    pub region: TextRegion,
    /// Frames looked at in which it was found.
    pub sightings: usize,
    /// What it says; `None` where no reader is plugged in, or it cannot read it.
    pub text: Option<String>,
}

impl TextTrack {
    /// How long the line stands, in seconds.
    pub fn duration(&self) -> f64 {
        self.end_time - self.start_time
    }
}

/// Follows lines of writing over frames.
///
/// A line that stands in only one of several frames looked at is not reported: shapes look like writing for a moment,
/// writing that is to be read stays. Times are as fine as the frames that are pushed.
#[derive(Debug, Default)]
pub struct TextTracker {
    detector: TextDetector,
    reader: Option<Arc<dyn TextReader>>,
    open: Vec<Open>,
    closed: Vec<TextTrack>,
    frames: usize,
}

/// A line that stands, or stood a moment ago.
#[derive(Debug)]
struct Open {
    start_time: f64,
    sightings: usize,
    last: Sighting,
    best: Sighting,
    /// How it stands in the present frame, as far as that was looked at.
    now: Option<Sighting>,
    misses: usize,
    /// When it was missed first since its last sighting.
    missed_at: f64,
}

impl TextTracker {
    /// Follows what `detector` finds.
    pub fn new(detector: TextDetector) -> Self {
        Self { detector, ..Self::default() }
    }

    /// Reads each line with `reader`, once: where it is seen best, after it has gone.
    #[must_use]
    pub fn with_reader(mut self, reader: Arc<dyn TextReader>) -> Self {
        self.reader = Some(reader);
        self
    }

    /// Looks at a frame; frames come in the order of their times.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn push(&mut self, frame: &AnalysisFrame) -> Result<()> {
        self.frames += 1;
        let mut known = self.open.len();
        for region in self.detector.detect(&frame.luma) {
            let sighting = Sighting::new(&frame.luma, region);
            let mut showing = (0..known).filter(|&at| self.open[at].shows(&sighting));
            let Some(first) = showing.next() else {
                self.open.push(Open::new(sighting, frame.time));
                continue;
            };
            let parts: Vec<usize> = showing.collect();
            known -= parts.len();
            for part in parts.into_iter().rev() {
                let part = self.open.remove(part);
                self.open[first].join(part);
            }
            self.open[first].see(sighting);
        }
        self.open.iter_mut().for_each(|open| open.end_frame(frame.time));
        for gone in self.open.extract_if(.., |open| open.misses > MISSES) {
            if gone.sightings > 1 {
                self.closed.push(gone.finished(gone.missed_at, self.reader.as_deref())?);
            }
        }
        Ok(())
    }

    /// The lines in the order in which they came; `end_time` is the end of the video in seconds.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn finish(mut self, end_time: f64) -> Result<Vec<TextTrack>> {
        let stays = |open: &&Open| open.sightings > 1 || self.frames == 1;
        for open in self.open.iter().filter(stays) {
            let end_time = if open.misses == 0 { end_time } else { open.missed_at };
            self.closed.push(open.finished(end_time, self.reader.as_deref())?);
        }
        self.closed.sort_by(|a, b| {
            a.start_time.total_cmp(&b.start_time).then(a.region.y.total_cmp(&b.region.y))
        });
        Ok(self.closed)
    }
}

impl Open {
    fn new(sighting: Sighting, time: f64) -> Self {
        Self {
            start_time: time,
            sightings: 0,
            last: sighting.clone(),
            best: sighting.clone(),
            now: Some(sighting),
            misses: 0,
            missed_at: time,
        }
    }

    /// Whether this line, or a part of it, is seen there.
    fn shows(&self, seen: &Sighting) -> bool {
        let (last, region) = (&self.last.region, &seen.region);
        let alike = |a: f64, b: f64, share: f64| a.min(b) >= share * a.max(b);
        let shared = last.overlap(region) / last.area().min(region.area());
        let stays = shared >= 0.6 && alike(last.height, region.height, 0.55);
        let shift = (last.x - region.x).abs().max((last.y - region.y).abs());
        let moves = self.now.is_none()
            && shift <= 0.15
            && alike(last.width, region.width, 0.8)
            && alike(last.height, region.height, 0.8);
        (stays && self.last.agrees(seen)) || (moves && self.last.resembles(seen))
    }

    /// Keeps what the present frame shows of it: of its parts, the one seen best.
    fn see(&mut self, sighting: Sighting) {
        if self.now.as_ref().is_none_or(|now| sighting.worth() > now.worth()) {
            self.now = Some(sighting);
        }
    }

    /// Takes in what was taken for another line, and is a part of this one.
    fn join(&mut self, part: Self) {
        self.sightings = self.sightings.max(part.sightings);
        part.now.into_iter().for_each(|sighting| self.see(sighting));
    }

    fn end_frame(&mut self, time: f64) {
        if let Some(sighting) = self.now.take() {
            (self.sightings, self.misses) = (self.sightings + 1, 0);
            if sighting.worth() > self.best.worth() {
                self.best = sighting.clone();
            }
            self.last = sighting;
        } else {
            if self.misses == 0 {
                self.missed_at = time;
            }
            self.misses += 1;
        }
    }

    fn finished(&self, end_time: f64, reader: Option<&dyn TextReader>) -> Result<TextTrack> {
        let text = match reader {
            Some(reader) => reader.read(self.best.with_margin())?,
            None => None,
        };
        Ok(TextTrack {
            start_time: self.start_time,
            end_time: end_time.max(self.start_time),
            region: self.best.region,
            sightings: self.sightings,
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GrayImage;
    use crate::doubles::ScriptedReader;
    use crate::testing::synthetic_text::{draw_text, text_box};

    fn frame(time: f64, text: &str) -> AnalysisFrame {
        let mut luma = GrayImage::filled(640, 360, 50);
        draw_text(&mut luma, text, (80, 200), 4, 230);
        AnalysisFrame { time, luma, ..AnalysisFrame::default() }
    }

    fn tracks(script: impl Fn(f64) -> &'static str) -> Vec<TextTrack> {
        let mut tracker = TextTracker::default();
        for step in 0..20 {
            let time = f64::from(step) * 0.25;
            tracker.push(&frame(time, script(time))).unwrap();
        }
        tracker.finish(5.0).unwrap()
    }

    #[test]
    fn a_title_has_the_times_at_which_it_comes_and_goes() {
        let found = tracks(|time| if (1.0..3.0).contains(&time) { "BUY NOW" } else { "" });
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].start_time, found[0].end_time, found[0].sightings), (1.0, 3.0, 8));
    }

    #[test]
    fn other_words_in_the_same_place_are_another_line() {
        let found = tracks(|time| if time < 2.0 { "SHIPS FREE" } else { "ONLY TODAY" });
        let times: Vec<_> = found.iter().map(|track| (track.start_time, track.end_time)).collect();
        assert_eq!(times, [(0.0, 2.0), (2.0, 5.0)]);
    }

    #[test]
    fn captions_of_one_length_are_told_apart_by_their_words() {
        let found = tracks(|time| match time {
            0.0..2.0 => "SHE LOVES THE SHOES",
            2.0..3.5 => "NOBODY TOLD US THAT",
            _ => "UNTIL WE FOUND THIS",
        });
        let times: Vec<_> = found.iter().map(|track| (track.start_time, track.end_time)).collect();
        assert_eq!(times, [(0.0, 2.0), (2.0, 3.5), (3.5, 5.0)], "{found:?}");
    }

    #[test]
    fn a_line_of_which_frames_show_parts_is_one_and_stands_where_the_whole_does() {
        let whole = "SHIPS FREE TODAY";
        let found = tracks(|time| match time {
            0.0..1.0 => "SHIPS FREE",
            1.0..2.0 => whole,
            2.0..3.0 => "SHIPS      TODAY",
            _ => whole,
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].start_time, found[0].end_time), (0.0, 5.0));
        let (left, _, width, _) = text_box(whole, (80, 200), 4);
        let region = found[0].region;
        assert!((region.x * 640.0 - left as f64).abs() <= 4.0, "{region:?}");
        assert!((region.width * 640.0 - width as f64).abs() <= 4.0, "{region:?}");
    }

    #[test]
    fn a_line_missed_once_goes_on_and_one_seen_once_is_no_line() {
        let found = tracks(|time| if time == 2.0 { "" } else { "BUY NOW" });
        assert_eq!((found.len(), found[0].start_time, found[0].end_time), (1, 0.0, 5.0));
        assert_eq!(tracks(|time| if time == 2.0 { "BUY NOW" } else { "" }), []);
    }

    #[test]
    fn a_single_frame_is_believed() {
        let mut tracker = TextTracker::default();
        tracker.push(&frame(0.0, "BUY NOW")).unwrap();
        assert_eq!(tracker.finish(0.04).unwrap().len(), 1);
    }

    #[test]
    fn each_line_is_read_once() {
        let mut tracker =
            TextTracker::default().with_reader(Arc::new(ScriptedReader::new("BUY NOW")));
        for step in 0..4 {
            tracker.push(&frame(f64::from(step), "BUY NOW")).unwrap();
        }
        let found = tracker.finish(4.0).unwrap();
        assert_eq!(found[0].text.as_deref(), Some("BUY NOW"));
    }
}
