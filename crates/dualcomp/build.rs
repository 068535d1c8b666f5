//! Prepares the largest artefact for WebAssembly, which is fetched compressed.

use std::{env, fs, path::Path};

#[path = "src/codec/v1/bytes/pretrained/planes.rs"]
mod planes;

const ARTEFACT: &str = "priors/pretrained.bin";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rerun-if-changed={ARTEFACT}");
        let entries = fs::read(ARTEFACT).expect("it is part of the package");
        let out = env::var_os("OUT_DIR").expect("cargo says where");
        fs::write(Path::new(&out).join("pretrained.planes"), planes::divide(&entries)).expect("the folder is there");
    }
}
