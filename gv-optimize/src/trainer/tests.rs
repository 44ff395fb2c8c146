//! The built-in trainer on worlds whose truth is known.

use super::*;
use crate::Timestamp;
use crate::posterior::Stream;

/// Campaigns of ten ads each; `effect` is what the properties are worth in log return.
fn world(count: usize, seed: u64, effect: f64) -> Dataset {
    let mut examples = Vec::new();
    for i in 0..count {
        let mut random = Stream::new(seed, "world", i as u64);
        let face = random.uniform();
        let pace = random.normal();
        let hook = ["question", "curiosity", "transformation"][random.below(3)];
        let offer = if random.uniform() < 0.5 { "save 50% today" } else { "discover more" };
        let lift = face + 0.4 * pace.tanh() + if hook == "question" { 0.5 } else { 0.0 }
            - if offer.starts_with("save") { 0.0 } else { 0.6 };
        let events = 5.0 + 200.0 * random.uniform();
        let noise = 0.15 * random.normal() + random.normal() / events.sqrt();
        let value = (effect * lift + noise).exp();
        let features = Features::new()
            .number("face_ratio", face)
            .number("pace", pace)
            .category("hook", hook)
            .text("headline", offer);
        examples.push(
            Example::new(format!("{i:05}"), format!("c{}", i / 10), features, value)
                .events(events)
                .known_at(Timestamp(i as i64)),
        );
    }
    Dataset::new(Target::Positive, examples).unwrap()
}

fn features(data: &Dataset) -> Vec<Features> {
    data.examples().iter().map(|example| example.features.clone()).collect()
}

#[test]
fn what_can_be_learned_is_learned() {
    let model = BoostedLinear::default().fit(&world(600, 1, 1.0)).unwrap();
    let test = world(300, 2, 1.0);
    let scores = score(&test, &model.predict(&features(&test)).unwrap(), 0.3).unwrap();
    assert!(scores.r2.unwrap() > 0.75, "{scores:?}");
    assert!(scores.bias.abs() < 0.05, "{scores:?}");
}

#[test]
fn nothing_is_learned_from_noise() {
    let model = BoostedLinear::default().fit(&world(600, 3, 0.0)).unwrap();
    let test = world(300, 4, 0.0);
    let scores = score(&test, &model.predict(&features(&test)).unwrap(), 0.3).unwrap();
    assert!(scores.r2.unwrap().abs() < 0.05, "{scores:?}");
}

#[test]
fn an_interaction_brings_the_trees_in() {
    let interaction = |seed| {
        let mut data = world(800, seed, 0.0).examples().to_vec();
        for example in &mut data {
            let above = |name: &str, edge| match example.features.get(name) {
                Some(Feature::Number(value)) => *value > edge,
                _ => false,
            };
            if above("face_ratio", 0.5) == above("pace", 0.0) {
                example.value *= 3.0;
            }
        }
        Dataset::new(Target::Positive, data).unwrap()
    };
    let (train, test) = (interaction(5), interaction(6));
    let r2 = |options| {
        let model = BoostedLinear::new(options).unwrap().fit(&train).unwrap();
        score(&test, &model.predict(&features(&test)).unwrap(), 0.3).unwrap().r2.unwrap()
    };
    let (with, without) =
        (r2(BoostedLinearOptions::default()), r2(BoostedLinearOptions::default().trees(false)));
    assert!(with > 0.7 && without < 0.1, "{with} with trees, {without} without");
}

#[test]
fn a_saved_model_predicts_the_same_and_a_damaged_one_is_refused() {
    let trainer = BoostedLinear::default();
    let model = trainer.fit(&world(600, 7, 1.0)).unwrap();
    let bytes = model.save().unwrap();
    let rows = features(&world(20, 8, 1.0));
    let again = trainer.load(&bytes).unwrap();
    assert_eq!(model.predict(&rows).unwrap(), again.predict(&rows).unwrap());
    assert!(trainer.load(&bytes[..bytes.len() / 2]).is_err());
    let text = String::from_utf8(bytes).unwrap();
    assert!(trainer.load(text.replacen("\"format\":1", "\"format\":9", 1).as_bytes()).is_err());
    assert!(trainer.load(text.replacen("\"sd\":", "\"sd\":-", 1).as_bytes()).is_err());
}

#[test]
fn the_order_of_the_examples_does_not_matter() {
    let data = world(200, 9, 1.0);
    let mut reversed = data.examples().to_vec();
    reversed.reverse();
    let reversed = Dataset::new(Target::Positive, reversed).unwrap();
    let trainer = BoostedLinear::default();
    assert_eq!(
        trainer.fit(&data).unwrap().save().unwrap(),
        trainer.fit(&reversed).unwrap().save().unwrap()
    );
}

#[test]
fn unknown_features_and_none_at_all_predict_something_finite() {
    let model = BoostedLinear::default().fit(&world(100, 10, 1.0)).unwrap();
    let rows = [
        Features::new(),
        Features::new().number("face_ratio", f64::NAN).category("colour", "red"),
        Features::new().number("face_ratio", 1e300).number("pace", -1e300),
    ];
    for estimate in model.predict(&rows).unwrap() {
        assert!(estimate.mean.is_finite() && estimate.mean > 0.0 && estimate.sd > 0.0);
    }
}

#[test]
fn examples_without_features_give_their_mean() {
    let example = |i: usize| {
        Example::new(format!("{i}"), format!("c{}", i / 5), Features::new(), 2.0).events(30.0)
    };
    let data = Dataset::new(Target::Positive, (0..50).map(example).collect()).unwrap();
    let model = BoostedLinear::default().fit(&data).unwrap();
    assert!((model.predict(&[Features::new()]).unwrap()[0].mean - 2.0).abs() < 1e-6);
}

#[test]
fn too_few_examples_are_refused_with_the_number() {
    let error = BoostedLinear::default().fit(&world(5, 11, 1.0)).unwrap_err();
    assert_eq!(error.to_string(), "5 examples to learn from, at least 20 are needed");
}
