//! Examples: what a creative was like and how it did.

use crate::error::parameter;
use crate::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One property of a creative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Feature {
    /// A measured number; one that is not finite counts as missing.
    Number(f64),
    /// Words, of which single words and pairs are learned.
    Text(Words),
    /// One of several names.
    Category(String),
}

/// Text whose words are looked at one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The text.
    pub text: String,
}

/// The properties of one creative, by name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Features(BTreeMap<String, Feature>);

impl Features {
    /// Begins with no property.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: impl Into<String>, value: f64) -> Self {
        self.0.insert(name.into(), Feature::Number(value));
        self
    }

    /// Adds one of several names, such as a hook type.
    #[must_use]
    pub fn category(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), Feature::Category(value.into()));
        self
    }

    /// Adds a text, such as a headline.
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(name.into(), Feature::Text(Words { text: text.into() }));
        self
    }

    /// Adds a property.
    pub fn insert(&mut self, name: impl Into<String>, feature: Feature) {
        self.0.insert(name.into(), feature);
    }

    /// Walks the properties in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Feature)> {
        self.0.iter().map(|(name, feature)| (name.as_str(), feature))
    }

    /// Looks a property up.
    pub fn get(&self, name: &str) -> Option<&Feature> {
        self.0.get(name)
    }

    /// Whether there is no property.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is predicted, and so the scale on which effects add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A rate between 0 and 1 (click-through, conversion rate): log-odds.
    Rate,
    /// A positive quantity (return on ad spend, cost per action, conversions): logarithm.
    Positive,
}

impl Target {
    /// Takes an outcome to the working scale; nothing at all counts as a millionth.
    pub fn to_working(self, value: f64) -> f64 {
        match self {
            Self::Rate => {
                let value = value.clamp(1e-6, 1.0 - 1e-6);
                (value / (1.0 - value)).ln()
            }
            Self::Positive => value.max(1e-6).ln(),
        }
    }

    /// Takes a number of the working scale back to the outcome's unit.
    pub fn from_working(self, working: f64) -> f64 {
        match self {
            Self::Rate => 1.0 / (1.0 + (-working).exp()),
            Self::Positive => working.clamp(-300.0, 300.0).exp(),
        }
    }
}

/// One creative, what it was like and how it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Example {
    /// Identifies it; unique in a data set.
    pub id: String,
    /// What it must not be separated from when data is split: its campaign, or its concept.
    pub group: String,
    /// When its outcome was known.
    pub known_at: Timestamp,
    /// What it was like.
    pub features: Features,
    /// The outcome.
    pub value: f64,
    /// How many events (clicks, conversions) the outcome rests on; decides its weight.
    pub events: f64,
}

impl Example {
    /// Takes what is always known; [`events`](Self::events) is 1 and the outcome known at the epoch
    /// until said otherwise.
    pub fn new(
        id: impl Into<String>,
        group: impl Into<String>,
        features: Features,
        value: f64,
    ) -> Self {
        Self {
            id: id.into(),
            group: group.into(),
            known_at: Timestamp(0),
            features,
            value,
            events: 1.0,
        }
    }

    /// Says how many events the outcome rests on.
    #[must_use]
    pub fn events(mut self, events: f64) -> Self {
        self.events = events;
        self
    }

    /// Says when the outcome was known.
    #[must_use]
    pub fn known_at(mut self, moment: Timestamp) -> Self {
        self.known_at = moment;
        self
    }

    /// Weight of the example: the inverse of what counting and creatives vary by together,
    /// `1 / (1 / events + 0.06)`; 0.06 is a prior for the variance between creatives that no
    /// feature explains, from headlines whose rates are known.
    pub fn weight(&self) -> f64 {
        1.0 / (1.0 / self.events.max(0.5) + UNEXPLAINED_VARIANCE)
    }
}

const UNEXPLAINED_VARIANCE: f64 = 0.06;

/// Examples of one target, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    target: Target,
    examples: Vec<Example>,
}

impl Dataset {
    /// Checks and sorts examples by the moment their outcome was known, then by id.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for an outcome or a number of events that is not finite or
    /// negative, a rate above 1, and an id that is there twice.
    pub fn new(target: Target, mut examples: Vec<Example>) -> Result<Self> {
        for example in &examples {
            let top = if target == Target::Rate { 1.0 } else { f64::MAX };
            if !(0.0..=top).contains(&example.value) {
                let allowed = match target {
                    Target::Rate => "a rate from 0 to 1",
                    Target::Positive => "a finite number of at least 0",
                };
                return Err(parameter("value", example.value, allowed));
            }
            if !(0.0..=f64::MAX).contains(&example.events) {
                return Err(parameter("events", example.events, "a finite number of at least 0"));
            }
        }
        examples.sort_by(|a, b| (a.known_at, &a.id).cmp(&(b.known_at, &b.id)));
        let mut ids: Vec<&str> = examples.iter().map(|example| example.id.as_str()).collect();
        ids.sort_unstable();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::DuplicateExample { id: twice[0].to_owned() });
        }
        Ok(Self { target, examples })
    }

    /// What is predicted.
    pub const fn target(&self) -> Target {
        self.target
    }

    /// The examples, oldest first.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// Number of examples.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Takes the examples with the given positions.
    pub fn select(&self, positions: &[usize]) -> Self {
        let examples = positions.iter().filter_map(|&at| self.examples.get(at)).cloned().collect();
        Self { target: self.target, examples }
    }

    /// Outcomes on the working scale.
    pub(crate) fn outcomes(&self) -> Vec<f64> {
        self.examples.iter().map(|example| self.target.to_working(example.value)).collect()
    }

    /// Weights of the examples.
    pub(crate) fn weights(&self) -> Vec<f64> {
        self.examples.iter().map(Example::weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(id: &str, value: f64) -> Example {
        Example::new(id, "campaign", Features::new(), value)
    }

    #[test]
    fn outcomes_that_cannot_be_are_refused() {
        for value in [f64::NAN, f64::INFINITY, -0.1] {
            assert!(Dataset::new(Target::Positive, vec![example("a", value)]).is_err());
        }
        assert!(Dataset::new(Target::Rate, vec![example("a", 1.5)]).is_err());
        assert!(Dataset::new(Target::Positive, vec![example("a", 1.5)]).is_ok());
        let twice = vec![example("a", 1.0), example("a", 2.0)];
        let error = Dataset::new(Target::Positive, twice).unwrap_err();
        assert_eq!(error.to_string(), "example a is given more than once");
    }

    #[test]
    fn the_working_scale_and_back() {
        for (target, value) in [(Target::Rate, 0.031), (Target::Positive, 4.2)] {
            let there = target.to_working(value);
            assert!((target.from_working(there) - value).abs() < 1e-12);
        }
        assert!(Target::Positive.to_working(0.0).is_finite());
        assert!(Target::Rate.to_working(0.0).is_finite());
    }

    #[test]
    fn more_events_weigh_more_but_not_without_bound() {
        assert!(example("a", 1.0).events(100.0).weight() > example("a", 1.0).events(10.0).weight());
        assert!(example("a", 1.0).events(1e12).weight() <= 1.0 / UNEXPLAINED_VARIANCE);
    }
}
