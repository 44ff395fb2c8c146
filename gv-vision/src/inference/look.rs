//! A picture through a network: what every detector that has one does.

use super::{Fit, InferenceModel, Letterbox, Tensor, rgb_pixels};
use crate::{Error, Frame, Layout, Result};

/// How a picture becomes a network's input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Preparation {
    pub(crate) fit: Fit,
    /// Whether blue comes first.
    pub(crate) bgr: bool,
    /// The input is `value * scale + shift`.
    pub(crate) scale: f32,
    pub(crate) shift: f32,
}

/// Runs `model` on `frame`; the outputs, and where the frame lies in the input.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for a frame without pixels, [`Error::ModelRun`] for numbers that are not finite, and the
/// model's.
pub(crate) fn look(
    model: &dyn InferenceModel,
    frame: &Frame,
    preparation: Preparation,
) -> Result<(Letterbox, Vec<Tensor>)> {
    let Preparation { fit, bgr, scale, shift } = preparation;
    let place = Letterbox::new((frame.width(), frame.height()), model.size(), fit)?;
    let input = match frame.layout() {
        // Blue is first already.
        Layout::Bgr24 => place.tensor(frame.data(), !bgr, scale, shift)?,
        _ => place.tensor(&rgb_pixels(frame), bgr, scale, shift)?,
    };
    let outputs = model.run(&[input])?;
    if outputs.iter().any(|output| output.data().iter().any(|number| !number.is_finite())) {
        let message = format!("{} gives numbers that are not finite", model.name());
        return Err(Error::ModelRun { message });
    }
    Ok((place, outputs))
}

/// Checks that options which are shares lie in 0 to 1.
///
/// # Errors
///
/// [`Error::InvalidParameter`] for the first that does not.
pub(crate) fn check_shares(options: &[(&'static str, f32)]) -> Result<()> {
    for &(name, value) in options {
        if !(0.0..=1.0).contains(&value) {
            let given = value.to_string();
            return Err(Error::InvalidParameter { name, given, allowed: "0 to 1" });
        }
    }
    Ok(())
}
