//! Every weights and priors file is the one that the manifest names: none is missing, damaged or left out.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The value of each key of an artefact, quotes taken off.
fn value<'a>(entry: &'a str, key: &str) -> &'a str {
    let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no {key} in {entry}")).trim_matches('"')
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|e| e == ending)).collect()
}

#[test]
fn artefacts_are_those_of_the_manifest() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let priors = root.join("crates/dualcomp/priors");
    let manifest = fs::read_to_string(priors.join("MANIFEST.toml")).unwrap();
    let mut listed = Vec::new();
    for entry in manifest.split("[[artefact]]").skip(1) {
        let path = root.join(value(entry, "path"));
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes.len().to_string(), value(entry, "length"), "{}", path.display());
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, value(entry, "sha256"), "{}", path.display());
        assert!(!value(entry, "command").is_empty(), "{}", path.display());
        listed.push(path);
    }
    let mut found = files(&priors, "bin");
    found.extend(files(&root.join("crates/dualcomp-model/weights"), "safetensors"));
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}
