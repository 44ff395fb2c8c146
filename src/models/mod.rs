//! Models that can be fetched: a dated list of addresses, sizes, hashes and licences.

use crate::{Error, Result};
use gv_gen::http::{
    CallError, Cancel, Download, DownloadError, FileTarget, Jitter, RetryPolicy, Transport, drive,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A model of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ModelEntry {
    /// What `geminivideo models fetch` calls it.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// What it is for.
    pub what: String,
    /// Where it is fetched from.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its hash, in lower-case hexadecimal digits.
    pub sha256: String,
    /// Its licence.
    pub licence: String,
}

#[derive(Deserialize)]
struct Manifest {
    models: Vec<ModelEntry>,
}

/// The models that can be fetched.
///
/// # Errors
///
/// [`Error::Internal`] where the list that is built in is damaged.
pub fn models() -> Result<Vec<ModelEntry>> {
    let manifest: Manifest = serde_json::from_str(include_str!("manifest.json"))
        .map_err(|error| Error::Internal { message: format!("the list of models: {error}") })?;
    Ok(manifest.models)
}

/// The folder into which models are fetched.
///
/// # Errors
///
/// [`Error::NoModelFolder`] where the environment names no cache folder.
pub fn model_folder() -> Result<PathBuf> {
    gv_vision::inference::model_cache().ok_or(Error::NoModelFolder)
}

/// Whether the file of a model is in `folder`, whole and unchanged.
pub fn is_fetched(model: &ModelEntry, folder: &Path) -> bool {
    let path = folder.join(&model.file);
    let sized = std::fs::metadata(&path).is_ok_and(|file| file.len() == model.bytes);
    sized && std::fs::read(&path).is_ok_and(|bytes| hash(&bytes) == model.sha256)
}

/// Fetches a model into `folder`; its path. A model that is there already is not fetched again.
///
/// A transfer that is cut goes on where it was cut. The file gets its name only once its size and hash are right. Where
/// `mirror` is given, the file is fetched from `<mirror>/<file>`.
///
/// # Errors
///
/// [`Error::Download`] where it does not come, [`Error::WrongModel`] where another file comes, [`Error::Output`] where it
/// cannot be written, [`Error::Cancelled`].
pub fn fetch_model(
    model: &ModelEntry,
    folder: &Path,
    mirror: Option<&str>,
    transport: &dyn Transport,
    cancel: &Cancel,
) -> Result<PathBuf> {
    let path = folder.join(&model.file);
    if is_fetched(model, folder) {
        return Ok(path);
    }
    let failed = |source| Error::Output { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let url = match mirror {
        Some(mirror) => format!("{}/{}", mirror.trim_end_matches('/'), model.file),
        None => model.url.clone(),
    };
    let arriving = folder.join(format!("{}.arriving", model.file));
    let target = FileTarget {
        path: arriving.clone(),
        limit: model.bytes,
        media_types: Vec::new(),
        resume_from: 0,
    };
    let mut download = Download::new(url, target, RetryPolicy::default(), Jitter::from_entropy());
    let came = match drive(&mut download, transport, cancel) {
        Ok(came) => came,
        Err(DownloadError::Call { source: CallError::Cancelled { .. }, .. }) => {
            return Err(Error::Cancelled);
        }
        Err(source) => return Err(Error::Download { source }),
    };
    let bytes = std::fs::read(&came.path).map_err(failed)?;
    let given = hash(&bytes);
    if given != model.sha256 {
        let _ = std::fs::remove_file(&arriving);
        let (name, wanted) = (model.name.clone(), model.sha256.clone());
        return Err(Error::WrongModel { name, bytes: bytes.len() as u64, given, wanted });
    }
    std::fs::rename(&arriving, &path).map_err(failed)?;
    Ok(path)
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gv_gen::http::{Failure, Request, Sink};

    #[test]
    fn every_entry_is_whole() {
        let models = models().unwrap();
        assert!(models.len() >= 4);
        for model in models {
            assert!(model.url.starts_with("https://"), "{}", model.name);
            assert!(model.url.ends_with(&model.file), "{}", model.name);
            let digits = model.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(digits && model.sha256.len() == 64, "{}", model.name);
            assert!(model.bytes > 0 && !model.licence.contains("AGPL"), "{}", model.name);
        }
    }

    /// A transport that must not be used.
    struct Nothing;

    impl Transport for Nothing {
        fn name(&self) -> &str {
            "nothing"
        }

        fn send(&self, _: &Request, _: &mut dyn Sink, _: &Cancel) -> Result<(), Failure> {
            unreachable!("nothing is to be fetched")
        }
    }

    #[test]
    fn a_model_that_is_there_is_not_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut model = models().unwrap().remove(0);
        std::fs::write(folder.path().join(&model.file), b"abc").unwrap();
        assert!(!is_fetched(&model, folder.path()));
        (model.bytes, model.sha256) = (3, hash(b"abc"));
        let cancel = Cancel::new();
        let path = fetch_model(&model, folder.path(), None, &Nothing, &cancel).unwrap();
        assert_eq!(path, folder.path().join(&model.file));
    }
}
