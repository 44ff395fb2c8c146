//! A small ad from generated clips and a voice-over, put together by ffmpeg and then looked at.
//!
//! Both services run on the loopback address and their clips are drawn by ffmpeg, so nothing is paid: `cargo run --example
//! assemble_ad [AD.mkv]`. [`assemble`] takes any clients; those of [`RunwayOptions`] and [`ElevenLabsOptions`] with your
//! keys generate the real thing.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]

use geminivideo::generation::elevenlabs_voice::{
    CaptionOptions, ElevenLabsClient, ElevenLabsOptions, VoiceOverRequest,
};
use geminivideo::generation::http::Cancel;
use geminivideo::generation::journal::Books;
use geminivideo::generation::runway_gen3::{
    AspectRatio, GenerationRequest, RunwayClient, RunwayOptions,
};
use geminivideo::generation::testing::{
    ELEVENLABS_KEY, ElevenLabsService, RUNWAY_KEY, RunwayService,
};
use geminivideo::{Analysis, AnalyzeOptions, analyze};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Error = Box<dyn std::error::Error>;

/// What is shown, one clip each.
pub const SCENES: [&str; 3] = [
    "hands lift a cup, steam, slow push in #clip=mandelbrot",
    "beans fall through light, slow motion #clip=life",
    "the cup on a table, logo, still #clip=testsrc2",
];
/// What is said.
pub const SCRIPT: &str = "Cold coffee again? The cup that keeps it hot. Order yours today.";
/// Seconds that each clip is shown in the ad.
pub const SECONDS: f64 = 2.0;

/// The two clients, over one journal.
#[derive(Debug)]
pub struct Studio {
    /// Makes the clips.
    pub runway: RunwayClient,
    /// Speaks the script.
    pub voice: ElevenLabsClient,
}

/// Generates the clips and the voice, and has ffmpeg put them together as a Matroska file with captions.
///
/// # Errors
///
/// Those of the clients, and what ffmpeg says.
pub fn assemble(studio: &Studio, folder: &Path) -> Result<PathBuf, Error> {
    let cancel = Cancel::new();
    let requests: Vec<GenerationRequest> = SCENES
        .map(|scene| GenerationRequest::new(scene).aspect_ratio(AspectRatio::Landscape))
        .to_vec();
    let mut clips = Vec::new();
    for result in studio.runway.generate_all(&requests, &cancel) {
        let result = result?;
        let clip = result.files.first().cloned();
        clips.push(clip.ok_or_else(|| result.error.unwrap_or_else(|| result.notes.join("; ")))?);
    }
    let spoken = studio.voice.generate_voiceover(
        &VoiceOverRequest::new(SCRIPT, "adam").output_format("pcm_24000").timestamps(true),
        &cancel,
    )?;
    let (sound, captions) = (folder.join("voice.pcm"), folder.join("captions.srt"));
    std::fs::write(&sound, &spoken.audio)?;
    let times = spoken.alignment.ok_or("the voice came without times")?;
    std::fs::write(&captions, times.srt(&CaptionOptions::default()))?;

    let mut ffmpeg = ffmpeg();
    let mut graph = String::new();
    for (at, clip) in clips.iter().enumerate() {
        ffmpeg.arg("-i").arg(clip);
        graph += &format!("[{at}:v]trim=duration={SECONDS},setpts=PTS-STARTPTS,fps=25[v{at}];");
    }
    let joined: String = (0..clips.len()).map(|at| format!("[v{at}]")).collect();
    let count = clips.len();
    graph += &format!("{joined}concat=n={count}:v=1:a=0[v];[{count}:a]apad[a]");
    ffmpeg.args(["-f", "s16le", "-ar", "24000", "-ac", "1", "-i"]).arg(&sound);
    ffmpeg.arg("-i").arg(&captions).args(["-filter_complex", &graph]);
    ffmpeg.args(["-map", "[v]", "-map", "[a]", "-map", &format!("{}:s", count + 1)]);
    ffmpeg.args(["-c:v", "mpeg4", "-q:v", "3", "-c:a", "flac", "-c:s", "srt", "-t"]);
    ffmpeg.arg((SECONDS * count as f64).to_string());
    let ad = folder.join("ad.mkv");
    run(ffmpeg.arg(&ad))?;
    Ok(ad)
}

/// Both services on the loopback address, with clips that ffmpeg draws, and clients that know them.
///
/// # Errors
///
/// What ffmpeg says, and those of the clients.
pub fn loopback(folder: &Path) -> Result<(RunwayService, ElevenLabsService, Studio), Error> {
    let (videos, voices) = (RunwayService::start(), ElevenLabsService::start());
    for name in ["mandelbrot", "life", "testsrc2"] {
        let clip = folder.join(format!("{name}.mp4"));
        let source = format!("{name}=size=640x360:rate=25");
        let mut ffmpeg = ffmpeg();
        ffmpeg.args(["-f", "lavfi", "-i", &source, "-t", "5", "-pix_fmt", "yuv420p"]);
        run(ffmpeg.args(["-c:v", "mpeg4", "-q:v", "3"]).arg(&clip))?;
        videos.add_clip(name, std::fs::read(clip)?);
    }
    let books = Books::open(folder.join("books"))?;
    let mut options = RunwayOptions::new(books.clone()).api_key(RUNWAY_KEY).base_url(videos.url());
    options.poll_interval = Duration::from_millis(20);
    let runway = RunwayClient::new(options)?;
    let options = ElevenLabsOptions::new(books).api_key(ELEVENLABS_KEY).base_url(voices.url());
    let voice = ElevenLabsClient::new(options)?;
    Ok((videos, voices, Studio { runway, voice }))
}

/// Looks at the ad.
///
/// # Errors
///
/// Those of [`analyze`].
pub fn look(ad: &Path) -> Result<Analysis, Error> {
    Ok(analyze(ad, &AnalyzeOptions::default())?)
}

fn ffmpeg() -> Command {
    let program = std::env::var_os("GV_FFMPEG").unwrap_or_else(|| "ffmpeg".into());
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-loglevel", "error", "-nostdin", "-y"]);
    command
}

fn run(command: &mut Command) -> Result<(), Error> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned().into())
}

fn main() -> Result<(), Error> {
    let folder = std::env::temp_dir().join(format!("assemble_ad-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (videos, voices, studio) = loopback(&folder)?;
    let ad = assemble(&studio, &folder)?;
    println!("{} clips and {} characters paid", videos.created().len(), voices.billed());
    let analysis = look(&ad)?;
    for boundary in &analysis.shots.boundaries {
        println!("cut at {:.2} s", boundary.time);
    }
    for moment in &analysis.moments {
        println!("{:.1} s  {}  {}", moment.timestamp_start, moment.moment_type, moment.reason);
    }
    if let Some(to) = std::env::args_os().nth(1) {
        std::fs::copy(&ad, to)?;
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
