//! Compiling and running C and C++ programs against the library that cargo has built for this test.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail where they should"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A compiler, the language it is asked for, and the warnings that are errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compiler {
    pub(crate) program: &'static str,
    language: &'static [&'static str],
}

/// C compilers, and C++ compilers that are given the same C files.
pub(crate) const FOR_C: [Compiler; 4] = [
    Compiler { program: "gcc", language: &["-x", "c", "-std=c99"] },
    Compiler { program: "clang", language: &["-x", "c", "-std=c99"] },
    Compiler { program: "g++", language: &["-x", "c++", "-std=c++17"] },
    Compiler { program: "clang++", language: &["-x", "c++", "-std=c++17"] },
];

/// C++ compilers.
pub(crate) const FOR_CPP: [Compiler; 2] = [FOR_C[2], FOR_C[3]];

const WARNINGS: [&str; 6] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow", "-g"];

/// How the library is linked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link {
    Shared,
    Static,
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The folder of the libraries that cargo has built.
pub(crate) fn libraries() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_path_buf()
}

/// A folder of one test's own that goes with it: what holds a library is large.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new(test: &str) -> Self {
        let made = tempfile::Builder::new().prefix(test).tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        Self(made.unwrap())
    }
}

impl std::ops::Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        self.0.path()
    }
}

/// A folder with the shared library under the name that programs ask for.
pub(crate) fn workshop(test: &str) -> Folder {
    let folder = Folder::new(test);
    let built = libraries().join("libgv_ffi.so");
    assert!(built.is_file(), "{} is missing", built.display());
    let version = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap().0;
    for name in ["libgeminivideo.so".to_owned(), format!("libgeminivideo.so.{version}")] {
        std::os::unix::fs::symlink(&built, folder.join(name)).unwrap();
    }
    folder
}

/// Whether a program is there; CI needs it.
pub(crate) fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output().is_ok();
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(there || !required, "{program} is needed");
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

impl Compiler {
    fn command(self, source: &Path) -> Command {
        let mut command = Command::new(self.program);
        command.args(WARNINGS).args(self.language).arg(source).args(["-x", "none"]);
        command.arg("-I").arg(repository("gv-ffi/include"));
        command
    }

    /// What the compiler says of a source file that it must refuse.
    pub(crate) fn refuses(self, source: &Path, folder: &Path) -> String {
        let mut command = self.command(source);
        let output = command.arg("-c").arg("-o").arg(folder.join("refused.o")).output().unwrap();
        assert!(!output.status.success(), "{command:?} compiles");
        text_of(&output)
    }

    /// Compiles a source file to a program beside the shared library.
    pub(crate) fn compile(
        self,
        source: &Path,
        folder: &Path,
        link: Link,
        flags: &[&str],
    ) -> PathBuf {
        let name = source.file_stem().unwrap().to_str().unwrap();
        let program = folder.join(format!("{name}-{}-{link:?}", self.program));
        let mut command = self.command(source);
        command.args(flags);
        match link {
            Link::Shared => command.arg("-L").arg(folder).args(["-lgeminivideo", "-lm"]),
            Link::Static => command.arg(libraries().join("libgv_ffi.a")).args(STATIC_LIBRARIES),
        };
        succeeds(command.arg("-pthread").arg("-o").arg(&program));
        program
    }
}

/// What a static library of Rust code needs of the system.
pub(crate) const STATIC_LIBRARIES: [&str; 4] = ["-lpthread", "-ldl", "-lm", "-lc"];

/// The program, made to find the shared library beside it.
pub(crate) fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("LD_LIBRARY_PATH", path.parent().unwrap());
    command
}

/// The program under valgrind, where that is installed: any error or leak fails it.
pub(crate) fn under_valgrind(path: &Path) -> Option<Command> {
    if !is_there("valgrind") {
        return None;
    }
    let mut command = Command::new("valgrind");
    command.args([
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--child-silent-after-fork=yes",
    ]);
    command.args(["--errors-for-leak-kinds=definite,indirect"]).arg(path);
    command.env("LD_LIBRARY_PATH", path.parent().unwrap());
    Some(command)
}

/// Runs a command that must succeed; what it printed.
pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = text_of(&output);
    assert!(output.status.success(), "{command:?}: {}\n{text}", output.status);
    text
}

/// Both outputs of a program.
pub(crate) fn text_of(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(err)
}

/// A file of real media; `None`, with a note, where there is none and CI does not ask for it.
pub(crate) fn media(name: &str) -> Option<PathBuf> {
    let given = std::env::var_os("GV_TEST_MEDIA").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| repository("../shared/media"));
    if folder.is_dir() {
        return Some(folder.join(name));
    }
    let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!required, "there are no media at {}", folder.display());
    eprintln!("skipped: there are no media at {}", folder.display());
    None
}

/// A function that the header declares.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Whether it returns a status.
    pub(crate) has_status: bool,
    /// Type and name of each parameter, as they stand there: `const char *path`.
    pub(crate) parameters: Vec<String>,
}

/// The committed header.
pub(crate) fn header() -> String {
    std::fs::read_to_string(repository("gv-ffi/include/geminivideo.h")).unwrap()
}

/// The functions that the header declares.
pub(crate) fn functions(header: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut lines = header.lines();
    while let Some(line) = lines.next() {
        let starts = line.starts_with(|letter: char| letter.is_ascii_lowercase());
        let Some((before, after)) = line.split_once('(').filter(|_| starts) else { continue };
        let name = before.rsplit([' ', '*']).next().unwrap();
        if !name.starts_with("gv_") || before.starts_with("typedef") {
            continue;
        }
        let mut list = after.to_owned();
        while !list.ends_with(");") {
            list += lines.next().unwrap();
        }
        let parameters = match list.trim_end_matches(");") {
            "void" => Vec::new(),
            list => list.split(',').map(|parameter| parameter.trim().to_owned()).collect(),
        };
        let has_status = before.starts_with("gv_status");
        found.push(Function { name: name.to_owned(), has_status, parameters });
    }
    found
}
