//! What looks at frames in detail: faces, objects and text, on a thread of their own beside motion and shots.

use super::AnalyzeOptions;
use crate::pipeline::{Clock, Sampling};
use crate::{Error, Result};
use gv_vision::AnalysisFrame;
use gv_vision::inference::Runtime;
use gv_vision::text::{TextDetector, TextOptions, TextReader, TextTrack, TextTracker};
use gv_vision::yolo_face_detector::{
    FaceDetector, FaceFrame, FaceModel, FaceMoment, FacePresence, FaceTrack, TrackOptions,
    best_face_moments, find_face_detector, look_for_faces, track_faces,
};
use gv_vision::yolo_object_detector::{
    BRAND_UNSAFE_CLASSES, BrandSafety, ObjectDetector, ObjectFrame, ObjectModel, ObjectSummary,
    ProductVisibility, SceneAnalysis, analyze_scene, brand_safety, find_object_detector,
    look_for_objects, product_visibility, summarize,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Moments of faces that are named.
const BEST_MOMENTS: usize = 5;

/// How faces are looked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FaceLook {
    /// Which detector. Default: the best that is there.
    pub model: FaceModel,
    /// What runs its network. Default: tract.
    pub runtime: Runtime,
    /// Least confidence, 0 to 1. Default: 0.5.
    pub confidence: f32,
    /// Frames a second that are looked at. Default: 5.
    pub per_second: f64,
    /// How faces are followed.
    pub tracks: TrackOptions,
}

impl Default for FaceLook {
    fn default() -> Self {
        Self {
            model: FaceModel::default(),
            runtime: Runtime::default(),
            confidence: 0.5,
            per_second: 5.0,
            tracks: TrackOptions::default(),
        }
    }
}

impl FaceLook {
    /// Looks with this detector.
    #[must_use]
    pub fn model(mut self, model: FaceModel) -> Self {
        self.model = model;
        self
    }

    /// Runs its network so.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }
}

/// How objects are looked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ObjectLook {
    /// Which detector. Default: the best that is there; where there is none, objects are not analysed.
    pub model: ObjectModel,
    /// What runs its network. Default: tract.
    pub runtime: Runtime,
    /// Least confidence, 0 to 1. Default: 0.4.
    pub confidence: f32,
    /// Frames a second that are looked at. Default: 2.
    pub per_second: f64,
}

impl Default for ObjectLook {
    fn default() -> Self {
        Self {
            model: ObjectModel::default(),
            runtime: Runtime::default(),
            confidence: 0.4,
            per_second: 2.0,
        }
    }
}

impl ObjectLook {
    /// Looks with this detector.
    #[must_use]
    pub fn model(mut self, model: ObjectModel) -> Self {
        self.model = model;
        self
    }

    /// Runs its network so.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }
}

/// How text is looked for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TextLook {
    /// How lines are found.
    pub options: TextOptions,
    /// Frames a second that are looked at. Default: 5.
    pub per_second: f64,
    /// What reads the lines that are found, each once; without one nobody knows what they say. Default: `None`.
    pub reader: Option<Arc<dyn TextReader>>,
}

impl Default for TextLook {
    fn default() -> Self {
        Self { options: TextOptions::default(), per_second: 5.0, reader: None }
    }
}

/// Readers are equal where they are the same object.
impl PartialEq for TextLook {
    fn eq(&self, other: &Self) -> bool {
        let same_reader = match (&self.reader, &other.reader) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        same_reader && (self.options, self.per_second) == (other.options, other.per_second)
    }
}

impl TextLook {
    /// Reads the lines that are found with `reader`.
    #[must_use]
    pub fn reader(mut self, reader: Arc<dyn TextReader>) -> Self {
        self.reader = Some(reader);
        self
    }

    fn tracker(&self) -> TextTracker {
        let tracker = TextTracker::new(TextDetector::new(self.options));
        match &self.reader {
            Some(reader) => tracker.with_reader(Arc::clone(reader)),
            None => tracker,
        }
    }
}

/// The faces of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaceAnalysis {
    /// What looked.
    pub model_used: String,
    /// For how long faces are seen.
    pub presence: FacePresence,
    /// Faces followed through their shots.
    pub tracks: Vec<FaceTrack>,
    /// The moments at which a face is seen best, best first.
    pub best_moments: Vec<FaceMoment>,
    /// What was seen in each frame that was looked at.
    pub frames: Vec<FaceFrame>,
}

/// The objects of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ObjectAnalysis {
    /// What looked.
    pub model_used: String,
    /// The classes that are seen, most detections first.
    pub summary: Vec<ObjectSummary>,
    /// What kind of scene they make.
    pub scene: SceneAnalysis,
    /// For how long products are seen.
    pub product_visibility: ProductVisibility,
    /// Whether something is seen that a brand would not want beside its name.
    pub brand_safety: BrandSafety,
    /// What was seen in each frame that was looked at.
    pub frames: Vec<ObjectFrame>,
}

/// The text on the screen of a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TextAnalysis {
    /// What read the lines; `None` where nothing did.
    #[serde(default)]
    pub read_by: Option<String>,
    /// Lines of writing with the times at which they come and go.
    pub lines: Vec<TextTrack>,
    /// Frames that were looked at.
    pub processed_frames: u64,
}

/// What a video is when its looks are summed up.
pub(super) struct Video<'a> {
    pub(super) size: (usize, usize),
    pub(super) cuts: &'a [f64],
    pub(super) end_time: f64,
}

/// The looks of one pass.
pub(super) struct Looks {
    faces: Option<Look<Box<dyn FaceDetector>, FaceFrame>>,
    objects: Option<Look<Box<dyn ObjectDetector>, ObjectFrame>>,
    text: Option<Look<TextTracker, ()>>,
    read_by: Option<String>,
    tracks: TrackOptions,
    /// Why objects are not looked for though they were asked for.
    pub(super) no_objects: Option<String>,
}

/// One detector with what it saw.
struct Look<D, S> {
    detector: D,
    per_second: f64,
    clock: Clock,
    seen: Vec<S>,
}

impl<D, S> Look<D, S> {
    fn new(detector: D, per_second: f64) -> Self {
        let clock = Clock::new(Sampling::PerSecond(per_second));
        Self { detector, per_second, clock, seen: Vec::new() }
    }

    fn is_due(&mut self, picture: &AnalysisFrame) -> bool {
        self.clock.is_due(picture.index, picture.time)
    }
}

/// The look, where it is to be taken at this picture.
fn due<'a, D, S>(
    look: &'a mut Option<Look<D, S>>,
    picture: &AnalysisFrame,
) -> Option<&'a mut Look<D, S>> {
    let look = look.as_mut()?;
    look.is_due(picture).then_some(look)
}

impl Looks {
    /// Prepares what `options` ask for.
    ///
    /// # Errors
    ///
    /// A model that cannot be used, an option out of range.
    pub(super) fn new(options: &AnalyzeOptions) -> Result<Self> {
        let rates = [
            ("faces.per_second", options.faces.as_ref().map(|look| look.per_second)),
            ("objects.per_second", options.objects.as_ref().map(|look| look.per_second)),
            ("text.per_second", options.text.as_ref().map(|look| look.per_second)),
        ];
        for (name, rate) in rates {
            if let Some(rate) = rate.filter(|rate| !(0.01..=1000.0).contains(rate)) {
                let given = rate.to_string();
                return Err(Error::InvalidOption { name, given, allowed: "0.01 to 1000" });
            }
        }
        let mut no_objects = None;
        let objects = match &options.objects {
            None => None,
            Some(look) => match find_object_detector(&look.model, look.confidence, &look.runtime) {
                Ok(detector) => Some(Look::new(detector, look.per_second)),
                Err(error @ gv_vision::Error::NoModel { .. }) => {
                    no_objects = Some(error.to_string());
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        let faces = match &options.faces {
            None => None,
            Some(look) => {
                let detector = find_face_detector(&look.model, look.confidence, &look.runtime)?;
                Some(Look::new(detector, look.per_second))
            }
        };
        let text = options.text.as_ref().map(|look| Look::new(look.tracker(), look.per_second));
        let reader = options.text.as_ref().and_then(|look| look.reader.as_ref());
        let read_by = reader.map(|reader| reader.name().to_owned());
        let tracks = options.faces.as_ref().map(|look| look.tracks).unwrap_or_default();
        Ok(Self { faces, objects, text, read_by, tracks, no_objects })
    }

    /// Which frames are wanted in detail.
    pub(super) fn sampling(&self) -> Sampling {
        let rates = [
            self.faces.as_ref().map(|look| look.per_second),
            self.objects.as_ref().map(|look| look.per_second),
            self.text.as_ref().map(|look| look.per_second),
        ];
        match rates.into_iter().flatten().reduce(f64::max) {
            Some(rate) => Sampling::PerSecond(rate),
            None => Sampling::Never,
        }
    }

    /// Looks at a frame.
    ///
    /// # Errors
    ///
    /// Those of the detectors.
    pub(super) fn push(&mut self, picture: &AnalysisFrame) -> Result<()> {
        let faces = due(&mut self.faces, picture);
        let objects = due(&mut self.objects, picture);
        if faces.is_some() || objects.is_some() {
            let colours = picture.to_rgb()?;
            if let Some(look) = faces {
                look.seen.push(look_for_faces(look.detector.as_ref(), picture, &colours)?);
            }
            if let Some(look) = objects {
                look.seen.push(look_for_objects(look.detector.as_ref(), picture, &colours)?);
            }
        }
        if let Some(look) = self.text.as_mut()
            && look.is_due(picture)
        {
            look.seen.push(());
            look.detector.push(picture)?;
        }
        Ok(())
    }

    /// Sums up what was seen.
    ///
    /// # Errors
    ///
    /// Those of a reader of writing.
    pub(super) fn finish(
        self,
        video: &Video<'_>,
    ) -> Result<(Option<FaceAnalysis>, Option<ObjectAnalysis>, Option<TextAnalysis>)> {
        let (tracks, read_by) = (self.tracks, self.read_by);
        let faces = self.faces.map(|look| faces(look, &tracks, video));
        let objects = self.objects.map(|look| objects(look, video));
        let text = match self.text {
            Some(look) => Some(TextAnalysis {
                read_by,
                processed_frames: look.seen.len() as u64,
                lines: look.detector.finish(video.end_time)?,
            }),
            None => None,
        };
        Ok((faces, objects, text))
    }
}

fn faces(
    look: Look<Box<dyn FaceDetector>, FaceFrame>,
    options: &TrackOptions,
    video: &Video<'_>,
) -> FaceAnalysis {
    let frames = look.seen;
    FaceAnalysis {
        model_used: look.detector.name().to_owned(),
        presence: FacePresence::new(&frames, video.end_time),
        tracks: track_faces(&frames, video.cuts, video.size, video.end_time, options),
        best_moments: best_face_moments(&frames, video.size, BEST_MOMENTS),
        frames,
    }
}

fn objects(look: Look<Box<dyn ObjectDetector>, ObjectFrame>, video: &Video<'_>) -> ObjectAnalysis {
    let frames = look.seen;
    ObjectAnalysis {
        model_used: look.detector.name().to_owned(),
        summary: summarize(frames.iter().flat_map(|frame| &frame.objects)),
        scene: analyze_scene(&frames),
        product_visibility: product_visibility(&frames, video.end_time, video.size),
        brand_safety: brand_safety(&frames, &BRAND_UNSAFE_CLASSES),
        frames,
    }
}
