//! Rates, time codes and documents; `gv-py/tests/test_timelines.py` reads them with the real OpenTimelineIO.

use super::*;

fn rate(num: u32, den: u32) -> FrameRate {
    FrameRate::new(num, den).unwrap()
}

#[test]
fn time_codes_leave_out_what_smpte_leaves_out() {
    let ntsc = rate(30000, 1001);
    assert_eq!(ntsc.timecode(1799), "00:00:59;29");
    assert_eq!(ntsc.timecode(1800), "00:01:00;02");
    assert_eq!(ntsc.timecode(17981), "00:09:59;29");
    assert_eq!(ntsc.timecode(17982), "00:10:00;00");
    assert_eq!(ntsc.timecode(107_892), "01:00:00;00");
    assert_eq!(rate(60000, 1001).timecode(3600), "00:01:00;04");
    assert_eq!(rate(24000, 1001).timecode(1440), "00:01:00:00");
    assert_eq!(rate(25, 1).timecode(-5), "00:00:00:00");
}

#[test]
fn drop_frame_numbers_never_repeat_and_never_go_back() {
    for rate in [rate(30000, 1001), rate(60000, 1001), rate(25, 1)] {
        let codes: Vec<String> = (0..80_000).map(|frame| rate.timecode(frame)).collect();
        assert!(codes.is_sorted_by(|a, b| a < b));
    }
}

#[test]
fn clips_cover_every_frame_once() {
    let mut timeline = Timeline::new("ad", rate(25, 1), 10.0);
    timeline.cut(&[4.0, f64::NAN, 2.0, 2.001, 99.0, -1.0, 10.0]);
    let edges: Vec<_> = timeline.clips.iter().map(|clip| (clip.start, clip.end)).collect();
    assert_eq!(edges, [(0, 50), (50, 100), (100, 250)]);
}

#[test]
fn a_marker_is_a_frame_long_at_least_and_lies_inside() {
    let mut timeline = Timeline::new("ad", rate(25, 1), 1.0);
    timeline.mark(MarkerKind::Moment, "late", "", 8.0, 9.0);
    timeline.mark(MarkerKind::Suggestion, "early", "", -1.0, f64::NAN);
    let places: Vec<_> = timeline.markers.iter().map(|m| (m.start, m.end)).collect();
    assert_eq!(places, [(0, 1), (24, 25)]);
}

#[test]
fn hostile_names_do_not_break_a_document() {
    let mut timeline = Timeline::new("a\"<&>\n\u{1}", rate(25, 1), 1.0);
    timeline.media = Some("/tmp/a b\"&.mp4".into());
    timeline.mark(MarkerKind::Moment, "<b>", "x\r\n* LOC: y", 0.0, 0.5);
    let xml = timeline.to_fcpxml();
    assert!(xml.contains("file:///tmp/a%20b%22%26.mp4") && !xml.contains("<b>"));
    assert_eq!(timeline.to_edl().unwrap().lines().count(), 6);
    let json: serde_json::Value = serde_json::from_str(&timeline.to_otio()).unwrap();
    assert_eq!(json["name"], "a\"<&>\n\u{1}");
}

#[test]
fn what_cannot_be_numbered_is_refused() {
    let mut timeline = Timeline::new("ad", rate(25, 1), 100.0);
    timeline.cut(&(1..1500).map(|n| f64::from(n) / 25.0).collect::<Vec<_>>());
    assert!(timeline.to_edl().is_err());
    for (num, den) in [(0, 1), (1, 0), (1, 2), (2000, 1)] {
        assert!(FrameRate::new(num, den).is_err());
    }
}
