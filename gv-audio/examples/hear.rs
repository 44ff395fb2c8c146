//! Prints what is heard in files as JSON, one line for each: `cargo run -p gv-audio --example hear -- FILE...`
#![allow(clippy::print_stdout, reason = "an example prints")]

use gv_audio::{AudioOptions, analyze_file};
use gv_media::MediaOptions;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let heard = analyze_file(path, &MediaOptions::default(), &AudioOptions::default())?;
        println!("{}", serde_json::to_string(&heard)?);
    }
    Ok(())
}
