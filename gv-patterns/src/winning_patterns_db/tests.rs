//! Patterns in a store, and what is concluded from them.

use super::*;
use crate::store::open;

fn db() -> WinningPatternsDB {
    WinningPatternsDB::new(open(":memory:").unwrap()).unwrap()
}

fn pattern(industry: &str, hook: &str, roas: f64) -> WinningAdPattern {
    let mut pattern = WinningAdPattern {
        source_platform: "meta".into(),
        ad_format: "reels".into(),
        objective: "sales".into(),
        industry: industry.into(),
        estimated_roas: roas,
        estimated_ctr: 0.02,
        duration_seconds: 15.0,
        ..WinningAdPattern::default()
    };
    pattern.hook_pattern.hook_type = hook.into();
    pattern.hook_pattern.text_used = Some(format!("A {hook} for {industry}"));
    pattern.cta_pattern.cta_type = "shop_now".into();
    pattern
}

#[test]
fn the_same_pattern_is_one_and_comes_back_as_it_was() {
    let db = db();
    let mut given = pattern("ecommerce", "question", 4.2);
    given.extra.insert("campaign_duration_days".into(), json!(30));
    let id = db.add_pattern(given.clone()).unwrap();
    assert_eq!(db.add_pattern(given.clone()).unwrap(), id);
    let later = WinningAdPattern { extracted_at: 5, ..given.clone() };
    assert_eq!(db.add_pattern(later).unwrap(), id, "the same ad, looked at again");
    db.add_pattern(given.clone()).unwrap();
    given.id = id.clone();
    assert_eq!(db.get_pattern(&id).unwrap(), Some(given));
    assert_eq!(db.get_pattern("unknown").unwrap(), None);
    assert_eq!(db.find_patterns(&PatternQuery::default()).unwrap().len(), 1);
}

#[test]
fn patterns_are_found_by_what_matters_best_first() {
    let db = db();
    for (industry, hook, roas) in
        [("Ecommerce", "face", 2.0), ("ecommerce", "text", 5.0), ("travel", "face", 9.0)]
    {
        db.add_pattern(pattern(industry, hook, roas)).unwrap();
    }
    let find = |query: PatternQuery| -> Vec<f64> {
        db.find_patterns(&query).unwrap().iter().map(|p| p.estimated_roas).collect()
    };
    let of = |industry: &str| PatternQuery {
        industry: Some(industry.into()),
        ..PatternQuery::default()
    };
    assert_eq!(find(of("ECOMMERCE")), [5.0, 2.0]);
    assert_eq!(find(PatternQuery { min_roas: Some(3.0), ..of("ecommerce") }), [5.0]);
    assert_eq!(
        find(PatternQuery { hook_type: Some("Face".into()), ..PatternQuery::default() }),
        [9.0, 2.0]
    );
    assert_eq!(
        find(PatternQuery { platform: Some("tiktok".into()), ..PatternQuery::default() }),
        [0.0; 0]
    );
    assert_eq!(find(PatternQuery { limit: 1, ..PatternQuery::default() }), [9.0]);
    assert_eq!(db.search("travel", 5).unwrap()[0].estimated_roas, 9.0);
}

#[test]
fn among_many_those_are_found_that_looking_at_all_would_find() {
    let db = db();
    for n in 0..1200_u32 {
        let mut made = pattern(&format!("industry {}", n % 4), "face", 1.0 + f64::from(n % 97));
        made.hook_pattern.hook_type = ["face", "text", "question"][n as usize / 7 % 3].into();
        made.source_platform = ["meta", "tiktok"][n as usize / 3 % 2].into();
        made.objective = ["sales", "leads", "traffic"][n as usize / 11 % 3].into();
        made.visual_pattern.face_ratio = f64::from(n % 10) / 10.0;
        made.duration_seconds = 5.0 + f64::from(n % 41);
        made.tags = vec![format!("tag {n}")];
        db.add_pattern(made).unwrap();
    }
    let mut to = pattern("industry 2", "text", 3.0);
    to.visual_pattern.face_ratio = 0.31;
    let told = |found: Vec<Similar>| -> Vec<(String, f64)> {
        found.into_iter().map(|one| (one.pattern.id, one.similarity)).collect()
    };
    let all = told(db.find_similar_among(&to, 12, 5000).unwrap());
    assert_eq!(told(db.find_similar_among(&to, 12, 300).unwrap()), all);
    assert!(all[11].1 > 0.8, "{all:?}");
    to.industry = "an industry that nobody knows".into();
    let all = told(db.find_similar_among(&to, 3, 5000).unwrap());
    assert_eq!(told(db.find_similar_among(&to, 3, 300).unwrap()), all);
    to.source_platform = "youtube".into();
    assert_eq!(db.find_similar_among(&to, 400, 300).unwrap().len(), 400, "those that agree in one");
    let nothing_stated = WinningAdPattern::default();
    assert_eq!(db.find_similar_among(&nothing_stated, 3, 300).unwrap().len(), 3);
    assert!(db.find_similar_among(&to, 0, 300).unwrap().is_empty());
}

#[test]
fn statistics_are_of_real_winners() {
    let db = db();
    db.seed_with_examples().unwrap();
    assert!(db.hook_statistics().unwrap().is_empty(), "examples are no evidence");
    assert!(db.top_performers(3).unwrap()[0].is_synthetic);
    for roas in [1.0, 2.0, 3.0, 4.0, 5.0] {
        db.add_pattern(pattern("ecommerce", "face", roas)).unwrap();
    }
    let mut loser = pattern("ecommerce", "face", 0.1);
    loser.is_loser = true;
    db.add_pattern(loser).unwrap();
    let statistics = db.hook_statistics().unwrap();
    assert_eq!((statistics["face"].count, statistics["face"].avg_roas), (5, 3.0));
    let benchmarks = db.industry_benchmarks("ecommerce").unwrap().unwrap();
    let roas = benchmarks.roas;
    assert_eq!((roas.avg, roas.min, roas.max, roas.p25, roas.p75), (3.0, 1.0, 5.0, 2.0, 4.0));
    assert_eq!(db.industry_benchmarks("unknown").unwrap(), None);
}

#[test]
fn what_all_have_is_no_dna_and_what_only_winners_have_is() {
    let db = db();
    let mut winners = Vec::new();
    for i in 0..20 {
        let mut winner = pattern("ecommerce", "question", 4.0 + f64::from(i));
        winner.audio_pattern.has_music = true;
        db.add_pattern(winner.clone()).unwrap();
        winners.push(winner);
        let mut loser = pattern("ecommerce", "face", 0.1 + f64::from(i) / 100.0);
        loser.audio_pattern.has_music = true;
        loser.is_loser = true;
        db.add_pattern(loser).unwrap();
    }
    let query = PatternQuery { limit: 100, ..PatternQuery::default() };
    assert_eq!(db.find_patterns(&query).unwrap().len(), 20, "losers are found on request only");
    let everyone = db.find_patterns(&PatternQuery { include_losers: true, ..query }).unwrap();
    assert_eq!(everyone.len(), 40);
    let dna = db.extract_creative_dna(&winners).unwrap().unwrap();
    assert_eq!(db.extract_creative_dna(&everyone).unwrap().unwrap().sample_size, 20);
    assert_eq!((dna.sample_size, dna.contrast_size), (20, 20));
    assert_eq!(dna.dominant_hook.as_deref(), Some("question"));
    let of = |name: &str| dna.traits.iter().find(|found| found.name == name).unwrap();
    assert_eq!(dna.traits[0].name, "hook_type");
    assert!(of("hook_type").lift_interval.unwrap().0 > 2.0);
    let (low, high) = of("music").lift_interval.unwrap();
    assert!(low <= 1.0 && high >= 1.0, "everyone has music");
}

#[test]
fn without_losers_the_dna_says_that_nothing_is_set_apart() {
    let db = db();
    let dna = db.extract_creative_dna(&[pattern("travel", "text", 2.0)]).unwrap().unwrap();
    assert!(dna.traits.iter().all(|found| found.lift.is_none()));
    assert!(dna.note.contains("no losers"));
    assert_eq!(db.extract_creative_dna(&[]).unwrap(), None);
}

#[test]
fn likeness_says_in_what() {
    let db = db();
    db.add_pattern(pattern("ecommerce", "face", 2.0)).unwrap();
    db.add_pattern(pattern("travel", "text", 2.0)).unwrap();
    let found = db.find_similar(&pattern("ecommerce", "face", 9.0), 2).unwrap();
    assert_eq!(found[0].pattern.industry, "ecommerce");
    assert!((found[0].similarity - 1.0).abs() < 1e-12 && found[1].similarity < 1.0);
    assert_eq!(found[1].parts.last().unwrap().1, 0.0);
}

#[test]
fn an_export_is_carried_over_and_a_damaged_one_is_refused_whole() {
    let from = db();
    for i in 0..3 {
        from.add_pattern(pattern("ecommerce", "face", f64::from(i))).unwrap();
    }
    let mut file = Vec::new();
    assert_eq!(from.export_jsonl(&mut file).unwrap(), 3);
    let to = db();
    assert_eq!(to.import_jsonl(&mut file.as_slice()).unwrap(), 3);
    assert_eq!(to.import_jsonl(&mut file.as_slice()).unwrap(), 3);
    let all = PatternQuery::default();
    assert_eq!(to.find_patterns(&all).unwrap(), from.find_patterns(&all).unwrap());
    let text = String::from_utf8(file).unwrap();
    for damaged in [
        text.replace("\"face\"", "\"fake\""),
        text.lines().take(3).collect::<Vec<_>>().join("\n"),
        String::new(),
    ] {
        let empty = db();
        assert!(empty.import_jsonl(&mut damaged.as_bytes()).is_err());
        assert!(empty.find_patterns(&all).unwrap().is_empty());
    }
}

#[test]
fn the_json_of_older_programs_is_read() {
    let older = json!({"p1": {
        "source_platform": "meta", "ad_format": "video", "objective": "leads", "industry": "legal",
        "estimated_roas": 2.5, "extracted_at": "2024-05-01T12:00:00", "total_conversions": 7
    }});
    let db = db();
    assert_eq!(db.import_json(older).unwrap(), 1);
    let read = db.get_pattern("p1").unwrap().unwrap();
    assert_eq!(read.extra["extracted_at_text"], "2024-05-01T12:00:00");
    assert_eq!(read.extra["total_conversions"], 7);
    assert!(db.import_json(json!(3)).is_err());
}

#[test]
fn what_cannot_be_is_refused() {
    let db = db();
    for change in [
        |p: &mut WinningAdPattern| p.estimated_ctr = 1.5,
        |p: &mut WinningAdPattern| p.estimated_roas = f64::NAN,
        |p: &mut WinningAdPattern| p.industry = " ".into(),
        |p: &mut WinningAdPattern| p.source_platform = "radio".into(),
        |p: &mut WinningAdPattern| p.cta_pattern.cta_timing = -0.1,
    ] {
        let mut broken = pattern("ecommerce", "face", 2.0);
        change(&mut broken);
        assert!(matches!(db.add_pattern(broken), Err(Error::InvalidParameter { .. })));
    }
}

#[test]
fn an_analysis_gives_what_it_measured_and_nothing_else() {
    let analysis = json!({
        "video": {"width": 1080, "height": 1920, "duration": 10.0},
        "shots": {"shots": [{"end_time": 10.0}], "boundaries": [{"kind": "cut"}, {"kind": "dissolve"}, {"kind": "cut"}]},
        "motion": {"frames": [{"timestamp": 1.0, "motion": {"mean_energy": 20.0}}, {"timestamp": 9.0, "motion": {"mean_energy": 0.0}}]},
        "moments": [{"moment_type": "cta", "timestamp_start": 8.0}]
    });
    let pattern = extract_pattern(&analysis);
    assert_eq!(pattern.visual_pattern.aspect_ratio, "9:16");
    assert_eq!(pattern.visual_pattern.transitions, ["cut", "dissolve"]);
    assert_eq!(
        (pattern.hook_pattern.motion_level.as_str(), pattern.cta_pattern.cta_timing),
        ("high", 0.8)
    );
    assert_eq!(pattern.hook_pattern.hook_type, "unknown");
    assert_eq!(extract_pattern(&Value::Null).hook_pattern.motion_level, "unknown");
}
