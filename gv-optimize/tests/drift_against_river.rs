//! The drift detectors raise River's alarms, River running in the same test.

use gv_optimize::drift::{Adwin, HddmA, PageHinkley};
use gv_optimize::posterior::Stream;
use std::io::Write;
use std::process::{Command, Stdio};

fn streams() -> Vec<Vec<f64>> {
    (0..60)
        .map(|stream| {
            let mut random = Stream::new(15, "drift", stream);
            let change = 300 + random.below(700);
            let (before, after) = (random.uniform(), random.uniform());
            (0..2000)
                .map(|i| {
                    let mean = if i < change { before } else { after };
                    match stream % 3 {
                        0 => f64::from(u8::from(random.uniform() < mean)),
                        1 => (mean + 0.1 * random.normal()).clamp(0.0, 1.0),
                        _ => mean,
                    }
                })
                .collect()
        })
        .collect()
}

fn river(streams: &[Vec<f64>]) -> Option<String> {
    let python = std::env::var("GV_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let mut child = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/river_alarms.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let lines = streams
        .iter()
        .map(|stream| stream.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(" ") + "\n");
    // A Python without River ends before it has read everything.
    let _ = input.write_all(lines.collect::<String>().as_bytes());
    drop(input);
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}

fn alarms(name: &str, stream: &[f64], mut update: impl FnMut(f64) -> bool) -> String {
    let mut line = name.to_owned();
    for (index, &number) in stream.iter().enumerate() {
        if update(number) {
            line += &format!(" {index}");
        }
    }
    line
}

#[test]
fn alarms_are_those_of_river() {
    let streams = streams();
    let Some(expected) = river(&streams) else {
        let required = std::env::var("GV_PYTHON").is_ok();
        assert!(!required, "GV_PYTHON is set and has no river");
        println!("alarms_are_those_of_river: skipped, no python3 with river (GV_PYTHON)");
        return;
    };
    let mut raised = 0;
    let mut expected = expected.lines();
    for stream in &streams {
        let (mut hddm, mut page) = (HddmA::default(), PageHinkley::default());
        let mut adwin = Adwin::default();
        for ours in [
            alarms("hddm_a", stream, |x| hddm.update(x)),
            alarms("page_hinkley", stream, |x| page.update(x)),
            alarms("adwin", stream, |x| adwin.update(x)),
        ] {
            assert_eq!(Some(ours.as_str()), expected.next());
            raised += ours.split(' ').count() - 1;
        }
    }
    assert!(raised > 60, "only {raised} alarms were compared");
}
