//! The levels of everything that varies.

use super::color::palettes;
use super::concept::{CreativeConcept, CreativeVariation, VariationType};
use super::templates::{
    CTAS, CTAS_BY_OBJECTIVE, DURATIONS, HEADLINES, HOOKS, PACING_BY_TONE, PACINGS,
};
use super::texts::{fill, nearly_the_same};
use super::{MAX_VARIATIONS, VariationOptions};
use crate::Result;

const TEXTS: usize = 10;

/// The levels; level 0 of each is the original's.
#[derive(Debug, Clone)]
pub(crate) struct Factors {
    hooks: Vec<String>,
    ctas: Vec<String>,
    headlines: Vec<String>,
    colors: Vec<Vec<String>>,
    pacings: Vec<String>,
    durations: Vec<u32>,
    music: Vec<String>,
    voices: Vec<String>,
    formats: Vec<String>,
}

const KINDS: [VariationType; 9] = [
    VariationType::Hook,
    VariationType::Cta,
    VariationType::Headline,
    VariationType::Color,
    VariationType::Pacing,
    VariationType::Duration,
    VariationType::Music,
    VariationType::Voice,
    VariationType::Format,
];

impl Factors {
    pub(crate) fn new(
        concept: &CreativeConcept,
        options: &VariationOptions,
        notes: &mut Vec<String>,
    ) -> Result<Self> {
        let limits = options.limits.as_ref();
        let objective = concept.objective.trim().to_lowercase();
        let own_ctas = CTAS_BY_OBJECTIVE
            .iter()
            .find(|(name, _)| *name == objective)
            .map_or(&[] as &[&str], |(_, list)| *list);
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let hooks = texts(
            "hook",
            &concept.hook_script,
            [options.hooks.clone(), owned(HOOKS)].concat(),
            concept,
            limits.map(|l| l.hook),
            notes,
        );
        let ctas = texts(
            "call to action",
            &concept.cta_text,
            [options.ctas.clone(), owned(own_ctas), owned(CTAS)].concat(),
            concept,
            limits.map(|l| l.cta),
            notes,
        );
        let headlines = texts(
            "headline",
            "",
            [options.headlines.clone(), owned(HEADLINES)].concat(),
            concept,
            limits.map(|l| l.headline),
            notes,
        );
        let tone = concept.tone.trim().to_lowercase();
        let pacing = PACING_BY_TONE
            .iter()
            .find(|(name, _)| *name == tone)
            .map_or("medium", |(_, pacing)| *pacing);
        let mut pacings = vec![pacing.to_owned()];
        pacings.extend(PACINGS.iter().filter(|p| **p != pacing).map(|p| (*p).to_owned()));
        let mut durations = vec![30];
        durations.extend(DURATIONS.iter().filter(|d| **d != 30));
        let supplied = |list: &[String]| {
            let mut kept: Vec<String> = Vec::new();
            for text in list {
                if !kept.contains(text) {
                    kept.push(text.clone());
                }
            }
            if kept.is_empty() { vec![String::new()] } else { kept }
        };
        Ok(Self {
            hooks,
            ctas,
            headlines,
            colors: palettes(&concept.brand_colors)?,
            pacings,
            durations,
            music: supplied(&options.music),
            voices: supplied(&options.voices),
            formats: supplied(&options.formats),
        })
    }

    /// The number of levels of each factor.
    pub(crate) fn levels(&self) -> Vec<usize> {
        vec![
            self.hooks.len(),
            self.ctas.len(),
            self.headlines.len(),
            self.colors.len(),
            self.pacings.len(),
            self.durations.len(),
            self.music.len(),
            self.voices.len(),
            self.formats.len(),
        ]
    }

    /// How many combinations there are, up to four times the most that is ever asked for.
    pub(crate) fn combinations(&self) -> usize {
        self.levels().into_iter().fold(1_usize, usize::saturating_mul).min(usize::MAX / 2)
    }

    /// A step that visits every combination once before it repeats.
    pub(crate) fn stride(&self) -> usize {
        let all = self.combinations();
        let mut stride = (all / 3 + MAX_VARIATIONS) | 1;
        while gcd(stride, all) != 1 {
            stride += 2;
        }
        stride
    }

    /// The combination of a number below [`combinations`](Self::combinations).
    pub(crate) fn combination(&self, mut number: usize) -> Vec<usize> {
        self.levels()
            .into_iter()
            .map(|count| {
                let level = number % count.max(1);
                number /= count.max(1);
                level
            })
            .collect()
    }

    /// The specification's list: one factor at a time, pacing with duration, then crosses.
    pub(crate) fn specification_list(&self, count: usize) -> Vec<Vec<usize>> {
        let levels = self.levels();
        let base = vec![0; levels.len()];
        let with = |changes: &[(usize, usize)]| {
            let mut row = base.clone();
            for (factor, level) in changes {
                row[*factor] = *level;
            }
            row
        };
        let mut list = vec![base.clone()];
        for (factor, count) in levels.iter().enumerate().take(4) {
            list.extend((0..*count).map(|level| with(&[(factor, level)])));
        }
        for pacing in 0..levels[4] {
            list.extend((0..levels[5]).map(|duration| with(&[(4, pacing), (5, duration)])));
        }
        for hook in 1..levels[0] {
            for cta in 1..levels[1] {
                if list.len() > count * 2 + 100 {
                    return list;
                }
                list.push(with(&[(0, hook), (1, cta)]));
            }
        }
        list
    }

    /// The content of a combination.
    pub(crate) fn variation(&self, row: &[usize]) -> CreativeVariation {
        let level = |factor: usize| row.get(factor).copied().unwrap_or(0);
        let text =
            |list: &[String], factor: usize| list.get(level(factor)).cloned().unwrap_or_default();
        let mut variation = CreativeVariation {
            hook: text(&self.hooks, 0),
            cta: text(&self.ctas, 1),
            headline: text(&self.headlines, 2),
            color_scheme: self.colors.get(level(3)).cloned().unwrap_or_default(),
            pacing: text(&self.pacings, 4),
            duration: self.durations.get(level(5)).copied().unwrap_or(30),
            music: text(&self.music, 6),
            voice: text(&self.voices, 7),
            format: text(&self.formats, 8),
            ..CreativeVariation::default()
        };
        variation.variations_applied = KINDS
            .into_iter()
            .enumerate()
            .filter(|(factor, _)| level(*factor) != 0)
            .map(|(_, kind)| (kind.name().to_owned(), variation.value(kind)))
            .collect();
        variation
    }
}

/// The original text and up to ten in all that fit, each unlike the others.
fn texts(
    what: &str,
    original: &str,
    templates: Vec<String>,
    concept: &CreativeConcept,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let too_long = |text: &str| limit.is_some_and(|limit| text.chars().count() > limit);
    let mut kept: Vec<String> = Vec::new();
    let original = original.trim();
    if !original.is_empty() {
        if too_long(original) {
            notes.push(format!(
                "the original {what} is longer than {} characters and may be cut",
                limit.unwrap_or(0)
            ));
        }
        kept.push(original.to_owned());
    }
    let (mut long, mut empty) = (0, 0);
    for template in templates {
        if kept.len() >= TEXTS {
            break;
        }
        match fill(&template, concept) {
            None => empty += 1,
            Some(text) if too_long(&text) => long += 1,
            Some(text) if kept.iter().any(|other| nearly_the_same(other, &text)) => {}
            Some(text) => kept.push(text),
        }
    }
    if kept.len() < TEXTS && empty + long > 0 {
        notes.push(format!(
            "only {} of {TEXTS} texts for the {what}: {empty} templates have an empty slot, {long} \
             are too long",
            kept.len()
        ));
    }
    if kept.is_empty() {
        kept.push(String::new());
    }
    kept
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
