//! An analysis as a timeline for an editor.

use super::Analysis;
use crate::Result;
use gv_timing::timelines::{FrameRate, MarkerKind, Timeline};
use gv_vision::motion_energy::RecommendationTime;

/// Places for further cuts that a timeline marks at most.
const CUT_POINTS: usize = 10;

impl Analysis {
    /// The shots as clips; moments, advice and places for further cuts as markers.
    ///
    /// Frames are those of the nominal rate, counted from the first frame. A video whose rate varies has its times moved
    /// to the nearest of them.
    ///
    /// # Errors
    ///
    /// [`Error::Timing`](crate::Error) where the video tells no rate from 1 to 1000.
    pub fn timeline(&self) -> Result<Timeline> {
        let rate = self.video.nominal_rate.or(self.video.average_rate);
        let part = |of: fn(gv_media::Rational) -> i64| {
            rate.map(of).and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
        };
        let rate = FrameRate::new(part(gv_media::Rational::num), part(gv_media::Rational::den))?;
        let start = self.motion.start_time;
        let name = self.path.as_deref().map_or("video", |path| {
            std::path::Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("video")
        });
        let mut timeline = Timeline::new(name, rate, self.duration());
        timeline.media = self.path.as_deref().map(absolute);
        timeline.size = (self.video.display_width(), self.video.height);
        timeline.has_audio = self.audio.is_some();
        let cuts: Vec<f64> = self.shots.boundaries.iter().map(|b| b.time - start).collect();
        timeline.cut(&cuts);
        for moment in &self.moments {
            let (from, to) = (moment.timestamp_start - start, moment.timestamp_end - start);
            let name = moment.moment_type.to_string();
            timeline.mark(MarkerKind::Moment, &name, &moment.reason, from, to);
        }
        for advice in &self.motion.recommendations {
            let (from, to) = match advice.time {
                RecommendationTime::Span { start_time, end_time } => (start_time, end_time),
                RecommendationTime::Moment { timestamp } => (timestamp, timestamp),
            };
            let kind = MarkerKind::Suggestion;
            timeline.mark(kind, &advice.kind.to_string(), &advice.reason, from - start, to - start);
        }
        for point in self.motion.find_cut_points(CUT_POINTS) {
            let time = point.timestamp - start;
            timeline.mark(MarkerKind::CutPoint, "cut point", &point.reason, time, time);
        }
        Ok(timeline)
    }
}

fn absolute(path: &str) -> String {
    std::path::absolute(path)
        .map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
}
