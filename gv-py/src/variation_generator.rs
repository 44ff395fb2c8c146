//! The variation generator (component 10).

use crate::ads::{exception, options};
use crate::auto_retrain_pipeline::RetrainPipeline;
use crate::to_python;
use geminivideo::optimize::variation_generator::{
    Basis, CreativeConcept, CreativeVariation, EXPORT_JSON_SCHEMA, LearnedModel as Learned,
    PerformanceModel, Prediction, VariationGenerator as Generator,
};
use geminivideo::optimize::{Error, Result, Timestamp};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The generator with its options, which are one JSON document, and a model or none.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct VariationGenerator(Generator);

#[pymethods]
impl VariationGenerator {
    #[new]
    #[pyo3(signature = (options_json, predict=None, basis="model"))]
    fn new(
        py: Python<'_>,
        options_json: &str,
        predict: Option<Py<PyAny>>,
        basis: &str,
    ) -> PyResult<Self> {
        let mut generator =
            Generator::new(options(py, options_json)?).map_err(|e| exception(py, e))?;
        let basis = match basis {
            "patterns" => Basis::Patterns,
            "prior" => Basis::Prior,
            _ => Basis::Model,
        };
        if let Some(predict) = predict {
            generator = generator.with_model(Arc::new(Model { predict, basis }));
        }
        Ok(Self(generator))
    }

    fn generate<'py>(
        &self,
        py: Python<'py>,
        concept: &Bound<'py, PyAny>,
        count: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let set = self.0.generate(&concept_of(concept)?, count);
        to_python(py, &set.map_err(|error| exception(py, error))?)
    }

    fn rank_order(&self, variations: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
        Ok(self.0.rank_order(&variations_of(&variations)?))
    }

    fn top_order(&self, variations: Vec<Bound<'_, PyAny>>, count: usize) -> PyResult<Vec<usize>> {
        Ok(self.0.top_order(&variations_of(&variations)?, count))
    }

    fn export<'py>(
        &self,
        py: Python<'py>,
        variations: Vec<Bound<'py, PyAny>>,
        main_script: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let concept = with_script(main_script);
        to_python(py, &self.0.export(&variations_of(&variations)?, Some(&concept)))
    }

    fn export_timelines<'py>(
        &self,
        py: Python<'py>,
        variations: Vec<Bound<'py, PyAny>>,
        main_script: String,
        rate: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (variations, concept) = (variations_of(&variations)?, with_script(main_script));
        let timelines = self.0.export_timelines(&variations, Some(&concept), rate);
        to_python(py, &timelines.map_err(|e| exception(py, e))?)
    }

    #[staticmethod]
    fn export_schema() -> &'static str {
        EXPORT_JSON_SCHEMA
    }
}

/// The live version of a kind of model, asked about variations.
#[pyclass(frozen, module = "geminivideo._core")]
pub(crate) struct LearnedModel(Learned);

#[pymethods]
impl LearnedModel {
    #[staticmethod]
    fn live(
        py: Python<'_>,
        pipeline: &RetrainPipeline,
        model_type: &str,
    ) -> PyResult<Option<Self>> {
        let live = py.detach(|| Learned::live(&pipeline.0, model_type));
        Ok(live.map_err(|e| exception(py, e))?.map(Self))
    }

    fn version(&self) -> &str {
        self.0.version()
    }

    /// Places among the account's outcomes with their standard deviations.
    fn predict(
        &self,
        concept: &Bound<'_, PyAny>,
        variations: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Vec<(f64, f64)>> {
        let (py, concept) = (concept.py(), concept_of(concept)?);
        let places = self.0.predict(&concept, &variations_of(&variations)?);
        let places = places.map_err(|e| exception(py, e))?;
        Ok(places.iter().map(|place| (place.mean, place.sd)).collect())
    }

    /// Medians in the metric's own unit, and standard deviations on its working scale.
    fn estimates(
        &self,
        concept: &Bound<'_, PyAny>,
        variations: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Vec<(f64, f64)>> {
        let (py, concept) = (concept.py(), concept_of(concept)?);
        let estimates = self.0.estimates(&concept, &variations_of(&variations)?);
        let estimates = estimates.map_err(|e| exception(py, e))?;
        Ok(estimates.iter().map(|estimate| (estimate.mean, estimate.sd)).collect())
    }
}

/// The properties that a model learns from.
#[pyfunction]
pub(crate) fn variation_features<'py>(
    variation: &Bound<'py, PyAny>,
    concept: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let features = variation_of(variation)?.features(&concept_of(concept)?);
    to_python(variation.py(), &features)
}

/// A Python function of a list of dicts that returns (mean, sd) pairs.
#[derive(Debug)]
struct Model {
    predict: Py<PyAny>,
    basis: Basis,
}

impl PerformanceModel for Model {
    fn basis(&self) -> Basis {
        self.basis
    }

    fn predict(
        &self,
        _concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Prediction>> {
        let pairs = Python::attach(|py| -> PyResult<Vec<(f64, f64)>> {
            self.predict.call1(py, (to_python(py, variations)?,))?.extract(py)
        });
        let pairs = pairs.map_err(|raised| Error::PerformanceModel { source: raised.into() })?;
        Ok(pairs.into_iter().map(|(mean, sd)| Prediction { mean, sd }).collect())
    }
}

fn with_script(main_script: String) -> CreativeConcept {
    let mut concept = CreativeConcept::default();
    concept.main_script = main_script;
    concept
}

fn text(object: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    let value = object.getattr(name)?;
    if value.is_none() { Ok(String::new()) } else { Ok(value.str()?.to_string()) }
}

fn concept_of(object: &Bound<'_, PyAny>) -> PyResult<CreativeConcept> {
    let mut concept = CreativeConcept::default();
    for (field, name) in [
        (&mut concept.id, "id"),
        (&mut concept.name, "name"),
        (&mut concept.description, "description"),
        (&mut concept.target_audience, "target_audience"),
        (&mut concept.industry, "industry"),
        (&mut concept.objective, "objective"),
        (&mut concept.product, "product"),
        (&mut concept.key_benefit, "key_benefit"),
        (&mut concept.pain_point, "pain_point"),
        (&mut concept.social_proof, "social_proof"),
        (&mut concept.tone, "tone"),
        (&mut concept.hook_script, "hook_script"),
        (&mut concept.main_script, "main_script"),
        (&mut concept.cta_text, "cta_text"),
    ] {
        *field = text(object, name)?;
    }
    concept.brand_colors = object.getattr("brand_colors")?.extract()?;
    Ok(concept)
}

fn variations_of(objects: &[Bound<'_, PyAny>]) -> PyResult<Vec<CreativeVariation>> {
    objects.iter().map(variation_of).collect()
}

fn variation_of(object: &Bound<'_, PyAny>) -> PyResult<CreativeVariation> {
    let mut variation = CreativeVariation::default();
    for (field, name) in [
        (&mut variation.id, "id"),
        (&mut variation.concept_id, "concept_id"),
        (&mut variation.hook, "hook"),
        (&mut variation.headline, "headline"),
        (&mut variation.cta, "cta"),
        (&mut variation.pacing, "pacing"),
        (&mut variation.variation_hash, "variation_hash"),
        (&mut variation.music, "music"),
        (&mut variation.voice, "voice"),
        (&mut variation.format, "format"),
    ] {
        *field = text(object, name)?;
    }
    variation.variation_number = object.getattr("variation_number")?.extract()?;
    variation.variations_applied =
        object.getattr("variations_applied")?.extract::<BTreeMap<String, String>>()?;
    variation.color_scheme = object.getattr("color_scheme")?.extract()?;
    variation.duration = object.getattr("duration")?.extract()?;
    variation.predicted_performance = object.getattr("predicted_performance")?.extract()?;
    variation.created_at = Timestamp::default();
    variation.basis = match text(object, "basis")?.as_str() {
        "model" => Basis::Model,
        "patterns" => Basis::Patterns,
        "prior" => Basis::Prior,
        _ => Basis::Unranked,
    };
    Ok(variation)
}
