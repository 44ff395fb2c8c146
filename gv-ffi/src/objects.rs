//! Objects of an analysed video: where they are, which classes there are, and what they make of it.

use crate::analysis::{GV_NO, GV_PART_OBJECTS, GV_UNKNOWN, GV_YES, gv_analysis, known};
use crate::argument::{Visible, answer, count, element, number_of};
use crate::call::Outcome;
use crate::status::gv_status;
use crate::yolo_object_detector::{gv_object, in_c};
use geminivideo::ObjectAnalysis;
use geminivideo::vision::yolo_object_detector::{COCO_CLASSES, SceneType, Verdict};
use std::ffi::c_char;

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
