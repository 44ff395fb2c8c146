//! Every function of the header is called with nothing at all, by a C program made out of the header.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

mod common;

use common::{FOR_C, Link, is_there, program, repository, succeeds, workshop};
use std::fmt::Write;

/// Functions with a status that are content with nothing.
const CONTENT: [&str; 1] = ["gv_log_set"];

/// Name, whether a status comes back, and number of parameters of each function.
fn functions(header: &str) -> Vec<(String, bool, usize)> {
    let mut found = Vec::new();
    let mut lines = header.lines();
    while let Some(line) = lines.next() {
        let starts = line.starts_with(|letter: char| letter.is_ascii_lowercase());
        let Some((before, after)) = line.split_once('(').filter(|_| starts) else { continue };
        let name = before.rsplit([' ', '*']).next().unwrap();
        if !name.starts_with("gv_") || before.starts_with("typedef") {
            continue;
        }
        let mut parameters = after.to_owned();
        while !parameters.ends_with(");") {
            parameters += lines.next().unwrap();
        }
        let count = match parameters.trim_end_matches(");") {
            "void" => 0,
            list => list.matches(',').count() + 1,
        };
        found.push((name.to_owned(), before.starts_with("gv_status"), count));
    }
    found
}

#[test]
fn every_function_takes_nothing_and_says_so() {
    let header = std::fs::read_to_string(repository("gv-ffi/include/geminivideo.h")).unwrap();
    let functions = functions(&header);
    assert!(functions.len() > 200, "{}", functions.len());
    let mut source = "#include <geminivideo.h>\n#include <stdio.h>\n#include <string.h>\n\n\
                      int main(void) {\n    int odd = 0;\n"
        .to_owned();
    for (name, has_status, count) in functions {
        let call = format!("{name}({})", vec!["0"; count].join(", "));
        if !has_status {
            writeln!(source, "    (void){call};").unwrap();
            continue;
        }
        let wanted = if CONTENT.contains(&name.as_str()) { "==" } else { "!=" };
        writeln!(
            source,
            "    if (!({call} {wanted} GV_OK)) odd += printf(\"{name}: %s\\n\", gv_last_error_message());"
        )
        .unwrap();
    }
    source.push_str("    return odd;\n}\n");
    let folder = workshop("nothing");
    let path = folder.join("nothing.c");
    std::fs::write(&path, source).unwrap();
    for compiler in FOR_C.into_iter().filter(|compiler| is_there(compiler.program)).take(2) {
        let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
        assert_eq!(
            succeeds(&mut program(&compiler.compile(&path, &folder, Link::Shared, &flags))),
            ""
        );
    }
}
