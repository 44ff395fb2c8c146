//! Every function of the header is called with nothing at all, by a C program made out of the header.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

mod common;

use common::{FOR_C, Function, Link, functions, header, is_there, program, succeeds, workshop};
use std::fmt::Write;

/// Functions with a status that are content with nothing.
const CONTENT: [&str; 1] = ["gv_log_set"];

#[test]
fn every_function_takes_nothing_and_says_so() {
    let functions = functions(&header());
    assert!(functions.len() > 200, "{}", functions.len());
    let mut source = "#include <geminivideo.h>\n#include <stdio.h>\n#include <string.h>\n\n\
                      int main(void) {\n    int odd = 0;\n"
        .to_owned();
    for Function { name, has_status, parameters } in functions {
        let call = format!("{name}({})", vec!["0"; parameters.len()].join(", "));
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
