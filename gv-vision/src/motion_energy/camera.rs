//! What of the motion is the camera's.

use super::PairScale;
use crate::{FlowField, GrayImage};
use serde::{Deserialize, Serialize};

/// Samples along the shorter side of the picture.
const SAMPLES: usize = 24;
/// Grey levels between the darkest and the lightest neighbour at which a place counts half as evidence.
const HALF_CONTRAST: f64 = 12.0;
/// Part of the picture that must have structure for a camera motion to be told.
const MIN_TEXTURE: f64 = 0.05;
/// Part of the structured picture that must follow one model.
const MIN_INLIERS: f64 = 0.3;
/// Distance from the model in pixels up to which a vector follows it, for a still vector.
const TOLERANCE: f64 = 0.3;
/// What the tolerance grows by for each pixel of motion.
const RELATIVE_TOLERANCE: f64 = 0.2;
const HYPOTHESES: u64 = 64;
/// Samples on which hypotheses are weighed.
const PROBES: usize = 256;
const REFINEMENTS: usize = 8;

/// The motion of the whole picture between two frames, and what is left when it is taken away.
///
/// Lengths are in source pixels per nominal frame interval and describe what is seen: a camera that
/// pans to the right moves the picture to the left, `dx < 0`; one that tilts up moves it down, `dy > 0`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct CameraMotion {
    /// Horizontal displacement of the middle of the picture; positive is to the right.
    pub dx: f64,
    /// Vertical displacement of the middle of the picture; positive is down.
    pub dy: f64,
    /// Growth of the picture per nominal interval: 0.01 is 1 %, below zero it shrinks.
    pub zoom: f64,
    /// Turn of the picture per nominal interval in radians; positive is clockwise.
    pub rotation: f64,
    /// Part of the structured picture that follows the model, 0 to 1.
    pub inlier_share: f64,
    /// Mean displacement of a pixel by the camera alone.
    pub camera_energy: f64,
    /// Mean displacement of a pixel beyond the camera's; places without structure count as still.
    pub subject_energy: f64,
}

impl CameraMotion {
    /// Fits translation, zoom and rotation to a flow field.
    ///
    /// `picture` is the one the flow starts from; places without structure in it are no evidence, since
    /// a flow there is a guess. Hypotheses from pairs of samples compete by a truncated cost (Fischler
    /// and Bolles' RANSAC, with a fixed sequence of pairs, and "the camera stands still" among them);
    /// the best is refined by iteratively reweighted least squares with Tukey's biweight. The result is
    /// a function of its inputs alone.
    ///
    /// `None` where less than 5 % of the picture has structure, or less than 30 % of the structure moves
    /// as one: then nothing is known about the camera. Also where the two sizes differ.
    pub fn fit(flow: &FlowField, picture: &GrayImage, scale: PairScale) -> Option<Self> {
        let samples = Samples::take(flow, picture)?;
        let model = samples.refine(samples.best_hypothesis());
        let inlier_share = samples.inlier_share(&model);
        if inlier_share < MIN_INLIERS {
            return None;
        }
        let unit = scale.per_interval();
        let count = samples.list.len() as f64;
        let camera = samples.list.iter().map(|s| length(model.at(s.x, s.y))).sum::<f64>();
        let subject = samples.list.iter().map(|s| s.weight * s.square(&model).sqrt()).sum::<f64>();
        let fitted = Self {
            dx: model.tx * unit,
            dy: model.ty * unit,
            zoom: model.zoom / samples.radius * (unit / scale.source_scale()),
            rotation: model.turn / samples.radius * (unit / scale.source_scale()),
            inlier_share,
            camera_energy: camera / count * unit,
            subject_energy: subject / count * unit,
        };
        fitted.is_finite().then_some(fitted)
    }

    /// The same motion seen over an interval `factor` times as long.
    pub(super) fn scaled(mut self, factor: f64) -> Self {
        for value in [
            &mut self.dx,
            &mut self.dy,
            &mut self.zoom,
            &mut self.rotation,
            &mut self.camera_energy,
            &mut self.subject_energy,
        ] {
            *value = (*value * factor).clamp(-f64::MAX, f64::MAX);
        }
        self
    }

    fn is_finite(&self) -> bool {
        [self.dx, self.dy, self.zoom, self.rotation, self.camera_energy, self.subject_energy]
            .iter()
            .all(|value| value.is_finite())
    }
}

/// A similarity about the middle of the picture; positions are in half diagonals, displacements in
/// pixels: `(tx + zoom x - turn y, ty + turn x + zoom y)`.
#[derive(Debug, Clone, Copy, Default)]
struct Similarity {
    tx: f64,
    ty: f64,
    zoom: f64,
    turn: f64,
}

impl Similarity {
    fn at(&self, x: f64, y: f64) -> [f64; 2] {
        [self.tx + self.zoom * x - self.turn * y, self.ty + self.turn * x + self.zoom * y]
    }
}

#[derive(Debug, Clone, Copy)]
struct Sample {
    x: f64,
    y: f64,
    u: f64,
    v: f64,
    weight: f64,
    /// One over the square of the tolerance.
    precision: f64,
}

impl Sample {
    /// Square of the distance from the model.
    fn square(&self, model: &Similarity) -> f64 {
        let [u, v] = model.at(self.x, self.y);
        let (du, dv) = (self.u - u, self.v - v);
        du * du + dv * dv
    }
}

struct Samples {
    list: Vec<Sample>,
    radius: f64,
    weight: f64,
}

impl Samples {
    fn take(flow: &FlowField, picture: &GrayImage) -> Option<Self> {
        let (width, height) = (flow.width(), flow.height());
        if (width, height) != (picture.width(), picture.height()) || width < 4 || height < 4 {
            return None;
        }
        let step = (width.min(height) / SAMPLES).max(1);
        let radius = (width as f64).hypot(height as f64) / 2.0;
        let (middle_x, middle_y) = ((width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0);
        let reach = step.clamp(2, 3);
        let mut list = Vec::with_capacity((width / step + 1) * (height / step + 1));
        for y in (step / 2..height).step_by(step) {
            for x in (step / 2..width).step_by(step) {
                let [u, v] = flow.data()[y * width + x].map(f64::from);
                let size = length([u, v]);
                if !size.is_finite() {
                    continue;
                }
                let contrast = contrast(picture, x, y, reach);
                let square = contrast * contrast;
                let tolerance = TOLERANCE + RELATIVE_TOLERANCE * size;
                list.push(Sample {
                    x: (x as f64 - middle_x) / radius,
                    y: (y as f64 - middle_y) / radius,
                    u,
                    v,
                    weight: square / (square + HALF_CONTRAST * HALF_CONTRAST),
                    precision: (tolerance * tolerance).recip(),
                });
            }
        }
        let weight = list.iter().map(|s| s.weight).sum::<f64>();
        let enough = !list.is_empty() && weight >= MIN_TEXTURE * list.len() as f64;
        enough.then_some(Self { list, radius, weight })
    }

    fn best_hypothesis(&self) -> Similarity {
        let structured: Vec<&Sample> = self.list.iter().filter(|s| s.weight > 0.3).collect();
        let every = (structured.len() / PROBES).max(1);
        let probes: Vec<Sample> = structured.iter().step_by(every).map(|&&s| s).collect();
        let mut best = Similarity::default();
        let mut lowest = cost(&probes, &best, f64::INFINITY);
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..HYPOTHESES {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                structured.get((state >> 33) as usize % structured.len().max(1)).copied()
            };
            let (Some(first), Some(second)) = (next(), next()) else { break };
            let Some(model) = through(first, second) else { continue };
            let cost = cost(&probes, &model, lowest);
            if cost < lowest {
                (best, lowest) = (model, cost);
            }
        }
        best
    }

    fn refine(&self, start: Similarity) -> Similarity {
        let mut model = start;
        for _ in 0..REFINEMENTS {
            let biweight = |sample: &Sample| {
                let square = sample.square(&model) * sample.precision / 9.0;
                sample.weight * (1.0 - square).max(0.0).powi(2)
            };
            let Some(next) = least_squares(self.list.iter().map(|s| (s, biweight(s)))) else {
                break;
            };
            model = next;
        }
        model
    }

    fn inlier_share(&self, model: &Similarity) -> f64 {
        let follows = |s: &&Sample| s.square(model) * s.precision <= 1.0;
        self.list.iter().filter(follows).map(|s| s.weight).sum::<f64>() / self.weight
    }
}

/// Squared distances in twice the tolerance, each at most 1, added up; no further than needed where they reach `enough`.
fn cost(probes: &[Sample], model: &Similarity, enough: f64) -> f64 {
    let one =
        |sample: &Sample| sample.weight * (sample.square(model) * sample.precision / 4.0).min(1.0);
    let mut sum = 0.0;
    for some in probes.chunks(32) {
        sum += some.iter().map(one).sum::<f64>();
        if sum >= enough {
            break;
        }
    }
    sum
}

fn length([x, y]: [f64; 2]) -> f64 {
    (x * x + y * y).sqrt()
}

fn contrast(picture: &GrayImage, x: usize, y: usize, reach: usize) -> f64 {
    let columns = x.saturating_sub(reach)..(x + reach + 1).min(picture.width());
    let rows = y.saturating_sub(reach)..(y + reach + 1).min(picture.height());
    let (mut low, mut high) = (u8::MAX, u8::MIN);
    for y in rows {
        for &value in &picture.row(y)[columns.clone()] {
            (low, high) = (low.min(value), high.max(value));
        }
    }
    f64::from(high.saturating_sub(low))
}

fn through(first: &Sample, second: &Sample) -> Option<Similarity> {
    let (x, y) = (second.x - first.x, second.y - first.y);
    let (u, v) = (second.u - first.u, second.v - first.v);
    let square = x * x + y * y;
    if square < 0.1 {
        return None;
    }
    let zoom = (u * x + v * y) / square;
    let turn = (v * x - u * y) / square;
    let tx = first.u - zoom * first.x + turn * first.y;
    let ty = first.v - turn * first.x - zoom * first.y;
    Some(Similarity { tx, ty, zoom, turn })
}

fn least_squares<'a>(
    weighted: impl Iterator<Item = (&'a Sample, f64)> + Clone,
) -> Option<Similarity> {
    let mut sums = [0.0; 5];
    for (s, w) in weighted.clone() {
        for (sum, value) in sums.iter_mut().zip([1.0, s.x, s.y, s.u, s.v]) {
            *sum += w * value;
        }
    }
    let [weight, x, y, u, v] = sums;
    if weight <= 0.0 {
        return None;
    }
    let [x, y, u, v] = [x, y, u, v].map(|sum| sum / weight);
    let (mut square, mut along, mut across) = (0.0, 0.0, 0.0);
    for (s, w) in weighted {
        let (dx, dy, du, dv) = (s.x - x, s.y - y, s.u - u, s.v - v);
        square += w * (dx * dx + dy * dy);
        along += w * (dx * du + dy * dv);
        across += w * (dx * dv - dy * du);
    }
    if square <= 1e-9 * weight {
        return None;
    }
    let (zoom, turn) = (along / square, across / square);
    Some(Similarity { tx: u - zoom * x + turn * y, ty: v - turn * x - zoom * y, zoom, turn })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doubles::{flow_from, numbered};

    const W: usize = 96;
    const H: usize = 54;

    fn fit(vector: impl Fn(f32, f32) -> [f32; 2]) -> Option<CameraMotion> {
        let flow = flow_from(W, H, |x, y| vector(x as f32 - 47.5, y as f32 - 26.5));
        CameraMotion::fit(&flow, &numbered(9, W, H), PairScale::consecutive(25.0).unwrap())
    }

    /// A deterministic error of up to half a tenth of a pixel.
    fn error(x: f32, y: f32) -> f32 {
        (x * 12.9898 + y * 78.233).sin() * 0.05
    }

    fn subject(x: f32, y: f32) -> bool {
        (-30.0..0.0).contains(&x) && (-20.0..10.0).contains(&y)
    }

    const SUBJECT_SHARE: f64 = 30.0 * 30.0 / (W * H) as f64;

    #[test]
    fn a_pan_with_a_moving_subject_is_the_pan() {
        let found = fit(|x, y| {
            let own = if subject(x, y) { 5.0 } else { 0.0 };
            [-4.0 + own + error(x, y), 0.5 - error(y, x)]
        })
        .unwrap();
        assert!((found.dx + 4.0).abs() < 0.02 && (found.dy - 0.5).abs() < 0.02, "{found:?}");
        assert!(found.zoom.abs() < 0.001 && found.rotation.abs() < 0.001, "{found:?}");
        assert!((found.inlier_share - (1.0 - SUBJECT_SHARE)).abs() < 0.03, "{found:?}");
        assert!((found.camera_energy - 16.25_f64.sqrt()).abs() < 0.03, "{found:?}");
        assert!((found.subject_energy - 5.0 * SUBJECT_SHARE).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn a_zoom_is_told_from_a_turn() {
        let zoom = fit(|x, y| [0.03 * x + error(x, y), 0.03 * y]).unwrap();
        assert!((zoom.zoom - 0.03).abs() < 5e-4 && zoom.rotation.abs() < 5e-4, "{zoom:?}");
        assert!(zoom.dx.abs() < 0.02 && zoom.subject_energy < 0.06, "{zoom:?}");
        let turn = fit(|x, y| [-0.02 * y, 0.02 * x + error(x, y)]).unwrap();
        assert!((turn.rotation - 0.02).abs() < 5e-4 && turn.zoom.abs() < 5e-4, "{turn:?}");
    }

    #[test]
    fn a_subject_before_a_standing_camera_is_the_subjects_motion() {
        let found = fit(|x, y| if subject(x, y) { [6.0, -2.0] } else { [0.0; 2] }).unwrap();
        assert!(found.camera_energy < 0.01, "{found:?}");
        assert!((found.subject_energy - 40.0_f64.sqrt() * SUBJECT_SHARE).abs() < 0.1, "{found:?}");
    }

    #[test]
    fn a_subject_that_fills_half_the_picture_does_not_take_the_camera_over() {
        let found = fit(|x, _| if x < -2.0 { [7.0, 1.0] } else { [-2.0, 0.0] }).unwrap();
        assert!((found.dx + 2.0).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn sizes_and_rates_change_only_the_unit() {
        let flow = flow_from(W, H, |x, y| [0.02 * x as f32, 0.02 * y as f32 + 1.0]);
        let picture = numbered(9, W, H);
        let fit = |scale| CameraMotion::fit(&flow, &picture, scale).unwrap();
        let one = fit(PairScale::new(1.0, 0.04, 0.04).unwrap());
        let other = fit(PairScale::new(4.0, 0.08, 0.04).unwrap());
        assert!((other.dy - 2.0 * one.dy).abs() < 1e-9);
        assert!((other.zoom - one.zoom / 2.0).abs() < 1e-9);
    }

    #[test]
    fn without_structure_or_agreement_the_camera_is_unknown() {
        let scale = PairScale::consecutive(25.0).unwrap();
        let pan = flow_from(W, H, |_, _| [3.0, 0.0]);
        let black = GrayImage::filled(W, H, 16);
        assert_eq!(CameraMotion::fit(&pan, &black, scale), None);
        assert_eq!(CameraMotion::fit(&pan, &numbered(0, 8, 8), scale), None);
        let noise = |x: f32, y: f32| (x * 127.1 + y * 311.7).sin() * 43_758.547;
        let random =
            |x: f32, y: f32| (noise(x, y).fract() * 20.0, noise(y, x + 0.3).fract() * 20.0);
        assert_eq!(fit(|x, y| random(x, y).into()), None);
        assert_eq!(fit(|_, _| [f32::NAN; 2]), None);
    }
}
