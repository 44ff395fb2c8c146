//! The winning patterns database (component 17).
//!
//! Patterns and queries are JSON; every text that is given as char * is freed with gv_string_free.

use crate::analysis::gv_analysis;
use crate::argument::{Place, free, json, object, optional_json, tell, text};
use crate::call::{Failure, guard};
use crate::status::gv_status;
use crate::store::gv_store;
use geminivideo::patterns::winning_patterns_db::{
    PatternQuery, WinningAdPattern, WinningPatternsDB, extract_pattern,
};
use geminivideo::{Error, ErrorKind};
use std::ffi::c_char;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::sync::Arc;

/// Patterns in a store; threads may share it.
#[derive(Debug)]
pub struct gv_patterns_db(WinningPatternsDB);

/// Opens the patterns of a store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_new(
    store: *const gv_store,
    db: *mut *mut gv_patterns_db,
) -> gv_status {
    guard(|| unsafe {
        let store = Arc::clone(&object("store", store)?.0);
        Place::new("db", db)?.give(gv_patterns_db(WinningPatternsDB::new(store)?));
        Ok(())
    })
}

/// Frees it; what is stored stays. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_free(db: *mut gv_patterns_db) {
    unsafe { free(db) };
}

/// Adds a pattern, or replaces the one of its id; id is the id that it is kept under.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_add(
    db: *const gv_patterns_db,
    pattern_json: *const c_char,
    id: *mut *mut c_char,
) -> gv_status {
    guard(|| unsafe {
        let db = object("db", db)?;
        let pattern: WinningAdPattern = json("pattern_json", pattern_json)?;
        let place = Place::new("id", id)?;
        place.give_text(&db.0.add_pattern(pattern)?);
        Ok(())
    })
}

/// The pattern of an id; GV_NOT_FOUND where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_get(
    db: *const gv_patterns_db,
    id: *const c_char,
    pattern_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "pattern_json", pattern_json, |db| {
            let id = text("id", id)?;
            db.0.get_pattern(id)?.ok_or_else(|| nothing(format!("there is no pattern {id}")))
        })
    }
}

/// Finds patterns, the best return first. query_json is an object with any of industry, platform, objective, hook_type,
/// min_roas, limit (10 is usual) and include_losers, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_find(
    db: *const gv_patterns_db,
    query_json: *const c_char,
    patterns_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "patterns_json", patterns_json, |db| {
            let query: PatternQuery = optional_json("query_json", query_json)?;
            Ok(db.0.find_patterns(&query)?)
        })
    }
}

/// Finds patterns by words in their texts, best first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_search(
    db: *const gv_patterns_db,
    words: *const c_char,
    limit: usize,
    patterns_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "patterns_json", patterns_json, |db| {
            Ok(db.0.search(text("words", words)?, limit)?)
        })
    }
}

/// Finds the patterns that are most like one, with their likeness.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_similar(
    db: *const gv_patterns_db,
    pattern_json: *const c_char,
    limit: usize,
    similar_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "similar_json", similar_json, |db| {
            let pattern: WinningAdPattern = json("pattern_json", pattern_json)?;
            Ok(db.0.find_similar(&pattern, limit)?)
        })
    }
}

/// The patterns with the best return.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_top(
    db: *const gv_patterns_db,
    limit: usize,
    patterns_json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("db", db, "patterns_json", patterns_json, |db| Ok(db.0.top_performers(limit)?)) }
}

/// What each type of hook has brought: an object by type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_hook_statistics(
    db: *const gv_patterns_db,
    statistics_json: *mut *mut c_char,
) -> gv_status {
    unsafe { tell("db", db, "statistics_json", statistics_json, |db| Ok(db.0.hook_statistics()?)) }
}

/// What is usual in an industry; GV_NOT_FOUND where nothing is known of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_benchmarks(
    db: *const gv_patterns_db,
    industry: *const c_char,
    benchmarks_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "benchmarks_json", benchmarks_json, |db| {
            let industry = text("industry", industry)?;
            let found = db.0.industry_benchmarks(industry)?;
            found.ok_or_else(|| nothing(format!("there is no pattern of the industry {industry}")))
        })
    }
}

/// What sets a list of winners apart from the losers that are stored; null where nothing can be said.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_creative_dna(
    db: *const gv_patterns_db,
    patterns_json: *const c_char,
    dna_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("db", db, "dna_json", dna_json, |db| {
            let patterns: Vec<WinningAdPattern> = json("patterns_json", patterns_json)?;
            Ok(db.0.extract_creative_dna(&patterns)?)
        })
    }
}

/// Writes every pattern into a file as JSON Lines with a checksum; count is how many, and may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_export(
    db: *const gv_patterns_db,
    path: *const c_char,
    count: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let db = object("db", db)?;
        let path = Path::new(text("path", path)?);
        let failed = |source| Error::Output { path: path.into(), source };
        let mut file = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
        let written = db.0.export_jsonl(&mut file)?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        if !count.is_null() {
            Place::new("count", count)?.put(written);
        }
        Ok(())
    })
}

/// Adds the patterns of a file that gv_patterns_db_export wrote; count is how many, and may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_patterns_db_import(
    db: *const gv_patterns_db,
    path: *const c_char,
    count: *mut usize,
) -> gv_status {
    guard(|| unsafe {
        let db = object("db", db)?;
        let path = Path::new(text("path", path)?);
        let failed = |source| Error::Input { path: path.into(), source };
        let file = std::fs::File::open(path).map_err(failed)?;
        let read = db.0.import_jsonl(&mut BufReader::new(file))?;
        if !count.is_null() {
            Place::new("count", count)?.put(read);
        }
        Ok(())
    })
}

/// Takes what an analysis measured to a pattern, to which the program adds platform, industry and figures.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gv_pattern_of_analysis(
    analysis: *const gv_analysis,
    pattern_json: *mut *mut c_char,
) -> gv_status {
    unsafe {
        tell("analysis", analysis, "pattern_json", pattern_json, |analysis| {
            let measured = serde_json::to_value(&analysis.found).map_err(|error| {
                Failure::new(ErrorKind::Internal, format!("the analysis is no JSON: {error}"))
            })?;
            Ok(extract_pattern(&measured))
        })
    }
}

fn nothing(message: String) -> Failure {
    Failure::new(ErrorKind::NotFound, message)
}
