//! Finding the ffmpeg program and reading its version.

use crate::worker::Worker;
use crate::{Error, MediaOptions, Result};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

const ANSWER_BYTES: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// A version of ffmpeg.
///
/// Builds without a release number (nightly ones) are known by the version of the `libavutil` in
/// them, which numbers the same interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// The version as the program spells it, for example `5.1.9-0+deb12u1`.
    pub text: String,
    level: Level,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Release(u32, u32),
    Libavutil(u32, u32),
}

impl Version {
    /// The oldest version that works.
    pub const MINIMUM: &'static str = "5.1";

    /// Reads what `ffmpeg -version` prints; `None` where it is not that.
    pub(crate) fn parse(answer: &str) -> Option<Self> {
        let first = answer.lines().next()?;
        let text = first.strip_prefix("ffmpeg version ")?.split_whitespace().next()?.to_owned();
        let level = release(&text).or_else(|| answer.lines().find_map(libavutil))?;
        Some(Self { text, level })
    }

    fn at_least(&self, release: (u32, u32), libavutil: (u32, u32)) -> bool {
        match self.level {
            Level::Release(major, minor) => (major, minor) >= release,
            Level::Libavutil(major, minor) => (major, minor) >= libavutil,
        }
    }

    pub(crate) fn is_supported(&self) -> bool {
        self.at_least((5, 1), (57, 28))
    }

    /// Whether an encoder's time base may be named `demux`; before, it was `-1`.
    pub(crate) fn names_time_base(&self) -> bool {
        self.at_least((6, 1), (58, 29))
    }

    /// Whether the `format` filter converts the range of luma, and only where it has to.
    pub(crate) fn formats_range(&self) -> bool {
        self.at_least((7, 1), (59, 39))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn release(text: &str) -> Option<Level> {
    let mut numbers = text.strip_prefix('n').unwrap_or(text).split(['.', '-', '+', '~']);
    let (major, minor) = (numbers.next()?.parse().ok()?, numbers.next());
    // A nightly build is named by its date or commit, such as 2026-05-02-git-71669f2ad5.
    let is_date = major > 1000;
    let minor = minor.and_then(|minor| minor.parse().ok()).unwrap_or(0);
    (!is_date).then_some(Level::Release(major, minor))
}

fn libavutil(line: &str) -> Option<Level> {
    let numbers = line.trim().strip_prefix("libavutil")?.split('/').next()?;
    let mut numbers = numbers.split('.').map(|number| number.trim().parse().ok());
    Some(Level::Libavutil(numbers.next()??, numbers.next()??))
}

/// An ffmpeg program that is there and new enough.
///
/// # Examples
///
/// ```no_run
/// let ffmpeg = gv_media::Ffmpeg::locate(None)?;
/// println!("{} is ffmpeg {}", ffmpeg.path().display(), ffmpeg.version());
/// # Ok::<(), gv_media::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    path: PathBuf,
    version: Version,
}

impl Ffmpeg {
    /// Finds the program: `given`, else `GV_FFMPEG`, else `ffmpeg` in `PATH`; and asks its version.
    ///
    /// A program that is given is taken or refused; none other is tried in its place.
    ///
    /// # Errors
    ///
    /// [`Error::FfmpegMissing`], [`Error::FfmpegTooOld`], [`Error::FfmpegUnusable`].
    pub fn locate(given: Option<&Path>) -> Result<Self> {
        let mut options = MediaOptions::default().silence_limit(PATIENCE);
        options.program = given.map(Path::to_path_buf);
        Self::for_options(&options)
    }

    pub(crate) fn for_options(options: &MediaOptions) -> Result<Self> {
        let path = find(options.program.as_deref())?;
        let version = ask(&path, options)?;
        if !version.is_supported() {
            let version = version.text;
            return Err(Error::FfmpegTooOld { path, version, minimum: Version::MINIMUM });
        }
        Ok(Self { path, version })
    }

    /// The program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its version.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

fn find(given: Option<&Path>) -> Result<PathBuf> {
    let named = given.map(|path| (path.to_path_buf(), "the option")).or_else(|| {
        let path = std::env::var_os("GV_FFMPEG").filter(|path| !path.is_empty())?;
        Some((path.into(), "GV_FFMPEG"))
    });
    if let Some((path, by)) = named {
        let is_bare_name = path.components().count() == 1 && !path.is_file();
        let found =
            if is_bare_name { in_search_path(path.as_os_str()) } else { Some(path.clone()) };
        return found.filter(|path| path.is_file()).ok_or_else(|| Error::FfmpegMissing {
            looked: format!("{} (from {by}) is not a file", path.display()),
        });
    }
    in_search_path(OsStr::new("ffmpeg"))
        .ok_or_else(|| Error::FfmpegMissing { looked: "it is not in PATH".into() })
}

fn in_search_path(name: &OsStr) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let suffix = std::env::consts::EXE_SUFFIX;
    std::env::split_paths(&folders).find_map(|folder| {
        let mut path = folder.join(name);
        if !suffix.is_empty() && path.extension().is_none() {
            path.set_extension(suffix.trim_start_matches('.'));
        }
        path.is_file().then_some(path)
    })
}

type Identity = (PathBuf, u64, Option<SystemTime>);

/// The version of the program at `path`, asked once for as long as the file stays the same.
fn ask(path: &Path, options: &MediaOptions) -> Result<Version> {
    static ANSWERS: Mutex<Option<HashMap<Identity, Version>>> = Mutex::new(None);
    let unusable = |reason: String| Error::FfmpegUnusable { path: path.into(), reason };
    let metadata = path.metadata().map_err(|error| unusable(error.to_string()))?;
    let identity = (path.to_path_buf(), metadata.len(), metadata.modified().ok());
    let known = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(version) = known.as_ref().and_then(|known| known.get(&identity)) {
        return Ok(version.clone());
    }
    drop(known);
    let mut worker = Worker::spawn(path, ["-version"], None, options)?;
    let answer = first_bytes(&mut worker)?;
    let version = Version::parse(&String::from_utf8_lossy(&answer))
        .ok_or_else(|| unusable("its -version does not name a version of ffmpeg".into()))?;
    let mut known = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().insert(identity, version.clone());
    Ok(version)
}

fn first_bytes(worker: &mut Worker) -> Result<Vec<u8>> {
    let mut answer = vec![0; ANSWER_BYTES];
    let mut filled = 0;
    while filled < answer.len() {
        match worker.read(&mut answer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    answer.truncate(filled);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(&format!("ffmpeg version {text} Copyright (c) the FFmpeg developers\n"))
            .unwrap()
    }

    #[test]
    fn releases_are_ordered_by_number() {
        assert!(!version("4.4.2-0ubuntu0.22.04.1").is_supported());
        assert!(!version("5.0").is_supported());
        let debian = version("5.1.9-0+deb12u1");
        assert!(debian.is_supported() && !debian.names_time_base());
        assert!(version("n9.0.2-17-g2a571b6068-20260930").formats_range());
        assert!(version("6.1").names_time_base() && !version("6.1").formats_range());
        assert!(version("10.0").is_supported());
        assert!(version("8-static").is_supported());
    }

    #[test]
    fn a_nightly_build_is_known_by_its_libavutil() {
        let answer = "ffmpeg version 2024-05-02-git-71669f2ad5-full_build-www.gyan.dev Copyright\n\
                      built with gcc 13.2.0\nlibavutil      59. 16.101 / 59. 16.101\n";
        let version = Version::parse(answer).unwrap();
        assert!(version.names_time_base() && !version.formats_range());
        let commit = Version::parse("ffmpeg version N-11-gab Copy\nlibavutil 56. 70.100 / 1\n");
        assert!(!commit.unwrap().is_supported());
    }

    #[test]
    fn an_answer_that_is_not_ffmpegs_has_no_version() {
        assert_eq!(Version::parse(""), None);
        assert_eq!(Version::parse("avconv version 12"), None);
        assert_eq!(Version::parse("ffmpeg version unknown\n"), None);
    }

    #[test]
    fn a_program_that_is_named_and_not_there_is_missing() {
        let error = Ffmpeg::locate(Some(Path::new("/nowhere/ffmpeg"))).unwrap_err();
        assert!(error.to_string().contains("/nowhere/ffmpeg"), "{error}");
        assert!(matches!(error, Error::FfmpegMissing { .. }));
    }
}
