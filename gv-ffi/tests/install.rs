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
    compiles_by_pkg_config(&installed("install-pkg-config"));
}

/// Builds an example with the flags that pkg-config tells, shared and static, and runs it.
fn compiles_by_pkg_config(prefix: &Path) {
    assert_eq!(pkg_config(prefix, &["--modversion"]).trim(), env!("CARGO_PKG_VERSION"));
    let flags = pkg_config(prefix, &["--cflags", "--libs"]);
    let private = pkg_config(prefix, &["--cflags", "--libs", "--static"])
        .replace("-lgeminivideo", "-l:libgeminivideo.a");
    for (name, flags) in [("shared", flags), ("static", private)] {
        let program = prefix.join(name);
        let mut command = Command::new("gcc");
        command.arg("-std=c99").arg(repository("examples/c/kill.c")).arg("-o").arg(&program);
        succeeds(command.args(flags.split_ascii_whitespace()));
        assert!(run(&program, prefix).contains("ad_loser: stop"));
        let needed = succeeds(Command::new("readelf").arg("-d").arg(&program));
        let minor = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
        let soname = format!("[libgeminivideo.so.{minor}]");
        assert_eq!(needed.contains(&soname), name == "shared", "{needed}");
        its_stack_is_not_executable(&program);
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
    compiles_by_cmake(&moved);
}

fn its_stack_is_not_executable(program: &Path) {
    let segments = succeeds(Command::new("readelf").arg("-lW").arg(program));
    let stack = segments.lines().find(|line| line.contains("GNU_STACK")).unwrap_or_default();
    assert!(stack.contains(" RW "), "{}: {stack}", program.display());
}

/// Builds the project of `examples/cmake` with the package that lies there, and runs what it makes.
fn compiles_by_cmake(prefix: &Path) {
    let build = prefix.join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(repository("examples/cmake")).arg("-B").arg(&build);
    succeeds(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())));
    succeeds(Command::new("cmake").arg("--build").arg(&build));
    assert!(run(&build.join("kill"), prefix).contains("ad_loser: stop"));
    assert!(run(&build.join("kill_static"), Path::new("/")).contains("ad_loser: stop"));
    its_stack_is_not_executable(&build.join("kill_static"));
    assert!(run(&build.join("push_frames"), prefix).contains("shot: 2.00 s to 4.00 s"));
}

#[test]
fn an_archive_works_wherever_it_is_unpacked_and_is_the_same_each_time() {
    if !["tar", "strip", "pkg-config", "gcc", "cmake", "g++"].into_iter().all(is_there) {
        return;
    }
    let folder = Folder::new("install-archive");
    let pack = |to: &str| {
        let script = repository("scripts/install-c");
        let to = folder.join(to);
        succeeds(Command::new(script).arg("--from").arg(libraries()).arg("--pack").arg(&to));
        let files: Vec<_> = std::fs::read_dir(to).unwrap().map(|file| file.unwrap()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].path()
    };
    let archive = pack("made");
    let name = archive.file_name().unwrap().to_str().unwrap().to_owned();
    let (version, arch) = (env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    assert_eq!(name, format!("geminivideo-c-{version}-{arch}-linux.tar.gz"));
    assert!(std::fs::read(&archive).unwrap() == std::fs::read(pack("again")).unwrap());

    let unpacked = folder.join("unpacked");
    std::fs::create_dir(&unpacked).unwrap();
    succeeds(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&unpacked));
    let prefix = folder.join("elsewhere").join("gv");
    std::fs::create_dir(prefix.parent().unwrap()).unwrap();
    std::fs::rename(unpacked.join(name.trim_end_matches(".tar.gz")), &prefix).unwrap();
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        assert!(prefix.join("share/geminivideo").join(licence).is_file(), "{licence}");
    }
    compiles_by_pkg_config(&prefix);
    compiles_by_cmake(&prefix);
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
