//! One error for the whole library, and its one classification.

/// What went wrong, in the words of the crate that met it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Opening or decoding a media file failed.
    #[error(transparent)]
    Media(gv_media::Error),
    /// Looking at frames failed.
    #[error(transparent)]
    Vision(gv_vision::Error),
    /// Listening to sound failed.
    #[error(transparent)]
    Audio(gv_audio::Error),
    /// Timing of a message failed.
    #[error(transparent)]
    Timing(gv_timing::Error),
    /// The store failed.
    #[error(transparent)]
    Patterns(#[from] gv_patterns::Error),
    /// A decision about ads or variations failed.
    #[error(transparent)]
    Optimize(#[from] gv_optimize::Error),
    /// Generating video or voice failed.
    #[error(transparent)]
    Generation(gv_gen::Error),
    /// A table could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Input {
        /// The file that was to be read.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A Parquet file was given where nothing reads it.
    #[error(
        "{} is Parquet, which this program does not read; the Python package does (with pyarrow), or write it as CSV or JSON",
        path.display()
    )]
    NoParquet {
        /// The file.
        path: std::path::PathBuf,
    },
    /// Changes on a platform were refused or failed.
    #[error("{made} of {changes} changes were made; the rest is listed above")]
    NotAllChanged {
        /// Changes that were wanted.
        changes: usize,
        /// Changes that were made.
        made: usize,
    },
    /// A result could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The file that was to be written.
        path: std::path::PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A model cannot be fetched.
    #[error("cannot fetch the model: {source}")]
    Download {
        /// Why.
        source: gv_gen::http::DownloadError,
    },
    /// The file that came is another one than the list of models says.
    #[error(
        "the file of the model {name} is another one: {bytes} bytes with the hash {given}, not {wanted}"
    )]
    WrongModel {
        /// The model.
        name: String,
        /// Bytes that came.
        bytes: u64,
        /// Their hash.
        given: String,
        /// The hash of the list.
        wanted: String,
    },
    /// There is no model of that name.
    #[error("there is no model {name}; known are {known}")]
    UnknownModel {
        /// The name.
        name: String,
        /// The names of the list.
        known: String,
    },
    /// No folder for models is known.
    #[error(
        "there is no cache folder for models: set HOME or XDG_CACHE_HOME, or name a folder with --into"
    )]
    NoModelFolder,
    /// There is no setting of that name.
    #[error("there is no setting {name}; known are {known}")]
    UnknownSetting {
        /// The name.
        name: String,
        /// The names that are known.
        known: String,
    },
    /// An option is outside its range.
    #[error("{name} is {given}, allowed is {allowed}")]
    InvalidOption {
        /// The option's name.
        name: &'static str,
        /// The value given.
        given: String,
        /// The rule.
        allowed: &'static str,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A defect of this library.
    #[error("internal error: {message}")]
    Internal {
        /// What was found to be wrong.
        message: String,
    },
}

/// A result whose error is the library's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<gv_media::Error> for Error {
    fn from(error: gv_media::Error) -> Self {
        match error {
            gv_media::Error::Cancelled => Self::Cancelled,
            error => Self::Media(error),
        }
    }
}

impl From<gv_audio::Error> for Error {
    fn from(error: gv_audio::Error) -> Self {
        match error {
            gv_audio::Error::Media(error) => Self::from(error),
            error => Self::Audio(error),
        }
    }
}

impl From<gv_gen::Error> for Error {
    fn from(error: gv_gen::Error) -> Self {
        Self::Generation(error)
    }
}

impl From<gv_timing::Error> for Error {
    fn from(error: gv_timing::Error) -> Self {
        Self::Timing(error)
    }
}

impl From<gv_vision::Error> for Error {
    fn from(error: gv_vision::Error) -> Self {
        match error {
            gv_vision::Error::Media(error) => Self::from(error),
            error => Self::Vision(error),
        }
    }
}

/// The classes of errors that a caller can act on; C status numbers and Python exceptions follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument breaks a rule; the message states the rule.
    InvalidInput,
    /// There is nothing under the given name, path or id.
    NotFound,
    /// The change contradicts what is already there.
    Conflict,
    /// The input is well-formed, but of a kind that is not supported.
    Unsupported,
    /// A feature is off, or a program or model that is needed is missing.
    Unavailable,
    /// A media file is damaged, or its decoder failed.
    Media,
    /// A model file is damaged, or not of a kind that is understood.
    Model,
    /// A store, or an output file, could not be read or written.
    Storage,
    /// A remote platform refused.
    Platform,
    /// The network failed.
    Transport,
    /// A time limit was reached.
    Timeout,
    /// A callback of the caller failed.
    Callback,
    /// The caller asked to stop.
    Cancelled,
    /// A defect of this library.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of their C status numbers.
    pub const ALL: [Self; 14] = [
        Self::InvalidInput,
        Self::NotFound,
        Self::Conflict,
        Self::Unsupported,
        Self::Unavailable,
        Self::Media,
        Self::Model,
        Self::Storage,
        Self::Platform,
        Self::Transport,
        Self::Timeout,
        Self::Callback,
        Self::Cancelled,
        Self::Internal,
    ];

    /// The number that C callers receive as `gv_status`; 0 is success and no error's.
    pub const fn status(self) -> u32 {
        match self {
            Self::InvalidInput => 100,
            Self::NotFound => 101,
            Self::Conflict => 102,
            Self::Unsupported => 103,
            Self::Unavailable => 104,
            Self::Media => 200,
            Self::Model => 201,
            Self::Storage => 202,
            Self::Platform => 300,
            Self::Transport => 301,
            Self::Timeout => 302,
            Self::Callback => 303,
            Self::Cancelled => 304,
            Self::Internal => 900,
        }
    }
}

impl Error {
    /// The class of the error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Media(error) => media_kind(error),
            Self::Vision(error) => vision_kind(error),
            Self::Audio(error) => audio_kind(error),
            Self::Timing(error) => timing_kind(error),
            Self::Patterns(error) => patterns_kind(error),
            Self::Optimize(error) => optimize_kind(error),
            Self::Generation(error) => generation_kind(error),
            Self::Input { .. } | Self::Output { .. } => ErrorKind::Storage,
            Self::NoParquet { .. } | Self::NoModelFolder => ErrorKind::Unavailable,
            Self::Download { .. } => ErrorKind::Transport,
            Self::WrongModel { .. } => ErrorKind::Model,
            Self::UnknownModel { .. } => ErrorKind::NotFound,
            Self::NotAllChanged { .. } => ErrorKind::Platform,
            Self::InvalidOption { .. } | Self::UnknownSetting { .. } => ErrorKind::InvalidInput,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Internal { .. } => ErrorKind::Internal,
        }
    }
}

fn media_kind(error: &gv_media::Error) -> ErrorKind {
    use gv_media::Error as Media;
    match error {
        Media::FileNotFound { .. } => ErrorKind::NotFound,
        Media::NotAFile { .. } | Media::EmptyFile { .. } => ErrorKind::InvalidInput,
        Media::Playlist { .. } | Media::PictureTooLarge { .. } => ErrorKind::Unsupported,
        Media::NoVideo { .. } | Media::NoAudio { .. } => ErrorKind::Unsupported,
        Media::FfmpegMissing { .. } | Media::FfmpegTooOld { .. } | Media::FfmpegUnusable { .. } => {
            ErrorKind::Unavailable
        }
        Media::Unreadable { .. }
        | Media::NotMedia { .. }
        | Media::NoFrames { .. }
        | Media::DecoderDied { .. }
        | Media::MemoryLimit { .. }
        | Media::BadStream { .. } => ErrorKind::Media,
        Media::TimeLimit { .. } => ErrorKind::Timeout,
        Media::Cancelled => ErrorKind::Cancelled,
        _ => ErrorKind::Internal,
    }
}

fn audio_kind(error: &gv_audio::Error) -> ErrorKind {
    match error {
        gv_audio::Error::Media(error) => media_kind(error),
        gv_audio::Error::InvalidParameter { .. } => ErrorKind::InvalidInput,
        gv_audio::Error::VoiceScores { .. } => ErrorKind::Model,
        // Silero's network is the library's own: it fails as networks fail.
        gv_audio::Error::VoiceDetector { source, .. } => {
            source.downcast_ref().map_or(ErrorKind::Callback, vision_kind)
        }
        _ => ErrorKind::Internal,
    }
}

fn generation_kind(error: &gv_gen::Error) -> ErrorKind {
    use gv_gen::Error as E;
    match error {
        E::InvalidInput { .. } | E::Table { .. } => ErrorKind::InvalidInput,
        E::Http(gv_gen::http::Error::UnreadableFile { .. }) => ErrorKind::Storage,
        E::Http(gv_gen::http::Error::Tls { .. }) => ErrorKind::Transport,
        E::Http(_) => ErrorKind::InvalidInput,
        E::MissingKey { .. } => ErrorKind::Unavailable,
        E::SpendingCap { .. } | E::Uncertain { .. } => ErrorKind::Conflict,
        E::Refused { .. } | E::Protocol { .. } => ErrorKind::Platform,
        E::Transport { timed_out: true, .. } => ErrorKind::Timeout,
        E::Transport { .. } | E::Unanswered { .. } => ErrorKind::Transport,
        E::Cancelled { .. } => ErrorKind::Cancelled,
        E::Journal { .. } | E::File { .. } => ErrorKind::Storage,
        _ => ErrorKind::Internal,
    }
}

fn timing_kind(error: &gv_timing::Error) -> ErrorKind {
    match error {
        gv_timing::Error::InvalidParameter { .. }
        | gv_timing::Error::Unknown { .. }
        | gv_timing::Error::Table { .. } => ErrorKind::InvalidInput,
        _ => ErrorKind::Internal,
    }
}

fn patterns_kind(error: &gv_patterns::Error) -> ErrorKind {
    use gv_patterns::Error as E;
    match error {
        E::InvalidParameter { .. } | E::BadData { .. } => ErrorKind::InvalidInput,
        E::Conflict { .. } => ErrorKind::Conflict,
        E::NewerSchema { .. } => ErrorKind::Unsupported,
        E::FeatureOff { .. } => ErrorKind::Unavailable,
        E::NotAStore { .. } | E::Corrupt { .. } | E::Unusable { .. } => ErrorKind::Storage,
        _ => ErrorKind::Internal,
    }
}

fn vision_kind(error: &gv_vision::Error) -> ErrorKind {
    match error {
        gv_vision::Error::Media(error) => media_kind(error),
        gv_vision::Error::BufferSize { .. }
        | gv_vision::Error::SizeMismatch { .. }
        | gv_vision::Error::InvalidParameter { .. } => ErrorKind::InvalidInput,
        gv_vision::Error::SourceClosed => ErrorKind::Conflict,
        gv_vision::Error::NoModel { .. } | gv_vision::Error::Runtime { .. } => {
            ErrorKind::Unavailable
        }
        gv_vision::Error::Detector { .. } | gv_vision::Error::TextReader { .. } => {
            ErrorKind::Callback
        }
        gv_vision::Error::ModelFile { source, .. }
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            ErrorKind::NotFound
        }
        gv_vision::Error::ModelFile { .. }
        | gv_vision::Error::Model { .. }
        | gv_vision::Error::ModelOutputs { .. }
        | gv_vision::Error::ModelRun { .. } => ErrorKind::Model,
        _ => ErrorKind::Internal,
    }
}

fn optimize_kind(error: &gv_optimize::Error) -> ErrorKind {
    use gv_optimize::Error as Optimize;
    match error {
        Optimize::InvalidAd { .. }
        | Optimize::DuplicateAd { .. }
        | Optimize::DuplicateExample { .. }
        | Optimize::TooFewExamples { .. }
        | Optimize::OneGroup
        | Optimize::InvalidParameter { .. }
        | Optimize::BudgetBelowMinimums { .. }
        | Optimize::Table { .. } => ErrorKind::InvalidInput,
        Optimize::SharedBudget { .. } | Optimize::ChangeCap { .. } => ErrorKind::Conflict,
        Optimize::MissingToken { .. } => ErrorKind::Unavailable,
        Optimize::Platform { .. } => ErrorKind::Platform,
        Optimize::Transport { timed_out: true, .. } => ErrorKind::Timeout,
        Optimize::Transport { .. } | Optimize::Unanswered { .. } => ErrorKind::Transport,
        Optimize::Http(gv_optimize::http::Error::Tls { .. }) => ErrorKind::Transport,
        Optimize::Http(_) => ErrorKind::InvalidInput,
        Optimize::Journal { .. } => ErrorKind::Storage,
        Optimize::Cancelled => ErrorKind::Cancelled,
        Optimize::Store(error) => patterns_kind(error),
        Optimize::Stored { .. } => ErrorKind::Storage,
        Optimize::Conversions { .. } => ErrorKind::InvalidInput,
        Optimize::Predictions { .. } | Optimize::BadModel { .. } => ErrorKind::Model,
        Optimize::PerformanceModel { .. } | Optimize::Trainer { .. } => ErrorKind::Callback,
        _ => ErrorKind::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_status_of_its_own_in_ascending_order() {
        let statuses: Vec<u32> = ErrorKind::ALL.iter().map(|kind| kind.status()).collect();
        assert!(statuses.is_sorted_by(|a, b| a < b), "{statuses:?}");
        assert!(statuses.iter().all(|&status| status != 0));
    }

    #[test]
    fn what_the_wallet_and_the_network_say_is_told_apart() {
        use gv_gen::Error as E;
        let task = || Some("t".to_owned());
        for (error, kind) in [
            (E::SpendingCap { cost: 1, spent: 2, cap: 2 }, ErrorKind::Conflict),
            (E::MissingKey { service: "s", variables: "V" }, ErrorKind::Unavailable),
            (E::Cancelled { task: task() }, ErrorKind::Cancelled),
            (
                E::Transport { service: "s", reason: "r".into(), task: task(), timed_out: true },
                ErrorKind::Timeout,
            ),
            (
                E::Unanswered { service: "s", id: "i".into(), reason: "r".into() },
                ErrorKind::Transport,
            ),
        ] {
            assert_eq!(Error::from(error).kind(), kind);
        }
    }

    #[test]
    fn a_detector_of_voices_fails_as_what_it_is() {
        let failed = |source| gv_audio::Error::VoiceDetector { name: "v".into(), source };
        let own = failed("no network".into());
        assert_eq!(Error::from(own).kind(), ErrorKind::Callback);
        let message = "odd sizes".to_owned();
        let network = gv_vision::Error::Model { path: "silero.onnx".into(), message };
        assert_eq!(Error::from(failed(network.into())).kind(), ErrorKind::Model);
    }

    #[test]
    fn a_media_error_met_by_vision_is_a_media_error() {
        let inner = gv_media::Error::FileNotFound { path: "ad.mp4".into() };
        let error = Error::from(gv_vision::Error::from(inner));
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "no file at ad.mp4");
    }
}
