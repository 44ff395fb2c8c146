//! Every function of the header is called with good objects and the worst that else can be passed, by a C program made out of
//! the header.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail where they should")]

mod common;

use common::{
    FOR_C, Function, Link, functions, header, is_there, program, repository, succeeds, workshop,
};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

/// What a program may pass where a type is asked for; the first is harmless.
const TEXTS: &str = r#"static const char *const texts[] = {"{}", "", " ", "\xff\xfe", "{", "null", "[]", "[{}]",
    "{\"id\": 1e400}", "-1", "\"a\"", ":memory:", "ecommerce", "1e308", "2026-13-45", nested, endless};
"#;
const NUMBERS: [(&str, &str); 8] = [
    ("size_t", "{1, 0, 7, (size_t)1 << 40, SIZE_MAX / 2, SIZE_MAX}"),
    ("uint32_t", "{1, 0, 7, 1u << 31, UINT32_MAX}"),
    ("uint64_t", "{1, 0, UINT64_MAX}"),
    ("int32_t", "{1, 0, -1, INT32_MIN, INT32_MAX}"),
    ("int64_t", "{1, 0, -1, INT64_MIN, INT64_MAX}"),
    ("int", "{1, 0, -1, INT_MIN, INT_MAX}"),
    ("double", "{0.5, 0, -1, 1e-300, 1e9, 1e308, -1e308, NAN, INFINITY, -INFINITY}"),
    ("float", "{0.5F, 0, -1, 3e38F, NAN, INFINITY}"),
];

/// A defect of the library is odd, and so is what takes longer than a minute.
const JUDGE: &str = r#"static const char *now;
static int odd;

static void is_late(int signal) {
    (void)signal;
    (void)!write(1, now, strlen(now));
    (void)!write(1, " does not come back\n", 20);
    _exit(1);
}

static void about_to(const char *name) {
    now = name;
    alarm(60);
}

static int judged(gv_status status) {
    alarm(60);
    if (status == GV_INTERNAL) odd += printf("%s: %s\n", now, gv_last_error_message());
    return status == GV_OK;
}

"#;

/// What is called at the end, or concerns the whole process.
fn is_left_out(name: &str) -> bool {
    name.ends_with("_free") || name == "gv_log_set"
}

/// How a program passes a parameter.
enum Passed {
    /// Something that does not change from call to call.
    Fixed(String),
    /// One of the values of an array.
    OneOf(String),
    /// A place for an object that is given away, and what frees it.
    Given(String),
}

struct Types {
    opaque: HashSet<String>,
    /// Types and names of the fields of each struct.
    structs: BTreeMap<String, Vec<(String, String)>>,
    freed: HashSet<String>,
    initialized: HashSet<String>,
}

impl Types {
    fn of(header: &str) -> Self {
        let opaque = header.lines().filter_map(|line| {
            let declared = line.strip_prefix("typedef struct gv_")?.strip_suffix(';')?;
            declared.rsplit(' ').next().map(str::to_owned)
        });
        let mut structs = BTreeMap::new();
        for text in header.split("typedef struct {\n").skip(1) {
            let (fields, name) = text.split_once("\n} ").unwrap();
            let field = |line: &str| line.trim().strip_suffix(';')?.rsplit_once(' ').map(owned);
            let name = name.split(';').next().unwrap().to_owned();
            structs.insert(name, fields.lines().filter_map(field).collect());
        }
        let ending = |end: &str| {
            let names = functions(header).into_iter();
            names.filter_map(|f| f.name.strip_suffix(end).map(str::to_owned)).collect()
        };
        Self {
            opaque: opaque.collect(),
            structs,
            freed: ending("_free"),
            initialized: ending("_init"),
        }
    }

    /// How a parameter is passed; a length is that of what is passed before it.
    fn passed(&self, parameter: &str, counts: bool) -> Passed {
        let (kind, name) = parameter.rsplit_once(' ').unwrap();
        if kind.ends_with("*const") {
            return Passed::Fixed("(void *)pointers".into());
        }
        let stars = name.chars().take_while(|&letter| letter == '*').count();
        let (is_const, kind) = match kind.strip_prefix("const ") {
            Some(kind) => (true, kind),
            None => (false, kind),
        };
        match stars {
            0 if kind.ends_with("_fn") => Passed::Fixed("NULL".into()),
            0 if counts => Passed::OneOf("lengths".into()),
            0 => Passed::OneOf(format!("{kind}_values")),
            1 if kind == "char" => Passed::OneOf("texts".into()),
            1 if self.opaque.contains(kind) => Passed::Fixed(format!("the_{kind}")),
            1 if self.structs.contains_key(kind) => Passed::Fixed(format!("&a_{kind}")),
            1 if kind == "void" => Passed::Fixed("NULL".into()),
            1 => Passed::Fixed(format!("{kind}_room")),
            2 if !is_const && kind == "char" => Passed::Given("gv_string".into()),
            2 if !is_const && self.freed.contains(kind) => Passed::Given(kind.to_owned()),
            _ => Passed::Fixed("(void *)pointers".into()),
        }
    }
}

fn owned((a, b): (&str, &str)) -> (String, String) {
    (a.to_owned(), b.to_owned())
}

/// What stands before the calls: values of every type, and places of every type.
fn preamble(types: &Types) -> String {
    let objects = repository("gv-ffi/tests/c/objects.c");
    let mut source = format!(
        "#include \"{}\"\n#include <limits.h>\n#include <math.h>\n#include <signal.h>\n#include <unistd.h>\n\n\
         static char nested[10001], endless[100001];\n{TEXTS}\n",
        objects.display()
    );
    let mut line = |text: String| writeln!(source, "{text};").unwrap();
    for (kind, values) in NUMBERS {
        line(format!("const {kind} {kind}_values[] = {values}"));
        line(format!("{kind} {kind}_room[64]"));
    }
    line("const size_t lengths[] = {1, 0, SIZE_MAX / 2 + 1, SIZE_MAX}".into());
    line("uint8_t uint8_t_room[64]".into());
    line("const void *pointers[64]".into());
    for name in types.structs.keys() {
        line(format!("{name} a_{name}"));
    }
    for (name, fields) in &types.structs {
        write!(source, "\nvoid reset_{name}(void) {{\n    ").unwrap();
        writeln!(source, "memset(&a_{name}, 0, sizeof a_{name});").unwrap();
        if types.initialized.contains(name) {
            writeln!(source, "    {name}_init(&a_{name});").unwrap();
        }
        for (kind, field) in fields {
            match (kind.as_str(), field.trim_start_matches('*')) {
                ("uint32_t", "struct_size") => {
                    writeln!(source, "    a_{name}.struct_size = sizeof a_{name};").unwrap();
                }
                ("const char", text) => {
                    let said = if text.ends_with("_json") { "{}" } else { "a" };
                    writeln!(source, "    a_{name}.{text} = \"{said}\";").unwrap();
                }
                _ => {}
            }
        }
        source.push_str("}\n");
    }
    source.push_str(JUDGE);
    source
}

/// C code that calls a function with every value of each parameter in turn, the others being harmless.
fn calls(types: &Types, function: &Function) -> String {
    let Function { name, has_status, parameters } = function;
    let mut passed = Vec::new();
    for (number, parameter) in parameters.iter().enumerate() {
        let word = parameter.rsplit([' ', '*']).next().unwrap();
        let counts = parameter.starts_with("size_t ") && word.ends_with("len") && number > 0;
        passed.push(types.passed(parameter, counts));
    }
    let (mut places, mut frees) = (String::new(), String::new());
    for (number, how) in passed.iter().enumerate() {
        if let Passed::Given(kind) = how {
            let of = if kind == "gv_string" { "char" } else { kind };
            write!(places, "{of} *given_{number} = NULL; ").unwrap();
            write!(frees, "{kind}_free(given_{number}); ").unwrap();
        }
    }
    let with = |turn: usize| {
        let argument = |(number, how): (usize, &Passed)| match how {
            Passed::Fixed(value) => value.clone(),
            Passed::OneOf(values) if number == turn => format!("{values}[i]"),
            Passed::OneOf(values) => format!("{values}[0]"),
            Passed::Given(_) => format!("&given_{number}"),
        };
        let arguments: Vec<String> = passed.iter().enumerate().map(argument).collect();
        format!("{name}({})", arguments.join(", "))
    };
    let judged = |turn: usize| match has_status {
        true => format!("{{ {places}if (judged({})) {{ {frees}}} }}", with(turn)),
        false => format!("(void){};", with(turn)),
    };
    let mut source = format!("    about_to(\"{name}\");\n");
    let structs = parameters.iter().filter_map(|parameter| {
        let kind = parameter.trim_start_matches("const ").split(' ').next()?;
        types.structs.get_key_value(kind)
    });
    for (of, _) in structs.clone() {
        writeln!(source, "    reset_{of}();").unwrap();
    }
    writeln!(source, "    {}", judged(usize::MAX)).unwrap();
    for (turn, how) in passed.iter().enumerate() {
        if let Passed::OneOf(values) = how {
            let count = format!("sizeof {values} / sizeof *{values}");
            writeln!(source, "    for (i = 0; i < {count}; i++) {}", judged(turn)).unwrap();
        }
    }
    for (of, fields) in structs {
        for (kind, field) in fields.iter().filter(|(_, field)| !field.contains(['*', '['])) {
            if !NUMBERS.iter().any(|(number, _)| number == kind) {
                continue;
            }
            let count = format!("sizeof {kind}_values / sizeof *{kind}_values");
            write!(source, "    for (i = 0; i < {count}; i++) {{ ").unwrap();
            write!(source, "reset_{of}(); a_{of}.{field} = {kind}_values[i]; ").unwrap();
            writeln!(source, "{} }}", judged(usize::MAX)).unwrap();
        }
    }
    source
}

#[test]
fn the_worst_that_can_be_passed_is_a_status_and_never_a_defect() {
    let header = header();
    let types = Types::of(&header);
    let functions = functions(&header);
    let called: Vec<&Function> =
        functions.iter().filter(|function| !is_left_out(&function.name)).collect();
    assert!(called.len() > 200, "{}", called.len());
    let mut source = preamble(&types);
    source.push_str(
        "int main(void) {\n    size_t i;\n    signal(SIGALRM, is_late);\n    make_objects();\n    \
         memset(nested, '[', sizeof nested - 1);\n    memset(endless, 'a', sizeof endless - 1);\n",
    );
    for function in called {
        source.push_str(&calls(&types, function));
    }
    source.push_str("    free_objects();\n    return odd != 0;\n}\n");
    let folder = workshop("hostile");
    let path = folder.join("hostile.c");
    std::fs::write(&path, source).unwrap();
    for compiler in FOR_C.into_iter().filter(|compiler| is_there(compiler.program)).take(1) {
        let flags =
            ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-D_DEFAULT_SOURCE"];
        let built = compiler.compile(&path, &folder, Link::Shared, &flags);
        let said = succeeds(program(&built).current_dir(&*folder));
        assert_eq!(said, "");
    }
}
