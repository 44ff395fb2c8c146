//! Models by version and by name.
//!
//! A version is written once and never changed. The names `champion`, `challenger` and `previous` of a
//! kind of model lie in one document, so that they move together or not at all.

use crate::error::parameter;
use crate::prediction_accuracy_tracker::{from_json, to_json};
use crate::{Result, Timestamp};
use gv_patterns::store::{Change, Collection, Expect, Filter, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

const VERSIONS: Collection = Collection::new("model_version").index(&["model_type", "number"]);
const ALIASES: Collection = Collection::new("model_alias");
/// Every change of a champion.
const AUDIT: &str = "model_audit";
const PAGE: usize = 1000;

/// A model as it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelVersion {
    /// Kind of model.
    pub model_type: String,
    /// Name of the version: `v1`, `v2`, ...
    pub version: String,
    /// Its number.
    pub number: u64,
    /// Which trainer made it, and reads it.
    pub trainer: String,
    /// When.
    pub created_at: Timestamp,
    /// When the newest outcome that it was judged or fitted by became known.
    pub learned_until: Timestamp,
    /// Number of outcomes it was fitted on.
    pub samples: usize,
    /// A hash of them, to tell whether two versions saw the same.
    pub data_hash: String,
    /// Version of the library that made it.
    pub library_version: String,
    /// What was measured: `old_accuracy`, `new_accuracy`, `deviance_improvement`, ...
    pub metrics: BTreeMap<String, f64>,
    /// The model, as base64 of what its trainer saved.
    pub(super) artifact: String,
}

/// Which version plays which part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Aliases {
    /// The live version.
    pub champion: Option<String>,
    /// The newest version that was not better.
    pub challenger: Option<String>,
    /// What was live before.
    pub previous: Option<String>,
}

/// The registry of models in a store.
#[derive(Debug, Clone)]
pub struct ModelRegistry {
    store: Arc<dyn Store>,
}

impl ModelRegistry {
    /// Uses a store.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn new(store: Arc<dyn Store>) -> Result<Self> {
        store.ensure(&VERSIONS)?;
        store.ensure(&ALIASES)?;
        Ok(Self { store })
    }

    /// Looks a version up; `None` where there is none.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn version(&self, model_type: &str, version: &str) -> Result<Option<ModelVersion>> {
        let found = self.store.get(VERSIONS.name(), &id(model_type, version))?;
        found.map(|document| from_json(document.body)).transpose()
    }

    /// The versions of a kind of model, newest first.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn versions(&self, model_type: &str, limit: usize) -> Result<Vec<ModelVersion>> {
        let filter =
            Filter::new().equals("model_type", model_type).descending("number").limit(limit);
        let found = self.store.find(VERSIONS.name(), &filter)?;
        found.into_iter().map(|document| from_json(document.body)).collect()
    }

    /// Which versions play which part.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn aliases(&self, model_type: &str) -> Result<Aliases> {
        Ok(self.aliases_and_version(model_type)?.0)
    }

    /// The champions of all kinds of model.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn champions(&self) -> Result<BTreeMap<String, String>> {
        let mut champions = BTreeMap::new();
        for document in self.store.find(ALIASES.name(), &Filter::new())? {
            let aliases: Aliases = from_json(document.body)?;
            if let Some(champion) = aliases.champion {
                champions.insert(document.id, champion);
            }
        }
        Ok(champions)
    }

    /// Which version was live at a moment; `None` where none was.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn live_at(&self, model_type: &str, moment: Timestamp) -> Result<Option<String>> {
        let (mut live, mut after) = (None, 0);
        loop {
            let entries = self.store.read_log(AUDIT, after, PAGE)?;
            let Some(last) = entries.last() else { return Ok(live) };
            after = last.sequence;
            for entry in entries.iter().filter(|entry| entry.at <= moment.0) {
                let moved: Moved = from_json(entry.body.clone())?;
                if moved.model_type == model_type {
                    live = Some(moved.champion);
                }
            }
        }
    }

    /// Adds a version under the next number and makes it the champion or the challenger, in one
    /// transaction. Returns it with its number.
    pub(super) fn add(&self, mut model: ModelVersion, promote: bool) -> Result<ModelVersion> {
        let newest = self.versions(&model.model_type, 1)?.first().map_or(0, |newest| newest.number);
        model.number = newest + 1;
        model.version = format!("v{}", model.number);
        let (mut aliases, at) = self.aliases_and_version(&model.model_type)?;
        let mut changes = vec![Change::put(
            VERSIONS.name(),
            id(&model.model_type, &model.version),
            Expect::Absent,
            to_json(&model)?,
        )];
        if promote {
            aliases.previous = aliases.champion.replace(model.version.clone());
            aliases.challenger = None;
            changes.push(moved(&model.model_type, &aliases, &model.version, at, model.created_at)?);
        } else {
            aliases.challenger = Some(model.version.clone());
        }
        changes.push(Change::put(ALIASES.name(), &model.model_type, at, to_json(&aliases)?));
        self.store.apply(&changes)?;
        Ok(model)
    }

    /// Makes a version the champion; what was live before becomes `previous`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a version that is not there, and the
    /// store's.
    pub fn promote(&self, model_type: &str, version: &str, at: Timestamp) -> Result<Aliases> {
        if self.version(model_type, version)?.is_none() {
            return Err(parameter("version", version, "a version of the registry"));
        }
        let (mut aliases, expect) = self.aliases_and_version(model_type)?;
        if aliases.champion.as_deref() == Some(version) {
            return Ok(aliases);
        }
        aliases.previous = aliases.champion.replace(version.to_owned());
        if aliases.challenger.as_deref() == Some(version) {
            aliases.challenger = None;
        }
        self.store.apply(&[
            moved(model_type, &aliases, version, expect, at)?,
            Change::put(ALIASES.name(), model_type, expect, to_json(&aliases)?),
        ])?;
        Ok(aliases)
    }

    /// Puts the previous champion back; the failed one becomes the challenger. `None` where there is no
    /// previous one.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn rollback(&self, model_type: &str, at: Timestamp) -> Result<Option<Aliases>> {
        let (mut aliases, expect) = self.aliases_and_version(model_type)?;
        let Some(previous) = aliases.previous.take() else { return Ok(None) };
        aliases.challenger = aliases.champion.replace(previous.clone());
        self.store.apply(&[
            moved(model_type, &aliases, &previous, expect, at)?,
            Change::put(ALIASES.name(), model_type, expect, to_json(&aliases)?),
        ])?;
        Ok(Some(aliases))
    }

    fn aliases_and_version(&self, model_type: &str) -> Result<(Aliases, Expect)> {
        match self.store.get(ALIASES.name(), model_type)? {
            Some(document) => Ok((from_json(document.body)?, Expect::Version(document.version))),
            None => Ok((Aliases::default(), Expect::Absent)),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Moved {
    model_type: String,
    champion: String,
    previous: Option<String>,
}

/// The audit entry of a change of champion; its key is the state that it leads from.
fn moved(
    model_type: &str,
    aliases: &Aliases,
    champion: &str,
    from: Expect,
    at: Timestamp,
) -> Result<Change> {
    let from = if let Expect::Version(version) = from { version } else { 0 };
    let body = to_json(&Moved {
        model_type: model_type.to_owned(),
        champion: champion.to_owned(),
        previous: aliases.previous.clone(),
    })?;
    Ok(Change::append(AUDIT, format!("{model_type}/{from}"), at.0, body))
}

fn id(model_type: &str, version: &str) -> String {
    format!("{model_type}/{version}")
}
