//! Displacements out of frame differences.

use super::{FlowField, FlowWalk, OpticalFlow};
use crate::{Error, GrayImage, Result};

/// Side of the squares that move as one, in pixels.
const BLOCK: usize = 16;
/// Half the side of the box that pictures are smoothed with; what is followed must be wider.
const RADIUS: usize = 5;
/// Mean gradient in grey levels per pixel below which a square is flat and tells nothing.
const MIN_GRADIENT: f32 = 0.5;
/// Longest displacement told, in pixels; beyond it a difference says nothing about how far things go.
const LIMIT: f32 = 8.0;

/// Motion by frame differencing: the difference between two pictures over the gradient within them.
///
/// Where a picture with gradient `g` moves by `d`, it changes by `-g d`; so the sum of the signed differences in
/// a square, divided by the sum of the gradients, is how far the square went (Limb and Murphy 1975, "Estimating
/// the velocity of moving images in television signals", here with both directions solved together). It costs a
/// small part of what dense flow does. A texture is followed within half a pixel up to 3 pixels a frame at
/// analysis size; faster motion is told too small, a change of light counts as motion, and flat squares are
/// still.
#[derive(Debug, Clone, Copy, Default)]
pub struct DifferenceFlow;

impl OpticalFlow for DifferenceFlow {
    fn name(&self) -> &'static str {
        "frame_diff"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        let size = (next.width(), next.height());
        if (previous.width(), previous.height()) != size {
            let first = (previous.width(), previous.height());
            return Err(Error::SizeMismatch { first, second: size });
        }
        Ok(flow(&smoothed(previous), &smoothed(next), size))
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::<Walk>::default()
    }
}

#[derive(Debug, Default)]
struct Walk {
    previous: Option<((usize, usize), Vec<f32>)>,
    flow: FlowField,
}

impl FlowWalk for Walk {
    fn push(&mut self, frame: &GrayImage) -> Result<Option<&FlowField>> {
        let size = (frame.width(), frame.height());
        let next = match &self.previous {
            Some((first, _)) if *first != size => {
                return Err(Error::SizeMismatch { first: *first, second: size });
            }
            _ => smoothed(frame),
        };
        match self.previous.replace((size, next)) {
            None => Ok(None),
            Some((_, previous)) => {
                if let Some((_, next)) = &self.previous {
                    self.flow = flow(&previous, next, size);
                }
                Ok(Some(&self.flow))
            }
        }
    }
}

fn flow(previous: &[f32], next: &[f32], (width, height): (usize, usize)) -> FlowField {
    let mut field = FlowField::zeros(width, height);
    for top in (0..height).step_by(BLOCK) {
        for left in (0..width).step_by(BLOCK) {
            let (bottom, right) = ((top + BLOCK).min(height), (left + BLOCK).min(width));
            let mut sums = Sums::default();
            for y in top.max(1)..bottom.min(height.saturating_sub(1)) {
                for x in left.max(1)..right.min(width.saturating_sub(1)) {
                    sums.add(previous, next, y * width + x, width);
                }
            }
            let vector = sums.solve();
            for row in field.data_mut().chunks_exact_mut(width).take(bottom).skip(top) {
                row[left..right].fill(vector);
            }
        }
    }
    field
}

/// What a square adds up to: gradients and differences, each with the sign of the gradient in x and in y.
#[derive(Debug, Default)]
struct Sums {
    count: f32,
    xx: f32,
    xy: f32,
    yx: f32,
    yy: f32,
    tx: f32,
    ty: f32,
}

impl Sums {
    fn add(&mut self, previous: &[f32], next: &[f32], at: usize, width: usize) {
        let mean = |index: usize| previous[index] + next[index];
        let gradient_x = (mean(at + 1) - mean(at - 1)) / 4.0;
        let gradient_y = (mean(at + width) - mean(at - width)) / 4.0;
        let change = next[at] - previous[at];
        self.count += 1.0;
        self.xx += gradient_x.abs();
        self.xy += gradient_y * sign(gradient_x);
        self.yx += gradient_x * sign(gradient_y);
        self.yy += gradient_y.abs();
        self.tx -= change * sign(gradient_x);
        self.ty -= change * sign(gradient_y);
    }

    fn solve(&self) -> [f32; 2] {
        let enough = MIN_GRADIENT * self.count.max(1.0);
        let determinant = self.xx * self.yy - self.xy * self.yx;
        let [dx, dy] = match (self.xx >= enough, self.yy >= enough) {
            (true, true) if determinant > 0.1 * self.xx * self.yy => [
                (self.tx * self.yy - self.xy * self.ty) / determinant,
                (self.xx * self.ty - self.yx * self.tx) / determinant,
            ],
            (true, _) if self.xx >= self.yy => [self.tx / self.xx, 0.0],
            (_, true) => [0.0, self.ty / self.yy],
            (true, false) => [self.tx / self.xx, 0.0],
            (false, false) => [0.0, 0.0],
        };
        let length = dx.hypot(dy);
        if length > LIMIT { [dx / length * LIMIT, dy / length * LIMIT] } else { [dx, dy] }
    }
}

fn sign(value: f32) -> f32 {
    if value == 0.0 { 0.0 } else { value.signum() }
}

/// The mean of a box around each pixel; at the edges, of what the box holds.
fn smoothed(picture: &GrayImage) -> Vec<f32> {
    let (width, height) = (picture.width(), picture.height());
    let mut rows = vec![0_u32; width * height];
    for (y, row) in rows.chunks_exact_mut(width.max(1)).enumerate() {
        box_sums(picture.row(y).iter().map(|&value| u32::from(value)), row);
    }
    let (mut column, mut sums) = (vec![0; height], vec![0.0; width * height]);
    for x in 0..width {
        box_sums((0..height).map(|y| rows[y * width + x]), &mut column);
        for (y, &sum) in column.iter().enumerate() {
            sums[y * width + x] = sum as f32 / (covered(x, width) * covered(y, height)) as f32;
        }
    }
    sums
}

fn covered(at: usize, length: usize) -> usize {
    (at + RADIUS + 1).min(length) - at.saturating_sub(RADIUS)
}

fn box_sums(values: impl Iterator<Item = u32> + Clone, out: &mut [u32]) {
    let length = out.len();
    let mut entering = values.clone();
    let mut leaving = values;
    let mut sum: u32 = entering.by_ref().take(RADIUS).sum();
    for (at, out) in out.iter_mut().enumerate() {
        if at + RADIUS < length {
            sum += entering.next().unwrap_or(0);
        }
        if at > RADIUS {
            sum -= leaving.next().unwrap_or(0);
        }
        *out = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::super::planted::moved;
    use super::*;

    fn median(flow: &FlowField) -> [f32; 2] {
        [0, 1].map(|axis| {
            let mut values: Vec<f32> = flow.data().iter().map(|vector| vector[axis]).collect();
            values.sort_by(f32::total_cmp);
            values[values.len() / 2]
        })
    }

    #[test]
    fn a_texture_is_followed_up_to_three_pixels() {
        for (dx, dy) in [(0.5, 0.0), (1.0, -1.0), (-2.0, 0.5), (3.0, 0.0), (0.0, -3.0)] {
            let flow = DifferenceFlow
                .calculate(&moved(160, 96, 0.0, 0.0), &moved(160, 96, dx, dy))
                .unwrap();
            let [u, v] = median(&flow);
            let error = (f64::from(u) - dx).hypot(f64::from(v) - dy);
            assert!(error < 0.5, "({dx}, {dy}) is told as ({u}, {v})");
        }
    }

    #[test]
    fn equal_and_flat_pictures_are_still() {
        let picture = moved(70, 50, 0.0, 0.0);
        let still = DifferenceFlow.calculate(&picture, &picture).unwrap();
        assert_eq!(still, FlowField::zeros(70, 50));
        let [white, black] = [250, 3].map(|value| GrayImage::filled(40, 40, value));
        assert_eq!(DifferenceFlow.calculate(&white, &black).unwrap(), FlowField::zeros(40, 40));
    }

    #[test]
    fn a_change_of_light_never_passes_the_limit() {
        let dark = moved(64, 64, 0.0, 0.0);
        let light = GrayImage::from_fn(64, 64, |x, y| dark.row(y)[x].saturating_add(90));
        let flow = DifferenceFlow.calculate(&dark, &light).unwrap();
        assert!(flow.data().iter().all(|[dx, dy]| dx.hypot(*dy) <= LIMIT * 1.001));
    }

    #[test]
    fn sums_of_a_box_end_at_the_edges() {
        let mut out = [0; 5];
        box_sums([1, 2, 3, 4, 5].into_iter(), &mut out);
        assert_eq!(out, [15; 5]);
        let mut long = [0; 8];
        box_sums([1, 2, 3, 4, 5, 6, 7, 8].into_iter(), &mut long);
        assert_eq!(long, [21, 28, 36, 36, 36, 36, 35, 33]);
        let mut short = [0; 2];
        box_sums([7, 9].into_iter(), &mut short);
        assert_eq!(short, [16, 16]);
    }

    #[cfg(feature = "testing")]
    #[test]
    fn the_contract_of_the_seam_holds() {
        crate::testing::optical_flow_suite(&DifferenceFlow);
    }
}
