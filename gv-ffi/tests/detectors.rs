//! Detectors of a program's own, and what the library's say of a video.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;
mod common;

use called::{got, initialized, message, pushed};
use geminivideo::vision::testing::{face_detector_suite, object_detector_suite};
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::analyzer::*;
use gv_ffi::face_weighted_analyzer::*;
use gv_ffi::faces::*;
use gv_ffi::objects::*;
use gv_ffi::picture::*;
use gv_ffi::pushing::*;
use gv_ffi::status::*;
use gv_ffi::text::*;
use gv_ffi::yolo_face_detector::*;
use gv_ffi::yolo_object_detector::*;
use std::ffi::{CStr, CString, c_void};
use std::mem::size_of;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The box of what is much more red than green, in pixels.
fn red(picture: &gv_picture) -> Option<[f32; 4]> {
    assert_eq!(picture.layout, GV_LAYOUT_RGB24);
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut edges: Option<[usize; 4]> = None;
    for y in 0..height {
        let row = unsafe {
            let start = picture.planes[0].offset(picture.strides[0] * y as isize);
            std::slice::from_raw_parts(start, width * 3)
        };
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            if pixel[0] > 150 && pixel[1] < 90 {
                let [left, top, right, bottom] = edges.unwrap_or([x, y, x, y]);
                edges = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
            }
        }
    }
    edges.map(|[left, top, right, bottom]| {
        [left, top, right - left + 1, bottom - top + 1].map(|place| place as f32)
    })
}

unsafe extern "C-unwind" fn red_face(
    picture: *const gv_picture,
    found: *mut gv_faces,
    _: *mut c_void,
) -> gv_status {
    let Some([x, y, width, height]) = red(unsafe { &*picture }) else { return GV_OK };
    let mut face = initialized(gv_face_init);
    (face.x, face.y, face.width, face.height, face.confidence) = (x, y, width, height, 0.75);
    face.has_landmarks = 1;
    face.landmarks = [x, y, x + width, y, x + width / 2.0, y + height / 2.0, x, y, x, y];
    unsafe { gv_faces_add(found, &raw const face) }
}

unsafe extern "C-unwind" fn red_can(
    picture: *const gv_picture,
    found: *mut gv_objects,
    _: *mut c_void,
) -> gv_status {
    let Some([x, y, width, height]) = red(unsafe { &*picture }) else { return GV_OK };
    let mut can = initialized(gv_object_init);
    (can.x, can.y, can.width, can.height) = (x, y, width, height);
    (can.class_id, can.confidence) = (39, 0.5);
    unsafe { gv_objects_add(found, &raw const can) }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C-unwind" fn count_drop(_: *mut c_void) {
    DROPPED.fetch_add(1, Ordering::SeqCst);
}

fn face_functions() -> gv_face_detector_functions {
    gv_face_detector_functions {
        struct_size: size_of::<gv_face_detector_functions>() as u32,
        reserved: 0,
        name: c"red".as_ptr(),
        detect: Some(red_face),
        userdata: null_mut(),
        drop: None,
    }
}

fn face_detector(functions: &gv_face_detector_functions) -> *mut gv_face_detector {
    let mut detector = null_mut();
    let status = unsafe { gv_face_detector_new(functions, &raw mut detector) };
    assert_eq!(status, GV_OK, "{}", message());
    detector
}

fn object_detector() -> *mut gv_object_detector {
    let functions = gv_object_detector_functions {
        struct_size: size_of::<gv_object_detector_functions>() as u32,
        reserved: 0,
        name: c"cans".as_ptr(),
        detect: Some(red_can),
        userdata: null_mut(),
        drop: None,
    };
    let mut detector = null_mut();
    let status = unsafe { gv_object_detector_new(&raw const functions, &raw mut detector) };
    assert_eq!(status, GV_OK, "{}", message());
    detector
}

const WIDTH: usize = 160;
const HEIGHT: usize = 90;

/// Grey stripes, and where `seen`, a red box of 40 x 30 that moves right by two pixels a frame.
fn rendered(number: usize, seen: bool) -> Vec<u8> {
    let mut pixels = vec![0; WIDTH * HEIGHT * 3];
    for (at, pixel) in pixels.chunks_exact_mut(3).enumerate() {
        let (x, y) = (at % WIDTH, at / WIDTH);
        let left = 20 + number % 25 * 2;
        let inside = (left..left + 40).contains(&x) && (30..60).contains(&y);
        let grey = 60 + ((x / 8 + y / 8) % 2) as u8 * 60;
        pixel.copy_from_slice(&if seen && inside { [220, 20, 20] } else { [grey; 3] });
    }
    pixels
}

fn analysed(options: &gv_analyze_options, frames: usize) -> Result<*mut gv_analysis, gv_status> {
    let frames = (0..frames).map(|number| rendered(number, (25..75).contains(&number)));
    pushed((GV_LAYOUT_RGB24, WIDTH, HEIGHT), WIDTH * 3, options, frames)
}

#[test]
fn detectors_in_c_keep_to_the_contract_of_all_detectors() {
    let (faces, objects) = (face_detector(&face_functions()), object_detector());
    unsafe {
        face_detector_suite((*faces).detector());
        object_detector_suite((*objects).detector());
        gv_face_detector_free(faces);
        gv_object_detector_free(objects);
    }
}

#[test]
fn what_a_detector_of_ones_own_sees_is_told_in_places_times_and_tracks() {
    let (faces, objects) = (face_detector(&face_functions()), object_detector());
    let mut options = initialized(gv_analyze_options_init);
    (options.face_detector, options.object_detector) = (faces, objects);
    options.text = 0;
    let analysis = analysed(&options, 100).unwrap();
    unsafe {
        gv_face_detector_free(faces);
        gv_object_detector_free(objects);
        let presence: gv_face_presence =
            got(|place| gv_analysis_face_presence(analysis, place)).unwrap();
        assert_eq!(CStr::from_ptr(presence.detector), c"red");
        assert_eq!((presence.frames, presence.frames_with_faces), (20, 10));
        assert!((presence.ratio - 0.5).abs() < 1e-9, "{presence:?}");
        assert!((presence.first_time - 1.0).abs() < 1e-9, "{presence:?}");
        assert!((presence.longest - 2.0).abs() < 1e-9, "{presence:?}");

        assert_eq!(gv_analysis_faces_len(analysis), 10);
        let first: gv_face = got(|place| gv_analysis_faces_get(analysis, 0, place)).unwrap();
        assert_eq!((first.frame, first.time, first.has_landmarks), (25, 1.0, 1));
        assert_eq!([first.x, first.y, first.width, first.height], [20.0, 30.0, 40.0, 30.0]);
        assert!(got(|place: *mut gv_face| gv_analysis_faces_get(analysis, 10, place)).is_err());

        assert_eq!(gv_analysis_face_tracks_len(analysis), 2);
        let track: gv_face_track =
            got(|place| gv_analysis_face_tracks_get(analysis, 0, place)).unwrap();
        assert!((track.start_time - 1.0).abs() < 1e-9 && track.sightings == 5, "{track:?}");
        let between: gv_face =
            got(|place| gv_analysis_face_tracks_at(analysis, 0, 1.1, place)).unwrap();
        assert!((between.x - 25.0).abs() < 1e-3, "{between:?}");
        let gone = got(|place: *mut gv_face| gv_analysis_face_tracks_at(analysis, 0, 9.0, place));
        assert_eq!(gone.unwrap_err(), GV_NOT_FOUND);
        let moment: gv_face_moment =
            got(|place| gv_analysis_face_moments_get(analysis, 0, place)).unwrap();
        assert!(moment.score > 0.0 && (1.0..3.0).contains(&moment.time), "{moment:?}");
        assert!(!CStr::from_ptr(moment.recommendation).is_empty());

        let found: gv_object_figures =
            got(|place| gv_analysis_object_summary(analysis, place)).unwrap();
        assert_eq!(CStr::from_ptr(found.detector), c"cans");
        assert!((found.product_seconds - 2.0).abs() < 1e-9, "{found:?}");
        assert_eq!((found.has_people, found.brand_safe), (GV_NO, GV_YES));
        let class: gv_object_class =
            got(|place| gv_analysis_object_classes_get(analysis, 0, place)).unwrap();
        assert_eq!((class.class_id, class.count), (39, 4));
        assert_eq!(CStr::from_ptr(gv_object_class_name(39)), c"bottle");
        assert_eq!(CStr::from_ptr(gv_object_category(39)), c"product");
        assert_eq!(CStr::from_ptr(gv_object_class_name(4000)), c"unknown");
        assert_eq!(gv_analysis_objects_len(analysis), 4);
        let can: gv_object = got(|place| gv_analysis_objects_get(analysis, 3, place)).unwrap();
        assert_eq!((can.class_id, can.y), (39, 30.0));

        assert_eq!(gv_analysis_texts_len(analysis), 0);
        let unknown: Vec<(u32, String)> = (0..gv_analysis_unknown_len(analysis))
            .map(|index| {
                let part: gv_unknown =
                    got(|place| gv_analysis_unknown_get(analysis, index, place)).unwrap();
                (part.part, CStr::from_ptr(part.reason).to_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(
            unknown,
            [
                (GV_PART_TEXT, "not asked for".to_owned()),
                (GV_PART_SOUND, "no sound was pushed".to_owned())
            ]
        );
        gv_analysis_free(analysis);
    }
}

#[test]
fn what_nobody_looked_for_is_unavailable_and_not_absent() {
    let mut options = initialized(gv_analyze_options_init);
    (options.faces, options.objects) = (0, 0);
    let analysis = analysed(&options, 5).unwrap();
    unsafe {
        assert_eq!(gv_analysis_faces_len(analysis), 0);
        let faces = got(|place: *mut gv_face_presence| gv_analysis_face_presence(analysis, place));
        assert_eq!(faces.unwrap_err(), GV_UNAVAILABLE);
        assert_eq!(message(), "faces: not asked for");
        let objects =
            got(|place: *mut gv_object_figures| gv_analysis_object_summary(analysis, place));
        assert_eq!(objects.unwrap_err(), GV_UNAVAILABLE);
        gv_analysis_free(analysis);
    }
    options.faces = 2;
    let format = initialized(gv_video_format_init);
    let mut analyzer = null_mut();
    let mut small = format;
    (small.width, small.height) = (2, 2);
    let status =
        unsafe { gv_analyzer_new(&raw const small, &raw const options, &raw mut analyzer) };
    assert_eq!(status, GV_INVALID_INPUT);
    assert_eq!(message(), "options.faces is 2, allowed is 0, 1");
}

unsafe extern "C-unwind" fn refuses(
    _: *const gv_picture,
    _: *mut gv_faces,
    _: *mut c_void,
) -> gv_status {
    unsafe { gv_explain(c"the accelerator is gone".as_ptr()) };
    GV_UNAVAILABLE
}

unsafe extern "C-unwind" fn panics(
    _: *const gv_picture,
    _: *mut gv_faces,
    _: *mut c_void,
) -> gv_status {
    panic!("row 7 is odd");
}

#[test]
fn a_detector_that_fails_or_panics_ends_the_analysis_with_what_it_said() {
    for (function, said) in [
        (
            refuses as unsafe extern "C-unwind" fn(_, _, _) -> _,
            "the detector red failed: the accelerator is gone",
        ),
        (panics, "the detector red failed: internal error: row 7 is odd"),
    ] {
        let before = DROPPED.load(Ordering::SeqCst);
        let functions = gv_face_detector_functions {
            detect: Some(function),
            drop: Some(count_drop),
            ..face_functions()
        };
        let detector = face_detector(&functions);
        let mut options = initialized(gv_analyze_options_init);
        (options.face_detector, options.objects) = (detector, 0);
        assert_eq!(analysed(&options, 60).unwrap_err(), GV_CALLBACK);
        assert_eq!(message(), said);
        let pixels = rendered(0, true);
        let picture = picture(&pixels);
        let mut faces = null_mut();
        unsafe {
            let status = gv_face_detector_detect(detector, &raw const picture, &raw mut faces);
            assert_eq!((status, message().as_str()), (GV_CALLBACK, said));
            gv_face_detector_free(detector);
        }
        assert_eq!(DROPPED.load(Ordering::SeqCst), before + 1);
    }
}

fn picture(pixels: &[u8]) -> gv_picture {
    let mut picture = initialized(gv_picture_init);
    (picture.width, picture.height) = (WIDTH as u32, HEIGHT as u32);
    (picture.planes[0], picture.strides[0]) = (pixels.as_ptr(), (WIDTH * 3) as isize);
    picture
}

#[test]
fn a_picture_is_looked_at_alone_whatever_its_layout() {
    let detector = face_detector(&face_functions());
    let pixels = rendered(0, true);
    let flipped: Vec<u8> =
        pixels.chunks_exact(3).flat_map(|pixel| [pixel[2], pixel[1], pixel[0], 9]).collect();
    let mut upside_down = initialized(gv_picture_init);
    upside_down.layout = GV_LAYOUT_BGRA32;
    (upside_down.width, upside_down.height) = (WIDTH as u32, HEIGHT as u32);
    upside_down.planes[0] = unsafe { flipped.as_ptr().add(WIDTH * 4 * (HEIGHT - 1)) };
    upside_down.strides[0] = -((WIDTH * 4) as isize);
    for (picture, top) in [(picture(&pixels), 30.0), (upside_down, 30.0)] {
        let mut faces = null_mut();
        unsafe {
            let status = gv_face_detector_detect(detector, &raw const picture, &raw mut faces);
            assert_eq!(status, GV_OK, "{}", message());
            assert_eq!(gv_faces_len(faces), 1);
            let face: gv_face = got(|place| gv_faces_get(faces, 0, place)).unwrap();
            assert_eq!([face.x, face.y, face.width, face.height], [20.0, top, 40.0, 30.0]);
            gv_faces_free(faces);
        }
    }
    let mut wrong = picture(&pixels);
    let mut faces = null_mut();
    for (set, said) in [
        (
            (|wrong: &mut gv_picture| wrong.layout = 99) as fn(&mut gv_picture),
            "picture.layout is 99, allowed is 0, 1, 2, 3, 4, 5, 6",
        ),
        (|wrong| wrong.width = u32::MAX, "picture.width is 4294967295, allowed is 1 to 32768"),
        (|wrong| wrong.planes[0] = null(), "picture.planes[0] is NULL"),
        (
            |wrong| wrong.strides[0] = 3,
            "picture.strides[0] is 3, allowed is 480 or more, or minus that",
        ),
    ] {
        set(&mut wrong);
        let status = unsafe { gv_face_detector_detect(detector, &raw const wrong, &raw mut faces) };
        assert_eq!((status, message().as_str()), (GV_INVALID_INPUT, said));
        wrong = picture(&pixels);
    }
    unsafe { gv_face_detector_free(detector) };
}

#[test]
fn faces_and_objects_that_are_none_are_refused() {
    unsafe {
        let detector = face_detector(&face_functions());
        let pixels = rendered(0, false);
        let picture = picture(&pixels);
        let mut faces = null_mut();
        assert_eq!(gv_face_detector_detect(detector, &raw const picture, &raw mut faces), GV_OK);
        assert_eq!(gv_faces_len(faces), 0);
        let mut face = initialized(gv_face_init);
        for (x, width, confidence) in [(f32::NAN, 1.0, 0.5), (1.0, -1.0, 0.5), (1.0, 1.0, 1.5)] {
            (face.x, face.width, face.confidence) = (x, width, confidence);
            assert_eq!(gv_faces_add(faces, &raw const face), GV_INVALID_INPUT);
        }
        assert_eq!(gv_faces_len(faces), 0);
        assert_eq!(gv_faces_add(null_mut(), &raw const face), GV_INVALID_INPUT);
        assert_eq!(gv_faces_add(faces, null()), GV_INVALID_INPUT);
        gv_faces_free(faces);
        gv_faces_free(null_mut());
        gv_face_detector_free(detector);
        gv_face_detector_free(null_mut());
        let mut none = null_mut();
        let nameless = gv_face_detector_functions { name: null(), ..face_functions() };
        assert_eq!(gv_face_detector_new(&raw const nameless, &raw mut none), GV_INVALID_INPUT);
        assert_eq!(message(), "functions.name is NULL");
        let blind = gv_face_detector_functions { detect: None, ..face_functions() };
        assert_eq!(gv_face_detector_new(&raw const blind, &raw mut none), GV_INVALID_INPUT);
        let mut options = initialized(gv_face_detector_options_init);
        options.model = 7;
        assert_eq!(gv_face_detector_find(&raw const options, &raw mut none), GV_INVALID_INPUT);
        options.model = GV_FACE_MODEL_FILE;
        options.path = c"nowhere.onnx".as_ptr();
        assert_eq!(gv_face_detector_find(&raw const options, &raw mut none), GV_NOT_FOUND);
        let mut objects = null_mut();
        let status = gv_object_detector_find(c"nowhere.onnx".as_ptr(), 0.4, &raw mut objects);
        assert_eq!(status, GV_NOT_FOUND);
        assert!(none.is_null() && objects.is_null());
    }
}

#[test]
fn faces_of_a_real_clip_are_found_by_what_is_built_in_and_weigh_its_motion() {
    let Some(clip) = common::media("video_people/grid_bbaf2n.mpg") else { return };
    let path = CString::new(clip.to_str().unwrap()).unwrap();
    let mut options = initialized(gv_face_detector_options_init);
    options.model = GV_FACE_MODEL_BUILT_IN;
    let (mut detector, mut motion) = (null_mut(), null_mut());
    unsafe {
        assert_eq!(gv_face_detector_find(&raw const options, &raw mut detector), GV_OK);
        let status = gv_weigh_motion_of_file(
            path.as_ptr(),
            detector,
            GV_FACE_WEIGHT,
            null(),
            None,
            null_mut(),
            &raw mut motion,
        );
        assert_eq!(status, GV_OK, "{}", message());
        let figures: gv_weighted_figures =
            got(|place| gv_weighted_motion_summary(motion, place)).unwrap();
        assert_eq!(figures.weight, GV_FACE_WEIGHT);
        let total: f64 = (0..gv_weighted_motion_len(motion))
            .map(|index| {
                let frame: gv_weighted_frame =
                    got(|place| gv_weighted_motion_get(motion, index, place)).unwrap();
                let parts = frame.face_ratio * frame.face_motion
                    + (1.0 - frame.face_ratio) * frame.background_motion;
                assert!((frame.total_motion - parts).abs() < 1e-9, "{frame:?}");
                frame.face_motion
            })
            .sum();
        assert!((total - figures.face_motion).abs() < 1e-9 && total > 0.0, "{figures:?}");
        assert!(gv_weighted_motion_peaks_len(motion) > 0);
        let peak: gv_weighted_peak =
            got(|place| gv_weighted_motion_peaks_get(motion, 0, place)).unwrap();
        assert!(peak.faces > 0 && peak.total_motion > 0.0, "{peak:?}");
        gv_weighted_motion_free(motion);
        gv_face_detector_free(detector);
    }
}

#[test]
fn pushed_frames_are_weighed_by_the_faces_in_them() {
    let detector = face_detector(&face_functions());
    let mut format = initialized(gv_video_format_init);
    (format.layout, format.width, format.height) = (GV_LAYOUT_RGB24, WIDTH as u32, HEIGHT as u32);
    (format.rate_num, format.time_base_den) = (25, 25);
    let weighed = |weight: f64| unsafe {
        let (mut weigher, mut motion) = (null_mut(), null_mut());
        let status =
            gv_motion_weigher_new(&raw const format, detector, weight, null(), &raw mut weigher);
        assert_eq!(status, GV_OK, "{}", message());
        for number in 0..25 {
            let pixels = rendered(number, true);
            let mut frame = initialized(gv_frame_init);
            frame.pts = number as i64;
            (frame.planes[0], frame.strides[0]) = (pixels.as_ptr(), (WIDTH * 3) as isize);
            assert_eq!(gv_motion_weigher_push_frame(weigher, &raw const frame), GV_OK);
        }
        assert_eq!(gv_motion_weigher_finish(weigher, &raw mut motion), GV_OK, "{}", message());
        let again = gv_motion_weigher_finish(weigher, &raw mut motion);
        assert_eq!((again, message().as_str()), (GV_CONFLICT, "the video is finished"));
        gv_motion_weigher_free(weigher);
        let figures: gv_weighted_figures =
            got(|place| gv_weighted_motion_summary(motion, place)).unwrap();
        assert_eq!((gv_weighted_motion_len(motion), figures.weight), (24, weight));
        gv_weighted_motion_free(motion);
        (figures.face_motion, figures.background_motion)
    };
    let (plain, background) = weighed(1.0);
    let (threefold, same) = weighed(3.0);
    assert!(plain > 10.0 * background.max(0.01), "{plain} in the face, {background} outside");
    assert!((threefold / plain - 3.0).abs() < 1e-6 && (same - background).abs() < 1e-9);
    unsafe {
        let mut weigher = null_mut();
        let status =
            gv_motion_weigher_new(&raw const format, detector, 1.0, null(), &raw mut weigher);
        assert_eq!(status, GV_OK);
        gv_motion_weigher_cancel(weigher);
        let mut motion = null_mut();
        assert_eq!(gv_motion_weigher_finish(weigher, &raw mut motion), GV_CANCELLED);
        gv_motion_weigher_free(weigher);
        gv_motion_weigher_free(null_mut());
        gv_face_detector_free(detector);
    }
}
