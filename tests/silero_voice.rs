//! Silero's network beside ONNX Runtime on the same file, and beside the built-in classifier on the same sounds. The files
//! are those of the Python package `silero-vad`, which `GV_PYTHON` (else `python3`) has.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail where they should"
)]

use geminivideo::audio::testing::voice_detector_suite;
use geminivideo::audio::{AudioOptions, VoiceDetector, VoiceStretch, analyze_file};
use geminivideo::media::MediaOptions;
use geminivideo::vision::inference::Runtime;
use geminivideo::{ErrorKind, SileroVoice};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// The files of the package.
const FILES: [&str; 6] = [
    "silero_vad",
    "silero_vad_16k_op15",
    "silero_vad_16k_sequence",
    "silero_vad_half",
    "silero_vad_op18_ifless",
    "silero_vad_openvino_16k",
];

fn skip<T>(test: &str, what: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is missing");
    eprintln!("{test} is skipped: {what} is missing");
    None
}

fn python() -> String {
    std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// The folder of the files, where the package is installed.
fn folder(test: &str) -> Option<PathBuf> {
    let code = "import importlib.util
spec = importlib.util.find_spec('silero_vad')
print(spec.submodule_search_locations[0] if spec else '')";
    let output = Command::new(python()).args(["-c", code]).output().ok()?;
    let found = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    if found.is_empty() {
        skip(test, "the package silero-vad")
    } else {
        Some(Path::new(&found).join("data"))
    }
}

fn media(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GV_TEST_MEDIA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media"),
        PathBuf::from,
    );
    if folder.exists() { Some(folder) } else { skip(test, "the test media") }
}

/// Ten seconds that glide, hiss and pause.
fn sound() -> Vec<f32> {
    let mut phase = 0.0_f32;
    let mut seed = 1_u32;
    let mut sample = |at: usize| {
        let time = at as f32 / 16_000.0;
        let pitch = 140.0 + 60.0 * (3.0 * time).sin();
        phase = (phase + pitch / 16_000.0).fract();
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
        let syllable = (9.0 * time).sin().max(0.0) * f32::from(u8::from(time % 3.0 < 2.0));
        syllable * (0.5 * (phase - 0.5) + 0.03 * hiss) + 0.002 * hiss
    };
    (0..160_000).map(&mut sample).collect()
}

/// The probabilities of ONNX Runtime in Python, as Silero's own package runs it.
fn peer(file: &Path, sound: &Path) -> Vec<f32> {
    let code = "import sys
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1])
names = [port.name for port in session.get_inputs()]
sound = numpy.fromfile(sys.argv[2], numpy.float32)
before = numpy.zeros(64, numpy.float32)
shapes = {'state': (2, 1, 128), 'h': (1, 1, 128), 'c': (1, 1, 128)}
given = {name: numpy.zeros(shapes[name], numpy.float32) for name in names if name in shapes}
states = [name for name in ('state', 'h', 'c') if name in names]
if 'sr' in names:
    given['sr'] = numpy.array(16000, numpy.int64)
for window in sound[: len(sound) // 512 * 512].reshape(-1, 512):
    given['input'] = numpy.concatenate([before, window])[None]
    score, *later = session.run(None, given)
    given.update(zip(states, later))
    before = window[-64:]
    print(float(score.ravel()[0]))";
    let output = Command::new(python()).args(["-c", code]).args([file, sound]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn every_file_gives_the_probabilities_of_onnx_runtime() {
    let test = "every_file_gives_the_probabilities_of_onnx_runtime";
    let Some(folder) = folder(test) else { return };
    let sound = sound();
    let place = tempfile::tempdir().unwrap();
    let raw = place.path().join("sound.f32");
    let bytes: Vec<u8> = sound.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    std::fs::write(&raw, bytes).unwrap();
    for name in FILES {
        let file = folder.join(format!("{name}.onnx"));
        let scores = SileroVoice::open(&file, &Runtime::default()).unwrap().scores(&sound).unwrap();
        let peer = peer(&file, &raw);
        assert_eq!((scores.len(), peer.len()), (312, 312), "{name}");
        let apart = scores.iter().zip(&peer).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let (least, most) = peer
            .iter()
            .fold((1.0_f32, 0.0_f32), |(least, most), &score| (least.min(score), most.max(score)));
        eprintln!("{name}: {apart:.1e} apart at most, between {least:.3} and {most:.3}");
        assert!(apart < 1e-3 && most - least > 0.1, "{name}: {apart} {least} {most}");
    }
}

#[test]
#[cfg(feature = "onnxruntime")]
fn both_runtimes_hear_the_same() {
    let test = "both_runtimes_hear_the_same";
    let Some(folder) = folder(test) else { return };
    let code = "import importlib.util, pathlib
for folder in importlib.util.find_spec('onnxruntime').submodule_search_locations:
    print(*pathlib.Path(folder, 'capi').glob('libonnxruntime.so.*'))";
    let output = Command::new(python()).args(["-c", code]).output().unwrap();
    let library = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
    let runtime =
        Runtime::named(Some("onnxruntime"), None).unwrap().with_library(|| Some(library.clone()));
    let sound = sound();
    for name in ["silero_vad", "silero_vad_16k_sequence", "silero_vad_op18_ifless"] {
        let file = folder.join(format!("{name}.onnx"));
        let hear =
            |runtime: &Runtime| SileroVoice::open(&file, runtime).unwrap().scores(&sound).unwrap();
        let (ours, theirs) = (hear(&Runtime::default()), hear(&runtime));
        assert_eq!(ours.len(), theirs.len());
        assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-3), "{name}");
    }
}

#[test]
fn what_is_no_model_of_silero_is_refused_with_what_is() {
    let place = tempfile::tempdir().unwrap();
    let open = |path: &Path| SileroVoice::open(path, &Runtime::default()).unwrap_err();
    let missing = open(&place.path().join("absent.onnx"));
    assert_eq!(missing.kind(), ErrorKind::NotFound, "{missing}");
    let text = place.path().join("text.onnx");
    std::fs::write(&text, "this is no model").unwrap();
    assert_eq!(open(&text).kind(), ErrorKind::Model);
    let models = std::env::var_os("GV_TEST_MODELS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models"),
        PathBuf::from,
    );
    let yunet = models.join("yunet/yunet_n_320_320.onnx");
    if !yunet.exists() {
        skip::<()>("what_is_no_model_of_silero_is_refused_with_what_is", "yunet");
        return;
    }
    let error = open(&yunet);
    assert_eq!(error.kind(), ErrorKind::Model);
    assert!(error.to_string().contains("allowed are input [1, 576], state [2, 1, 128]"), "{error}");
}

fn seconds(voices: &[VoiceStretch]) -> f64 {
    voices.iter().map(|voice| voice.end - voice.start).sum()
}

/// Shares of hundredths of a second with a voice that are found, and of those without one that are taken for one.
fn found_and_false(voices: &[VoiceStretch], truth: &[(f64, f64)], duration: f64) -> (f64, f64) {
    let (mut hits, mut voiced, mut wrong, mut silent) = (0, 0, 0, 0);
    for step in 0..(duration * 100.0) as usize {
        let time = step as f64 / 100.0;
        let found = voices.iter().any(|voice| (voice.start..voice.end).contains(&time));
        if truth.iter().any(|&(start, end)| (start..end).contains(&time)) {
            (voiced, hits) = (voiced + 1, hits + u32::from(found));
        } else {
            (silent, wrong) = (silent + 1, wrong + u32::from(found));
        }
    }
    (f64::from(hits) / f64::from(voiced.max(1)), f64::from(wrong) / f64::from(silent.max(1)))
}

#[test]
fn silero_hears_who_speaks_and_no_voice_in_music_beside_the_built_in_classifier() {
    let test = "silero_hears_who_speaks_and_no_voice_in_music_beside_the_built_in_classifier";
    let (Some(folder), Some(media)) = (folder(test), media(test)) else { return };
    let file = folder.join("silero_vad.onnx");
    let silero: Arc<dyn VoiceDetector> =
        Arc::new(SileroVoice::open(file, &Runtime::default()).unwrap());
    voice_detector_suite(&*silero);
    let hear = |name: &str, detector: Option<Arc<dyn VoiceDetector>>| {
        let options = AudioOptions::default().loudness(false).voice_detector(detector);
        let path = media.join("audio").join(name);
        let heard = analyze_file(path, &MediaOptions::default(), &options).unwrap();
        (heard.voice.unwrap(), heard.duration, heard.voice_detector.unwrap())
    };
    let turns = std::fs::read_to_string(media.join("audio/speech/pyannote_sample.rttm")).unwrap();
    let turn = |line: &str| {
        let field = |at: usize| line.split(' ').nth(at).unwrap().parse::<f64>().unwrap();
        (field(3), field(3) + field(4))
    };
    let truth: Vec<(f64, f64)> = turns.lines().map(turn).collect();
    for (detector, name) in [(Some(Arc::clone(&silero)), "silero_vad.onnx"), (None, "built-in")] {
        let (voices, duration, by) = hear("speech/pyannote_sample.wav", detector.clone());
        assert_eq!(by, name);
        let (found, wrong) = found_and_false(&voices, &truth, duration);
        eprintln!("{name}, people who speak in turns: {found:.3} found, {wrong:.3} false");
        assert!(found > 0.85 && wrong < 0.3, "{name}: {found} {wrong} {voices:?}");
        for book in ["198-209-0000", "3436-172162-0000", "5703-47212-0000"] {
            let (voices, duration, _) = hear(&format!("librosa_data/{book}.ogg"), detector.clone());
            let share = seconds(&voices) / duration;
            eprintln!("{name}, {book}: {share:.3}");
            assert!(share > 0.75, "{name}, {book}: {voices:?}");
        }
        for (music, most) in [
            ("librosa_data/Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_string_o.ogg", 0.25),
            ("librosa_data/Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fair.ogg", 0.1),
            ("librosa_data/Kevin_MacLeod_-_Vibe_Ace.ogg", 0.1),
            ("librosa_data/sorohanro_-_solo-trumpet-06.ogg", 0.1),
            ("sonicpi_cc0/loop_amen.flac", 0.1),
            ("sonicpi_cc0/loop_garzul.flac", 0.1),
        ] {
            let (voices, duration, _) = hear(music, detector.clone());
            let share = seconds(&voices) / duration;
            eprintln!("{name}, {music}: {share:.3}");
            assert!(share <= most, "{name}, {music}: {voices:?}");
        }
    }
}
