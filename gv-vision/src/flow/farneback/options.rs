//! Parameters of Farneback's method.

use crate::{Error, Result};

/// Parameters of [`Farneback`](super::Farneback), named as those of OpenCV's
/// `calcOpticalFlowFarneback`; the flags are 0.
///
/// ```
/// use gv_vision::{Farneback, FarnebackOptions};
///
/// let flow = Farneback::new(FarnebackOptions::default().winsize(21).num_threads(2))?;
/// assert!(Farneback::new(FarnebackOptions::default().pyr_scale(1.5)).is_err());
/// # Ok::<(), gv_vision::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FarnebackOptions {
    /// Size of a pyramid level relative to the one below it; 0.5 by default, 0.1 to 0.95.
    pub pyr_scale: f64,
    /// Pyramid levels above the picture itself; 3 by default, 0 to 16. Levels whose width or height
    /// would be below 32 are left out.
    pub levels: usize,
    /// Side in pixels of the square over which motion is averaged; 15 by default, 2 to 255.
    pub winsize: usize,
    /// Refinements at each level; 3 by default, 1 to 100.
    pub iterations: usize,
    /// Radius in pixels of the neighbourhood that is described by a polynomial; 5 by default, 3 to 9.
    pub poly_n: usize,
    /// Standard deviation in pixels of the Gaussian that weighs that neighbourhood; 1.2 by default,
    /// 0.5 to 10.
    pub poly_sigma: f64,
    /// Number of threads; `None`, the default, takes `GV_NUM_THREADS`, else what the process may use.
    /// The flow does not depend on it.
    pub num_threads: Option<usize>,
}

impl Default for FarnebackOptions {
    fn default() -> Self {
        Self {
            pyr_scale: 0.5,
            levels: 3,
            winsize: 15,
            iterations: 3,
            poly_n: 5,
            poly_sigma: 1.2,
            num_threads: None,
        }
    }
}

impl FarnebackOptions {
    /// Sets [`pyr_scale`](Self::pyr_scale).
    pub fn pyr_scale(mut self, pyr_scale: f64) -> Self {
        self.pyr_scale = pyr_scale;
        self
    }

    /// Sets [`levels`](Self::levels).
    pub fn levels(mut self, levels: usize) -> Self {
        self.levels = levels;
        self
    }

    /// Sets [`winsize`](Self::winsize).
    pub fn winsize(mut self, winsize: usize) -> Self {
        self.winsize = winsize;
        self
    }

    /// Sets [`iterations`](Self::iterations).
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets [`poly_n`](Self::poly_n).
    pub fn poly_n(mut self, poly_n: usize) -> Self {
        self.poly_n = poly_n;
        self
    }

    /// Sets [`poly_sigma`](Self::poly_sigma).
    pub fn poly_sigma(mut self, poly_sigma: f64) -> Self {
        self.poly_sigma = poly_sigma;
        self
    }

    /// Sets [`num_threads`](Self::num_threads).
    pub fn num_threads(mut self, num_threads: impl Into<Option<usize>>) -> Self {
        self.num_threads = num_threads.into();
        self
    }

    /// The first parameter that is outside its range, as an error.
    pub(in crate::flow) fn validate(&self) -> Result<()> {
        fn check<T: PartialOrd + ToString>(
            name: &'static str,
            given: T,
            (least, most): (T, T),
            allowed: &'static str,
        ) -> Result<()> {
            if given >= least && given <= most {
                return Ok(());
            }
            Err(Error::InvalidParameter { name, given: given.to_string(), allowed })
        }
        check("pyr_scale", self.pyr_scale, (0.1, 0.95), "0.1 to 0.95")?;
        check("levels", self.levels, (0, 16), "0 to 16")?;
        check("winsize", self.winsize, (2, 255), "2 to 255")?;
        check("iterations", self.iterations, (1, 100), "1 to 100")?;
        check("poly_n", self.poly_n, (3, 9), "3 to 9")?;
        check("poly_sigma", self.poly_sigma, (0.5, 10.0), "0.5 to 10")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        FarnebackOptions::default().validate().unwrap();
    }

    #[test]
    fn each_parameter_outside_its_range_is_named() {
        let options = FarnebackOptions::default;
        for (name, given) in [
            ("pyr_scale", options().pyr_scale(1.0)),
            ("pyr_scale", options().pyr_scale(f64::NAN)),
            ("levels", options().levels(17)),
            ("winsize", options().winsize(1)),
            ("iterations", options().iterations(0)),
            ("poly_n", options().poly_n(2)),
            ("poly_sigma", options().poly_sigma(f64::INFINITY)),
        ] {
            let message = given.validate().unwrap_err().to_string();
            assert!(message.starts_with(name), "{message}");
        }
    }
}
