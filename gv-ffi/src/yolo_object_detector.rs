//! Objects (component 6): detectors, the library's and the program's own, and what one saw in a video.
//!
//! Classes are those of COCO, 0 to 79. No weights come with the library: without a file there is no detector of its own.

use crate::analysis::{GV_NO, GV_PART_OBJECTS, GV_UNKNOWN, GV_YES, gv_analysis, known};
use crate::argument::{
    Place, Visible, answer, count, element, free, initialize, number_of, object, object_mut,
    optional_text, record, text,
};
use crate::call::{Failure, Outcome, c_string, guard};
use crate::callback::Userdata;
use crate::detector::{called, check_sighting};
use crate::picture::gv_picture;
use crate::status::gv_status;
use geminivideo::ObjectAnalysis;
use geminivideo::vision::inference::Runtime;
use geminivideo::vision::yolo_object_detector::{
    COCO_CLASSES, Object, ObjectDetector, ObjectModel, SceneType, Verdict, category_of,
    find_object_detector,
};
use geminivideo::vision::{self, Frame, detections_within};
use std::ffi::{CString, c_char, c_void};
use std::sync::{Arc, LazyLock};

/// People and little else.
pub const GV_SCENE_PEOPLE: u32 = 0;
/// A thing that is sold.
pub const GV_SCENE_PRODUCT: u32 = 1;
/// A device and its screen.
pub const GV_SCENE_TECHNOLOGY: u32 = 2;
/// Food and what it is eaten with.
pub const GV_SCENE_FOOD: u32 = 3;
/// Sport.
pub const GV_SCENE_SPORTS: u32 = 4;
/// Rooms: furniture and kitchens.
pub const GV_SCENE_HOME: u32 = 5;
/// Roads, vehicles, signs.
pub const GV_SCENE_STREET: u32 = 6;
/// Animals.
pub const GV_SCENE_ANIMALS: u32 = 7;
/// No kind has enough of it.
pub const GV_SCENE_MIXED: u32 = 8;
/// Nothing was recognised.
pub const GV_SCENE_UNKNOWN: u32 = 9;

const SCENES: [(u32, SceneType); 10] = [
    (GV_SCENE_PEOPLE, SceneType::People),
    (GV_SCENE_PRODUCT, SceneType::Product),
    (GV_SCENE_TECHNOLOGY, SceneType::Technology),
    (GV_SCENE_FOOD, SceneType::Food),
    (GV_SCENE_SPORTS, SceneType::Sports),
    (GV_SCENE_HOME, SceneType::Home),
    (GV_SCENE_STREET, SceneType::Street),
    (GV_SCENE_ANIMALS, SceneType::Animals),
    (GV_SCENE_MIXED, SceneType::Mixed),
    (GV_SCENE_UNKNOWN, SceneType::Unknown),
];

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

/// What the objects of a video make of it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_object_figures {
    /// sizeof(gv_object_figures), set by the caller.
    pub struct_size: u32,
    /// The kind of scene with the largest part: GV_SCENE_...
    pub scene: u32,
    /// How clearly it is that kind, 0 to 1.
    pub scene_confidence: f64,
    /// Whether a person is seen: GV_YES or GV_NO.
    pub has_people: i32,
    /// Whether what a brand would not want beside its name is absent: GV_YES, GV_NO or GV_UNKNOWN.
    pub brand_safe: i32,
    /// Frames that were looked at.
    pub frames: u64,
    /// Part of the time in which a product is seen, 0 to 1. A brand's own product that is no class of COCO is not seen.
    pub product_ratio: f64,
    /// Seconds in which a product is seen.
    pub product_seconds: f64,
    /// When the first product is seen; NaN where none is.
    pub product_first_time: f64,
    /// The longest stretch in seconds in which a product is seen.
    pub product_longest: f64,
    /// Mean part of the picture that the largest product has while one is seen, 0 to 1.
    pub product_size: f64,
    /// Name of the detector; borrowed from the analysis.
    pub detector: *const c_char,
}

unsafe impl Visible for gv_object_figures {}

/// The objects of one class.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_object_class {
    /// sizeof(gv_object_class), set by the caller.
    pub struct_size: u32,
    /// The class, 0 to 79.
    pub class_id: u32,
    /// Detections over all frames that were looked at.
    pub count: u64,
    /// The highest confidence, 0 to 1.
    pub max_confidence: f64,
    /// Areas of all detections added up, in square source pixels.
    pub total_area: f64,
}

unsafe impl Visible for gv_object_class {}

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

/// What the objects make of the video. GV_UNAVAILABLE, with the reason, where nobody looked. figures->struct_size must be
/// set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_object_summary(
    analysis: *const gv_analysis,
    figures: *mut gv_object_figures,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "figures", figures, |analysis| {
            let found = looked(analysis)?;
            let product = &found.product_visibility;
            Ok(gv_object_figures {
                scene: number_of(&found.scene.primary_scene_type, &SCENES),
                scene_confidence: found.scene.confidence,
                has_people: i32::from(found.scene.has_people),
                brand_safe: match found.brand_safety.verdict {
                    Verdict::Pass => GV_YES,
                    Verdict::Fail => GV_NO,
                    Verdict::Unknown => GV_UNKNOWN,
                },
                frames: found.frames.len() as u64,
                product_ratio: product.product_presence_ratio,
                product_seconds: product.visible_seconds,
                product_first_time: product.first_appearance.unwrap_or(f64::NAN),
                product_longest: product.longest_seconds,
                product_size: product.average_size,
                detector: analysis.texts.object_detector.as_ptr(),
                ..gv_object_figures::initial()
            })
        })
    }
}

/// Number of objects that were seen, over all frames that were looked at. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_objects_len(analysis: *const gv_analysis) -> usize {
    unsafe { count(analysis, |analysis| analysis.objects.len()) }
}

/// The object at index, in time order, surest of a frame first. found->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_objects_get(
    analysis: *const gv_analysis,
    index: usize,
    found: *mut gv_object,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "found", found, |analysis| {
            let &(frame, number) = element("object", &analysis.objects, index)?;
            let seen = &looked(analysis)?.frames[frame];
            Ok(in_c(&seen.objects[number], seen.frame, seen.time))
        })
    }
}

/// Number of classes that were seen. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_object_classes_len(analysis: *const gv_analysis) -> usize {
    let classes = |objects: &ObjectAnalysis| objects.summary.len();
    unsafe { count(analysis, |analysis| analysis.found.objects.as_ref().map_or(0, classes)) }
}

/// The class at index, most detections first. found->struct_size must be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_analysis_object_classes_get(
    analysis: *const gv_analysis,
    index: usize,
    found: *mut gv_object_class,
) -> gv_status {
    unsafe {
        answer("analysis", analysis, "found", found, |analysis| {
            let class = element("class", &looked(analysis)?.summary, index)?;
            let id = COCO_CLASSES.iter().position(|name| *name == class.class_name);
            Ok(gv_object_class {
                class_id: id.map_or(u32::MAX, |id| id as u32),
                count: class.count,
                max_confidence: f64::from(class.max_confidence),
                total_area: class.total_area,
                ..gv_object_class::initial()
            })
        })
    }
}

fn looked(analysis: &gv_analysis) -> Outcome<&ObjectAnalysis> {
    known(analysis, GV_PART_OBJECTS, analysis.found.objects.as_ref())
}

fn in_c(found: &Object, frame: u64, time: f64) -> gv_object {
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
