//! Planted truth, and what must not change it.

use super::scene::{VIEW, View, analyze, texture};
use gv_vision::motion_energy::{CameraMotion, Direction, MotionAnalysis, MotionType};
use gv_vision::motion_moment_sdk::{
    AttentionCurve, AttentionOptions, MomentOptions, detect_motion_moments,
};

/// Mean of the cameras that were told, and how many frames have one.
fn camera(analysis: &MotionAnalysis) -> (CameraMotion, usize) {
    let known: Vec<CameraMotion> = analysis.frames.iter().filter_map(|f| f.camera).collect();
    let mean = |value: fn(&CameraMotion) -> f64| {
        known.iter().map(value).sum::<f64>() / known.len().max(1) as f64
    };
    let camera = CameraMotion {
        dx: mean(|c| c.dx),
        dy: mean(|c| c.dy),
        zoom: mean(|c| c.zoom),
        rotation: mean(|c| c.rotation),
        inlier_share: mean(|c| c.inlier_share),
        camera_energy: mean(|c| c.camera_energy),
        subject_energy: mean(|c| c.subject_energy),
    };
    (camera, known.len())
}

/// A disc of its own texture that moves right by 0.3 frame widths per second.
fn disc(t: f64, x: f64, y: f64) -> Option<f64> {
    let (x, y) = (x + 0.15 - 0.3 * t, y);
    (x * x + y * y < 0.012).then(|| texture(x + 40.0, y + 40.0))
}

fn attention(analysis: &MotionAnalysis) -> f64 {
    AttentionCurve::new(analysis, None, &AttentionOptions::default()).integral()
}

fn moments(analysis: &MotionAnalysis) -> usize {
    let curve = AttentionCurve::new(analysis, None, &AttentionOptions::default());
    detect_motion_moments(analysis, &curve, None, &MomentOptions::default()).len()
}

/// A pan to the left whose speed swells, in frame widths per second times time.
fn swell(t: f64, x: f64, y: f64) -> f64 {
    texture(x + 0.25 * t + 0.08 * (t * 3.0).sin(), y)
}

#[test]
fn a_pan_is_the_cameras_and_the_disc_the_subjects() {
    let found = analyze(VIEW, &[], |t, x, y| {
        disc(t, x, y).unwrap_or_else(|| texture(x + 0.36 * t, y - 0.06 * t))
    });
    let (camera, known) = camera(&found);
    assert_eq!(known, 29);
    let per_frame = 256.0 / 30.0;
    assert!((camera.dx + 0.36 * per_frame).abs() < 0.1, "{camera:?}");
    assert!((camera.dy - 0.06 * per_frame).abs() < 0.1, "{camera:?}");
    assert!(camera.zoom.abs() < 0.002 && camera.rotation.abs() < 0.002, "{camera:?}");
    assert!(camera.subject_energy > 0.2 && camera.subject_energy < 0.8, "{camera:?}");
    assert!(found.frames.iter().all(|f| f.motion.dominant_direction == Direction::Left));
    assert_eq!(found.segments.len(), 1);
    assert_eq!(found.segments[0].motion_type, MotionType::Smooth);
}

#[test]
fn zoom_and_rotation_are_measured() {
    let zoom = analyze(VIEW, &[], |t, x, y| {
        let scale = 1.015_f64.powf(-30.0 * t);
        texture(x * scale, y * scale)
    });
    let (found, _) = camera(&zoom);
    assert!((found.zoom - 0.015).abs() < 0.0015, "{found:?}");
    assert!(found.rotation.abs() < 0.001 && found.dx.abs() < 0.1, "{found:?}");
    let turn = analyze(VIEW, &[], |t, x, y| {
        let (sin, cos) = (-0.015 * 30.0 * t).sin_cos();
        texture(cos * x - sin * y, sin * x + cos * y)
    });
    let (found, _) = camera(&turn);
    assert!((found.rotation - 0.015).abs() < 0.0015, "{found:?}");
    assert!(found.zoom.abs() < 0.001, "{found:?}");
}

#[test]
fn before_a_standing_camera_only_the_disc_moves() {
    let found = analyze(VIEW, &[], |t, x, y| disc(t, x, y).unwrap_or_else(|| texture(x, y)));
    let (camera, known) = camera(&found);
    assert_eq!(known, 29);
    assert!(camera.camera_energy < 0.02, "{camera:?}");
    assert!(camera.subject_energy > 0.1, "{camera:?}");
    let direction = |d| found.frames.iter().filter(|f| f.motion.dominant_direction == d).count();
    assert_eq!(direction(Direction::Right), 29);
}

#[test]
fn the_mirror_flips_the_direction_and_nothing_else() {
    let found = analyze(VIEW, &[], swell);
    let mirrored = analyze(VIEW, &[], |t, x, y| swell(t, -x, y));
    for (a, b) in found.frames.iter().zip(&mirrored.frames) {
        assert!((a.motion.mean_energy - b.motion.mean_energy).abs() < 0.02);
        assert!((a.motion.mean_dx + b.motion.mean_dx).abs() < 0.02);
        assert_eq!(a.motion.dominant_direction, Direction::Left);
        assert_eq!(b.motion.dominant_direction, Direction::Right);
    }
}

#[test]
fn twice_the_size_is_twice_the_pixels_and_the_same_attention() {
    let small = analyze(View { seconds: 2.0, ..VIEW }, &[1.0], swell);
    let large = analyze(View { seconds: 2.0, width: 512, ..VIEW }, &[1.0], swell);
    let mean = |a: &MotionAnalysis| a.energy_stats.unwrap().mean;
    assert!((mean(&large) / mean(&small) - 2.0).abs() < 0.06, "{} {}", mean(&large), mean(&small));
    assert!((attention(&large) / attention(&small) - 1.0).abs() < 0.03);
}

#[test]
fn twice_the_rate_is_half_the_pixels_and_the_same_attention() {
    let slow = analyze(View { seconds: 2.0, ..VIEW }, &[1.0], swell);
    let quick = analyze(View { seconds: 2.0, fps: 60, ..VIEW }, &[1.0], swell);
    let mean = |a: &MotionAnalysis| a.energy_stats.unwrap().mean;
    assert!((mean(&slow) / mean(&quick) - 2.0).abs() < 0.06, "{} {}", mean(&slow), mean(&quick));
    assert!((attention(&quick) / attention(&slow) - 1.0).abs() < 0.03);
}

#[test]
fn the_sample_rate_costs_detail_in_time_alone() {
    let mean = |sample_rate| {
        let view = View { seconds: 2.0, sample_rate, ..VIEW };
        analyze(view, &[], |t, x, y| texture(x + 0.2 * t, y)).energy_stats.unwrap().mean
    };
    let every = mean(1);
    for step in [2, 3] {
        assert!((mean(step) / every - 1.0).abs() < 0.05, "{step}: {} {every}", mean(step));
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let at = |threads| analyze(View { threads, seconds: 0.5, ..VIEW }, &[0.2], swell);
    assert_eq!(at(1), at(3));
}

#[test]
fn black_still_and_noisy_videos_have_no_moment() {
    let view = View { seconds: 3.0, width: 128, analysis: 128, ..VIEW };
    assert_eq!(moments(&analyze(view, &[], |_, _, _| 16.0)), 0);
    assert_eq!(moments(&analyze(view, &[], |_, x, y| texture(x, y))), 0);
    let noise = |t: f64, x: f64, y: f64| texture(x * 9.0 + (t * 30.0).round() * 91.7, y * 9.0);
    assert_eq!(moments(&analyze(view, &[], noise)), 0);
}

#[test]
fn a_cut_is_no_motion() {
    let shots =
        |t: f64, x: f64, y: f64| texture(x + 0.1 * t + if t < 0.5 - 1e-9 { 0.0 } else { 70.0 }, y);
    let known = analyze(VIEW, &[0.5], shots);
    let unknown = analyze(VIEW, &[], shots);
    let most = |a: &MotionAnalysis| a.energy_stats.unwrap().max;
    assert!(most(&known) < 1.2, "{}", most(&known));
    assert!(most(&unknown) > 2.0, "{}", most(&unknown));
    assert_eq!(known.excluded.len(), 1);
}
