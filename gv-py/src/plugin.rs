//! Python objects that look for faces and objects, and read lines of writing, in place of the library's own.
//!
//! What they raise travels as the source of the library's error, and is raised unchanged where that error arrives.

use geminivideo::vision::inference::rgb_pixels;
use geminivideo::vision::text::TextReader;
use geminivideo::vision::yolo_face_detector::{Face, FaceDetector, Landmarks};
use geminivideo::vision::yolo_object_detector::{COCO_CLASSES, Object, ObjectDetector};
use geminivideo::vision::{
    Detection, Error, Frame, GrayImage, Result, check_detection, check_pixels, detections_within,
};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyMapping;

/// What the object is called in results: its own name where it is a function, else that of its class.
fn name_of(object: &Bound<'_, PyAny>) -> PyResult<String> {
    match object.getattr("__name__") {
        Ok(name) => name.extract(),
        Err(_) => Ok(object.get_type().name()?.to_string()),
    }
}

/// An object with `method`, and its name.
fn with_method(object: &Bound<'_, PyAny>, method: &str) -> PyResult<(Py<PyAny>, String)> {
    let asked = object.getattr(method).ok().filter(Bound::is_callable);
    let Some(asked) = asked else {
        let given = object.get_type().fully_qualified_name()?;
        return Err(PyTypeError::new_err(format!(
            "an object with the method {method}(frame) is needed, given is {given}"
        )));
    };
    Ok((asked.unbind(), name_of(object)?))
}

/// What a detection says of itself, as an attribute or as an item of a mapping; `None` where it does not.
fn said<'py>(detection: &Bound<'py, PyAny>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    let told = match detection.cast::<PyMapping>() {
        Ok(mapping) if mapping.contains(name)? => Some(mapping.get_item(name)?),
        Ok(_) => None,
        Err(_) => detection.getattr_opt(name)?,
    };
    Ok(told.filter(|told| !told.is_none()))
}

fn number(detection: &Bound<'_, PyAny>, name: &str) -> PyResult<f32> {
    match said(detection, name)? {
        Some(number) => number.extract(),
        None => Err(PyTypeError::new_err(format!("a detection has no {name}: {detection}"))),
    }
}

/// The detections of a frame: `look` is called with the picture, `read` reads each one of its list.
fn detections<T: Detection>(
    frame: &Frame,
    look: &Py<PyAny>,
    read: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    Python::attach(|py| {
        let mut pixels = rgb_pixels(frame).into_owned();
        pixels.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
        let shape = [frame.height(), frame.width(), 3];
        let picture: Bound<'_, PyArray3<u8>> = PyArray1::from_vec(py, pixels).reshape(shape)?;
        let found = look.bind(py).call1((picture,))?;
        let mut read_all = Vec::new();
        for (index, detection) in found.try_iter()?.enumerate() {
            let one = read(&detection?)?;
            check_detection(&format!("detection {index}"), &one).map_err(PyValueError::new_err)?;
            read_all.push(one);
        }
        Ok(detections_within(read_all, frame))
    })
}

/// An object with `detect_faces(frame)`, as `YOLOFaceDetector` has it.
#[derive(Debug)]
pub(crate) struct PythonFaceDetector {
    detect: Py<PyAny>,
    name: String,
}

impl PythonFaceDetector {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (detect, name) = with_method(object, "detect_faces")?;
        Ok(Self { detect, name })
    }
}

impl FaceDetector for PythonFaceDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Face>> {
        check_pixels(frame.width(), frame.height())?;
        detections(frame, &self.detect, face).map_err(|raised| failed(&self.name, raised))
    }
}

fn failed(name: &str, raised: PyErr) -> Error {
    Error::Detector { name: name.to_owned(), source: Box::new(raised) }
}

fn face(detection: &Bound<'_, PyAny>) -> PyResult<Face> {
    let places = said(detection, "landmarks")?;
    Ok(Face {
        x: number(detection, "x")?,
        y: number(detection, "y")?,
        width: number(detection, "width")?,
        height: number(detection, "height")?,
        confidence: number(detection, "confidence")?,
        landmarks: places.map(|places| landmarks(&places)).transpose()?.flatten(),
    })
}

/// The five places, where all of them are there.
fn landmarks(places: &Bound<'_, PyAny>) -> PyResult<Option<Landmarks>> {
    let place = |name: &str| -> PyResult<Option<(f32, f32)>> {
        let Some(place) = said(places, name)? else { return Ok(None) };
        let (x, y) = place.extract()?;
        Ok(Some((x, y)).filter(|(x, y): &(f32, f32)| x.is_finite() && y.is_finite()))
    };
    let all = [
        place("left_eye")?,
        place("right_eye")?,
        place("nose")?,
        place("mouth_left")?,
        place("mouth_right")?,
    ];
    let [Some(left_eye), Some(right_eye), Some(nose), Some(mouth_left), Some(mouth_right)] = all
    else {
        return Ok(None);
    };
    Ok(Some(Landmarks { left_eye, right_eye, nose, mouth_left, mouth_right }))
}

/// An object with `detect_objects(frame)`, as `YOLOObjectDetector` has it.
#[derive(Debug)]
pub(crate) struct PythonObjectDetector {
    detect: Py<PyAny>,
    name: String,
}

impl PythonObjectDetector {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (detect, name) = with_method(object, "detect_objects")?;
        Ok(Self { detect, name })
    }
}

impl ObjectDetector for PythonObjectDetector {
    fn name(&self) -> &str {
        &self.name
    }

    fn detect(&self, frame: &Frame) -> Result<Vec<Object>> {
        check_pixels(frame.width(), frame.height())?;
        detections(frame, &self.detect, object).map_err(|raised| failed(&self.name, raised))
    }
}

fn object(detection: &Bound<'_, PyAny>) -> PyResult<Object> {
    Ok(Object {
        class_id: class_of(detection)?,
        confidence: number(detection, "confidence")?,
        x: number(detection, "x")?,
        y: number(detection, "y")?,
        width: number(detection, "width")?,
        height: number(detection, "height")?,
    })
}

/// The number of a detection's class, by its name where it has one.
fn class_of(detection: &Bound<'_, PyAny>) -> PyResult<usize> {
    let class = match (said(detection, "class_name")?, said(detection, "class_id")?) {
        (Some(name), _) => {
            let name: String = name.extract()?;
            COCO_CLASSES.iter().position(|class| *class == name)
        }
        (None, Some(id)) => Some(id.extract()?).filter(|id| *id < COCO_CLASSES.len()),
        (None, None) => None,
    };
    class.ok_or_else(|| {
        PyValueError::new_err(format!(
            "a detection needs the class_name or class_id of one of COCO's 80 classes: {detection}"
        ))
    })
}

/// A function of a line that returns what it says.
#[derive(Debug)]
pub(crate) struct PythonTextReader {
    read: Py<PyAny>,
    name: String,
}

impl PythonTextReader {
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        if !object.is_callable() {
            let given = object.get_type().fully_qualified_name()?;
            let message = format!("text_reader must be a function of a picture, given is {given}");
            return Err(PyTypeError::new_err(message));
        }
        Ok(Self { read: object.clone().unbind(), name: name_of(object)? })
    }

    fn ask(&self, line: &GrayImage) -> PyResult<Option<String>> {
        Python::attach(|py| {
            let pixels = PyArray1::from_slice(py, line.data());
            let picture = pixels.reshape([line.height(), line.width()])?;
            let read: Option<String> = self.read.bind(py).call1((picture,))?.extract()?;
            Ok(read.map(|read| read.trim().to_owned()).filter(|read| !read.is_empty()))
        })
    }
}

impl TextReader for PythonTextReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn read(&self, line: &GrayImage) -> Result<Option<String>> {
        if line.width() == 0 || line.height() == 0 {
            return Ok(None);
        }
        self.ask(line)
            .map_err(|raised| Error::TextReader { name: self.name.clone(), source: raised.into() })
    }
}
