//! The one pass: a video is decoded once, and every analysis reads the same frames.

mod evidence;
mod looks;
mod result;
mod sound;
mod sync;
mod timeline;

pub use looks::{FaceAnalysis, FaceLook, ObjectAnalysis, ObjectLook, TextAnalysis, TextLook};
pub use result::{Analysis, NotAnalyzed};
pub use sound::{VoiceModel, listen, sound_evidence};

use crate::pipeline::{self, Observer, Progress, Sizes};
use crate::{Error, Result};
use gv_audio::AudioOptions;
use gv_media::{AudioInfo, Cancel, MediaOptions, Rational};
use gv_vision::motion_energy::{MotionAnalyzer, MotionMethod, MotionOptions};
use gv_vision::motion_moment_sdk::{AttentionOptions, MomentOptions};
use gv_vision::picture::PictureMeter;
use gv_vision::shots::{ShotDetector, ShotOptions};
use gv_vision::{
    AnalysisFrame, BlockMatching, BlockMatchingOptions, DifferenceFlow, Farneback,
    FarnebackOptions, FrameSource, Hybrid, OpticalFlow,
};
use looks::Looks;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};

/// Frames in detail that may wait to be looked at.
const WAITING: usize = 4;

/// How a video is analysed.
///
/// # Examples
///
/// ```
/// use geminivideo::AnalyzeOptions;
///
/// let options = AnalyzeOptions::default().num_threads(1);
/// assert_eq!(options.motion_long_side, 320);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AnalyzeOptions {
    /// The ffmpeg program. Default: `GV_FFMPEG`, else the one on `PATH`.
    pub ffmpeg: Option<PathBuf>,
    /// Threads that look at motion, at most; results do not depend on it. Default: `GV_NUM_THREADS`, else half of what
    /// the process may use, since decoding wants the others.
    pub num_threads: Option<usize>,
    /// Pixels on the long side of the picture in which motion and shots are looked at, 32 to 4096. Default: 320.
    pub motion_long_side: usize,
    /// By which method motion is measured; see [`motion_flow`].
    pub motion_method: MotionMethod,
    /// How motion is followed.
    pub motion: MotionOptions,
    /// How shots are told apart.
    pub shots: ShotOptions,
    /// How attention is modelled.
    pub attention: AttentionOptions,
    /// How moments are chosen.
    pub moments: MomentOptions,
    /// Pixels on the long side of the picture in which faces, objects and text are looked for, 32 to 4096. Default: 640.
    pub detail_long_side: usize,
    /// How faces are looked for; `None` does not look.
    pub faces: Option<FaceLook>,
    /// How objects are looked for; `None` does not look.
    pub objects: Option<ObjectLook>,
    /// How text is looked for; `None` does not look.
    pub text: Option<TextLook>,
    /// Whether a file's sound is listened to. Default: `true`.
    pub sound: bool,
    /// What finds voices in it. Default: the built-in classifier.
    pub voices: VoiceModel,
}

impl Default for AnalyzeOptions {
    fn default() -> Self {
        Self {
            ffmpeg: None,
            num_threads: None,
            motion_long_side: 320,
            motion_method: MotionMethod::default(),
            motion: MotionOptions::default(),
            shots: ShotOptions::default(),
            attention: AttentionOptions::default(),
            moments: MomentOptions::default(),
            detail_long_side: 640,
            faces: Some(FaceLook::default()),
            objects: Some(ObjectLook::default()),
            text: Some(TextLook::default()),
            sound: true,
            voices: VoiceModel::default(),
        }
    }
}

impl AnalyzeOptions {
    /// Decodes with the ffmpeg at `program`.
    #[must_use]
    pub fn ffmpeg(mut self, program: impl Into<PathBuf>) -> Self {
        self.ffmpeg = Some(program.into());
        self
    }

    /// Uses at most `threads` threads.
    #[must_use]
    pub fn num_threads(mut self, threads: usize) -> Self {
        self.num_threads = Some(threads);
        self
    }

    /// Looks at motion and shots in pictures of at most `pixels` on the long side.
    #[must_use]
    pub fn motion_long_side(mut self, pixels: usize) -> Self {
        self.motion_long_side = pixels;
        self
    }

    /// Measures motion by `method`.
    #[must_use]
    pub fn motion_method(mut self, method: MotionMethod) -> Self {
        self.motion_method = method;
        self
    }

    /// Looks for faces as `look` says, or not at all.
    #[must_use]
    pub fn faces(mut self, look: Option<FaceLook>) -> Self {
        self.faces = look;
        self
    }

    /// Looks for objects as `look` says, or not at all.
    #[must_use]
    pub fn objects(mut self, look: Option<ObjectLook>) -> Self {
        self.objects = look;
        self
    }

    /// Looks for text as `look` says, or not at all.
    #[must_use]
    pub fn text(mut self, look: Option<TextLook>) -> Self {
        self.text = look;
        self
    }

    /// Listens to a file's sound, or not.
    #[must_use]
    pub fn sound(mut self, listen: bool) -> Self {
        self.sound = listen;
        self
    }

    /// Finds voices in a file's sound with this detector.
    #[must_use]
    pub fn voices(mut self, model: VoiceModel) -> Self {
        self.voices = model;
        self
    }

    /// Looks at motion and shots alone, and does not listen.
    #[must_use]
    pub fn motion_only(self) -> Self {
        self.faces(None).objects(None).text(None).sound(false)
    }

    /// How the sound of the video is listened to beside its pictures, until `cancel` ends it.
    pub fn listening(&self, cancel: Cancel) -> AudioOptions {
        let detector = self.voices.detector();
        let mut options = AudioOptions::default().voice_detector(detector).cancel(cancel);
        options.threads = self.num_threads;
        options
    }

    fn check(&self) -> Result<()> {
        let sides = [
            ("motion_long_side", self.motion_long_side),
            ("detail_long_side", self.detail_long_side),
        ];
        for (name, pixels) in sides {
            if !(32..=4096).contains(&pixels) {
                let given = pixels.to_string();
                return Err(Error::InvalidOption { name, given, allowed: "32 to 4096" });
            }
        }
        if self.num_threads == Some(0) {
            let (name, given) = ("num_threads", "0".to_owned());
            return Err(Error::InvalidOption { name, given, allowed: "1 or more" });
        }
        Ok(())
    }
}

/// Analyses the video file at `path`.
///
/// # Errors
///
/// Where the file cannot be decoded at all ([`ErrorKind::NotFound`](crate::ErrorKind), `Media`, `Unsupported`,
/// `Unavailable` where there is no ffmpeg), an option is out of range, or a detector or reader that was given fails
/// (`Callback`, `Model`). A file that is damaged in the middle is analysed as far as it can be decoded;
/// [`Analysis::damage`] counts the damage.
///
/// # Examples
///
/// ```no_run
/// let analysis = geminivideo::analyze("ad.mp4", &geminivideo::AnalyzeOptions::default())?;
/// for shot in &analysis.shots.shots {
///     println!("{:.2} s to {:.2} s", shot.start_time, shot.end_time);
/// }
/// # Ok::<(), geminivideo::Error>(())
/// ```
pub fn analyze(path: impl AsRef<Path>, options: &AnalyzeOptions) -> Result<Analysis> {
    analyze_observed(path, options, &mut |_: Progress| ControlFlow::Continue(()))
}

/// Analyses the video file at `path`, watched by `observer`.
///
/// # Errors
///
/// Those of [`analyze`], and [`Error::Cancelled`] where the observer says so.
pub fn analyze_observed(
    path: impl AsRef<Path>,
    options: &AnalyzeOptions,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    options.check()?;
    let path = path.as_ref();
    // One size whatever is looked for, so that motion does not depend on it.
    let long_side = options.motion_long_side.max(options.detail_long_side);
    let (mut source, cancel) = pipeline::open(path, options.ffmpeg.as_deref(), long_side)?;
    let audio = source.media().audio.clone();
    let mut media = MediaOptions::default();
    media.cancel = cancel.clone();
    media.program.clone_from(&options.ffmpeg);
    let listening = options.listening(cancel.clone());
    let (analysis, heard) = std::thread::scope(|scope| {
        let listens = options.sound && audio.is_some();
        let listen = || {
            let heard = gv_audio::analyze_file(path, &media, &listening);
            if heard.as_ref().is_err_and(gv_audio::Error::is_of_detector) {
                cancel.cancel();
            }
            heard
        };
        let listener = listens.then(|| scope.spawn(listen));
        let analysis = pass(&mut source, audio, options, observer, &|| cancel.cancel());
        if analysis.is_err() {
            cancel.cancel();
        }
        (analysis, listener.map(std::thread::ScopedJoinHandle::join))
    });
    // Sound that cannot be decoded is unknown; a detector of voices that fails ends the analysis, as other detectors do.
    let heard = match heard {
        None => Err("not asked for".to_owned()),
        Some(Ok(Ok(heard))) => Ok(heard),
        Some(Ok(Err(error))) if error.is_of_detector() => return Err(error.into()),
        Some(Ok(Err(error))) => Err(error.to_string()),
        Some(Err(_)) => Err("listening failed".to_owned()),
    };
    let mut analysis = analysis?;
    analysis.path = Some(path.to_string_lossy().into_owned());
    analysis.hear(heard);
    if analysis.damage > 0 {
        log::warn!("{}: damaged places passed over: {}", path.display(), analysis.damage);
    }
    log::info!(
        "{}: {} frames, {} shots, {} moments",
        path.display(),
        analysis.frames,
        analysis.shots.shots.len(),
        analysis.moments.len()
    );
    Ok(analysis)
}

/// Analyses whatever a [`FrameSource`] gives: frames in memory, frames pushed by a render tool, another decoder's.
///
/// # Errors
///
/// The source's errors, an option out of range, and [`Error::Cancelled`] where the observer says so.
pub fn analyze_source(
    source: &mut dyn FrameSource,
    options: &AnalyzeOptions,
    observer: &mut dyn Observer,
) -> Result<Analysis> {
    options.check()?;
    pass(source, None, options, observer, &|| {})
}

/// Makes the optical flow that measures motion by `method`.
///
/// # Errors
///
/// [`Error::InvalidOption`] for a number of threads that is not 1 to 1024.
pub fn motion_flow(
    method: MotionMethod,
    num_threads: Option<usize>,
) -> Result<Box<dyn OpticalFlow>> {
    Ok(match method {
        MotionMethod::OpticalFlow => {
            Box::new(Farneback::new(FarnebackOptions::default().num_threads(num_threads))?)
        }
        MotionMethod::BlockMatching => {
            let options = BlockMatchingOptions::default().num_threads(num_threads);
            Box::new(BlockMatching::new(options)?)
        }
        MotionMethod::Hybrid => Box::new(Hybrid::with_threads(num_threads)?),
        MotionMethod::FrameDiff => Box::new(DifferenceFlow),
    })
}

fn pass(
    source: &mut dyn FrameSource,
    audio: Option<AudioInfo>,
    options: &AnalyzeOptions,
    observer: &mut dyn Observer,
    cancel: &dyn Fn(),
) -> Result<Analysis> {
    let threads = pipeline::threads_beside_decoding(options.num_threads)?;
    let flow = motion_flow(options.motion_method, Some(threads))?;
    let rate = source.info().nominal_rate.map_or(0.0, Rational::to_f64);
    let mut motion = MotionAnalyzer::with_flow(flow.as_ref(), options.motion.clone(), rate)?;
    let mut shots = ShotDetector::new(options.shots);
    let mut picture = PictureMeter::new();
    let looks = Looks::new(options)?;
    let sizes = Sizes {
        small: options.motion_long_side,
        detail: options.detail_long_side,
        sampling: looks.sampling(),
    };
    let (frames, looks) = std::thread::scope(|scope| {
        let (sender, detailed) = mpsc::sync_channel(WAITING);
        let looker = scope.spawn(move || look(looks, detailed));
        let frames = pipeline::run(source, sizes, observer, cancel, |pictures| {
            if let Some(detail) = pictures.take_detail() {
                // The looker has failed where nobody receives; its error is the pass's.
                sender.send(detail).map_err(|_| Error::Cancelled)?;
            }
            shots.push(&pictures.small);
            picture.push(&pictures.small);
            Ok(motion.push(&pictures.small)?)
        });
        drop(sender);
        let looks = looker.join().unwrap_or_else(|_| {
            Err(Error::Internal { message: "the thread that looks at frames panicked".into() })
        });
        looks.and_then(|looks| Ok((frames?, looks)))
    })?;
    Analysis::build(result::Measured {
        video: source.info().clone(),
        audio,
        decoder: source.decoder(),
        frames,
        damage: source.damage(),
        shots,
        motion,
        looks,
        picture,
        options,
    })
}

fn look(mut looks: Looks, detailed: Receiver<AnalysisFrame>) -> Result<Looks> {
    for picture in detailed {
        looks.push(&picture)?;
    }
    Ok(looks)
}
