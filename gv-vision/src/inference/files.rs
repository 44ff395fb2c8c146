//! Where model files are looked for.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder into which models are fetched: `geminivideo/models` below the user's cache folder; `None` where the
/// environment names none.
pub fn model_cache() -> Option<PathBuf> {
    cache(|name| std::env::var_os(name))
}

/// The model files that are there, in the order in which they are taken: those of `GV_MODEL_DIR`, then those of
/// [`model_cache`], each folder in the order of its names.
pub fn model_files() -> Vec<PathBuf> {
    let folders =
        std::env::var_os("GV_MODEL_DIR").map(PathBuf::from).into_iter().chain(model_cache());
    folders.flat_map(|folder| models_in(&folder)).collect()
}

/// The first of [`model_files`] whose name holds the first of `kinds`, else the second, and so on.
pub(crate) fn find_model(kinds: &[&[&str]]) -> Option<PathBuf> {
    choose(&model_files(), kinds)
}

fn choose(files: &[PathBuf], kinds: &[&[&str]]) -> Option<PathBuf> {
    let named = |path: &&PathBuf, parts: &[&str]| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
        name.is_some_and(|name| parts.iter().all(|part| name.contains(part)))
    };
    kinds.iter().find_map(|parts| files.iter().find(|path| named(path, parts))).cloned()
}

fn models_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_model =
        |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("onnx"));
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_model).collect();
    found.sort();
    found
}

fn cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME");
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("geminivideo").join("models"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_decides_before_the_order_of_the_files() {
        let files: Vec<PathBuf> =
            ["a/RFB-320.onnx", "a/YuNet_640.onnx", "b/yunet_320.onnx"].map(PathBuf::from).into();
        let kinds: [&[&str]; 3] = [&["yolov8", "face"], &["yunet"], &["rfb"]];
        assert_eq!(choose(&files, &kinds), Some(PathBuf::from("a/YuNet_640.onnx")));
        assert_eq!(choose(&files[..1], &kinds), Some(PathBuf::from("a/RFB-320.onnx")));
        assert_eq!(choose(&[], &kinds), None);
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn the_cache_is_where_the_environment_says() {
        let told = |name: &str| (name == "HOME").then(|| OsString::from("/home/user"));
        assert_eq!(cache(told), Some(PathBuf::from("/home/user/.cache/geminivideo/models")));
        let told = |name: &str| (name == "XDG_CACHE_HOME").then(|| OsString::from("/cache"));
        assert_eq!(cache(told), Some(PathBuf::from("/cache/geminivideo/models")));
        assert_eq!(cache(|_| None), None);
    }
}
