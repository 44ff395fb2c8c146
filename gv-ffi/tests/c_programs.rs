//! The examples in C, as a C program's author builds them: two compilers and both languages, shared and static.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]

mod common;

use common::under_valgrind;
use common::{FOR_C, Link, is_there, media, program, repository, succeeds, text_of, workshop};
use std::path::{Path, PathBuf};

const CLIP: &str = "video_cuts/psd_delayed_start.mp4";

/// Builds an example with every compiler and link; the programs.
fn every_build(example: &str, folder: &Path) -> Vec<PathBuf> {
    let source = repository("examples/c").join(example);
    let mut programs = Vec::new();
    for compiler in FOR_C {
        for link in [Link::Shared, Link::Static] {
            if is_there(compiler.program) {
                programs.push(compiler.compile(&source, folder, link, &[]));
            }
        }
    }
    programs
}

#[test]
fn a_loser_is_stopped_and_its_money_moves_to_the_winner() {
    let folder = workshop("kill");
    let mut told = Vec::new();
    for path in every_build("kill.c", &folder) {
        told.push(succeeds(&mut program(&path)));
    }
    let text = told.first().unwrap();
    assert!(text.contains("ad_loser: stop"), "{text}");
    assert!(text.contains("ad_winner: keep"), "{text}");
    assert!(text.contains("ad_winner: 40.00 to 59.88 a day"), "{text}");
    assert!(told.iter().all(|other| other == text));
}

#[test]
fn frames_that_a_program_renders_are_analysed_as_they_were_made() {
    let folder = workshop("push_frames");
    for path in every_build("push_frames.c", &folder) {
        let text = succeeds(&mut program(&path));
        let shots = "shot 0: frames 0 to 50, 0.00 s to 2.00 s\nshot 1: frames 50 to 100, 2.00 s to 4.00 s\n\
                     shot 2: frames 100 to 150, 4.00 s to 6.00 s\n";
        assert_eq!(text, shots);
    }
}

#[test]
fn a_platform_of_the_program_s_own_is_changed_and_changed_back() {
    let folder = workshop("platform");
    for path in every_build("platform.c", &folder) {
        let text = succeeds(&mut program(&path));
        for said in [
            "after: ad_1 runs, 60.00 a day",
            "after: ad_2 is paused, 40.00 a day",
            "undone: ad_1 runs, 40.00 a day",
            "undone: ad_2 runs, 40.00 a day",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}

#[test]
fn a_can_that_only_the_program_knows_is_seen_by_its_own_detector() {
    let folder = workshop("detector");
    for path in every_build("detector.c", &folder) {
        let text = succeeds(&mut program(&path));
        let seen = "red cans: seen for 2.0 s, first at 1.0 s\n\
                    1.0 s: a bottle of 50 x 100 pixels at 140, 40\n\
                    2.0 s: a bottle of 50 x 100 pixels at 140, 40\n";
        assert_eq!(text, seen);
    }
}

#[test]
fn sound_that_a_program_renders_beside_its_pictures_tells_which_cut_is_late() {
    let folder = workshop("push_sound");
    for path in every_build("push_sound.c", &folder) {
        let text = succeeds(&mut program(&path));
        for said in [
            "120 beats a minute\n",
            "15 of 15 cuts are within 0.10 s of a beat",
            "what is seen at 6.08 s is +80 ms from what is heard\n",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert_eq!(text.matches("what is seen").count(), 1, "{text}");
    }
}

#[test]
fn a_gate_of_the_program_s_own_hears_its_voice_and_says_why_it_fails() {
    let folder = workshop("voices");
    for path in every_build("voices.c", &folder) {
        let text = succeeds(&mut program(&path));
        let said = "a voice from 2.0 s to 5.0 s\n\
                    the voice detector gate failed: the gate has no level\n";
        assert_eq!(text, said);
    }
}

#[test]
fn patterns_are_kept_in_lists_of_the_program_s_own() {
    let folder = workshop("store");
    for path in every_build("store.c", &folder) {
        let text = succeeds(&mut program(&path));
        assert!(text.contains("Cold coffee again?") && !text.contains("tiktok"), "{text}");
    }
}

#[test]
fn sanitizers_find_nothing_in_what_the_library_reads_and_gives() {
    let folder = workshop("sanitizers");
    for example in [
        "kill.c",
        "push_frames.c",
        "platform.c",
        "detector.c",
        "push_sound.c",
        "voices.c",
        "store.c",
    ] {
        let source = repository("examples/c").join(example);
        for compiler in FOR_C.into_iter().filter(|compiler| is_there(compiler.program)) {
            let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
            let path = compiler.compile(&source, &folder, Link::Shared, &flags);
            succeeds(&mut program(&path));
        }
    }
}

#[test]
fn what_is_decided_kept_and_heard_leaks_nothing_and_touches_no_strange_memory() {
    let folder = workshop("kill-valgrind");
    let Some(compiler) = FOR_C.into_iter().find(|compiler| is_there(compiler.program)) else {
        return;
    };
    for example in ["kill.c", "store.c", "voices.c"] {
        let source = repository("examples/c").join(example);
        let path = compiler.compile(&source, &folder, Link::Shared, &[]);
        if let Some(mut command) = under_valgrind(&path) {
            succeeds(&mut command);
        }
    }
}

#[test]
fn a_file_is_analysed_as_the_library_does_it() {
    let Some(clip) = media(CLIP) else { return };
    let folder = workshop("analyze");
    let programs = every_build("analyze.c", &folder);
    let path = programs.first().unwrap();
    let text = succeeds(program(path).arg(&clip));
    let json = succeeds(program(path).arg(&clip).arg("--json"));
    let start = json.find('{').unwrap();
    let end = json.rfind('}').unwrap();
    let found: geminivideo::Analysis = serde_json::from_str(&json[start..=end]).unwrap();
    let options = geminivideo::AnalyzeOptions::default().num_threads(1);
    let expected = geminivideo::analyze(&clip, &options).unwrap();
    assert_eq!(found, expected);
    let shots = text.lines().filter(|line| line.starts_with("shot ")).count();
    assert_eq!(shots, expected.shots.shots.len());
    let hook = geminivideo::timing::hook_optimizer::analyze_hook(&expected.evidence()).unwrap();
    assert!(text.contains(&format!(", {:.0} of 100\n", hook.effectiveness_score)), "{text}");
    let to_do = &hook.improvements[0];
    assert!(text.contains(&format!("  {}: {}\n", to_do.part, to_do.text)), "{text}");
    assert!(text.contains("call to action: "), "{text}");
}

#[test]
fn what_is_no_video_is_a_status_and_a_sentence() {
    let folder = workshop("no-video");
    let no_video = folder.join("notes.mp4");
    std::fs::write(&no_video, "no video").unwrap();
    let source = repository("examples/c/analyze.c");
    for compiler in FOR_C.into_iter().filter(|compiler| is_there(compiler.program)).take(1) {
        let path = compiler.compile(&source, &folder, Link::Shared, &[]);
        for (file, status) in
            [("nowhere.mp4", "error 101: no file at"), (no_video.to_str().unwrap(), "error 200: ")]
        {
            let output = program(&path).arg(file).output().unwrap();
            let text = text_of(&output);
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(text.starts_with(status), "{text}");
        }
    }
}
