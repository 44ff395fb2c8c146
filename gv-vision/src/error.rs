//! What can go wrong while looking at frames.

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Reading or decoding the media failed.
    #[error(transparent)]
    Media(#[from] gv_media::Error),
    /// A buffer does not hold what its size and layout ask for.
    #[error("{what} has {given} bytes, {width}x{height} pixels of it need {needed}")]
    BufferSize {
        /// The buffer in the caller's words, for example `gray image`.
        what: &'static str,
        /// Bytes given.
        given: usize,
        /// Bytes needed.
        needed: usize,
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// Two pictures that must be of one size are not.
    #[error("the pictures must be of one size, given are {first:?} and {second:?} (width, height)")]
    SizeMismatch {
        /// Width and height of the first picture.
        first: (usize, usize),
        /// Width and height of the second picture.
        second: (usize, usize),
    },
    /// The side that reads pushed frames is gone.
    #[error("the reading side of the pushed video is gone")]
    SourceClosed,
    /// A parameter is outside its range.
    #[error("{name} is {given}, allowed is {allowed}")]
    InvalidParameter {
        /// The parameter's name.
        name: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// A model's file cannot be read.
    #[error("cannot read the model {}: {source}", path.display())]
    ModelFile {
        /// The file.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A model's file is not a model that can be run.
    #[error("cannot use the model {}: {message}", path.display())]
    Model {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A model's outputs are none that are understood.
    #[error("the model {name} has the outputs {given}; understood are {understood}")]
    ModelOutputs {
        /// The model.
        name: String,
        /// Its outputs with their shapes.
        given: String,
        /// The outputs that are understood.
        understood: &'static str,
    },
    /// Nothing that can look for this is there.
    #[error("no model for {what}")]
    NoModel {
        /// What is looked for, and why there is no model.
        what: String,
    },
    /// What runs networks is not there, or cannot be used here.
    #[error("{message}")]
    Runtime {
        /// What is missing, and what to do.
        message: String,
    },
    /// Running a network failed.
    #[error("running the model failed: {message}")]
    ModelRun {
        /// What went wrong.
        message: String,
    },
    /// A detector of the program's own failed.
    #[error("the detector {name} failed: {source}")]
    Detector {
        /// Its name.
        name: String,
        /// What it said, or the failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A reader of the program's own failed.
    #[error("the text reader {name} failed: {source}")]
    TextReader {
        /// Its name.
        name: String,
        /// What it said, or the failure itself.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// OpenCV refused or failed.
    #[cfg(feature = "opencv")]
    #[error("OpenCV: {message}")]
    OpenCv {
        /// OpenCV's words.
        message: String,
    },
}

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;
