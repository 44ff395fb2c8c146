//! The walk along a video.

use super::{CameraMotion, Cut, ExcludedPair, Exclusion, MotionAnalysis, MotionFrame};
use super::{PairMotion, PairScale, picture, weighted_quantile};
use crate::shots::Boundary;
use crate::{AnalysisFrame, Error, FlowWalk, GrayImage, OpticalFlow, Result};
use serde::{Deserialize, Serialize};

/// How a video's motion is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MotionOptions {
    /// Every so many frames one is looked at, the first included; 1 looks at all.
    pub sample_rate: usize,
}

impl Default for MotionOptions {
    fn default() -> Self {
        Self { sample_rate: 1 }
    }
}

impl MotionOptions {
    /// Looks at every `sample_rate`-th frame.
    ///
    /// Energies stay per nominal frame interval and everything else stays in seconds, so that a higher
    /// value costs detail in time alone.
    #[must_use]
    pub fn sample_rate(mut self, sample_rate: usize) -> Self {
        self.sample_rate = sample_rate;
        self
    }
}

/// Where one shot gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ShotJoin {
    /// The first frame that counts to the new shot.
    pub frame: u64,
    /// The first frame that shows the change; `frame` itself for a cut.
    pub start_frame: u64,
    /// The first frame that shows the new picture alone; `frame` itself for a cut.
    pub end_frame: u64,
}

impl From<u64> for ShotJoin {
    /// A cut before the frame of that number.
    fn from(frame: u64) -> Self {
        Self { frame, start_frame: frame, end_frame: frame }
    }
}

impl From<&Boundary> for ShotJoin {
    fn from(boundary: &Boundary) -> Self {
        Self {
            frame: boundary.frame,
            start_frame: boundary.start_frame,
            end_frame: boundary.end_frame,
        }
    }
}

/// The joins as spans of frames in which nothing is compared, in order and apart from each other. A pair
/// is inside where its second frame is at or after the start and its first before the end.
fn merged(joins: &[ShotJoin]) -> Vec<(u64, u64)> {
    let mut spans: Vec<(u64, u64)> =
        joins.iter().map(|j| (j.start_frame.min(j.frame), j.end_frame.max(j.frame))).collect();
    spans.sort_unstable();
    spans.dedup_by(|next, last| {
        let overlap = next.0 < last.1 || next.0 == last.0;
        if overlap {
            last.1 = last.1.max(next.1);
        }
        overlap
    });
    spans
}

struct Previous {
    index: u64,
    time: f64,
    luma: GrayImage,
}

struct Pair {
    from: (u64, f64),
    to: (u64, f64),
    contrast: f64,
    skin_share: f64,
    plain_share: f64,
    /// Motion per second, since the nominal interval may be known only at the end.
    motion: Option<(PairMotion, Option<CameraMotion>)>,
}

/// Follows the motion through a video, one frame at a time.
///
/// Cuts need to be known only at the end: [`finish`](Self::finish) takes them and leaves out the pairs
/// that cross one.
pub struct MotionAnalyzer {
    method: String,
    walk: Box<dyn FlowWalk>,
    options: MotionOptions,
    nominal_rate: f64,
    end_time: Option<f64>,
    size: (f64, f64),
    frames: Vec<(u64, f64)>,
    previous: Option<Previous>,
    pairs: Vec<Pair>,
    analyzed: u64,
}

impl std::fmt::Debug for MotionAnalyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MotionAnalyzer")
            .field("method", &self.method)
            .field("options", &self.options)
            .field("nominal_rate", &self.nominal_rate)
            .field("frames", &self.frames.len())
            .finish_non_exhaustive()
    }
}

impl MotionAnalyzer {
    /// Starts a walk that measures with `flow`.
    ///
    /// `nominal_rate` is the frame rate the video is made for, in frames per second. Where it is not
    /// finite and above zero, the median interval of the frames takes its place.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for a sample rate of 0.
    pub fn with_flow(
        flow: &dyn OpticalFlow,
        options: MotionOptions,
        nominal_rate: f64,
    ) -> Result<Self> {
        if options.sample_rate == 0 {
            let given = options.sample_rate.to_string();
            return Err(Error::InvalidParameter {
                name: "sample_rate",
                given,
                allowed: "1 or more",
            });
        }
        Ok(Self {
            method: flow.name().to_owned(),
            walk: flow.walk(),
            options,
            nominal_rate,
            end_time: None,
            size: (0.0, 0.0),
            frames: Vec::new(),
            previous: None,
            pairs: Vec::new(),
            analyzed: 0,
        })
    }

    /// Takes the next frame of the video, in order of presentation; every frame, whatever the sample rate.
    ///
    /// A pair whose time stamps do not grow, or whose scale is no number, is left out and listed in
    /// [`MotionAnalysis::excluded`].
    ///
    /// # Errors
    ///
    /// [`Error::SizeMismatch`] where the frame's size is not that of the frame before.
    pub fn push(&mut self, frame: &AnalysisFrame) -> Result<()> {
        let number = self.frames.len();
        self.frames.push((frame.index, frame.time));
        if !number.is_multiple_of(self.options.sample_rate) {
            return Ok(());
        }
        let flow = self.walk.push(&frame.luma)?;
        self.analyzed += 1;
        if let (Some(flow), Some(previous)) = (flow, &self.previous) {
            let seconds = frame.time - previous.time;
            let motion = PairScale::new(frame.source_scale, seconds, 1.0).ok().map(|scale| {
                let camera = CameraMotion::fit(flow, &previous.luma, scale);
                (PairMotion::measure(flow, scale), camera)
            });
            self.pairs.push(Pair {
                from: (previous.index, previous.time),
                to: (frame.index, frame.time),
                contrast: picture::contrast(frame),
                skin_share: picture::skin_share(frame),
                plain_share: picture::plain_share(frame),
                motion,
            });
        } else {
            let (width, height) = (frame.luma.width() as f64, frame.luma.height() as f64);
            self.size = (width * frame.source_scale, height * frame.source_scale);
        }
        match &mut self.previous {
            Some(previous) => {
                (previous.index, previous.time) = (frame.index, frame.time);
                previous.luma.clone_from(&frame.luma);
            }
            none => {
                *none = Some(Previous {
                    index: frame.index,
                    time: frame.time,
                    luma: frame.luma.clone(),
                });
            }
        }
        Ok(())
    }

    /// Says when the last frame stops being shown, in seconds; one nominal interval after it where this is not said,
    /// or is no number after it.
    pub fn ends_at(&mut self, end_time: f64) {
        self.end_time = Some(end_time);
    }

    /// Ends the walk of a video whose shots are joined by cuts.
    ///
    /// `cuts` are the numbers of the frames that begin a shot, in any order; the video's first frame may
    /// be among them, numbers that the video does not have are left out. What differs across a cut is no
    /// motion: a pair that crosses one is listed in [`MotionAnalysis::excluded`] and has no energy.
    pub fn finish(self, cuts: &[u64]) -> MotionAnalysis {
        let boundaries: Vec<ShotJoin> = cuts.iter().map(|&frame| frame.into()).collect();
        self.finish_joined(&boundaries)
    }

    /// Ends the walk of a video whose shots are joined by cuts, dissolves and fades.
    ///
    /// As [`finish`](Self::finish); a pair of which any frame is part of a gradual join is left out too,
    /// since what fades does not move.
    pub fn finish_joined(self, joins: &[ShotJoin]) -> MotionAnalysis {
        let interval = self.nominal_interval();
        let cuts = self.known_cuts(joins);
        let spans = merged(joins);
        let (mut frames, mut excluded) = (Vec::with_capacity(self.pairs.len()), Vec::new());
        for pair in &self.pairs {
            let shot = cuts.partition_point(|cut| cut.frame <= pair.to.0);
            let next = spans.partition_point(|&(_, end)| end <= pair.from.0);
            let crosses = spans.get(next).is_some_and(|&(start, _)| start <= pair.to.0);
            let reason = match (&pair.motion, interval) {
                (_, _) if crosses => Exclusion::Cut,
                (Some((motion, camera)), Some(interval)) => {
                    frames.push(MotionFrame {
                        frame_idx: pair.to.0,
                        from_frame: pair.from.0,
                        timestamp: pair.to.1,
                        from_time: pair.from.1,
                        shot: shot.try_into().unwrap_or(u32::MAX),
                        contrast: pair.contrast,
                        skin_share: pair.skin_share,
                        plain_share: pair.plain_share,
                        motion: motion.scaled(interval),
                        camera: camera.map(|camera| camera.scaled(interval)),
                    });
                    continue;
                }
                _ => Exclusion::Time,
            };
            let (frame_idx, timestamp) = pair.to;
            excluded.push(ExcludedPair { frame_idx, timestamp, start_time: pair.from.1, reason });
        }
        let times = || self.frames.iter().map(|&(_, time)| time).filter(|time| time.is_finite());
        let start_time = times().next().unwrap_or(0.0);
        let last = times().fold(start_time, f64::max);
        let guessed = last + if self.frames.is_empty() { 0.0 } else { interval.unwrap_or(0.0) };
        let said = self.end_time.filter(|end| end.is_finite() && *end >= last);
        let end_time = said.unwrap_or(guessed);
        let mut analysis = MotionAnalysis::empty(&self.method, interval.map_or(0.0, f64::recip));
        analysis.sample_rate = self.options.sample_rate;
        (analysis.width, analysis.height) = self.size;
        analysis.total_frames = self.frames.len() as u64;
        analysis.analyzed_frames = self.analyzed;
        analysis.first_frame = self.frames.first().map_or(0, |&(index, _)| index);
        (analysis.start_time, analysis.end_time) = (start_time, end_time);
        log::debug!(
            "motion of {} pairs of frames, {} across cuts or without a length left out",
            frames.len(),
            excluded.len()
        );
        (analysis.frames, analysis.excluded, analysis.cuts) = (frames, excluded, cuts);
        analysis.build()
    }

    fn nominal_interval(&self) -> Option<f64> {
        let usable = |seconds: f64| seconds.is_finite() && seconds > 0.0;
        let stated = self.nominal_rate.recip();
        if usable(self.nominal_rate) && usable(stated) {
            return Some(stated);
        }
        let intervals = self.frames.windows(2).map(|pair| pair[1].1 - pair[0].1);
        weighted_quantile(intervals.filter(|&i| usable(i)).map(|i| (i, 1.0)).collect(), 0.5)
    }

    fn known_cuts(&self, joins: &[ShotJoin]) -> Vec<Cut> {
        let mut numbers: Vec<u64> = joins.iter().map(|join| join.frame).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let first = self.frames.first().map(|&(index, _)| index);
        let find = |number: u64| {
            let place = self.frames.binary_search_by_key(&number, |&(index, _)| index).ok()?;
            let (frame, timestamp) = self.frames[place];
            (timestamp.is_finite() && Some(frame) != first).then_some(Cut { frame, timestamp })
        };
        numbers.into_iter().filter_map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{PlantedFlow, analysis_frame, numbered};
    use crate::motion_energy::MotionType;

    /// A pan of `speed` source pixels per second to the right, seen at `scale` source pixels per pixel.
    fn pan(speed: f32, scale: f32, times: &[f64]) -> PlantedFlow {
        let times = times.to_vec();
        PlantedFlow::new(move |from, to, _, _| {
            let seconds = times[usize::from(to)] - times[usize::from(from)];
            [speed * seconds as f32 / scale, 0.0]
        })
    }

    fn walk(
        flow: &PlantedFlow,
        times: &[f64],
        scale: f64,
        step: usize,
        rate: f64,
    ) -> MotionAnalyzer {
        let options = MotionOptions::default().sample_rate(step);
        let mut analyzer = MotionAnalyzer::with_flow(flow, options, rate).unwrap();
        for (index, &time) in times.iter().enumerate() {
            let luma = numbered(index as u8, 32, 18);
            analyzer.push(&analysis_frame(index as u64, time, scale, luma)).unwrap();
        }
        analyzer
    }

    fn even(count: usize, rate: f64) -> Vec<f64> {
        (0..count).map(|i| i as f64 / rate).collect()
    }

    #[test]
    fn the_last_frame_lasts_until_the_end_that_is_said() {
        let times = even(3, 10.0);
        let ends = |end_time: f64| {
            let mut walked = walk(&pan(1.0, 1.0, &times), &times, 1.0, 1, 10.0);
            walked.ends_at(end_time);
            walked.finish(&[]).end_time
        };
        assert_eq!(ends(1.5), 1.5);
        for no_end in [0.1, f64::NAN, f64::INFINITY] {
            assert!((ends(no_end) - 0.3).abs() < 1e-12);
        }
    }

    #[test]
    fn energy_is_per_nominal_interval_whatever_the_sample_rate_the_size_and_the_spacing() {
        let uneven: Vec<f64> = (0..40).map(|i| i as f64 / 30.0 + f64::from(i % 3) * 0.01).collect();
        for (times, scale, step) in [
            (even(40, 30.0), 1.0, 1),
            (even(40, 30.0), 6.0, 1),
            (even(40, 30.0), 2.0, 4),
            (uneven, 3.0, 1),
        ] {
            let flow = pan(90.0, scale as f32, &times);
            let found = walk(&flow, &times, scale, step, 30.0).finish(&[]);
            let stats = found.energy_stats.unwrap();
            assert!((stats.mean - 3.0).abs() < 1e-4 && stats.std < 1e-4, "{stats:?}");
            assert_eq!(found.motion_distribution.unwrap().smooth, 1.0);
            let diagonal = (32.0 * scale).hypot(18.0 * scale);
            let speed = found.frames[0].motion.diagonals_per_second;
            assert!((speed - 90.0 / diagonal).abs() < 1e-4);
        }
    }

    #[test]
    fn a_rate_that_is_no_number_is_taken_from_the_time_stamps() {
        let times = even(20, 50.0);
        for rate in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            let found = walk(&pan(100.0, 1.0, &times), &times, 1.0, 1, rate).finish(&[]);
            assert!((found.fps - 50.0).abs() < 1e-6);
            assert!((found.frames[0].motion.mean_energy - 2.0).abs() < 1e-4);
        }
    }

    #[test]
    fn the_pair_across_a_cut_is_no_motion() {
        let times = even(30, 25.0);
        let flow = PlantedFlow::new(|_, to, _, _| if to == 12 { [40.0, 9.0] } else { [2.0, 0.0] });
        let found = walk(&flow, &times, 1.0, 1, 25.0).finish(&[0, 12, 12, 900]);
        assert_eq!(found.cuts, [Cut { frame: 12, timestamp: times[12] }]);
        assert_eq!(found.frames.len(), 28);
        assert!(found.frames.iter().all(|f| f.frame_idx != 12 && f.motion.max_energy < 3.0));
        let [gap] = &found.excluded[..] else { panic!("{:?}", found.excluded) };
        assert_eq!((gap.frame_idx, gap.reason), (12, Exclusion::Cut));
        assert_eq!((found.frames[10].shot, found.frames[11].shot), (0, 1));
    }

    #[test]
    fn what_fades_does_not_move() {
        let times = even(40, 25.0);
        let flow =
            PlantedFlow::new(|_, to, _, _| [if (10..=20).contains(&to) { 30.0 } else { 2.0 }, 0.0]);
        let dissolve = ShotJoin { frame: 15, start_frame: 10, end_frame: 20 };
        let within = ShotJoin { frame: 12, start_frame: 11, end_frame: 13 };
        let found = walk(&flow, &times, 1.0, 1, 25.0).finish_joined(&[within, 30.into(), dissolve]);
        let gaps: Vec<_> = found.excluded.iter().map(|gap| gap.frame_idx).collect();
        assert_eq!(gaps, (10..=20).chain([30]).collect::<Vec<_>>());
        assert_eq!(found.cuts.iter().map(|cut| cut.frame).collect::<Vec<_>>(), [12, 15, 30]);
        assert!(found.frames.iter().all(|f| f.motion.mean_energy < 3.0));
    }

    #[test]
    fn a_cut_between_two_sampled_frames_is_crossed_by_their_pair() {
        let times = even(40, 25.0);
        let found = walk(&pan(50.0, 1.0, &times), &times, 1.0, 5, 25.0).finish(&[12, 20, 21]);
        let gaps: Vec<_> = found.excluded.iter().map(|gap| gap.frame_idx).collect();
        assert_eq!(gaps, [15, 20, 25]);
    }

    #[test]
    fn time_that_stands_still_or_is_no_number_is_left_out() {
        let mut times = even(12, 25.0);
        times[5] = times[4];
        times[9] = f64::NAN;
        let flow = PlantedFlow::new(|_, _, _, _| [1.5, 0.0]);
        let found = walk(&flow, &times, 1.0, 1, 25.0).finish(&[]);
        let gaps: Vec<_> = found.excluded.iter().map(|gap| (gap.frame_idx, gap.reason)).collect();
        assert_eq!(gaps, [5, 9, 10].map(|frame| (frame, Exclusion::Time)));
        assert!(found.frames.iter().all(|f| f.motion.mean_energy.is_finite()));
        assert!((found.duration() - 12.0 / 25.0).abs() < 1e-9);
    }

    #[test]
    fn no_frame_and_one_frame_have_nothing_to_say() {
        for count in [0, 1] {
            let times = even(count, 25.0);
            let found = walk(&pan(1.0, 1.0, &times), &times, 1.0, 1, f64::NAN).finish(&[0]);
            assert_eq!(found.total_frames, count as u64);
            assert_eq!((found.energy_stats, found.motion_distribution), (None, None));
            assert!(found.segments.is_empty() && found.recommendations.is_empty());
            assert!(found.find_cut_points(5).is_empty());
            assert_eq!((found.fps, found.duration()), (0.0, 0.0));
        }
    }

    #[test]
    fn a_change_of_size_is_an_error_of_the_flow_and_a_sample_rate_of_zero_is_one_of_ours() {
        let flow = PlantedFlow::new(|_, _, _, _| [0.0; 2]);
        let none = MotionAnalyzer::with_flow(&flow, MotionOptions::default().sample_rate(0), 25.0);
        assert!(matches!(none, Err(Error::InvalidParameter { name: "sample_rate", .. })));
    }

    #[test]
    fn the_camera_is_told_for_each_frame() {
        let times = even(4, 25.0);
        let found = walk(&pan(50.0, 2.0, &times), &times, 2.0, 1, 25.0).finish(&[]);
        let camera = found.frames[1].camera.unwrap();
        assert!((camera.dx - 2.0).abs() < 1e-4 && camera.subject_energy < 1e-4, "{camera:?}");
        assert_eq!(found.frames[1].motion.motion_type, MotionType::Smooth);
    }
}
