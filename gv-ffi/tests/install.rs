//! The installed library, as somebody's project finds it: through pkg-config and through CMake.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they should")]

mod common;

use common::{Folder, is_there, libraries, repository, succeeds};
use std::path::Path;
use std::process::Command;

/// Installs what cargo has built below a folder of the test's own.
fn installed(test: &str) -> Folder {
    let prefix = Folder::new(test);
    install(&prefix);
    prefix
}

fn install(prefix: &Path) {
    let script = repository("scripts/install-c");
    succeeds(Command::new(script).arg("--from").arg(libraries()).arg(prefix));
}

fn pkg_config(prefix: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")).args(arguments).arg("geminivideo");
    succeeds(&mut command)
}

fn run(program: &Path, prefix: &Path) -> String {
    succeeds(Command::new(program).env("LD_LIBRARY_PATH", prefix.join("lib")))
}

#[test]
fn pkg_config_tells_what_a_compiler_needs_for_either_library() {
    if !is_there("pkg-config") || !is_there("gcc") {
        return;
    }
    let prefix = installed("install-pkg-config");
    assert_eq!(pkg_config(&prefix, &["--modversion"]).trim(), env!("CARGO_PKG_VERSION"));
    let flags = pkg_config(&prefix, &["--cflags", "--libs"]);
    let private = pkg_config(&prefix, &["--cflags", "--libs", "--static"])
        .replace("-lgeminivideo", "-l:libgeminivideo.a");
    for (name, flags) in [("shared", flags), ("static", private)] {
        let program = prefix.join(name);
        let mut command = Command::new("gcc");
        command.arg("-std=c99").arg(repository("examples/c/kill.c")).arg("-o").arg(&program);
        succeeds(command.args(flags.split_ascii_whitespace()));
        assert!(run(&program, &prefix).contains("ad_loser: stop"));
        let needed = succeeds(Command::new("readelf").arg("-d").arg(&program));
        let minor = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
        let soname = format!("[libgeminivideo.so.{minor}]");
        assert_eq!(needed.contains(&soname), name == "shared", "{needed}");
    }
}

#[test]
fn cmake_finds_the_package_even_after_it_was_moved() {
    if !is_there("cmake") || !is_there("g++") {
        return;
    }
    let folder = Folder::new("install-cmake");
    let moved = folder.join("moved");
    install(&folder.join("made"));
    std::fs::rename(folder.join("made"), &moved).unwrap();
    let build = moved.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(repository("examples/cmake")).arg("-B").arg(&build);
    succeeds(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", moved.display())));
    succeeds(Command::new("cmake").arg("--build").arg(&build));
    assert!(run(&build.join("kill"), &moved).contains("ad_loser: stop"));
    assert!(run(&build.join("kill_static"), Path::new("/")).contains("ad_loser: stop"));
    assert!(run(&build.join("push_frames"), &moved).contains("shot: 2.00 s to 4.00 s"));
}

#[test]
fn cmake_refuses_a_version_that_this_is_not() {
    if !is_there("cmake") {
        return;
    }
    let prefix = installed("install-versions");
    let answer = |asked: &str| {
        let project = prefix.join(format!("project-{asked}"));
        std::fs::create_dir_all(&project).unwrap();
        let text = format!(
            "cmake_minimum_required(VERSION 3.16)\nproject(versions LANGUAGES C)\n\
             find_package(GeminiVideo {asked} QUIET)\nmessage(STATUS \"found=${{GeminiVideo_FOUND}}\")\n"
        );
        std::fs::write(project.join("CMakeLists.txt"), text).unwrap();
        let mut command = Command::new("cmake");
        command.arg("-S").arg(&project).arg("-B").arg(project.join("build"));
        let said = succeeds(command.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())));
        said.contains("found=1") || said.contains("found=TRUE")
    };
    let mine = env!("CARGO_PKG_VERSION");
    let minor = mine.rsplit_once('.').unwrap().0;
    assert!(answer("") && answer(minor) && answer(mine));
    assert!(!answer("99.0") && !answer("0.0") && !answer(&format!("{minor}.99")));
}

#[test]
fn the_version_is_the_same_everywhere() {
    let cmake = std::fs::read_to_string(repository("gv-ffi/cmake/GeminiVideoConfigVersion.cmake"));
    let stated = format!("set(PACKAGE_VERSION \"{}\")", env!("CARGO_PKG_VERSION"));
    assert!(cmake.unwrap().contains(&stated), "{stated}");
}
