//! The C++ wrapper and the examples in C++, built by two compilers, shared and static.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]

mod common;

use common::{
    FOR_CPP, Link, is_there, media, program, repository, succeeds, under_valgrind, workshop,
};
use std::path::{Path, PathBuf};

fn every_build(source: &str, folder: &Path) -> Vec<PathBuf> {
    let mut programs = Vec::new();
    for compiler in FOR_CPP.into_iter().filter(|compiler| is_there(compiler.program)) {
        for link in [Link::Shared, Link::Static] {
            programs.push(compiler.compile(&repository(source), folder, link, &[]));
        }
    }
    programs
}

#[test]
fn owners_exceptions_and_ranges_are_as_promised() {
    let folder = workshop("wrapper");
    let clip = media("video_cuts/psd_delayed_start.mp4");
    for path in every_build("gv-ffi/tests/cpp/wrapper.cpp", &folder) {
        let mut command = program(&path);
        command.args(&clip);
        assert_eq!(succeeds(&mut command), "ok\n");
    }
}

#[test]
fn a_list_of_an_object_that_is_gone_does_not_compile() {
    let folder = workshop("dangling");
    let source = folder.join("dangling.cpp");
    let text = "#include <geminivideo.hpp>\nint main() {\n    \
                for (auto shot : geminivideo::analyze_file(\"ad.mp4\").shots()) (void)shot;\n}\n";
    std::fs::write(&source, text).unwrap();
    for compiler in FOR_CPP.into_iter().filter(|compiler| is_there(compiler.program)) {
        let refused = compiler.refuses(&source, &folder);
        assert!(refused.contains("deleted"), "{refused}");
    }
}

#[test]
fn pictures_that_lie_upside_down_in_memory_are_analysed_as_they_were_made() {
    let folder = workshop("push_frames_cpp");
    for path in every_build("examples/cpp/push_frames.cpp", &folder) {
        let text = succeeds(&mut program(&path));
        let shots: Vec<&str> = text.lines().filter(|line| line.starts_with("shot")).collect();
        let expected =
            ["shot: 0.00 s to 2.00 s", "shot: 2.00 s to 4.00 s", "shot: 4.00 s to 6.00 s"];
        assert_eq!(shots, expected);
    }
}

#[test]
fn a_lambda_is_a_face_detector() {
    let folder = workshop("detector_cpp");
    for path in every_build("examples/cpp/detector.cpp", &folder) {
        let text = succeeds(&mut program(&path));
        for said in
            ["skin: a face in 50 % of the time, first at 1.0 s\n", "a face from 1.0 s to 3.0 s\n"]
        {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}

#[test]
fn sanitizers_find_nothing_in_the_wrapper_and_what_is_written_with_it() {
    let folder = workshop("sanitized");
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for source in
        ["gv-ffi/tests/cpp/wrapper.cpp", "examples/cpp/detector.cpp", "examples/cpp/campaign.cpp"]
    {
        for compiler in FOR_CPP.into_iter().filter(|compiler| is_there(compiler.program)) {
            let path = compiler.compile(&repository(source), &folder, Link::Shared, &flags);
            succeeds(&mut program(&path));
        }
    }
}

#[test]
fn a_campaign_goes_from_variations_to_what_it_teaches_without_a_leak() {
    let folder = workshop("campaign");
    let programs = every_build("examples/cpp/campaign.cpp", &folder);
    for path in &programs {
        let text = succeeds(&mut program(path));
        for said in ["variations: {", "loser: Pause loser", "advice: {", "pattern ", "outcome: {"] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
    if let Some(mut command) = programs.first().and_then(|path| under_valgrind(path)) {
        succeeds(&mut command);
    }
}
