//! The variation generator: designs that teach the most for their number (component 10).
//!
//! Concepts, variations and options are JSON; every text that is given as char * is freed with gv_string_free.

use crate::argument::{
    Place, Visible, free, json, object_mut, one_of, optional_json, record, tell,
};
use crate::call::{Failure, c_string, guard};
use crate::callback::{Userdata, asked};
use crate::status::gv_status;
use geminivideo::optimize::variation_generator::{
    Basis, CreativeConcept, CreativeVariation, PerformanceModel, Prediction, VariationGenerator,
};
use geminivideo::optimize::{Error, Result};
use std::ffi::{c_char, c_void};
use std::sync::Arc;

/// The model was trained on the account's outcomes.
pub const GV_BASIS_MODEL: u32 = 0;
/// It rests on patterns of past winners and losers.
pub const GV_BASIS_PATTERNS: u32 = 1;
/// It is someone's belief, not data.
pub const GV_BASIS_PRIOR: u32 = 2;

const BASES: [(u32, Basis); 3] = [
    (GV_BASIS_MODEL, Basis::Model),
    (GV_BASIS_PATTERNS, Basis::Patterns),
    (GV_BASIS_PRIOR, Basis::Prior),
];

/// Predicts len variations of a concept, both given as JSON: for each a mean from 0, worst, to 1, best, and a standard
/// deviation. Returns GV_OK; any other status, which gv_explain may explain, ends what asked with GV_CALLBACK. The same
/// input gives the same output. A C++ exception must not leave it. Called by whichever thread generates.
pub type gv_predict_fn = Option<
    unsafe extern "C-unwind" fn(
        concept_json: *const c_char,
        variations_json: *const c_char,
        len: usize,
        means: *mut f64,
        sds: *mut f64,
        userdata: *mut c_void,
    ) -> gv_status,
>;

/// A program's model of how variations will do.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct gv_performance_model_functions {
    /// sizeof(gv_performance_model_functions).
    pub struct_size: u32,
    /// What the predictions truthfully rest on: GV_BASIS_...
    pub basis: u32,
    /// Predicts.
    pub predict: gv_predict_fn,
    /// Handed to predict and drop.
    pub userdata: *mut c_void,
    /// Called once, when nothing uses userdata any more; may be NULL.
    pub drop: Option<unsafe extern "C-unwind" fn(userdata: *mut c_void)>,
}

unsafe impl Visible for gv_performance_model_functions {}

/// Makes variations of a concept; threads may share it, once it has its model.
#[derive(Debug)]
pub struct gv_variation_generator(VariationGenerator);

/// Makes a generator. options_json is an object ({"seed": 7, "strategy": ...}) or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_new(
    options_json: *const c_char,
    generator: *mut *mut gv_variation_generator,
) -> gv_status {
    guard(|| unsafe {
        let options = optional_json("options_json", options_json)?;
        let place = Place::new("generator", generator)?;
        place.give(gv_variation_generator(VariationGenerator::new(options)?));
        Ok(())
    })
}

/// Makes a generator predict with a program's model; without one, variations stay unranked. On an error drop is not
/// called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_set_model(
    generator: *mut gv_variation_generator,
    functions: *const gv_performance_model_functions,
) -> gv_status {
    guard(|| unsafe {
        let generator = object_mut("generator", generator)?;
        let given = record("functions", functions)?;
        let basis = one_of("functions.basis", given.basis, &BASES)?;
        let predict = given.predict.ok_or_else(|| Failure::invalid("functions.predict is NULL"))?;
        let userdata = Userdata::new(given.userdata, given.drop);
        let model = Model { basis, predict, userdata };
        generator.0 = generator.0.clone().with_model(Arc::new(model));
        Ok(())
    })
}

/// Frees a generator. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_free(generator: *mut gv_variation_generator) {
    unsafe { free(generator) };
}

/// Makes count variations of a concept: an object with a list, "variations", and what is to be known of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_generate(
    generator: *const gv_variation_generator,
    concept_json: *const c_char,
    count: usize,
    set_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("generator", generator, "set_json", set_json, |generator| {
            let concept: CreativeConcept = json("concept_json", concept_json)?;
            Ok(generator.0.generate(&concept, count)?)
        })
    }
}

/// Puts a list of variations in the order of what is expected of them, best first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_rank(
    generator: *const gv_variation_generator,
    variations_json: *const c_char,
    ranked_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("generator", generator, "ranked_json", ranked_json, |generator| {
            let variations: Vec<CreativeVariation> = json("variations_json", variations_json)?;
            Ok(generator.0.rank(&variations))
        })
    }
}

/// Writes a list of variations out for a render tool: scenes with times and texts. concept_json may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_variation_generator_export(
    generator: *const gv_variation_generator,
    variations_json: *const c_char,
    concept_json: *const c_char,
    exported_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("generator", generator, "exported_json", exported_json, |generator| {
            let variations: Vec<CreativeVariation> = json("variations_json", variations_json)?;
            let concept: Option<CreativeConcept> = optional_json("concept_json", concept_json)?;
            Ok(generator.0.export(&variations, concept.as_ref()))
        })
    }
}

/// A program's function as a model.
#[derive(Debug)]
struct Model {
    basis: Basis,
    predict: unsafe extern "C-unwind" fn(
        *const c_char,
        *const c_char,
        usize,
        *mut f64,
        *mut f64,
        *mut c_void,
    ) -> gv_status,
    userdata: Userdata,
}

impl PerformanceModel for Model {
    fn basis(&self) -> Basis {
        self.basis
    }

    fn predict(
        &self,
        concept: &CreativeConcept,
        variations: &[CreativeVariation],
    ) -> Result<Vec<Prediction>> {
        let text = |written: serde_json::Result<String>| {
            written
                .map(|text| c_string(&text))
                .map_err(|error| Error::PerformanceModel { source: error.into() })
        };
        let concept = text(serde_json::to_string(concept))?;
        let list = text(serde_json::to_string(variations))?;
        let mut means = vec![f64::NAN; variations.len()];
        let mut sds = means.clone();
        asked(|| {
            Ok(unsafe {
                (self.predict)(
                    concept.as_ptr(),
                    list.as_ptr(),
                    variations.len(),
                    means.as_mut_ptr(),
                    sds.as_mut_ptr(),
                    self.userdata.pointer(),
                )
            })
        })
        .map_err(|why| Error::PerformanceModel { source: why.into() })?;
        Ok(means.into_iter().zip(sds).map(|(mean, sd)| Prediction { mean, sd }).collect())
    }
}
