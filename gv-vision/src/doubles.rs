//! Scripted doubles for this crate's own tests.

use crate::motion_energy::{
    Cut, DirectionShares, ExcludedPair, Exclusion, MotionAnalysis, MotionFrame, PairMotion,
    classify_motion,
};
use crate::text::TextReader;
use crate::{AnalysisFrame, FlowField, FlowWalk, GrayImage, OpticalFlow, Result};
use std::sync::Arc;

/// A field whose vector at `(x, y)` is `vector(x, y)`.
pub(crate) fn flow_from(
    width: usize,
    height: usize,
    vector: impl Fn(usize, usize) -> [f32; 2],
) -> FlowField {
    let mut flow = FlowField::zeros(width, height);
    for (index, slot) in flow.data_mut().iter_mut().enumerate() {
        *slot = vector(index % width, index / width);
    }
    flow
}

type Script = dyn Fn(u8, u8, usize, usize) -> [f32; 2] + Send + Sync;

/// A flow that is a function of the values at the two pictures' first pixels and of the place.
///
/// Tests number their frames in that pixel, and so plant any motion.
#[derive(Clone)]
pub(crate) struct PlantedFlow(pub(crate) Arc<Script>);

impl PlantedFlow {
    pub(crate) fn new(
        script: impl Fn(u8, u8, usize, usize) -> [f32; 2] + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(script))
    }
}

impl OpticalFlow for PlantedFlow {
    fn name(&self) -> &'static str {
        "planted"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        let (from, to) = (previous.data()[0], next.data()[0]);
        Ok(flow_from(next.width(), next.height(), |x, y| (self.0)(from, to, x, y)))
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::new(PlantedWalk { flow: self.clone(), previous: None, field: FlowField::default() })
    }
}

struct PlantedWalk {
    flow: PlantedFlow,
    previous: Option<GrayImage>,
    field: FlowField,
}

impl FlowWalk for PlantedWalk {
    fn push(&mut self, frame: &GrayImage) -> Result<Option<&FlowField>> {
        let Some(previous) = self.previous.replace(frame.clone()) else { return Ok(None) };
        self.field = self.flow.calculate(&previous, frame)?;
        Ok(Some(&self.field))
    }
}

/// A checkered picture numbered in its first pixel.
pub(crate) fn numbered(number: u8, width: usize, height: usize) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| match (x, y) {
        (0, 0) => number,
        _ => 60 + 120 * u8::from((x / 3 + y / 3) % 2 == 0),
    })
}

/// A grey analysis frame.
pub(crate) fn analysis_frame(index: u64, time: f64, scale: f64, luma: GrayImage) -> AnalysisFrame {
    let neutral = GrayImage::filled(luma.width(), luma.height(), 128);
    AnalysisFrame { index, time, cb: neutral.clone(), cr: neutral, luma, source_scale: scale }
}

/// The analysis of a video of `seconds` at `fps` with the given energy at each time, moving to the right.
pub(crate) fn analysis_of(
    fps: f64,
    cuts: &[u64],
    energy: impl Fn(f64) -> f64,
    seconds: f64,
) -> MotionAnalysis {
    let interval = fps.recip();
    let time = |index: u64| index as f64 * interval;
    let count = (seconds * fps).round() as u64;
    let mut analysis = MotionAnalysis::empty("planted", fps);
    analysis.total_frames = count;
    analysis.analyzed_frames = count;
    (analysis.width, analysis.height) = (1280.0, 720.0);
    analysis.end_time = time(count);
    analysis.cuts = cuts.iter().map(|&frame| Cut { frame, timestamp: time(frame) }).collect();
    let diagonal = 1280.0_f64.hypot(720.0);
    for index in 1..count {
        if cuts.contains(&index) {
            let start_time = time(index - 1);
            let (timestamp, reason) = (time(index), Exclusion::Cut);
            analysis.excluded.push(ExcludedPair {
                frame_idx: index,
                timestamp,
                start_time,
                reason,
            });
            continue;
        }
        let mean_energy = energy(time(index) - interval / 2.0);
        let share = if mean_energy > 0.0 { 1.0 } else { 0.0 };
        let direction_shares = DirectionShares { right: share, ..DirectionShares::default() };
        analysis.frames.push(MotionFrame {
            frame_idx: index,
            from_frame: index - 1,
            timestamp: time(index),
            from_time: time(index - 1),
            shot: cuts.iter().filter(|&&cut| cut <= index).count() as u32,
            contrast: 50.0,
            skin_share: 0.2,
            plain_share: 0.3,
            motion: PairMotion {
                total_energy: mean_energy * 1280.0 * 720.0,
                mean_energy,
                max_energy: mean_energy,
                horizontal_motion: mean_energy,
                mean_dx: mean_energy,
                direction_shares,
                dominant_direction: direction_shares.dominant(),
                center_energy: mean_energy,
                edge_energy: mean_energy,
                motion_type: classify_motion(mean_energy),
                diagonals_per_second: mean_energy * fps / diagonal,
                ..PairMotion::default()
            },
            camera: None,
        });
    }
    analysis.build()
}

/// A reader that reads one text off every line of 8 pixels and more, and nothing off smaller ones.
#[derive(Debug)]
pub(crate) struct ScriptedReader(&'static str);

impl ScriptedReader {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }
}

impl TextReader for ScriptedReader {
    fn name(&self) -> &str {
        "scripted"
    }

    fn read(&self, line: &GrayImage) -> Result<Option<String>> {
        Ok((line.height() >= 8).then(|| self.0.to_owned()))
    }
}
