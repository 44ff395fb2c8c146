//! Block matching: each block of a picture is searched for in the next one.

mod search;

pub(super) use search::{Match, matches};

use super::{FlowField, FlowWalk, OpticalFlow, PairWalk, check_sizes};
use crate::parallel::Parallel;
use crate::{Error, GrayImage, Result};

/// Parameters of [`BlockMatching`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockMatchingOptions {
    /// Side of a block in pixels; 8 by default, 4 to 64.
    pub block_size: usize,
    /// Greatest displacement in pixels in either direction; 24 by default, 1 to 128.
    pub search_radius: usize,
    /// Whether displacements are refined to half pixels; they are by default.
    pub half_pixels: bool,
    /// Mean difference in grey levels up to which a block counts as still, and is not searched for; 2 by
    /// default.
    pub still_difference: u8,
    /// Number of threads; `None`, the default, takes `GV_NUM_THREADS`, else what the process may use.
    /// The flow does not depend on it.
    pub num_threads: Option<usize>,
}

impl Default for BlockMatchingOptions {
    fn default() -> Self {
        Self {
            block_size: 8,
            search_radius: 24,
            half_pixels: true,
            still_difference: 2,
            num_threads: None,
        }
    }
}

impl BlockMatchingOptions {
    /// Sets [`block_size`](Self::block_size).
    pub fn block_size(mut self, block_size: usize) -> Self {
        self.block_size = block_size;
        self
    }

    /// Sets [`search_radius`](Self::search_radius).
    pub fn search_radius(mut self, search_radius: usize) -> Self {
        self.search_radius = search_radius;
        self
    }

    /// Sets [`half_pixels`](Self::half_pixels).
    pub fn half_pixels(mut self, half_pixels: bool) -> Self {
        self.half_pixels = half_pixels;
        self
    }

    /// Sets [`still_difference`](Self::still_difference).
    pub fn still_difference(mut self, still_difference: u8) -> Self {
        self.still_difference = still_difference;
        self
    }

    /// Sets [`num_threads`](Self::num_threads).
    pub fn num_threads(mut self, num_threads: impl Into<Option<usize>>) -> Self {
        self.num_threads = num_threads.into();
        self
    }

    fn validate(&self) -> Result<()> {
        let check = |name, given: usize, (least, most), allowed| {
            if (least..=most).contains(&given) {
                return Ok(());
            }
            Err(Error::InvalidParameter { name, given: given.to_string(), allowed })
        };
        check("block_size", self.block_size, (4, 64), "4 to 64")?;
        check("search_radius", self.search_radius, (1, 128), "1 to 128")
    }
}

/// Full search for each block by the sum of absolute differences.
///
/// A block is compared over a square of twice its side (down to what the picture holds), which must lie inside
/// the next picture; among equally good places, the nearest wins. Displacements up to `search_radius` pixels
/// are found to half a pixel, each the same for all pixels of a block; there is no upper limit from the
/// picture's structure as flow methods have, so it is right where motion is large, and coarse where it is small.
/// Blocks without structure and blocks that leave the picture are found where they fit best, which may be wrong.
///
/// ```
/// use gv_vision::{BlockMatching, BlockMatchingOptions, GrayImage, OpticalFlow};
///
/// let noise = |x: usize, y: usize| {
///     let cell = (x as u32 / 3).wrapping_mul(0x9E37_79B1) ^ (y as u32 / 3).wrapping_mul(0x85EB_CA77);
///     ((cell ^ (cell >> 15)).wrapping_mul(0x2545_F491) >> 24) as u8
/// };
/// let previous = GrayImage::from_fn(96, 64, |x, y| noise(x + 30, y + 30));
/// let next = GrayImage::from_fn(96, 64, |x, y| noise(x + 30 - 17, y + 30 - 9));
/// let flow = BlockMatching::new(BlockMatchingOptions::default())?.calculate(&previous, &next)?;
/// assert_eq!(flow.data()[32 * 96 + 48], [17.0, 9.0]);
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct BlockMatching {
    options: BlockMatchingOptions,
    parallel: Parallel,
}

impl BlockMatching {
    /// Prepares the method.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where an option is outside the range that [`BlockMatchingOptions`] states.
    pub fn new(options: BlockMatchingOptions) -> Result<Self> {
        options.validate()?;
        let parallel = Parallel::new(options.num_threads)?;
        Ok(Self { options, parallel })
    }

    /// The parameters.
    pub const fn options(&self) -> &BlockMatchingOptions {
        &self.options
    }

    pub(super) const fn parallel(&self) -> &Parallel {
        &self.parallel
    }
}

impl OpticalFlow for BlockMatching {
    fn name(&self) -> &'static str {
        "block_matching"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        check_sizes(previous, next)?;
        let (width, height) = (previous.width(), previous.height());
        let mut flow = FlowField::zeros(width, height);
        if width == 0 || height == 0 {
            return Ok(flow);
        }
        let found = matches(&self.options, &self.parallel, previous, next);
        let side = self.options.block_size;
        let across = width.div_ceil(side);
        for (y, row) in flow.data_mut().chunks_mut(width).enumerate() {
            let found = &found[y / side * across..][..across];
            for (pixels, found) in row.chunks_mut(side).zip(found) {
                pixels.fill(found.displacement);
            }
        }
        Ok(flow)
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::new(PairWalk::new(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::planted::{error_of, moved};
    use crate::testing::optical_flow_suite;

    fn method(options: BlockMatchingOptions) -> BlockMatching {
        BlockMatching::new(options).unwrap()
    }

    #[test]
    fn it_keeps_the_contract() {
        optical_flow_suite(&method(BlockMatchingOptions::default()));
    }

    #[test]
    fn shifts_up_to_the_search_radius_are_found_exactly() {
        let method = method(BlockMatchingOptions::default());
        for (dx, dy) in
            [(0.0, 0.0), (1.0, -1.0), (9.0, 4.0), (-24.0, 0.0), (17.0, -23.0), (24.0, 24.0)]
        {
            let flow =
                method.calculate(&moved(320, 180, 0.0, 0.0), &moved(320, 180, dx, dy)).unwrap();
            assert_eq!(error_of(&flow, dx, dy, 32), 0.0, "({dx}, {dy})");
        }
    }

    #[test]
    fn half_pixels_are_found_where_asked_for() {
        let (previous, next) = (moved(160, 120, 0.0, 0.0), moved(160, 120, 5.5, -2.5));
        let flow = method(BlockMatchingOptions::default()).calculate(&previous, &next).unwrap();
        assert!(error_of(&flow, 5.5, -2.5, 32) < 0.1);
        let whole = method(BlockMatchingOptions::default().half_pixels(false));
        let flow = whole.calculate(&previous, &next).unwrap();
        assert!(flow.data().as_flattened().iter().all(|value| value.fract() == 0.0));
    }

    #[test]
    fn the_flow_is_the_same_for_any_number_of_threads() {
        let (previous, next) = (moved(203, 117, 0.0, 0.0), moved(203, 117, 6.3, 2.2));
        let with = |threads| {
            let method = method(BlockMatchingOptions::default().num_threads(threads));
            method.calculate(&previous, &next).unwrap()
        };
        assert!(with(1) == with(2) && with(1) == with(5));
    }

    #[test]
    fn options_outside_their_range_are_named() {
        let options = BlockMatchingOptions::default;
        for (name, given) in [
            ("block_size", options().block_size(3)),
            ("search_radius", options().search_radius(0)),
            ("search_radius", options().search_radius(129)),
        ] {
            let message = BlockMatching::new(given).unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
        }
    }
}
