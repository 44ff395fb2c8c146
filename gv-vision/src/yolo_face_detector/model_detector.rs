//! Faces found by a network.

use super::{Face, FaceDetector, FaceLayout};
use crate::inference::{InferenceModel, check_shares, describe, look, suppress};
use crate::{Error, Frame, Result};

/// How sure a face must be, and how far two may overlap.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FaceOptions {
    /// Least confidence, 0 to 1; 0.5 by default.
    pub confidence: f32,
    /// Overlap (IoU) above which the less sure of two faces goes, 0 to 1; 0.3 by default.
    pub overlap: f32,
}

impl Default for FaceOptions {
    fn default() -> Self {
        Self { confidence: 0.5, overlap: 0.3 }
    }
}

/// A face detector around a network whose kind is found from its outputs.
#[derive(Debug)]
pub struct ModelFaceDetector {
    model: Box<dyn InferenceModel>,
    layout: FaceLayout,
    options: FaceOptions,
}

impl ModelFaceDetector {
    /// Takes a network.
    ///
    /// # Errors
    ///
    /// [`Error::ModelOutputs`] where the network is none that is understood,
    /// [`Error::InvalidParameter`] for an option outside 0 to 1.
    pub fn new(model: Box<dyn InferenceModel>, options: FaceOptions) -> Result<Self> {
        check_shares(&[("confidence", options.confidence), ("overlap", options.overlap)])?;
        let layout = FaceLayout::recognize(model.size(), model.outputs()).ok_or_else(|| {
            let (name, given) = (model.name().to_owned(), describe(model.outputs()));
            Error::ModelOutputs { name, given, understood: FaceLayout::UNDERSTOOD }
        })?;
        Ok(Self { model, layout, options })
    }

    /// Which network it is.
    pub const fn layout(&self) -> FaceLayout {
        self.layout
    }
}

impl FaceDetector for ModelFaceDetector {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Face>> {
        let model = self.model.as_ref();
        let (place, outputs) = look(model, frame, self.layout.preparation())?;
        let least = self.options.confidence;
        let found = self.layout.decode(model.size(), model.outputs(), &outputs, least);
        let boxes: Vec<_> = found.iter().map(|(place, _)| self.layout.compared(*place)).collect();
        let kept = suppress(&boxes, self.options.overlap);
        let face = |at: usize| {
            let (found, landmarks) = &found[at];
            let landmarks = landmarks.map(|points| points.map(|(x, y)| place.to_source(x, y)));
            Some(Face::new(place.box_in_source(found)?, landmarks))
        };
        Ok(kept.into_iter().filter_map(face).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;
    use crate::inference::{Port, Tensor};
    use gv_media::Timestamp;

    /// A network that gives one planted column of a YOLOv8-face output.
    #[derive(Debug)]
    struct Planted {
        inputs: Vec<Port>,
        ports: Vec<Port>,
        column: Vec<f32>,
    }

    impl InferenceModel for Planted {
        fn name(&self) -> &str {
            "planted"
        }

        fn inputs(&self) -> &[Port] {
            &self.inputs
        }

        fn outputs(&self) -> &[Port] {
            &self.ports
        }

        fn run(&self, _: &[Tensor]) -> Result<Vec<Tensor>> {
            Ok(vec![Tensor::new(vec![1, self.column.len(), 1], self.column.clone())?])
        }
    }

    fn detector(column: Vec<f32>) -> Result<ModelFaceDetector> {
        let shape = vec![Some(1), Some(column.len()), Some(1)];
        let ports = vec![Port { name: "output0".to_owned(), shape }];
        let inputs =
            vec![Port { name: "images".to_owned(), shape: [1, 3, 64, 64].map(Some).to_vec() }];
        let planted = Planted { inputs, ports, column };
        ModelFaceDetector::new(Box::new(planted), FaceOptions::default())
    }

    fn frame(width: usize, height: usize) -> Frame {
        let data = vec![0; width * height];
        Frame::new(0, Timestamp::ZERO, width, height, Layout::Gray8, data).unwrap()
    }

    fn column(score: f32) -> Vec<f32> {
        let mut column = vec![32.0, 32.0, 16.0, 8.0, score];
        column.extend((0..5).flat_map(|at| [at as f32, 32.0, 1.0]));
        column
    }

    #[test]
    fn a_yolo_face_is_decoded_into_the_picture() {
        let faces = detector(column(0.8)).unwrap().detect(&frame(128, 64)).unwrap();
        let face = faces[0];
        assert_eq!((face.x, face.y, face.width, face.height), (48.0, 24.0, 32.0, 16.0));
        assert_eq!(face.landmarks.unwrap().nose, (4.0, 32.0));
    }

    #[test]
    fn of_a_person_the_place_of_the_head_is_given() {
        let mut person = vec![0.0; 84];
        person[..5].copy_from_slice(&[32.0, 32.0, 20.0, 48.0, 0.9]);
        let faces = detector(person).unwrap().detect(&frame(64, 64)).unwrap();
        assert_eq!((faces[0].x, faces[0].y), (27.0, 8.0));
        assert_eq!((faces[0].width, faces[0].height), (10.0, 10.0));
        assert_eq!(faces[0].landmarks, None);
    }

    #[test]
    fn a_face_that_is_not_sure_enough_is_not_given() {
        assert_eq!(detector(column(0.4)).unwrap().detect(&frame(64, 64)).unwrap(), []);
    }

    #[test]
    fn numbers_that_are_not_finite_are_an_error_and_not_no_face() {
        let error = detector(column(f32::NAN)).unwrap().detect(&frame(64, 64)).unwrap_err();
        assert!(matches!(error, Error::ModelRun { .. }));
    }

    #[test]
    fn a_frame_without_pixels_is_refused() {
        assert!(detector(column(0.8)).unwrap().detect(&frame(0, 0)).is_err());
    }

    #[test]
    fn other_outputs_are_named_beside_what_is_understood() {
        let error = detector(vec![0.0; 7]).unwrap_err().to_string();
        assert!(error.contains("output0 [1, 7, 1]") && error.contains("YuNet"), "{error}");
    }
}
