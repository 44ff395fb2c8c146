//! What is no boundary is not found to be one.

use super::*;
use crate::GrayImage;
use crate::testing::synthetic::Event;

fn assert_quiet(edit: &Edit, what: &str) {
    let list = detect(edit.frames());
    assert!(list.boundaries.is_empty(), "{what}: {:?}", list.boundaries);
}

#[test]
fn flashes_blinks_and_strobes_are_no_boundary() {
    for number in 0..8 {
        for (what, event) in [
            ("flash of one frame", Event::Flash { frames: 1 }),
            ("flash of three frames", Event::Flash { frames: 3 }),
            ("blink", Event::Blink { frames: 2 }),
            ("strobe", Event::Strobe { period: 4, count: 6 }),
            ("fast strobe", Event::Strobe { period: 2, count: 12 }),
        ] {
            let edit = Edit::new(96, 54, 25.0).shot(scene(number), 60).event(20, event);
            assert_quiet(&edit, &format!("{what}, scene {number}"));
        }
    }
}

#[test]
fn titles_panels_and_changes_of_light_are_no_boundary() {
    for number in 20..28 {
        for (what, event) in [
            ("title", Event::Title { frames: 20 }),
            ("panel", Event::Panel { frames: 20 }),
            ("sudden light", Event::Light { frames: 4, factor: 1.5 }),
        ] {
            let edit = Edit::new(96, 54, 25.0).shot(scene(number), 60).event(20, event);
            assert_quiet(&edit, &format!("{what}, scene {number}"));
        }
        let dark = Event::Light { frames: 30, factor: 0.5 };
        let edit = Edit::new(96, 54, 25.0).shot(Scene::new(number), 60).event(20, dark);
        assert_quiet(&edit, &format!("slow dark, camera stands, scene {number}"));
    }
}

#[test]
fn whip_pans_and_fast_motion_are_no_boundary() {
    for number in 40..48 {
        for (what, motion) in [
            ("whip", Motion::Whip { at: 1.0, seconds: 0.35, widths: 2.0 }),
            ("fast pan", Motion::Pan { speed: 1.0 }),
            ("fast zoom", Motion::Zoom { rate: 1.0 }),
            ("fast subjects", Motion::Subjects { speed: 2.0 }),
            ("shaking", Motion::Handheld { amount: 0.03 }),
        ] {
            let edit = Edit::new(96, 54, 25.0).shot(Scene::new(number).motion(motion), 60);
            assert_quiet(&edit, &format!("{what}, scene {number}"));
        }
    }
}

#[test]
fn noise_black_and_a_picture_that_stands_have_no_boundary() {
    let noise = |grain: f32, light: f32| {
        Edit::new(96, 54, 25.0).shot(Scene::new(7).light(light), 60).grain(grain)
    };
    assert_quiet(&noise(0.0, 1.0), "still");
    assert_quiet(&noise(25.0, 1.0), "noise");
    assert_quiet(&noise(6.0, 0.0), "noise in black");
    let snow = (0..60).map(|i: u64| {
        let value = |x: usize, y: usize| {
            ((((x * 31 + y * 17) as u64 + i * 7919) * 2_654_435_761) >> 16) as u8
        };
        let plane = |neutral| GrayImage::filled(64, 36, neutral);
        AnalysisFrame {
            index: i,
            time: i as f64 / 25.0,
            luma: GrayImage::from_fn(64, 36, value),
            cb: plane(128),
            cr: plane(128),
            source_scale: 1.0,
        }
    });
    assert_eq!(detect(snow).boundaries, []);
}

#[test]
fn grey_that_grows_lighter_has_no_boundary() {
    let ramp = (0..50).map(|i: u64| AnalysisFrame {
        index: i,
        time: i as f64 / 25.0,
        luma: GrayImage::filled(64, 36, (i * 5) as u8),
        cb: GrayImage::filled(64, 36, 128),
        cr: GrayImage::filled(64, 36, 128),
        source_scale: 1.0,
    });
    assert_eq!(detect(ramp).boundaries, []);
}

#[test]
fn grey_that_goes_up_and_down_many_times_is_one_shot() {
    for period in [8, 21, 42, 90] {
        let ramps = (0..360_u64).map(|i| {
            let up = (i % (2 * period)).min(2 * period - i % (2 * period));
            AnalysisFrame {
                index: i,
                time: i as f64 / 25.0,
                luma: GrayImage::filled(64, 36, (up * 255 / period) as u8),
                cb: GrayImage::filled(64, 36, 128),
                cr: GrayImage::filled(64, 36, 128),
                source_scale: 1.0,
            }
        });
        let list = detect(ramps);
        assert_eq!((list.boundaries.as_slice(), list.shots.len()), (&[][..], 1), "{period}");
    }
}

#[test]
fn light_that_goes_up_and_down_many_times_comes_to_an_end_and_nothing_is_found_twice() {
    for period in [6, 17, 40] {
        let mut edit = Edit::new(96, 54, 25.0).shot(scene(3), 300);
        for turn in 0..300 / period {
            let factor = if turn % 2 == 0 { 0.3 } else { 1.0 / 0.3 };
            edit = edit.event(turn * period, Event::Light { frames: period, factor });
        }
        let list = detect(edit.frames());
        let apart = list.boundaries.windows(2).all(|b| b[0].end_frame <= b[1].start_frame);
        assert!(apart && list.boundaries.len() < 300 / period, "{period}: {:?}", list.boundaries);
    }
}
