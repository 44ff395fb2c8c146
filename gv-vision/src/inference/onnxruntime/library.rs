//! Where the library of ONNX Runtime is, and its environment, of which a process has one.

use crate::{Error, Result};
use ort::environment::Environment;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The environment of the library that was loaded first, and where that is.
static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// Loads the library, once for the life of the process.
///
/// # Errors
///
/// [`Error::Runtime`] where there is none, where it is too old, and where another one is in use already.
pub(super) fn environment(library: Option<&Path>) -> Result<Environment> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((path, environment)) = loaded.as_ref() {
        if let Some(other) = library.filter(|other| other != path) {
            let (path, other) = (path.display(), other.display());
            let message = format!("{other} cannot be used: {path} is in use in this process");
            return Err(Error::Runtime { message });
        }
        return Ok(environment.clone());
    }
    let path = library.map_or_else(|| find(|name| std::env::var_os(name)), Path::to_owned);
    let failed = |message: String| Error::Runtime {
        message: format!(
            "{message}; install it (pip install onnxruntime, or onnxruntime-gpu for a card) or name its library \
             with ORT_DYLIB_PATH"
        ),
    };
    // The library is tried before ort takes it: what ort cannot use it panics at.
    if ort::util::probe(&path).is_none() && path.is_absolute() && path.exists() {
        return Err(failed(format!("{} is no library of ONNX Runtime", path.display())));
    }
    let environment = ort::init_from(&path)
        .map_err(|error| failed(format!("cannot load ONNX Runtime: {error}")))?
        .with_name("geminivideo")
        .with_telemetry(false)
        .build()
        .map_err(|error| Error::Runtime { message: format!("ONNX Runtime: {error}") })?;
    log::info!("ONNX Runtime is {}", path.display());
    *loaded = Some((path, environment.clone()));
    Ok(environment)
}

/// The library that the environment names: `ORT_DYLIB_PATH`, else the one of a Python environment that is active,
/// else the bare name, which the system's loader looks for.
fn find(variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("ORT_DYLIB_PATH")
        .or_else(|| {
            let prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(set);
            prefixes
                .flat_map(|prefix| site_packages(&prefix))
                .find_map(|folder| in_package(&folder))
        })
        .unwrap_or_else(|| {
            let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
            PathBuf::from(format!("{prefix}onnxruntime{suffix}"))
        })
}

/// Folders of packages of a Python environment.
fn site_packages(prefix: &Path) -> Vec<PathBuf> {
    let named = std::fs::read_dir(prefix.join("lib")).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = named
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
        .map(|entry| entry.path().join("site-packages"))
        .collect();
    found.push(prefix.join("Lib").join("site-packages"));
    found.sort();
    found
}

/// The library inside of the package `onnxruntime` in a folder of packages; the files of `onnxruntime-gpu` have the same
/// names.
fn in_package(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder.join("onnxruntime").join("capi")).ok()?;
    let is_library = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| {
            name == "onnxruntime.dll"
                || name.starts_with("libonnxruntime.so")
                || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
        })
    };
    entries.flatten().map(|entry| entry.path()).find(is_library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_is_found_in_an_active_python_environment() {
        let folder = std::env::temp_dir().join(format!("gv-ort-{}", std::process::id()));
        let package = folder.join("lib/python3.11/site-packages/onnxruntime/capi");
        std::fs::create_dir_all(&package).unwrap();
        for name in ["libonnxruntime_providers_shared.so", "libonnxruntime.so.1.32.0"] {
            std::fs::write(package.join(name), "").unwrap();
        }
        let active = |name: &str| (name == "VIRTUAL_ENV").then(|| folder.clone().into_os_string());
        assert_eq!(find(active), package.join("libonnxruntime.so.1.32.0"));
        let named = |name: &str| match name {
            "ORT_DYLIB_PATH" => Some(OsString::from("/opt/libonnxruntime.so")),
            _ => active(name),
        };
        assert_eq!(find(named), Path::new("/opt/libonnxruntime.so"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(!find(|_| None).is_absolute());
    }
}
