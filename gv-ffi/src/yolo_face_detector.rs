//! Detectors of faces (component 5), the library's and the program's own.

use crate::argument::{
    Place, Visible, answer, blank, count, element, free, initialize, object, object_mut, one_of,
    record, text,
};
use crate::call::{Failure, Outcome, guard};
use crate::callback::Userdata;
use crate::detector::{called, check_sighting};
use crate::picture::gv_picture;
use crate::status::gv_status;
use geminivideo::vision::inference::Runtime;
use geminivideo::vision::yolo_face_detector::{
    Face, FaceDetector, FaceModel, Landmarks, find_face_detector,
};
use geminivideo::vision::{self, Frame, detections_within};
use std::ffi::{c_char, c_void};
use std::sync::Arc;

/// The face model of GV_MODEL_DIR, else of the model cache, else the built-in cascade.
pub const GV_FACE_MODEL_BEST: u32 = 0;
/// The cascade that is built in.
pub const GV_FACE_MODEL_BUILT_IN: u32 = 1;
/// An ONNX file: YuNet, UltraFace, or YOLO trained on faces.
pub const GV_FACE_MODEL_FILE: u32 = 2;

const MODELS: [(u32, u32); 3] = [
    (GV_FACE_MODEL_BEST, GV_FACE_MODEL_BEST),
    (GV_FACE_MODEL_BUILT_IN, GV_FACE_MODEL_BUILT_IN),
    (GV_FACE_MODEL_FILE, GV_FACE_MODEL_FILE),
];

/// Which of the library's detectors; gv_face_detector_options_init sets what is usual.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face_detector_options {
    /// sizeof(gv_face_detector_options).
    pub struct_size: u32,
    /// GV_FACE_MODEL_BEST and the like.
    pub model: u32,
    /// The ONNX file; GV_FACE_MODEL_FILE only.
    pub path: *const c_char,
    /// Least confidence, 0 to 1; 0.5 is usual.
    pub confidence: f32,
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_face_detector_options {
    fn initial() -> Self {
        Self { confidence: 0.5, ..blank() }
    }
}

/// A face; gv_face_init sets it to nothing. Places are in pixels: of the source for a video, else of the picture.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face {
    /// sizeof(gv_face).
    pub struct_size: u32,
    /// Whether landmarks is known: 0 or 1.
    pub has_landmarks: u32,
    /// Number of the frame that it was seen in; 0 for a picture.
    pub frame: u64,
    /// When that frame is shown; 0 for a picture.
    pub time: f64,
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// How sure the detector is, 0 to 1; not a probability that was calibrated.
    pub confidence: f32,
    /// x and y of the eye on the picture's left, the other eye, the tip of the nose, the left and the right corner of the
    /// mouth.
    pub landmarks: [f32; 10],
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_face {}

/// A program's face detector. detect may be called by several threads at once, threads of the library's own among them; a
/// C++ exception must not leave it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_face_detector_functions {
    /// sizeof(gv_face_detector_functions).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// What results call the detector.
    pub name: *const c_char,
    /// Adds the faces of a picture to found with gv_faces_add, in any order, each once; the same for the same picture. The
    /// picture is GV_LAYOUT_RGB24; picture and found are lent for the call. Another status than GV_OK is a failure, which
    /// gv_explain may explain, and ends what asked with GV_CALLBACK.
    pub detect: Option<
        unsafe extern "C-unwind" fn(
            picture: *const gv_picture,
            found: *mut gv_faces,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Handed to detect.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_face_detector_functions {}

/// Finds faces in pictures; threads may share it. What was made with it keeps it after gv_face_detector_free.
#[derive(Debug)]
pub struct gv_face_detector(Arc<dyn FaceDetector>);

/// Faces of a picture.
#[derive(Debug, Default)]
pub struct gv_faces(Vec<Face>);

impl gv_face_detector {
    /// The detector, for Rust programs that link this crate.
    pub fn detector(&self) -> &dyn FaceDetector {
        &*self.0
    }

    pub(crate) fn share(&self) -> Arc<dyn FaceDetector> {
        Arc::clone(&self.0)
    }
}

/// Sets options to what is usual.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_options_init(options: *mut gv_face_detector_options) {
    unsafe { initialize(options) };
}

/// Sets a face to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_init(face: *mut gv_face) {
    unsafe { initialize(face) };
}

/// Makes a detector out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_new(
    functions: *const gv_face_detector_functions,
    detector: *mut *mut gv_face_detector,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let name = text("functions.name", given.name)?.to_owned();
        let detect = given.detect.ok_or_else(|| Failure::invalid("functions.detect is NULL"))?;
        let place = Place::new("detector", detector)?;
        let userdata = Userdata::new(given.userdata, given.drop);
        place.give(gv_face_detector(Arc::new(Functions { name, detect, userdata })));
        Ok(())
    })
}

/// Takes one of the library's detectors; options may be NULL. A model that is found and cannot be used is an error.
///
/// Errors: GV_NOT_FOUND, GV_MODEL, GV_UNAVAILABLE where the library was built without what is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_find(
    options: *const gv_face_detector_options,
    detector: *mut *mut gv_face_detector,
) -> gv_status {
    guard(|| unsafe {
        let given = match options.is_null() {
            true => gv_face_detector_options::initial(),
            false => record("options", options)?,
        };
        let place = Place::new("detector", detector)?;
        let model = match one_of("options.model", given.model, &MODELS)? {
            GV_FACE_MODEL_BEST => FaceModel::Best,
            GV_FACE_MODEL_BUILT_IN => FaceModel::BuiltIn,
            _ => FaceModel::File(text("options.path", given.path)?.into()),
        };
        place.give(gv_face_detector(
            find_face_detector(&model, given.confidence, &Runtime::default())?.into(),
        ));
        Ok(())
    })
}

/// Frees a detector. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_free(detector: *mut gv_face_detector) {
    unsafe { free(detector) };
}

/// Name of a detector. Free the text with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_name(
    detector: *const gv_face_detector,
    name: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        Place::new("name", name)?.give_text(detector.0.name());
        Ok(())
    })
}

/// Finds the faces of a picture, surest first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_face_detector_detect(
    detector: *const gv_face_detector,
    picture: *const gv_picture,
    faces: *mut *mut gv_faces,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        let frame = record("picture", picture)?.frame()?;
        let place = Place::new("faces", faces)?;
        place.give(gv_faces(detector.0.detect(&frame)?));
        Ok(())
    })
}

/// Adds a face that a program's detector found; frame and time are not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_faces_add(faces: *mut gv_faces, face: *const gv_face) -> gv_status {
    guard(|| unsafe {
        let faces = object_mut("faces", faces)?;
        let given = record("face", face)?;
        faces.0.push(of_c(&given)?);
        Ok(())
    })
}

/// Number of faces. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_faces_len(faces: *const gv_faces) -> usize {
    unsafe { count(faces, |faces| faces.0.len()) }
}

/// The face at index, surest first. face->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_faces_get(
    faces: *const gv_faces,
    index: usize,
    face: *mut gv_face,
) -> gv_status {
    unsafe {
        answer("faces", faces, "face", face, |faces| {
            let found = element("face", &faces.0, index)?;
            Ok(in_c(found, 0, 0.0))
        })
    }
}

/// Frees faces. NULL is allowed. Those that a detector's function is lent are not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_faces_free(faces: *mut gv_faces) {
    unsafe { free(faces) };
}

pub(crate) fn in_c(face: &Face, frame: u64, time: f64) -> gv_face {
    let landmarks = face.landmarks.map_or([0.0; 10], |places| {
        let Landmarks { left_eye, right_eye, nose, mouth_left, mouth_right } = places;
        let places = [left_eye, right_eye, nose, mouth_left, mouth_right];
        std::array::from_fn(|at| match at % 2 {
            0 => places[at / 2].0,
            _ => places[at / 2].1,
        })
    });
    gv_face {
        has_landmarks: u32::from(face.landmarks.is_some()),
        frame,
        time,
        x: face.x,
        y: face.y,
        width: face.width,
        height: face.height,
        confidence: face.confidence,
        landmarks,
        ..gv_face::initial()
    }
}

fn of_c(given: &gv_face) -> Outcome<Face> {
    let [a, b, c, d, e, f, g, h, i, j] = given.landmarks;
    let places = Landmarks {
        left_eye: (a, b),
        right_eye: (c, d),
        nose: (e, f),
        mouth_left: (g, h),
        mouth_right: (i, j),
    };
    if given.has_landmarks != 0 && !given.landmarks.iter().all(|place| place.is_finite()) {
        return Err(Failure::invalid("face.landmarks has a number that is not finite"));
    }
    let face = Face {
        x: given.x,
        y: given.y,
        width: given.width,
        height: given.height,
        confidence: given.confidence,
        landmarks: (given.has_landmarks != 0).then_some(places),
    };
    check_sighting("face", &face)?;
    Ok(face)
}

/// A program's functions as a detector.
#[derive(Debug)]
struct Functions {
    name: String,
    detect: unsafe extern "C-unwind" fn(*const gv_picture, *mut gv_faces, *mut c_void) -> gv_status,
    userdata: Userdata,
}

impl FaceDetector for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn detect(&self, frame: &Frame) -> vision::Result<Vec<Face>> {
        let mut found = gv_faces::default();
        let look = |picture: &gv_picture, userdata| unsafe {
            (self.detect)(picture, &raw mut found, userdata)
        };
        called(&self.name, frame, &self.userdata, look)?;
        Ok(detections_within(found.0, frame))
    }
}
