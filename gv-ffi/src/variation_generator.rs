//! The variation generator: designs that teach the most for their number (component 10).
//!
//! Concepts, variations and options are JSON; every text that is given as char * is freed with gv_string_free.

use crate::argument::{Place, free, json, optional_json, tell};
use crate::call::guard;
use crate::status::gv_status;
use geminivideo::optimize::variation_generator::{
    CreativeConcept, CreativeVariation, VariationGenerator,
};
use std::ffi::c_char;

/// Makes variations of a concept; never changes, so threads may share it.
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
