//! Farneback's flow as OpenCV computes it.

use super::{FarnebackOptions, FlowField, FlowWalk, OpticalFlow, PairWalk, check_sizes};
use crate::{Error, GrayImage, Result};
use opencv::core::{Mat, Vec2f};
use opencv::prelude::{MatTraitConst, MatTraitConstManual};

/// OpenCV's `calcOpticalFlowFarneback` (flags 0) behind the [`OpticalFlow`] seam.
///
/// There to be compared with; [`Farneback`](super::Farneback) finds the same flow faster. The number of threads
/// is OpenCV's own, for the whole process (`cv::setNumThreads`), so
/// [`num_threads`](FarnebackOptions::num_threads) has no effect. Pictures with less than two pixels in a
/// direction have no flow.
#[derive(Debug, Clone)]
pub struct OpenCvFarneback {
    options: FarnebackOptions,
}

impl OpenCvFarneback {
    /// Prepares the method.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] where an option is outside the range that [`FarnebackOptions`] states.
    pub fn new(options: FarnebackOptions) -> Result<Self> {
        options.validate()?;
        Ok(Self { options })
    }
}

impl OpticalFlow for OpenCvFarneback {
    fn name(&self) -> &'static str {
        "opencv_farneback"
    }

    fn calculate(&self, previous: &GrayImage, next: &GrayImage) -> Result<FlowField> {
        check_sizes(previous, next)?;
        let mut flow = FlowField::zeros(previous.width(), previous.height());
        if previous.width() < 2 || previous.height() < 2 {
            return Ok(flow);
        }
        let failed = |error: opencv::Error| Error::OpenCv { message: error.message };
        let rows = i32::try_from(previous.height()).map_err(|_| too_large(previous))?;
        let view = |image: &'_ GrayImage| -> opencv::Result<Mat> {
            Mat::from_slice(image.data())?.reshape(1, rows)?.try_clone()
        };
        let (first, second) = (view(previous).map_err(failed)?, view(next).map_err(failed)?);
        let mut found = Mat::default();
        let FarnebackOptions { pyr_scale, levels, winsize, iterations, poly_n, poly_sigma, .. } =
            self.options;
        opencv::video::calc_optical_flow_farneback(
            &first,
            &second,
            &mut found,
            pyr_scale,
            levels as i32,
            winsize as i32,
            iterations as i32,
            poly_n as i32,
            poly_sigma,
            0,
        )
        .map_err(failed)?;
        let values = found.data_typed::<Vec2f>().map_err(failed)?;
        for (out, value) in flow.data_mut().iter_mut().zip(values) {
            *out = [value[0], value[1]];
        }
        Ok(flow)
    }

    fn walk(&self) -> Box<dyn FlowWalk> {
        Box::new(PairWalk::new(self.clone()))
    }
}

fn too_large(image: &GrayImage) -> Error {
    let given = format!("{}x{}", image.width(), image.height());
    Error::InvalidParameter { name: "width and height", given, allowed: "below 2147483648" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_contract() {
        let method = OpenCvFarneback::new(FarnebackOptions::default()).unwrap();
        crate::testing::optical_flow_suite(&method);
    }
}
