//! Runs Runway and ElevenLabs on the loopback address until it is killed, for tests in other languages.
//!
//! Prints one line of JSON with their addresses and keys. `GV_LOOPBACK_VIDEO` names a file that video tasks lead to.
//! `GET /_stats` on port `stats` says what was paid, `GET /_received?service=…` what was asked.

use gv_gen::testing::{ELEVENLABS_KEY, ElevenLabsService, RUNWAY_KEY, RunwayService};
use gv_http::testing::{Answer, Received, Server};
use serde_json::json;
use std::io::Write;
use std::sync::Arc;

fn shown(received: &[Received]) -> serde_json::Value {
    let each = |r: &Received| {
        json!({
            "method": r.method,
            "target": r.target,
            "headers": r.headers,
            "body": String::from_utf8_lossy(&r.body),
        })
    };
    received.iter().map(each).collect()
}

fn main() -> std::io::Result<()> {
    let keep = std::env::var_os("GV_LOOPBACK_FORGET").is_none();
    let runway = Arc::new(RunwayService::start_on("127.0.0.1:0", keep));
    let elevenlabs = Arc::new(ElevenLabsService::start_on("127.0.0.1:0", keep));
    if let Some(path) = std::env::var_os("GV_LOOPBACK_VIDEO") {
        runway.set_video(std::fs::read(path)?);
    }
    let (video, voice) = (Arc::clone(&runway), Arc::clone(&elevenlabs));
    let stats = Server::start_on("127.0.0.1:0", false, move |request| {
        let body = match (request.path(), request.query()) {
            ("/_stats", _) => json!({
                "created": video.created(),
                "most_at_a_time": video.most_at_a_time(),
                "uploads": video.uploads(),
                "spoken": voice.spoken(),
                "billed": voice.billed(),
            }),
            ("/_received", "service=runway") => shown(&video.received()),
            ("/_received", "service=elevenlabs") => shown(&voice.received()),
            _ => return Answer::status(404),
        };
        Answer::status(200).json(&body.to_string())
    });
    let line = json!({
        "runway": {"url": runway.url(), "key": RUNWAY_KEY},
        "elevenlabs": {"url": elevenlabs.url(), "key": ELEVENLABS_KEY},
        "stats": stats.url(""),
    });
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    out.flush()?;
    loop {
        std::thread::park();
    }
}
