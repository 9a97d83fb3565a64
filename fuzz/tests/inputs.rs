//! Every input that is kept, without instrumentation: `cargo test --manifest-path fuzz/Cargo.toml`.

use std::{fs, path::Path};

use topper_fuzz::TARGETS;

/// The files of a folder; none where there is no folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_kept_input_holds() {
    for (name, target) in TARGETS {
        let seeds = files(&Path::new("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for path in seeds.into_iter().chain(files(&Path::new("regressions").join(name))) {
            // Shown when the next line panics.
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
        }
    }
}

#[test]
fn every_program_is_a_target() {
    let mut programs: Vec<String> = files(Path::new("fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    programs.sort();
    assert_eq!(programs, TARGETS.map(|(name, _)| name));
}

#[test]
fn every_adapter_handles_a_genuine_delivery_alone() {
    let handlers = |seed: &str| topper_fuzz::handlers(&fs::read(seed).unwrap());
    assert_eq!(handlers("seeds/http/01"), 5, "it is signed");
    assert_eq!(handlers("seeds/http/05"), 0, "its body is another");
}
