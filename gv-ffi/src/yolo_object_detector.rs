//! Detectors of objects (component 6), the library's and the program's own.
//!
//! Classes are those of COCO, 0 to 79. No weights come with the library: without a file there is no detector of its own.

use crate::argument::{
    Place, Visible, answer, count, element, free, initialize, object, object_mut, optional_text,
    record, text,
};
use crate::call::{Failure, Outcome, c_string, guard};
use crate::callback::Userdata;
use crate::detector::{called, check_sighting};
use crate::picture::gv_picture;
use crate::status::gv_status;
use geminivideo::vision::inference::Runtime;
use geminivideo::vision::yolo_object_detector::{
    COCO_CLASSES, Object, ObjectDetector, ObjectModel, category_of, find_object_detector,
};
use geminivideo::vision::{self, Frame, detections_within};
use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, LazyLock};

/// An object; gv_object_init sets it to nothing. Places are in pixels: of the source for a video, else of the picture.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_object {
    /// sizeof(gv_object).
    pub struct_size: u32,
    /// Its class, 0 to 79; gv_object_class_name names it.
    pub class_id: u32,
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
    /// 0; fills the struct.
    pub reserved: u32,
}

unsafe impl Visible for gv_object {}

/// A program's object detector. detect may be called by several threads at once, threads of the library's own among them;
/// a C++ exception must not leave it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_object_detector_functions {
    /// sizeof(gv_object_detector_functions).
    pub struct_size: u32,
    /// 0; keeps what follows in place.
    pub reserved: u32,
    /// What results call the detector.
    pub name: *const c_char,
    /// Adds the objects of a picture to found with gv_objects_add, in any order, each once; the same for the same picture.
    /// The picture is GV_LAYOUT_RGB24; picture and found are lent for the call. Another status than GV_OK is a failure,
    /// which gv_explain may explain, and ends what asked with GV_CALLBACK.
    pub detect: Option<
        unsafe extern "C-unwind" fn(
            picture: *const gv_picture,
            found: *mut gv_objects,
            userdata: *mut c_void,
        ) -> gv_status,
    >,
    /// Handed to detect.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_object_detector_functions {}

/// Finds objects in pictures; threads may share it. What was made with it keeps it after gv_object_detector_free.
#[derive(Debug)]
pub struct gv_object_detector(Arc<dyn ObjectDetector>);

/// Objects of a picture.
#[derive(Debug, Default)]
pub struct gv_objects(Vec<Object>);

impl gv_object_detector {
    /// The detector, for Rust programs that link this crate.
    pub fn detector(&self) -> &dyn ObjectDetector {
        &*self.0
    }

    pub(crate) fn share(&self) -> Arc<dyn ObjectDetector> {
        Arc::clone(&self.0)
    }
}

/// Sets an object to nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_init(found: *mut gv_object) {
    unsafe { initialize(found) };
}

/// A class in words, as "cell phone"; "unknown" for what is no class. Never NULL, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn gv_object_class_name(class_id: u32) -> *const c_char {
    static NAMES: LazyLock<Vec<CString>> =
        LazyLock::new(|| COCO_CLASSES.iter().map(|name| c_string(name)).collect());
    NAMES.get(class_id as usize).map_or(c"unknown".as_ptr(), |name| name.as_ptr())
}

/// What a class is to an ad: "people", "product", "technology", "food", ... Never NULL, never freed.
#[unsafe(no_mangle)]
pub extern "C" fn gv_object_category(class_id: u32) -> *const c_char {
    static NAMES: LazyLock<Vec<CString>> =
        LazyLock::new(|| (0..=COCO_CLASSES.len()).map(|id| c_string(category_of(id))).collect());
    let at = (class_id as usize).min(COCO_CLASSES.len());
    NAMES.get(at).map_or(c"unknown".as_ptr(), |name| name.as_ptr())
}

/// Makes a detector out of a program's functions. On an error drop is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_detector_new(
    functions: *const gv_object_detector_functions,
    detector: *mut *mut gv_object_detector,
) -> gv_status {
    guard(|| unsafe {
        let given = record("functions", functions)?;
        let name = text("functions.name", given.name)?.to_owned();
        let detect = given.detect.ok_or_else(|| Failure::invalid("functions.detect is NULL"))?;
        let place = Place::new("detector", detector)?;
        let userdata = Userdata::new(given.userdata, given.drop);
        place.give(gv_object_detector(Arc::new(Functions { name, detect, userdata })));
        Ok(())
    })
}

/// Takes one of the library's detectors: the ONNX file at path (YOLOX, YOLOv8, YOLOv5), or for NULL the best that
/// GV_MODEL_DIR or the model cache has. It gives objects of at least confidence, 0 to 1; 0.4 is usual.
///
/// Errors: GV_UNAVAILABLE where there is none, GV_NOT_FOUND, GV_MODEL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_detector_find(
    path: *const c_char,
    confidence: f32,
    detector: *mut *mut gv_object_detector,
) -> gv_status {
    guard(|| unsafe {
        let path = optional_text("path", path)?;
        let place = Place::new("detector", detector)?;
        let model = path.map_or_else(ObjectModel::default, |path| ObjectModel::File(path.into()));
        place.give(gv_object_detector(
            find_object_detector(&model, confidence, &Runtime::default())?.into(),
        ));
        Ok(())
    })
}

/// Frees a detector. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_detector_free(detector: *mut gv_object_detector) {
    unsafe { free(detector) };
}

/// Name of a detector. Free the text with gv_string_free.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_detector_name(
    detector: *const gv_object_detector,
    name: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        Place::new("name", name)?.give_text(detector.0.name());
        Ok(())
    })
}

/// Finds the objects of a picture, surest first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_object_detector_detect(
    detector: *const gv_object_detector,
    picture: *const gv_picture,
    objects: *mut *mut gv_objects,
) -> gv_status {
    guard(|| unsafe {
        let detector = object("detector", detector)?;
        let frame = record("picture", picture)?.frame()?;
        let place = Place::new("objects", objects)?;
        place.give(gv_objects(detector.0.detect(&frame)?));
        Ok(())
    })
}

/// Adds an object that a program's detector found; frame and time are not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_objects_add(
    objects: *mut gv_objects,
    found: *const gv_object,
) -> gv_status {
    guard(|| unsafe {
        let objects = object_mut("objects", objects)?;
        objects.0.push(of_c(&record("found", found)?)?);
        Ok(())
    })
}

/// Number of objects. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_objects_len(objects: *const gv_objects) -> usize {
    unsafe { count(objects, |objects| objects.0.len()) }
}

/// The object at index, surest first. found->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_objects_get(
    objects: *const gv_objects,
    index: usize,
    found: *mut gv_object,
) -> gv_status {
    unsafe {
        answer("objects", objects, "found", found, |objects| {
            let seen = element("object", &objects.0, index)?;
            Ok(in_c(seen, 0, 0.0))
        })
    }
}

/// Frees objects. NULL is allowed. Those that a detector's function is lent are not to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_objects_free(objects: *mut gv_objects) {
    unsafe { free(objects) };
}

pub(crate) fn in_c(found: &Object, frame: u64, time: f64) -> gv_object {
    gv_object {
        class_id: u32::try_from(found.class_id).unwrap_or(u32::MAX),
        frame,
        time,
        x: found.x,
        y: found.y,
        width: found.width,
        height: found.height,
        confidence: found.confidence,
        ..gv_object::initial()
    }
}

fn of_c(given: &gv_object) -> Outcome<Object> {
    let class_id = given.class_id as usize;
    if class_id >= COCO_CLASSES.len() {
        let message = format!("found.class_id is {class_id}, allowed is 0 to 79");
        return Err(Failure::invalid(message));
    }
    let gv_object { confidence, x, y, width, height, .. } = *given;
    let object = Object { class_id, confidence, x, y, width, height };
    check_sighting("found", &object)?;
    Ok(object)
}

/// A program's functions as a detector.
#[derive(Debug)]
struct Functions {
    name: String,
    detect:
        unsafe extern "C-unwind" fn(*const gv_picture, *mut gv_objects, *mut c_void) -> gv_status,
    userdata: Userdata,
}

impl ObjectDetector for Functions {
    fn name(&self) -> &str {
        &self.name
    }

    fn detect(&self, frame: &Frame) -> vision::Result<Vec<Object>> {
        let mut found = gv_objects::default();
        let look = |picture: &gv_picture, userdata| unsafe {
            (self.detect)(picture, &raw mut found, userdata)
        };
        called(&self.name, frame, &self.userdata, look)?;
        Ok(detections_within(found.0, frame))
    }
}
