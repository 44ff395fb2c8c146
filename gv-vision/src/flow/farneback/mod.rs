//! Dense optical flow by polynomial expansion (Gunnar Farneback, 2003).

#[cfg(target_arch = "x86_64")]
mod avx512;
mod blur;
mod expansion;
mod level;
mod options;
mod pyramid;
mod resize;
mod sample;
mod stream;
mod update;

pub use options::FarnebackOptions;

use super::{FlowField, FlowWalk, OpticalFlow};
use crate::parallel::Parallel;
use crate::simd::Isa;
use crate::{Error, GrayImage, Result};
use expansion::Basis;
use level::{Expansions, Workspace};
use std::sync::{Arc, Mutex, PoisonError};
use update::MAX_SIDE;

/// Farneback's dense optical flow, in agreement with OpenCV's `calcOpticalFlowFarneback` (flags 0).
///
/// With the default options, displacements up to about 14 px are followed at 320x180 and up to about 20 px from
/// 640x360 on, where one more pyramid level fits; beyond that the flow is arbitrary
/// ([`Hybrid`](super::Hybrid) goes further). A whole texture that moves is found to a few hundredths of a pixel
/// away from the picture's edges; what moves differently within `winsize` pixels is averaged. The flow has the
/// same bits for any number of
/// threads and on any processor.
///
/// The buffers of a pair, about 60 bytes a pixel, are kept for the next pair until the last clone is dropped.
///
/// Besides pictures of two sizes, pictures wider or higher than 1048576 are refused.
///
/// ```
/// use gv_vision::{Farneback, FarnebackOptions, GrayImage, OpticalFlow};
///
/// let texture = |x: usize, y: usize| (128.0 + 60.0 * (x as f64 * 0.3).sin() * (y as f64 * 0.4).cos()) as u8;
/// let previous = GrayImage::from_fn(96, 64, texture);
/// let next = GrayImage::from_fn(96, 64, |x, y| texture(x + 2, y));
/// let flow = Farneback::new(FarnebackOptions::default())?.calculate(&previous, &next)?;
/// let [dx, dy] = flow.data()[32 * 96 + 48];
/// assert!((dx + 2.0).abs() < 0.2 && dy.abs() < 0.2);
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Farneback {
    options: FarnebackOptions,
    basis: Basis,
    isa: Isa,
    parallel: Parallel,
    /// Buffers of the last pair, for the next one.
    pair: Arc<Mutex<Option<Box<Pair>>>>,
}

#[derive(Debug, Default)]
struct Pair {
    workspace: Workspace,
    first: Expansions,
    second: Expansions,
}

impl Farneback {
    /// Prepares the method.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where an option is outside the range that [`FarnebackOptions`] states.
    pub fn new(options: FarnebackOptions) -> Result<Self> {
        options.validate()?;
        let basis = Basis::new(options.poly_n, options.poly_sigma);
        let parallel = Parallel::new(options.num_threads)?;
        Ok(Self { options, basis, isa: Isa::detect(), parallel, pair: Arc::default() })
    }

    /// The flow from `previous` to `next`, refined from `start` on the full-size pictures alone.
    pub(super) fn refine(
        &self,
        previous: &GrayImage,
        next: &GrayImage,
        start: &FlowField,
    ) -> FlowField {
        self.with_pair(|pair| {
            let Pair { workspace, first, second } = pair;
            self.expand(previous, 1, workspace, first);
            self.expand(next, 1, workspace, second);
            let mut flow = FlowField::zeros(start.width(), start.height());
            self.flow(first, second, Some(start.data()), workspace, &mut flow);
            flow
        })
    }

    fn with_pair<R: Send>(&self, work: impl FnOnce(&mut Pair) -> R + Send) -> R {
        let take = || self.pair.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pair = take().take().unwrap_or_default();
        let result = self.parallel.install(|| work(&mut pair));
        *take() = Some(pair);
        result
    }

    /// The parameters.
    pub const fn options(&self) -> &FarnebackOptions {
        &self.options
    }
}

impl OpticalFlow for Farneback {
    fn name(&self) -> &'static str {
        "farneback"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        check_sizes(size(previous), next)?;
        check_side(next)?;
        let mut flow = FlowField::zeros(previous.width(), previous.height());
        self.with_pair(|Pair { workspace, first, second }| {
            self.expand(previous, usize::MAX, workspace, first);
            self.expand(next, usize::MAX, workspace, second);
            self.flow(first, second, None, workspace, &mut flow);
        });
        Ok(flow)
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::new(FarnebackWalk {
            method: self.clone(),
            workspace: Workspace::default(),
            previous: Expansions::default(),
            next: Expansions::default(),
            flow: FlowField::default(),
            size: None,
        })
    }
}

#[derive(Debug)]
struct FarnebackWalk {
    method: Farneback,
    workspace: Workspace,
    previous: Expansions,
    next: Expansions,
    flow: FlowField,
    size: Option<(usize, usize)>,
}

impl FlowWalk for FarnebackWalk {
    fn push(&mut self, frame: &GrayImage) -> Result<Option<&FlowField>> {
        if let Some(size) = self.size {
            check_sizes(size, frame)?;
        } else {
            check_side(frame)?;
            self.flow = FlowField::zeros(frame.width(), frame.height());
        }
        let Self { method, workspace, previous, next, flow, size: known } = self;
        let has_previous = known.replace(size(frame)).is_some();
        method.parallel.install(|| {
            std::mem::swap(previous, next);
            method.expand(frame, usize::MAX, workspace, next);
            if has_previous {
                method.flow(previous, next, None, workspace, flow);
            }
        });
        Ok(has_previous.then_some(&self.flow))
    }
}

fn size(image: &GrayImage) -> (usize, usize) {
    (image.width(), image.height())
}

fn check_side(image: &GrayImage) -> Result<()> {
    let (width, height) = size(image);
    if width.max(height) <= MAX_SIDE {
        return Ok(());
    }
    let given = format!("{width}x{height}");
    Err(Error::InvalidParameter { name: "width and height", given, allowed: "at most 1048576" })
}

fn check_sizes(first: (usize, usize), next: &GrayImage) -> Result<()> {
    let second = size(next);
    if first == second { Ok(()) } else { Err(Error::SizeMismatch { first, second }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::planted::{error_of, moved};

    fn texture(x: f64, y: f64) -> u8 {
        let waves = (x * 0.31 + y * 0.12).sin() * (y * 0.27 - x * 0.05).cos();
        let detail = (x * 0.83 - y * 0.61).sin() * 0.4;
        (128.0 + 70.0 * waves + 35.0 * detail) as u8
    }

    fn shifted(width: usize, height: usize, dx: f64, dy: f64) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| texture(x as f64 - dx, y as f64 - dy))
    }

    fn farneback(options: FarnebackOptions) -> Farneback {
        Farneback::new(options).unwrap()
    }

    fn bits(flow: &FlowField) -> Vec<u32> {
        flow.data().as_flattened().iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn it_keeps_the_contract() {
        crate::testing::optical_flow_suite(&farneback(FarnebackOptions::default()));
    }

    #[test]
    fn shifts_of_a_texture_are_found() {
        let method = farneback(FarnebackOptions::default());
        let previous = shifted(160, 96, 0.0, 0.0);
        for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (-0.5, 0.25), (3.3, -2.6), (0.0, 5.0)] {
            let flow = method.calculate(&previous, &shifted(160, 96, dx, dy)).unwrap();
            for y in 16..80 {
                for x in 16..144 {
                    let [u, v] = flow.data()[y * 160 + x];
                    let error = (f64::from(u) - dx).hypot(f64::from(v) - dy);
                    assert!(error < 0.2, "({u}, {v}) at ({x}, {y}) for ({dx}, {dy})");
                }
            }
        }
    }

    #[test]
    fn the_documented_range_is_followed_closely() {
        let method = farneback(FarnebackOptions::default());
        let previous = moved(320, 180, 0.0, 0.0);
        for (dx, dy) in [(0.25, 0.0), (2.5, -1.25), (-14.0, 0.0), (9.0, 9.0)] {
            let flow = method.calculate(&previous, &moved(320, 180, dx, dy)).unwrap();
            let error = error_of(&flow, dx, dy, 48);
            assert!(error < 0.05, "({dx}, {dy}) is {error} off");
        }
    }

    #[test]
    fn the_flow_has_the_same_bits_for_any_number_of_threads_and_instruction_set() {
        let (previous, next) = (shifted(653, 203, 0.0, 0.0), shifted(653, 203, 2.7, -1.4));
        let expected = bits(
            &farneback(FarnebackOptions::default().num_threads(1))
                .calculate(&previous, &next)
                .unwrap(),
        );
        for threads in [2, 3, 7] {
            let method = farneback(FarnebackOptions::default().num_threads(threads));
            assert!(bits(&method.calculate(&previous, &next).unwrap()) == expected, "{threads}");
        }
        for isa in Isa::available() {
            let mut method = farneback(FarnebackOptions::default().num_threads(1));
            method.isa = isa;
            assert!(bits(&method.calculate(&previous, &next).unwrap()) == expected, "{isa:?}");
        }
    }

    #[test]
    fn a_walk_gives_what_single_pairs_give() {
        let method = farneback(FarnebackOptions::default().num_threads(2));
        let frames: Vec<_> = (0..4).map(|i| shifted(131, 77, 1.3 * f64::from(i), 0.4)).collect();
        let mut walk = method.walk();
        assert!(walk.push(&frames[0]).unwrap().is_none());
        for pair in frames.windows(2) {
            let expected = bits(&method.calculate(&pair[0], &pair[1]).unwrap());
            assert!(bits(walk.push(&pair[1]).unwrap().unwrap()) == expected);
        }
    }

    #[test]
    fn pictures_of_two_sizes_are_refused() {
        let method = farneback(FarnebackOptions::default());
        let (a, b) = (GrayImage::filled(8, 8, 1), GrayImage::filled(8, 9, 1));
        assert!(matches!(method.calculate(&a, &b), Err(Error::SizeMismatch { .. })));
        let mut walk = method.walk();
        walk.push(&a).unwrap();
        assert!(matches!(walk.push(&b), Err(Error::SizeMismatch { .. })));
        assert!(walk.push(&a).unwrap().is_some());
    }

    #[test]
    fn every_size_gives_a_finite_flow() {
        let method = farneback(FarnebackOptions::default());
        let sizes = [
            (0, 0),
            (0, 5),
            (5, 0),
            (1, 1),
            (1, 40),
            (2, 2),
            (9, 9),
            (33, 32),
            (3000, 3),
            (3, 600),
        ];
        for (width, height) in sizes {
            let flow = method
                .calculate(&shifted(width, height, 0.0, 0.0), &shifted(width, height, 2.0, 1.0));
            let flow = flow.unwrap();
            assert_eq!((flow.width(), flow.height()), (width, height));
            assert!(flow.data().as_flattened().iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn noise_and_hard_edges_give_a_finite_flow() {
        let method = farneback(FarnebackOptions::default());
        let noise = |seed: usize| {
            GrayImage::from_fn(120, 90, move |x, y| {
                (((x * 7919 + y * 104729 + seed * 31) * 2654435761) >> 13) as u8
            })
        };
        let diagonal =
            |at: usize| GrayImage::from_fn(120, 90, move |x, y| if x + y < at { 0 } else { 255 });
        for (previous, next) in
            [(noise(1), noise(2)), (diagonal(90), diagonal(97)), (noise(3), diagonal(50))]
        {
            let flow = method.calculate(&previous, &next).unwrap();
            assert!(flow.data().as_flattened().iter().all(|value| value.is_finite()));
        }
    }

    #[test]
    fn a_still_picture_has_no_flow_away_from_its_edges() {
        let picture = shifted(320, 240, 0.0, 0.0);
        let flow = farneback(FarnebackOptions::default()).calculate(&picture, &picture).unwrap();
        let inner = (100..140).flat_map(|y| &flow.data()[y * 320 + 140..y * 320 + 180]);
        assert!(inner.flatten().all(|value| value.abs() < 0.01));
        let blank = GrayImage::filled(320, 240, 17);
        let flow = farneback(FarnebackOptions::default()).calculate(&blank, &blank).unwrap();
        assert!(flow.data().as_flattened().iter().all(|value| value.abs() < 1e-6));
    }

    #[test]
    fn a_picture_that_is_too_wide_is_refused() {
        let picture = GrayImage::filled((1 << 20) + 1, 1, 9);
        let result = farneback(FarnebackOptions::default()).calculate(&picture, &picture);
        assert!(matches!(result, Err(Error::InvalidParameter { name: "width and height", .. })));
    }

    #[test]
    fn other_windows_and_neighbourhoods_find_the_shift_too() {
        let (previous, next) = (shifted(160, 96, 0.0, 0.0), shifted(160, 96, 1.5, -1.0));
        let options = FarnebackOptions::default;
        for options in [
            options().winsize(9).poly_n(7).poly_sigma(1.5),
            options().winsize(24).iterations(5),
            options().winsize(6).poly_n(3).poly_sigma(1.1),
            options().pyr_scale(0.7).levels(2),
            options().winsize(61).iterations(2).poly_n(9).poly_sigma(2.0),
        ] {
            let flow = farneback(options.clone()).calculate(&previous, &next).unwrap();
            let [u, v] = flow.data()[48 * 160 + 80];
            assert!((u - 1.5).abs() < 0.2 && (v + 1.0).abs() < 0.2, "({u}, {v}) with {options:?}");
        }
    }
}
