//! Everything that can be said of a video, from its frames to what to change: `cargo run --release --example video_pipeline --
//! ad.mp4 [reels]`.
//!
//! One pass decodes the video and looks for motion, shots, faces, objects, text and sound; what draws conclusions reads what
//! the pass found. Only face-weighted motion walks the video again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

use geminivideo::timing::checks::{CheckReport, Outcome, Rules, check};
use geminivideo::timing::cta_optimizer::{
    CtaPlacement, ExistingCta, analyze_cta_timing, best_for_industry, score_existing_cta,
};
use geminivideo::timing::hook_optimizer::{HookAnalysis, analyze_hook};
use geminivideo::timing::placements::Placements;
use geminivideo::timing::precision_av_sync::{SYNC_TOLERANCE, SyncQuality};
use geminivideo::timing::psychological_timing::{
    TriggerPlan, optimize_trigger_placement, samples_of,
};
use geminivideo::vision::face_weighted_analyzer::FACE_WEIGHT;
use geminivideo::vision::inference::Runtime;
use geminivideo::vision::yolo_face_detector::{FaceModel, find_face_detector};
use geminivideo::{
    Analysis, AnalyzeOptions, Progress, ScanOptions, WeightedScan, analyze, face_weighted_motion,
};
use std::ops::ControlFlow;
use std::path::Path;

type Error = Box<dyn std::error::Error>;

/// What the pipeline says of a video.
#[derive(Debug)]
pub struct Said {
    /// What the one pass found: motion, moments, shots, faces, objects, text, sound.
    pub analysis: Analysis,
    /// Motion with faces weighed.
    pub weighted: WeightedScan,
    /// Whether the cuts follow the sound; `None` where none was heard.
    pub sync: Option<SyncQuality>,
    /// Which message belongs where.
    pub triggers: TriggerPlan,
    /// Whether the opening holds.
    pub hook: HookAnalysis,
    /// How good the call to action is.
    pub cta: ExistingCta,
    /// Where the call to action belongs.
    pub cta_place: CtaPlacement,
    /// The checks before it is published.
    pub checks: CheckReport,
}

/// Runs the pipeline on a video of an industry, for a placement or for any.
///
/// # Errors
///
/// Those of the analyses: no such file, no ffmpeg, no such placement.
pub fn run(path: &Path, industry: &str, placement: Option<&str>) -> Result<Said, Error> {
    let analysis = analyze(path, &AnalyzeOptions::default())?;
    let faces = find_face_detector(&FaceModel::Best, 0.5, &Runtime::default())?;
    let mut watcher = |_: Progress| ControlFlow::Continue(());
    let weighted = face_weighted_motion(
        path,
        faces.as_ref(),
        FACE_WEIGHT,
        &ScanOptions::default(),
        &mut watcher,
    )?;
    let evidence = analysis.evidence();
    let (_, call) = best_for_industry(industry)?;
    let placements = Placements::built_in()?;
    let picture = analysis.picture.as_ref();
    Ok(Said {
        sync: analysis
            .sound
            .as_ref()
            .map(|heard| analysis.sync_with(heard, SYNC_TOLERANCE))
            .transpose()?,
        triggers: optimize_trigger_placement(&samples_of(&analysis.motion))?,
        hook: analyze_hook(&evidence)?,
        cta: score_existing_cta(&evidence, &placements)?,
        cta_place: analyze_cta_timing(&evidence, &call)?,
        checks: check(&evidence, picture, &Rules::built_in()?, &placements, placement)?,
        weighted,
        analysis,
    })
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: video_pipeline VIDEO [PLACEMENT]")?;
    let said = run(Path::new(&path), "ecommerce", arguments.next().as_deref())?;
    let analysis = &said.analysis;
    println!("{:.1} s, {} shots", analysis.duration(), analysis.shots.shots.len());
    if let Some(faces) = &analysis.faces {
        let (seen, ratio) = (&faces.model_used, faces.presence.face_presence_ratio);
        println!("faces in {:.0} % of the time ({seen})", 100.0 * ratio);
    }
    println!(
        "faces move {:.2} times as much as the rest",
        said.weighted.motion.face_to_background_ratio
    );
    if let Some(objects) = &analysis.objects {
        let (scene, sure) = (objects.scene.primary_scene_type.as_str(), objects.scene.confidence);
        println!("a scene of {scene} ({sure:.2})");
    }
    if let Some(sync) = &said.sync {
        println!("sync: {}", sync.recommendation);
    }
    println!(
        "opening: {:.0} of at most {:.0}",
        said.hook.effectiveness_score, said.hook.possible_score
    );
    for insight in &said.triggers.key_insights {
        println!("timing: {insight}");
    }
    println!("call: belongs at {:.1} s, {}", said.cta_place.start_time, said.cta_place.reason);
    for finding in &said.checks.findings {
        if finding.outcome == Outcome::Fail {
            println!("{}: {}; {}", finding.check.name(), finding.reason, finding.fix);
        }
    }
    for part in &analysis.not_analyzed {
        println!("{} unknown: {}", part.what, part.reason);
    }
    Ok(())
}
