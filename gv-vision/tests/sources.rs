//! Every frame source keeps the contract.

#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]
#![cfg(feature = "testing")]

use gv_media::{Rational, Timestamp, VideoInfo};
use gv_vision::testing::frame_source_suite;
use gv_vision::{
    AnalysisFrame, FfmpegOptions, FfmpegSource, Frame, FrameScaler, FrameSource, Layout,
    MemorySource, PushOptions, PushSource,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

fn frame(tick: i64) -> Frame {
    let pts = Timestamp::new(tick, Rational::new(1, 25).unwrap());
    Frame::new(0, pts, 6, 4, Layout::Gray8, vec![tick as u8; 24]).unwrap()
}

fn clip(name: &str, args: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let ffmpeg = gv_media::Ffmpeg::locate(None).unwrap();
    let status = std::process::Command::new(ffmpeg.path())
        .args(["-v", "error", "-nostdin", "-y"])
        .args(args.split_ascii_whitespace())
        .arg(&path)
        .status();
    assert!(status.unwrap().success());
    path
}

#[test]
fn frames_in_memory_keep_the_contract() {
    let rate = Rational::new(25, 1).unwrap();
    frame_source_suite(|| Box::new(MemorySource::new((0..9).map(frame).collect(), rate).unwrap()));
}

#[test]
fn pushed_frames_keep_the_contract() {
    frame_source_suite(|| {
        let (mut pusher, source) = PushSource::new(VideoInfo::new(6, 4), PushOptions::default());
        std::thread::spawn(move || (0..20).try_for_each(|tick| pusher.push(frame(tick))));
        Box::new(source)
    });
}

#[test]
fn a_decoded_file_keeps_the_contract() {
    let path = clip("contract.mp4", "-f lavfi -i testsrc2=s=66x50:r=25:d=1 -c:v mpeg4 -bf 2");
    frame_source_suite(|| Box::new(FfmpegSource::open(&path, FfmpegOptions::default()).unwrap()));
}

#[test]
fn sound_arrives_before_the_frame_that_is_shown_after_it() {
    let path = clip(
        "sound.mkv",
        "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=440:r=8000:d=1 \
         -c:v mpeg4 -c:a pcm_s16le",
    );
    let heard = Arc::new(Mutex::new((0usize, 0.0)));
    let listening = Arc::clone(&heard);
    let sink = Box::new(move |pts: Timestamp, samples: &[f32]| {
        let mut heard = listening.lock().unwrap();
        *heard = (heard.0 + samples.len(), pts.seconds() + samples.len() as f64 / 8000.0);
    });
    let options = FfmpegOptions::default();
    let mut source = FfmpegSource::open_with_sound(&path, options, sink).unwrap();
    assert_eq!(source.media().audio.as_ref().unwrap().sample_rate, 8000);
    let mut frame = Frame::default();
    while source.read(&mut frame).unwrap() {
        assert!(heard.lock().unwrap().1 >= frame.pts.seconds());
    }
    assert_eq!(heard.lock().unwrap().0, 8000);
}

#[test]
#[cfg(feature = "opencv")]
fn a_file_decoded_by_opencv_keeps_the_contract_and_agrees_in_time() {
    use gv_vision::OpenCvSource;
    let path = clip("opencv.mp4", "-f lavfi -i testsrc2=s=66x50:r=30000/1001:d=2 -c:v mpeg4 -bf 2");
    frame_source_suite(|| Box::new(OpenCvSource::open(&path).unwrap()));
    let mut ours = FfmpegSource::open(&path, FfmpegOptions::default()).unwrap();
    let mut theirs = OpenCvSource::open(&path).unwrap();
    assert_eq!(theirs.info().nominal_rate, ours.info().nominal_rate);
    let (mut a, mut b) = (Frame::default(), Frame::default());
    let mut untold = 0;
    while ours.read(&mut a).unwrap() {
        let before = b.pts;
        assert!(theirs.read(&mut b).unwrap());
        let agrees = (a.pts.seconds() - b.pts.seconds()).abs() < 1e-6;
        assert!(agrees || b.pts == before, "frame {}", a.index);
        untold += usize::from(!agrees);
    }
    assert!(untold <= 2, "{untold} frames have no time of their own");
    assert!(!theirs.read(&mut b).unwrap());
    let error = OpenCvSource::open("nowhere.mp4").unwrap_err();
    assert!(error.to_string().contains("no file at nowhere.mp4"));
}

#[test]
fn a_picture_that_the_decoder_made_smaller_looks_the_same_at_analysis_size() {
    let path = clip("reduced.mp4", "-f lavfi -i testsrc2=s=1280x720:d=0.3 -c:v mpeg4 -q:v 2");
    let mut native = FfmpegSource::open(&path, FfmpegOptions::default()).unwrap();
    let options = FfmpegOptions::default().reduce_to(640);
    let mut reduced = FfmpegSource::open(&path, options).unwrap();
    assert_eq!(native.info(), reduced.info());
    let (mut large, mut small) = (Frame::default(), Frame::default());
    let (mut a, mut b) = (AnalysisFrame::default(), AnalysisFrame::default());
    while native.read(&mut large).unwrap() {
        assert!(reduced.read(&mut small).unwrap());
        assert_eq!((small.width(), small.height(), small.is_reduced()), (640, 360, true));
        assert_eq!(small.native_size(), (1280, 720));
        FrameScaler::new(320).scale(&large, Rational::ONE, &mut a);
        FrameScaler::new(320).scale(&small, Rational::ONE, &mut b);
        assert_eq!((a.source_scale, a.time), (b.source_scale, b.time));
        let pairs = a.luma.data().iter().zip(b.luma.data());
        let off: Vec<u8> = pairs.map(|(&a, &b)| a.abs_diff(b)).collect();
        let mean = off.iter().map(|&off| f64::from(off)).sum::<f64>() / off.len() as f64;
        assert!(
            mean < 0.5 && off.iter().max() <= Some(&3),
            "mean {mean}, most {:?}",
            off.iter().max()
        );
    }
}
