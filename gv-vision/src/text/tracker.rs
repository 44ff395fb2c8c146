//! When lines of writing come, change and go.

use super::{TextDetector, TextReader, TextRegion};
use crate::{AnalysisFrame, GrayImage, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Columns and rows of the small picture by which a line is known again.
const LOOK: (usize, usize) = (24, 6);
/// Correlation of two looks from which on they show the same words.
const SAME: f32 = 0.55;
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
    /// Where it stands at the sighting of highest confidence.
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
    track: TextTrack,
    last: TextRegion,
    look: Look,
    misses: usize,
    /// When it was missed first since its last sighting.
    missed_at: f64,
}

impl TextTracker {
    /// Follows what `detector` finds.
    pub fn new(detector: TextDetector) -> Self {
        Self { detector, ..Self::default() }
    }

    /// Reads each line with `reader`, once.
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
        let regions = self.detector.detect(&frame.luma);
        let mut seen = vec![false; self.open.len()];
        for region in regions {
            let look = Look::new(&frame.luma, &region);
            let known = self
                .open
                .iter()
                .enumerate()
                .filter(|(number, open)| !seen[*number] && open.shows(&region, &look))
                .max_by(|(_, a), (_, b)| a.last.iou(&region).total_cmp(&b.last.iou(&region)))
                .map(|(number, _)| number);
            match known {
                Some(number) => {
                    seen[number] = true;
                    self.open[number].sighted(region, look);
                }
                None => {
                    let track = TextTrack {
                        start_time: frame.time,
                        end_time: frame.time,
                        region,
                        sightings: 1,
                        text: None,
                    };
                    self.open.push(Open { track, last: region, look, misses: 0, missed_at: 0.0 });
                    seen.push(true);
                }
            }
        }
        if let Some(reader) = &self.reader {
            for open in
                self.open.iter_mut().filter(|open| open.track.sightings == 2 && open.misses == 0)
            {
                if open.track.text.is_none() {
                    open.track.text = reader.read(&cut_out(&frame.luma, &open.last))?;
                }
            }
        }
        let mut number = 0;
        let closed = &mut self.closed;
        self.open.retain_mut(|open| {
            let there = seen[number];
            number += 1;
            if !there {
                open.missed(frame.time);
            }
            let gone = open.misses > MISSES;
            if gone {
                closed.extend(open.finished(open.missed_at));
            }
            !gone
        });
        Ok(())
    }

    /// The lines in the order in which they came; `end_time` is the end of the video in seconds.
    pub fn finish(mut self, end_time: f64) -> Vec<TextTrack> {
        for open in &self.open {
            let end =
                if open.misses == 0 { end_time.max(open.track.start_time) } else { open.missed_at };
            self.closed.extend(open.finished(end));
            if self.frames == 1 && open.track.sightings == 1 {
                self.closed.push(TextTrack { end_time: end, ..open.track.clone() });
            }
        }
        self.closed.sort_by(|a, b| {
            a.start_time.total_cmp(&b.start_time).then(a.region.y.total_cmp(&b.region.y))
        });
        self.closed
    }
}

impl Open {
    /// Whether `region`, which looks like `look`, shows this line.
    fn shows(&self, region: &TextRegion, look: &Look) -> bool {
        let shift = (self.last.x - region.x).abs().max((self.last.y - region.y).abs());
        let alike = self.look.correlation(look) >= SAME;
        let sized = |a: f64, b: f64| a.min(b) >= 0.8 * a.max(b);
        let still = self.last.iou(region) >= 0.4;
        let moved = sized(self.last.width, region.width)
            && sized(self.last.height, region.height)
            && shift <= 0.15;
        alike && (still || moved)
    }

    fn sighted(&mut self, region: TextRegion, look: Look) {
        self.track.sightings += 1;
        (self.last, self.look, self.misses) = (region, look, 0);
        if region.confidence > self.track.region.confidence {
            self.track.region = region;
        }
    }

    fn missed(&mut self, time: f64) {
        if self.misses == 0 {
            self.missed_at = time;
        }
        self.misses += 1;
    }

    fn finished(&self, end_time: f64) -> Option<TextTrack> {
        (self.track.sightings > 1).then(|| TextTrack { end_time, ..self.track.clone() })
    }
}

/// A small picture of a line, its mean taken away and its length made one.
#[derive(Debug, Clone)]
struct Look(Vec<f32>);

impl Look {
    fn new(image: &GrayImage, region: &TextRegion) -> Self {
        let (left, top, right, bottom) = pixels(image, region, 0.0);
        let cell = |from: usize, until: usize, count: usize, number: usize| {
            let start = from + (until - from) * number / count;
            let end = from + (until - from) * (number + 1) / count;
            start..end.max(start + 1).min(until.max(start + 1))
        };
        let mut values = Vec::with_capacity(LOOK.0 * LOOK.1);
        for row in 0..LOOK.1 {
            for column in 0..LOOK.0 {
                let (mut sum, mut count) = (0.0, 0.0);
                for y in cell(top, bottom, LOOK.1, row) {
                    for x in cell(left, right, LOOK.0, column) {
                        sum += f32::from(image.row(y)[x]);
                        count += 1.0;
                    }
                }
                values.push(sum / count);
            }
        }
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        values.iter_mut().for_each(|value| *value -= mean);
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        values.iter_mut().for_each(|value| *value /= length.max(1e-3));
        Self(values)
    }

    fn correlation(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// Left, upper, right and lower edge of a region in pixels, at least one pixel in size.
fn pixels(image: &GrayImage, region: &TextRegion, margin: f64) -> (usize, usize, usize, usize) {
    let (width, height) = (image.width(), image.height());
    let margin = margin * region.height * height as f64;
    let edge = |share: f64, side: usize, by: f64| {
        ((share * side as f64 + by).round().max(0.0) as usize).min(side)
    };
    let left = edge(region.x, width, -margin).min(width.saturating_sub(1));
    let top = edge(region.y, height, -margin).min(height.saturating_sub(1));
    let right = edge(region.x + region.width, width, margin).max(left + 1);
    let bottom = edge(region.y + region.height, height, margin).max(top + 1);
    (left, top, right, bottom)
}

/// The line with a margin of a fifth of its height.
fn cut_out(image: &GrayImage, region: &TextRegion) -> GrayImage {
    let (left, top, right, bottom) = pixels(image, region, 0.2);
    GrayImage::from_fn(right - left, bottom - top, |x, y| image.row(top + y)[left + x])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::ScriptedReader;
    use crate::testing::synthetic_text::draw_text;

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
        tracker.finish(5.0)
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
    fn a_line_missed_once_goes_on_and_one_seen_once_is_no_line() {
        let found = tracks(|time| if time == 2.0 { "" } else { "BUY NOW" });
        assert_eq!((found.len(), found[0].start_time, found[0].end_time), (1, 0.0, 5.0));
        assert_eq!(tracks(|time| if time == 2.0 { "BUY NOW" } else { "" }), []);
    }

    #[test]
    fn a_single_frame_is_believed() {
        let mut tracker = TextTracker::default();
        tracker.push(&frame(0.0, "BUY NOW")).unwrap();
        assert_eq!(tracker.finish(0.04).len(), 1);
    }

    #[test]
    fn each_line_is_read_once() {
        let mut tracker =
            TextTracker::default().with_reader(Arc::new(ScriptedReader::new("BUY NOW")));
        for step in 0..4 {
            tracker.push(&frame(f64::from(step), "BUY NOW")).unwrap();
        }
        let found = tracker.finish(4.0);
        assert_eq!(found[0].text.as_deref(), Some("BUY NOW"));
    }
}
