use super::*;
use crate::clock::{FixedClock, Timestamp};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

fn concept() -> CreativeConcept {
    CreativeConcept {
        id: "concept_001".into(),
        name: "Fitness Product Launch".into(),
        target_audience: "fitness enthusiasts".into(),
        industry: "health".into(),
        objective: "conversions".into(),
        product: "ProGain Protein".into(),
        key_benefit: "faster muscle recovery".into(),
        pain_point: "slow recovery after workouts".into(),
        social_proof: "10,000+ athletes".into(),
        brand_colors: vec!["#FF6B6B".into(), "#4ECDC4".into()],
        tone: "energetic".into(),
        hook_script: "Tired of slow recovery?".into(),
        main_script: "ProGain delivers 30g protein...".into(),
        cta_text: "Get 20% Off Today".into(),
        ..CreativeConcept::default()
    }
}

fn generator(options: VariationOptions) -> VariationGenerator {
    VariationGenerator::new(options).unwrap().with_clock(Arc::new(FixedClock(Timestamp(7))))
}

#[test]
fn fifty_balanced_variations_are_different_and_cover_three_quarters_of_the_pairs() {
    let set = generator(VariationOptions::default()).generate(&concept(), 50).unwrap();
    assert_eq!(set.variations.len(), 50, "{:?}", set.notes);
    assert!(set.pair_coverage >= 0.75, "{}", set.pair_coverage);
    let hashes: HashSet<_> = set.variations.iter().map(|v| &v.variation_hash).collect();
    assert_eq!(hashes.len(), 50);
    let ids: HashSet<_> = set.variations.iter().map(|v| &v.id).collect();
    assert_eq!(ids.len(), 50);
}

#[test]
fn the_first_variation_is_the_original() {
    for strategy in [Strategy::Balanced, Strategy::Spec, Strategy::Exploit] {
        let options = VariationOptions::default().strategy(strategy);
        let set = generator(options).generate(&concept(), 20).unwrap();
        let first = &set.variations[0];
        assert_eq!(first.hook, "Tired of slow recovery?");
        assert_eq!(first.cta, "Get 20% Off Today");
        assert_eq!((first.pacing.as_str(), first.duration), ("fast", 30));
        assert_eq!(first.color_scheme[0], "#ff6b6b");
        assert!(first.variations_applied.is_empty());
    }
}

#[test]
fn policy_spec_lists_hooks_ctas_headlines_colours_forms_and_crosses_in_that_order() {
    let options = VariationOptions::default().strategy(Strategy::Spec);
    let set = generator(options).generate(&concept(), 50).unwrap();
    let kinds: Vec<Vec<&str>> = set
        .variations
        .iter()
        .map(|v| v.variations_applied.keys().map(String::as_str).collect())
        .collect();
    assert_eq!(set.variations.len(), 50);
    assert!(kinds[1..10].iter().all(|k| k == &["hook"]));
    assert!(kinds[10..19].iter().all(|k| k == &["cta"]));
    assert!(kinds[19..28].iter().all(|k| k == &["headline"]));
    assert!(kinds[28..32].iter().all(|k| k == &["color"]));
    assert!(kinds[32..40].iter().all(|k| k.iter().all(|n| ["pacing", "duration"].contains(n))));
    assert!(kinds[40..].iter().all(|k| k == &["cta", "hook"]));
}

#[test]
fn music_voice_and_format_vary_where_named() {
    let list = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    let options = VariationOptions::default()
        .music(list("upbeat", "calm"))
        .voices(list("rachel", "adam"))
        .formats(list("9:16", "1:1"));
    let set = generator(options).generate(&concept(), 50).unwrap();
    for kind in VariationType::ALL {
        let changed = set
            .variations
            .iter()
            .filter(|v| v.variations_applied.contains_key(kind.name()))
            .count();
        assert!(changed > 15, "{kind:?} {changed}");
    }
}

#[test]
fn without_a_model_nothing_is_ranked_and_that_is_said() {
    let generator = generator(VariationOptions::default());
    let set = generator.generate(&concept(), 30).unwrap();
    assert_eq!(set.basis, Basis::Unranked);
    assert!(set.variations.iter().all(|v| v.predicted_performance == 0.5));
    assert_eq!(generator.rank(&set.variations), set.variations);
    let top = generator.top(&set.variations, 10);
    assert_eq!(top[0].variation_number, 1);
    let hooks: HashSet<_> = top.iter().map(|v| &v.hook).collect();
    assert!(hooks.len() >= 6, "{}", hooks.len());
}

#[test]
fn a_belief_ranks_and_exploit_follows_it() {
    let belief = PriorLifts::new()
        .with(VariationType::Pacing, "slow", 0.3)
        .with(VariationType::Duration, "60", 0.1)
        .with(VariationType::Duration, "15", f64::NAN);
    let options = VariationOptions::default().strategy(Strategy::Exploit);
    let generator = generator(options).with_model(Arc::new(belief));
    let set = generator.generate(&concept(), 50).unwrap();
    assert_eq!((set.basis, set.variations.len()), (Basis::Prior, 50));
    let slow = set.variations.iter().filter(|v| v.pacing == "slow").count();
    assert!(slow >= 30, "{slow}");
    let ranked = generator.rank(&set.variations);
    assert_eq!((ranked[0].pacing.as_str(), ranked[0].duration), ("slow", 60));
    assert!(ranked.is_sorted_by(|a, b| a.predicted_performance >= b.predicted_performance));
    let top = generator.top(&set.variations, 10);
    let hooks: HashSet<_> = top.iter().map(|v| &v.hook).collect();
    assert!(hooks.len() >= 6 && top.iter().all(|v| v.pacing == "slow"));
}

#[derive(Debug)]
struct Scripted(Basis, Vec<Prediction>);

impl PerformanceModel for Scripted {
    fn basis(&self) -> Basis {
        self.0
    }
    fn predict(&self, _: &CreativeConcept, _: &[CreativeVariation]) -> Result<Vec<Prediction>> {
        Ok(self.1.clone())
    }
}

#[test]
fn models_say_their_basis_and_unusable_predictions_are_errors() {
    for basis in [Basis::Model, Basis::Patterns] {
        let model = Scripted(basis, vec![Prediction { mean: 0.7, sd: 0.1 }; 3]);
        let set = generator(VariationOptions::default())
            .with_model(Arc::new(model))
            .generate(&concept(), 3)
            .unwrap();
        assert_eq!((set.basis, set.variations[2].basis), (basis, basis));
    }
    for wrong in [vec![], vec![Prediction { mean: f64::NAN, sd: 0.1 }; 3]] {
        let result = generator(VariationOptions::default())
            .with_model(Arc::new(Scripted(Basis::Model, wrong)))
            .generate(&concept(), 3);
        assert!(matches!(result, Err(crate::Error::Predictions { .. })));
    }
}

#[derive(Debug)]
struct Lost;

impl PerformanceModel for Lost {
    fn basis(&self) -> Basis {
        Basis::Model
    }
    fn predict(&self, _: &CreativeConcept, _: &[CreativeVariation]) -> Result<Vec<Prediction>> {
        Err(crate::Error::PerformanceModel { source: std::fmt::Error.into() })
    }
}

#[test]
fn what_a_model_says_of_its_failure_arrives_as_the_source() {
    let generator = generator(VariationOptions::default()).with_model(Arc::new(Lost));
    let failed = generator.generate(&concept(), 3).unwrap_err();
    assert!(std::error::Error::source(&failed).unwrap().is::<std::fmt::Error>(), "{failed}");
}

#[test]
fn a_concept_of_little_gives_fewer_variations_and_says_why() {
    let bare = CreativeConcept { id: "bare".into(), ..CreativeConcept::default() };
    let set = generator(VariationOptions::default()).generate(&bare, 5000).unwrap();
    assert!(set.variations.len() < 5000 && set.variations.len() >= 45);
    assert!(set.notes.iter().any(|n| n.contains("empty slot")), "{:?}", set.notes);
    assert!(set.notes.iter().any(|n| n.starts_with("there are only")));
    assert!(set.variations.iter().all(|v| !v.hook.contains('{') && !v.cta.contains('{')));
}

#[test]
fn texts_keep_the_placements_limits() {
    for placement in TextLimits::placements() {
        let limits = TextLimits::of(placement).unwrap();
        let options = VariationOptions::default().limits(Some(limits.clone()));
        let set = generator(options).generate(&concept(), 50).unwrap();
        for variation in &set.variations {
            let headline = variation.headline.chars().count();
            assert!(headline <= limits.headline, "{placement} {}", variation.headline);
            let own = variation.cta == concept().cta_text;
            assert!(own || variation.cta.chars().count() <= limits.cta);
        }
    }
    assert!(TextLimits::of("billboard").is_none());
}

#[test]
fn exports_carry_the_contracts_keys_and_scenes_that_fill_the_time() {
    let generator = generator(VariationOptions::default());
    let set = generator.generate(&concept(), 12).unwrap();
    let exported = generator.export(&set.variations, Some(&concept()));
    let json = serde_json::to_value(&exported).unwrap();
    for key in [
        "id",
        "variation_number",
        "hook",
        "headline",
        "cta",
        "colors",
        "pacing",
        "duration",
        "predicted_score",
        "render_priority",
    ] {
        assert!(json[0].get(key).is_some(), "{key}");
    }
    let mut priorities: Vec<_> = exported.iter().map(|e| e.render_priority).collect();
    priorities.sort_unstable();
    assert_eq!(priorities, (1..=12).collect::<Vec<_>>());
    for item in &exported {
        assert_eq!(item.schema, EXPORT_SCHEMA);
        assert_eq!(item.scenes[0].start, 0.0);
        assert!(item.scenes.windows(2).all(|w| w[0].end == w[1].start));
        assert_eq!(item.scenes[2].end, f64::from(item.duration));
    }
}

#[test]
fn counts_and_colours_out_of_range_are_errors_and_none_is_none() {
    let generator = generator(VariationOptions::default());
    assert!(generator.generate(&concept(), 0).unwrap().variations.is_empty());
    assert!(generator.generate(&concept(), MAX_VARIATIONS + 1).is_err());
    let red = CreativeConcept { brand_colors: vec!["red".into()], ..concept() };
    assert!(generator.generate(&red, 5).is_err());
    assert!(generator.top(&[], 5).is_empty());
    let many = VariationOptions::default().hooks(vec![String::new(); 101]);
    assert!(VariationGenerator::new(many).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_count_and_seed_give_different_contents_and_the_same_again(
        count in 0..400_usize,
        seed in any::<u64>(),
        product in "\\PC{0,30}",
        spec in any::<bool>(),
    ) {
        let strategy = if spec { Strategy::Spec } else { Strategy::Balanced };
        let options = VariationOptions::default().seed(seed).strategy(strategy);
        let generator = generator(options);
        let concept = CreativeConcept { product, ..concept() };
        let set = generator.generate(&concept, count).unwrap();
        let hashes: HashSet<_> = set.variations.iter().map(|v| v.variation_hash.clone()).collect();
        prop_assert_eq!(hashes.len(), set.variations.len());
        prop_assert_eq!(set.variations.len(), count);
        prop_assert_eq!(generator.generate(&concept, count).unwrap(), set);
    }
}
