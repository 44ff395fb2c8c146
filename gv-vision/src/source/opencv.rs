//! Frames decoded by OpenCV.

use super::FrameSource;
use crate::{Frame, Layout, Result};
use gv_media::{Decoder, Error as MediaError, Rational, Rotation, Timestamp, VideoInfo};
use opencv::core::{CV_8UC3, Mat, get_version_string};
use opencv::prelude::{
    MatTraitConst, MatTraitConstManual, VideoCaptureTrait, VideoCaptureTraitConst,
};
use opencv::videoio::{
    CAP_FFMPEG, CAP_PROP_FOURCC, CAP_PROP_FPS, CAP_PROP_ORIENTATION_META, CAP_PROP_POS_MSEC,
    CAP_PROP_SAR_DEN, CAP_PROP_SAR_NUM, VideoCapture,
};
use std::fmt;
use std::path::Path;

/// A video file, decoded by OpenCV's `VideoCapture` in this process.
///
/// For pipelines that must see what OpenCV sees. Frames are [`Layout::Bgr24`], upright. OpenCV tells
/// less than a file holds: times count from the first frame, in whole microseconds; duration, frame
/// count, average rate and pixel format stay unknown; [`VideoInfo::codec`] is the four-character
/// code, not ffmpeg's name; damage is passed over uncounted. OpenCV 4.6 tells no time of the frames
/// that its decoder holds back until the end of the file; they get the time of the frame before. A hostile file meets OpenCV's decoder
/// within this process, where neither limits nor a cancel flag reach it: for files from strangers use
/// [`FfmpegSource`](crate::FfmpegSource).
///
/// # Examples
///
/// ```no_run
/// use gv_vision::{Frame, FrameSource, OpenCvSource};
///
/// let mut source = OpenCvSource::open("ad.mp4")?;
/// let mut frame = Frame::default();
/// while source.read(&mut frame)? {
///     println!("frame {} at {:.3} s", frame.index, frame.pts.seconds());
/// }
/// # Ok::<(), gv_vision::Error>(())
/// ```
pub struct OpenCvSource {
    capture: VideoCapture,
    info: VideoInfo,
    waiting: Option<Mat>,
    spare: Mat,
    next: u64,
    last_microseconds: i64,
}

impl OpenCvSource {
    /// Opens a file and reads its first frame.
    ///
    /// # Errors
    ///
    /// - The file: those of [`gv_media::check_file`].
    /// - Its content: [`MediaError::NotMedia`] where OpenCV does not open it, [`MediaError::NoFrames`]
    ///   where it finds no frame in it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        gv_media::check_file(path)?;
        let not_media = |reason: String| MediaError::NotMedia { path: path.into(), reason };
        let whole = std::path::absolute(path).map_err(|error| not_media(error.to_string()))?;
        let name = whole.to_str().ok_or_else(|| not_media("its name is not UTF-8".into()))?;
        let capture = VideoCapture::from_file(name, CAP_FFMPEG);
        let mut capture = capture.map_err(|error| not_media(error.message))?;
        if !capture.is_opened().unwrap_or(false) {
            return Err(not_media("OpenCV does not open it".into()).into());
        }
        let mut first = Mat::default();
        if !capture.read(&mut first).map_err(failed)? {
            let reason = "OpenCV finds no frame in it".into();
            return Err(MediaError::NoFrames { path: path.into(), reason }.into());
        }
        let info = facts(&capture, &first)?;
        let spare = Mat::default();
        Ok(Self { capture, info, waiting: Some(first), spare, next: 0, last_microseconds: 0 })
    }

    /// The next picture and the microsecond at which it is shown.
    fn grab(&mut self) -> Result<Option<(Mat, i64)>> {
        if let Some(first) = self.waiting.take() {
            return Ok(Some((first, 0)));
        }
        let mut picture = std::mem::take(&mut self.spare);
        if !self.capture.read(&mut picture).map_err(failed)? {
            return Ok(None);
        }
        let stated = self.capture.get(CAP_PROP_POS_MSEC).map_err(failed)? * 1000.0;
        let microseconds = if stated.is_finite() { stated.round() as i64 } else { 0 };
        Ok(Some((picture, microseconds.max(self.last_microseconds))))
    }
}

fn failed(error: opencv::Error) -> MediaError {
    MediaError::BadStream { reason: error.message }
}

fn facts(capture: &VideoCapture, first: &Mat) -> Result<VideoInfo> {
    let pixels = |count: i32| u32::try_from(count).unwrap_or(0);
    let mut info = VideoInfo::new(pixels(first.cols()), pixels(first.rows()));
    let stated = |property| capture.get(property).map_err(failed);
    info.nominal_rate = rate(stated(CAP_PROP_FPS)?);
    info.rotation = turns(stated(CAP_PROP_ORIENTATION_META)?);
    let aspect = Rational::new(stated(CAP_PROP_SAR_NUM)? as i64, stated(CAP_PROP_SAR_DEN)? as i64);
    let aspect = aspect.filter(|aspect| aspect.is_positive()).unwrap_or(Rational::ONE);
    let is_turned = matches!(info.rotation, Some(Rotation::Quarter | Rotation::ThreeQuarters));
    info.pixel_aspect = if is_turned { aspect.recip().unwrap_or(aspect) } else { aspect };
    let code = (stated(CAP_PROP_FOURCC)? as i64 as u32).to_le_bytes();
    let letters = code.iter().filter(|byte| byte.is_ascii_graphic());
    info.codec = letters.map(|&byte| char::from(byte)).collect();
    Ok(info)
}

/// The rational that a rounded rate stands for.
fn rate(fps: f64) -> Option<Rational> {
    if !(fps > 0.0 && fps < 1e6) {
        return None;
    }
    let near = |den: i64| {
        let num = (fps * den as f64).round();
        let close = (num / den as f64 / fps - 1.0).abs() < 1e-7;
        close.then(|| Rational::new(num as i64, den)).flatten()
    };
    near(1).or_else(|| near(1001)).or_else(|| Rational::new((fps * 1e6).round() as i64, 1_000_000))
}

fn turns(degrees: f64) -> Option<Rotation> {
    match degrees.rem_euclid(360.0) {
        0.0 => Some(Rotation::None),
        90.0 => Some(Rotation::Quarter),
        180.0 => Some(Rotation::Half),
        270.0 => Some(Rotation::ThreeQuarters),
        _ => None,
    }
}

impl FrameSource for OpenCvSource {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn decoder(&self) -> Decoder {
        Decoder { name: "opencv".into(), version: get_version_string().unwrap_or_default() }
    }

    fn read(&mut self, frame: &mut Frame) -> Result<bool> {
        let Some((picture, microseconds)) = self.grab()? else { return Ok(false) };
        let size = (self.info.width as usize, self.info.height as usize);
        let is_same = picture.typ() == CV_8UC3
            && (picture.cols() as usize, picture.rows() as usize) == size
            && picture.is_continuous();
        if !is_same {
            let reason = "the picture changes its size or kind in the middle".into();
            return Err(MediaError::BadStream { reason }.into());
        }
        let bytes = picture.data_bytes().map_err(failed)?;
        let target = frame.reshape(size.0, size.1, Layout::Bgr24)?;
        if target.len() != bytes.len() {
            let reason = "OpenCV's picture is not whole".into();
            return Err(MediaError::BadStream { reason }.into());
        }
        target.copy_from_slice(bytes);
        let microsecond = Rational::new(1, 1_000_000).unwrap_or(Rational::ONE);
        frame.pts = Timestamp::new(microseconds, microsecond);
        frame.index = self.next;
        self.next += 1;
        self.last_microseconds = microseconds;
        self.spare = picture;
        Ok(true)
    }
}

impl fmt::Debug for OpenCvSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenCvSource").field("info", &self.info).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounded_rate_stands_for_a_rational() {
        assert_eq!(rate(29.97002997002997), Rational::new(30000, 1001));
        assert_eq!(rate(25.0), Rational::new(25, 1));
        assert_eq!(rate(12.5), Rational::new(25, 2));
        assert_eq!((rate(0.0), rate(f64::NAN), rate(-1.0)), (None, None, None));
    }
}
