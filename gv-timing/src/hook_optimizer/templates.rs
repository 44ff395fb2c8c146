//! Openings to take as a model; their figures are the specification's priors, the table is `data/hook_templates.json`.

use super::types::HookType;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// One step of an opening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookElement {
    /// When it begins, in seconds.
    pub time: f64,
    /// When it is over, in seconds.
    pub end: f64,
    /// What it is: `face`, `text`, `motion`, ...
    pub element: String,
    /// What happens.
    pub action: String,
    /// For example; in a template with `{product}` and `{pain_point}`.
    pub suggestion: String,
}

/// An opening to take as a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookTemplate {
    /// Its name.
    pub name: String,
    /// What it works by.
    pub hook_type: HookType,
    /// Its steps.
    pub structure: Vec<HookElement>,
    /// How well it does, 0 to 100; a prior.
    pub avg_performance: f64,
    /// Industries that it suits.
    pub best_for: Vec<String>,
}

/// An opening written for a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HookScript {
    /// Name of the template.
    pub template: String,
    /// Length in seconds.
    pub duration: f64,
    /// Its steps.
    pub structure: Vec<HookElement>,
}

/// The built-in templates.
///
/// # Errors
///
/// [`Error::Table`] where the built-in table is damaged, which a test rules out.
pub fn hook_templates() -> Result<Vec<HookTemplate>> {
    serde_json::from_str(include_str!("../../data/hook_templates.json"))
        .map_err(|error| Error::table("hook templates", &error))
}

/// The template that suits `industry`: of those made for it the one that does best, else the one that does best of all.
/// `None` without templates.
pub fn best_template<'a>(
    templates: &'a [HookTemplate],
    industry: &str,
) -> Option<&'a HookTemplate> {
    let plain = |text: &str| text.trim().to_lowercase().replace([' ', '-'], "_");
    let wanted = plain(industry);
    let best = |made_for: bool| {
        templates
            .iter()
            .filter(|template| {
                !made_for || template.best_for.iter().any(|name| plain(name) == wanted)
            })
            .reduce(
                |best, next| if next.avg_performance > best.avg_performance { next } else { best },
            )
    };
    best(true).or_else(|| best(false))
}

/// Writes an opening for a product after a template.
///
/// # Errors
///
/// [`Error::InvalidParameter`] where `product` or `pain_point` is empty.
pub fn hook_script(product: &str, pain_point: &str, template: &HookTemplate) -> Result<HookScript> {
    for (name, value) in [("product", product), ("pain_point", pain_point)] {
        if value.trim().is_empty() {
            return Err(Error::InvalidParameter {
                name,
                given: format!("{value:?}"),
                allowed: "a text",
            });
        }
    }
    let structure: Vec<HookElement> = template
        .structure
        .iter()
        .map(|element| HookElement {
            suggestion: filled(&element.suggestion, product.trim(), pain_point.trim()),
            ..element.clone()
        })
        .collect();
    let duration = structure.iter().map(|element| element.end).fold(0.0, f64::max);
    Ok(HookScript { template: template.name.clone(), duration, structure })
}

/// `text` with its places filled, each once: what is filled in is not looked at again.
fn filled(text: &str, product: &str, pain_point: &str) -> String {
    let mut out = String::with_capacity(text.len() + product.len() + pain_point.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [("{product}", product), ("{pain_point}", pain_point)];
        match known.into_iter().find(|(place, _)| rest.starts_with(place)) {
            Some((place, value)) => {
                out.push_str(value);
                rest = &rest[place.len()..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_the_five_templates_of_the_specification() {
        let templates = hook_templates().unwrap();
        let figures: Vec<_> =
            templates.iter().map(|t| (t.name.as_str(), t.avg_performance)).collect();
        assert_eq!(
            figures,
            [
                ("Direct Address", 85.0),
                ("Pattern Interrupt", 78.0),
                ("Motion Grab", 82.0),
                ("Transformation", 91.0),
                ("Question Hook", 87.0)
            ]
        );
        for template in &templates {
            assert!(template.structure.is_sorted_by(|a, b| a.end <= b.time));
            assert_eq!(template.structure.last().unwrap().end, 3.0);
        }
    }

    #[test]
    fn an_industry_gets_what_is_made_for_it_and_an_unknown_one_the_best() {
        let templates = hook_templates().unwrap();
        let best = |industry| best_template(&templates, industry).unwrap().name.as_str();
        assert_eq!((best("SaaS"), best("real estate")), ("Question Hook", "Question Hook"));
        assert_eq!((best("fitness"), best("")), ("Transformation", "Transformation"));
        assert_eq!(best_template(&[], "saas"), None);
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let templates = hook_templates().unwrap();
        let script = hook_script("{pain_point}", "slow {product}", &templates[0]).unwrap();
        assert_eq!(script.structure[1].suggestion, "Still fighting with slow {product}?");
        assert!(hook_script("  ", "x", &templates[0]).is_err());
    }
}
