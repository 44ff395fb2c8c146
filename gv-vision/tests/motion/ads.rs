//! Real ads: what a person who watches them sees.

use gv_vision::motion_energy::{MotionAnalysis, MotionAnalyzer, MotionOptions, ShotJoin};
use gv_vision::motion_moment_sdk::{
    AttentionCurve, AttentionOptions, MomentOptions, MomentType, MotionMoment,
    detect_motion_moments,
};
use gv_vision::shots::{ShotDetector, ShotOptions};
use gv_vision::{
    AnalysisFrame, Farneback, FarnebackOptions, FfmpegOptions, FfmpegSource, Frame, FrameScaler,
    FrameSource,
};
use std::path::{Path, PathBuf};

/// The file below the shared media; `None` where there is none, said by name.
fn ad(test: &str, name: &str) -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    let root = std::env::var_os("GV_TEST_MEDIA").map_or(shared, PathBuf::from);
    let path = root.join("video_ads").join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{} is missing", path.display());
    eprintln!("{test} is skipped: {} is missing", path.display());
    None
}

fn analyze(path: &Path) -> (MotionAnalysis, AttentionCurve, Vec<MotionMoment>) {
    let mut source = FfmpegSource::open(path, FfmpegOptions::default()).unwrap();
    let aspect = source.info().pixel_aspect;
    let rate = source.info().nominal_rate.map_or(f64::NAN, |rate| rate.to_f64());
    let flow = Farneback::new(FarnebackOptions::default()).unwrap();
    let mut motion = MotionAnalyzer::with_flow(&flow, MotionOptions::default(), rate).unwrap();
    let mut shots = ShotDetector::new(ShotOptions::default());
    let (mut scaler, mut frame) = (FrameScaler::new(320), Frame::default());
    let mut small = AnalysisFrame::default();
    while source.read(&mut frame).unwrap() {
        scaler.scale(&frame, aspect, &mut small);
        motion.push(&small).unwrap();
        shots.push(&small);
    }
    let joins: Vec<ShotJoin> = shots.finish().boundaries.iter().map(ShotJoin::from).collect();
    let motion = motion.finish_joined(&joins);
    let curve = AttentionCurve::new(&motion, None, &AttentionOptions::default());
    let moments = detect_motion_moments(&motion, &curve, None, &MomentOptions::default());
    (motion, curve, moments)
}

fn only(moments: &[MotionMoment], moment_type: MomentType) -> &MotionMoment {
    let found: Vec<_> = moments.iter().filter(|m| m.moment_type == moment_type).collect();
    let [one] = found[..] else { panic!("{moment_type}: {moments:#?}") };
    one
}

/// The ad shows a phone, then the letters "AI" fly in at 0.8 s; a quote card closes it from 4.2 s on.
#[test]
fn a_short_ad_has_its_hook_where_the_letters_fly_in_and_its_call_to_action_at_the_end() {
    let name = "pixel8_en/pixel8_combo_1_h.mp4";
    let Some(path) = ad("a_short_ad_has_its_hook", name) else { return };
    let (motion, curve, moments) = analyze(&path);
    let hook = only(&moments, MomentType::Hook);
    assert!(hook.timestamp_start < 0.85 && hook.timestamp_end > 0.9, "{hook:?}");
    let cta = only(&moments, MomentType::Cta);
    assert!(cta.timestamp_start > 2.7 && cta.timestamp_start < 5.0, "{cta:?}");
    assert!((cta.timestamp_end - motion.end_time).abs() < 1e-9, "{cta:?}");
    assert!(curve.attention.iter().all(|a| (0.0..=1.0).contains(a)));
    for cut in &motion.cuts {
        assert!(motion.frames.iter().all(|f| f.frame_idx != cut.frame), "{cut:?}");
    }
}
