//! Frames in every layout, pushed through the C functions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]
#![allow(unsafe_code, reason = "the tests call what C calls")]

mod called;

use called::{initialized, message};
use gv_ffi::analysis::*;
use gv_ffi::analyze::*;
use gv_ffi::analyzer::*;
use gv_ffi::motion_energy::*;
use gv_ffi::picture::*;
use gv_ffi::pushing::*;
use gv_ffi::status::*;
use std::mem::{MaybeUninit, size_of};
use std::ptr::{null, null_mut};

const WIDTH: usize = 161;
const HEIGHT: usize = 91;

fn format(layout: u32) -> gv_video_format {
    let mut format = initialized(gv_video_format_init);
    (format.layout, format.width, format.height) = (layout, WIDTH as u32, HEIGHT as u32);
    (format.rate_num, format.time_base_den) = (25, 25);
    format
}

fn analyzer(format: &gv_video_format) -> *mut gv_analyzer {
    let mut analyzer = null_mut();
    let status = unsafe { gv_analyzer_new(format, null(), &raw mut analyzer) };
    assert_eq!(status, GV_OK, "{}", message());
    analyzer
}

/// A texture that moves by two pixels a frame, and jumps at frame 20; grey 16 to 235.
fn grey(number: usize, x: usize, y: usize) -> u8 {
    let scene = number / 20;
    let cell = ((x + number * 2) / 9) * 7_919 + (y / (8 + 5 * scene)) * 104_729 + scene * 31;
    (20 + scene * 80 + cell % 130) as u8
}

/// The planes of one frame, each row `padding` bytes longer than it must be.
fn planes(layout: u32, number: usize, padding: usize) -> Vec<(Vec<u8>, usize)> {
    let (half_width, half_height) = (WIDTH.div_ceil(2), HEIGHT.div_ceil(2));
    let plane = |row_bytes: usize, rows: usize, value: &dyn Fn(usize, usize) -> u8| {
        let stride = row_bytes + padding;
        let mut bytes = vec![0xEE; stride * rows];
        for y in 0..rows {
            for x in 0..row_bytes {
                bytes[y * stride + x] = value(x, y);
            }
        }
        (bytes, stride)
    };
    let luma = |x, y| grey(number, x, y);
    let neutral = |_, _| 128;
    match layout {
        GV_LAYOUT_GRAY8 => vec![plane(WIDTH, HEIGHT, &luma)],
        GV_LAYOUT_YUV420P => vec![
            plane(WIDTH, HEIGHT, &luma),
            plane(half_width, half_height, &neutral),
            plane(half_width, half_height, &neutral),
        ],
        GV_LAYOUT_NV12 => {
            vec![plane(WIDTH, HEIGHT, &luma), plane(half_width * 2, half_height, &neutral)]
        }
        GV_LAYOUT_BGR24 | GV_LAYOUT_RGB24 => {
            vec![plane(WIDTH * 3, HEIGHT, &|x, y| grey(number, x / 3, y))]
        }
        _ => vec![plane(WIDTH * 4, HEIGHT, &|x, y| match x % 4 {
            3 => 77,
            _ => grey(number, x / 4, y),
        })],
    }
}

fn push(analyzer: *mut gv_analyzer, pts: i64, planes: &[(Vec<u8>, usize)]) -> gv_status {
    let mut frame = initialized(gv_frame_init);
    frame.pts = pts;
    for (place, (bytes, stride)) in planes.iter().enumerate() {
        (frame.planes[place], frame.strides[place]) = (bytes.as_ptr(), *stride as isize);
    }
    unsafe { gv_analyzer_push_frame(analyzer, &raw const frame) }
}

/// Energies and starts of shots.
fn analysed(layout: u32, padding: usize) -> (Vec<f64>, Vec<u64>) {
    let analyzer = analyzer(&format(layout));
    for number in 0..40 {
        assert_eq!(push(analyzer, number as i64, &planes(layout, number, padding)), GV_OK);
    }
    let mut analysis = null_mut();
    let (mut energies, mut starts) = (Vec::new(), Vec::new());
    unsafe {
        assert_eq!(gv_analyzer_finish(analyzer, &raw mut analysis), GV_OK, "{}", message());
        assert_eq!(gv_analyzer_finish(analyzer, &raw mut analysis), GV_CONFLICT);
        assert_eq!(push(analyzer, 50, &planes(layout, 0, 0)), GV_CONFLICT);
        for index in 0..gv_analysis_motion_len(analysis) {
            let mut frame = MaybeUninit::<gv_motion_frame>::zeroed().assume_init();
            frame.struct_size = size_of::<gv_motion_frame>() as u32;
            assert_eq!(gv_analysis_motion_get(analysis, index, &raw mut frame), GV_OK);
            energies.push(frame.mean_energy);
        }
        for index in 0..gv_analysis_shots_len(analysis) {
            let mut shot = MaybeUninit::<gv_shot>::zeroed().assume_init();
            shot.struct_size = size_of::<gv_shot>() as u32;
            assert_eq!(gv_analysis_shots_get(analysis, index, &raw mut shot), GV_OK);
            starts.push(shot.start_frame);
        }
        gv_analysis_free(analysis);
        gv_analyzer_free(analyzer);
    }
    (energies, starts)
}

#[test]
fn every_layout_tells_the_same_video_the_same_way() {
    let yuv = analysed(GV_LAYOUT_YUV420P, 0);
    assert_eq!(yuv.1, [0, 20]);
    assert!(yuv.0.iter().all(|energy| (1.0..4.0).contains(energy)), "{:?}", yuv.0);
    assert_eq!(analysed(GV_LAYOUT_NV12, 0), yuv);
    let bgr = analysed(GV_LAYOUT_BGR24, 0);
    assert_eq!(analysed(GV_LAYOUT_RGB24, 0), bgr);
    assert_eq!(analysed(GV_LAYOUT_BGRA32, 0), bgr);
    assert_eq!(analysed(GV_LAYOUT_RGBA32, 0), bgr);
    assert_eq!(bgr.1, yuv.1);
    assert_eq!(analysed(GV_LAYOUT_GRAY8, 0).1, yuv.1);
}

#[test]
fn bytes_between_rows_are_not_looked_at() {
    for layout in [GV_LAYOUT_GRAY8, GV_LAYOUT_YUV420P, GV_LAYOUT_NV12, GV_LAYOUT_BGRA32] {
        assert_eq!(analysed(layout, 13), analysed(layout, 0), "{layout}");
    }
}

#[test]
fn a_frame_that_cannot_be_is_refused_and_the_others_go_on() {
    let analyzer = analyzer(&format(GV_LAYOUT_YUV420P));
    let good = planes(GV_LAYOUT_YUV420P, 0, 0);
    assert_eq!(push(analyzer, 10, &good), GV_OK);
    assert_eq!(push(analyzer, 9, &good), GV_INVALID_INPUT);
    assert!(message().contains("pts"), "{}", message());
    assert_eq!(push(analyzer, 11, &good[..2]), GV_INVALID_INPUT);
    assert_eq!(message(), "frame.planes[2] is NULL");
    let narrow = [(good[0].0.clone(), 100), good[1].clone(), good[2].clone()];
    assert_eq!(push(analyzer, 11, &narrow), GV_INVALID_INPUT);
    assert!(message().starts_with("frame.strides[0] is 100"), "{}", message());
    assert_eq!(push(analyzer, 11, &good), GV_OK);
    let mut analysis = null_mut();
    let mut summary = MaybeUninit::<gv_summary>::zeroed();
    unsafe {
        assert_eq!(gv_analyzer_push_frame(analyzer, null()), GV_INVALID_INPUT);
        assert_eq!(gv_analyzer_finish(analyzer, &raw mut analysis), GV_OK);
        (*summary.as_mut_ptr()).struct_size = size_of::<gv_summary>() as u32;
        assert_eq!(gv_analysis_summary(analysis, summary.as_mut_ptr()), GV_OK);
        let summary = summary.assume_init();
        assert_eq!((summary.frames, summary.start_time), (2, 0.4));
        gv_analysis_free(analysis);
        gv_analyzer_free(analyzer);
    }
}

#[test]
fn formats_that_are_none_are_named() {
    let mut analyzer = null_mut();
    let mut wrong = |change: fn(&mut gv_video_format)| {
        let mut format = format(GV_LAYOUT_GRAY8);
        change(&mut format);
        let status = unsafe { gv_analyzer_new(&raw const format, null(), &raw mut analyzer) };
        assert_eq!(status, GV_INVALID_INPUT);
        message()
    };
    assert!(wrong(|format| format.layout = 7).starts_with("format.layout is 7"));
    assert_eq!(wrong(|format| format.width = 0), "format.width is 0, allowed is 1 to 32768");
    assert!(wrong(|format| format.height = u32::MAX).starts_with("format.height"));
    assert!(wrong(|format| format.time_base_den = 0).starts_with("format.time_base is 1 / 0"));
    assert!(
        wrong(|format| format.rate_num = -25).starts_with("format.rate is -25 / 25")
            || message().starts_with("format.rate is -25 / 1")
    );
    assert!(wrong(|format| format.pixel_aspect_num = 0).starts_with("format.pixel_aspect"));
    assert!(analyzer.is_null());
}

#[test]
fn a_video_without_frames_is_an_empty_analysis() {
    let analyzer = analyzer(&format(GV_LAYOUT_GRAY8));
    let mut analysis = null_mut();
    unsafe {
        assert_eq!(gv_analyzer_finish(analyzer, &raw mut analysis), GV_OK, "{}", message());
        assert_eq!(gv_analysis_shots_len(analysis), 0);
        gv_analysis_free(analysis);
        gv_analyzer_free(analyzer);
    }
}

#[test]
fn threads_may_push_beside_each_other_and_one_may_cancel() {
    struct Shared(*mut gv_analyzer);
    unsafe impl Sync for Shared {}
    let shared = Shared(analyzer(&format(GV_LAYOUT_GRAY8)));
    let frame = planes(GV_LAYOUT_GRAY8, 0, 0);
    let shared_ref = &shared;
    std::thread::scope(|scope| {
        let pushing: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..10_000)
                        .map(|_| push(shared_ref.0, 5, &frame))
                        .find(|status| *status != GV_OK)
                })
            })
            .collect();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(unsafe { gv_analyzer_cancel(shared_ref.0) }, GV_OK);
        for thread in pushing {
            assert_eq!(thread.join().unwrap(), Some(GV_CANCELLED));
        }
    });
    unsafe { gv_analyzer_free(shared.0) };
}

#[test]
fn a_cancelled_analyzer_ends_with_a_status_and_an_unfinished_one_is_freed_at_once() {
    let cancelled = analyzer(&format(GV_LAYOUT_GRAY8));
    let frame = planes(GV_LAYOUT_GRAY8, 0, 0);
    unsafe {
        assert_eq!(push(cancelled, 0, &frame), GV_OK);
        assert_eq!(gv_analyzer_cancel(cancelled), GV_OK);
        assert_eq!(push(cancelled, 1, &frame), GV_CANCELLED);
        let mut analysis = null_mut();
        assert_eq!(gv_analyzer_finish(cancelled, &raw mut analysis), GV_CANCELLED);
        gv_analyzer_free(cancelled);
        let unfinished = analyzer(&format(GV_LAYOUT_GRAY8));
        assert_eq!(push(unfinished, 0, &frame), GV_OK);
        gv_analyzer_free(unfinished);
        gv_analyzer_free(analyzer(&format(GV_LAYOUT_GRAY8)));
    }
}

#[test]
fn options_that_the_file_analysis_refuses_are_refused_at_the_first_frame() {
    let mut options = initialized(gv_analyze_options_init);
    options.motion_long_side = 1;
    let mut analyzer = null_mut();
    unsafe {
        let format = format(GV_LAYOUT_GRAY8);
        let status = gv_analyzer_new(&raw const format, &raw const options, &raw mut analyzer);
        assert_eq!(status, GV_OK);
        let mut analysis = null_mut();
        assert_eq!(gv_analyzer_finish(analyzer, &raw mut analysis), GV_INVALID_INPUT);
        assert!(message().contains("motion_long_side is 1"), "{}", message());
        gv_analyzer_free(analyzer);
    }
}
