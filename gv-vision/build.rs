//! Takes the model of the built-in face cascade out of the package of `rustface`, where the feature `cascade` is on.

use std::path::{Path, PathBuf};

/// The package, as Cargo.toml pins it, and its model.
const PACKAGES: [&str; 2] = ["rustface-0.1.7", "rustface"];
const MODEL: &str = "model/seeta_fd_frontal_v1.0.bin";
/// Bytes of the model, and their hash (FNV-1a, 64 bit): another file is not taken.
const BYTES: usize = 1_209_904;
const HASH: u64 = 0xa73c_f041_164d_43cb;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GV_CASCADE_MODEL");
    if std::env::var_os("CARGO_FEATURE_CASCADE").is_none() {
        return;
    }
    let Some(target) = std::env::var_os("OUT_DIR").map(|out| Path::new(&out).join("cascade.bin"))
    else {
        return println!("cargo::error=cargo gives no OUT_DIR");
    };
    let found = candidates().into_iter().find_map(|path| {
        let bytes = std::fs::read(path).ok()?;
        (bytes.len() == BYTES && hash(&bytes) == HASH).then_some(bytes)
    });
    match found.map(|bytes| std::fs::write(target, bytes)) {
        Some(Ok(())) => {}
        Some(Err(error)) => println!("cargo::error=cannot write the face model: {error}"),
        None => println!(
            "cargo::error=the package of rustface 0.1.7 is neither beside this one nor in cargo's registry; \
             name its {MODEL} in GV_CASCADE_MODEL, or build without the feature cascade"
        ),
    }
}

/// Where the model may lie: as told, beside this package (registry, vendored sources), in the registry.
fn candidates() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
        folders.extend(Path::new(&package).parent().map(Path::to_owned));
    }
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"))?;
        Some(Path::new(&home).join(".cargo"))
    });
    let registries = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    folders.extend(registries.into_iter().flatten().flatten().map(|entry| entry.path()));
    let told = std::env::var_os("GV_CASCADE_MODEL").map(PathBuf::from);
    let found =
        folders.iter().flat_map(|folder| PACKAGES.map(|package| folder.join(package).join(MODEL)));
    told.into_iter().chain(found).collect()
}

fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}
