//! Gives the shared library the name under which programs ask for it: a minor version is an interface of its own
//! until 1.0.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = |part| std::env::var(format!("CARGO_PKG_VERSION_{part}")).unwrap_or_default();
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let suffix = format!("{}.{}", version("MAJOR"), version("MINOR"));
    match system.as_str() {
        "macos" => println!(
            "cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libgeminivideo.{suffix}.dylib"
        ),
        "windows" => {}
        _ => println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libgeminivideo.so.{suffix}"),
    }
}
