//! What the tests of this crate share: where media lie, which ffmpeg programs there are, and what
//! those say of a file.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails where it unwraps")]

use gv_media::{Event, MediaOptions, MediaReader, Rational, Timestamp};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of real media; `None`, with a note, where there is none and CI does not ask for it.
pub(crate) fn media(test: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GV_TEST_MEDIA").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    let folder = given.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "{test}: there are no media at {}", folder.display());
    eprintln!("skipped {test}: there are no media at {}", folder.display());
    None
}

/// The ffmpeg programs to test with: the one in `PATH`, and those that `GV_TEST_FFMPEG` names.
pub(crate) fn programs() -> Vec<PathBuf> {
    let more = std::env::var_os("GV_TEST_FFMPEG").unwrap_or_default();
    let found = gv_media::Ffmpeg::locate(None).ok().map(|ffmpeg| ffmpeg.path().to_path_buf());
    found.into_iter().chain(std::env::split_paths(&more).filter(|path| path.is_file())).collect()
}

/// A folder of this test's own, emptied.
pub(crate) fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs the ffmpeg in `PATH` to make a file.
pub(crate) fn ffmpeg(args: &str, output: &Path) {
    let ffmpeg = gv_media::Ffmpeg::locate(None).unwrap();
    let status = Command::new(ffmpeg.path())
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args.split_ascii_whitespace())
        .arg(output)
        .status();
    assert!(status.unwrap().success(), "ffmpeg {args}");
}

/// Time stamps and time base of the frames that a plain ffmpeg decodes.
pub(crate) fn frames_by_ffmpeg(
    program: &Path,
    file: &Path,
    from_start: bool,
) -> (Vec<i64>, Rational) {
    let version = gv_media::Ffmpeg::locate(Some(program)).unwrap().version().to_string();
    let old = version.starts_with("5.") || version.starts_with("6.0");
    let mut command = Command::new(program);
    command.args(["-v", "quiet", "-nostdin"]);
    if !from_start {
        command.arg("-copyts");
    }
    command.arg("-i").arg(file).args(["-map", "0:V:0", "-fps_mode", "passthrough"]);
    command.args(["-enc_time_base:v", if old { "-1" } else { "demux" }]);
    command.args(["-c:v", "rawvideo", "-f", "framehash", "-hash", "adler32", "-"]);
    let output = command.stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let base = text.lines().find_map(|line| line.strip_prefix("#tb 0: "));
    let base = base.and_then(|base| base.split_once('/'));
    let base = base.map_or(Rational::ONE, |(num, den)| {
        Rational::new(num.parse().unwrap(), den.parse().unwrap()).unwrap()
    });
    let packets = text.lines().filter(|line| !line.starts_with('#'));
    let pts = packets.map(|line| line.split(',').nth(2).unwrap().trim().parse().unwrap());
    (pts.collect(), base)
}

/// What a reader delivers.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) pictures: Vec<Timestamp>,
    pub(crate) sound: Vec<(Timestamp, Vec<f32>)>,
    pub(crate) first_picture: Vec<u8>,
    pub(crate) last_picture: Vec<u8>,
}

/// Reads to the end.
pub(crate) fn read_all(reader: &mut MediaReader) -> gv_media::Result<Delivered> {
    let (mut picture, mut sound) = (Vec::new(), Vec::new());
    let mut delivered = Delivered::default();
    while let Some(event) = reader.read(&mut picture, &mut sound)? {
        match event {
            Event::Picture { pts } => {
                if delivered.pictures.is_empty() {
                    delivered.first_picture.clone_from(&picture);
                }
                delivered.pictures.push(pts);
            }
            Event::Sound { pts } => delivered.sound.push((pts, sound.clone())),
        }
    }
    delivered.last_picture = picture;
    Ok(delivered)
}

/// Options for pictures alone.
pub(crate) fn pictures(program: &Path) -> MediaOptions {
    MediaOptions::default().program(program).audio(false)
}
