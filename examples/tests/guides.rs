//! No guide is left out of what `src/lib.rs` or `tower/src/lib.rs` compiles, nor of the site.

use std::{fs, path::Path};

#[test]
fn compiles_and_shows_every_guide() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lists =
        ["src/lib.rs", "tower/src/lib.rs"].map(|path| fs::read_to_string(here.join(path)).unwrap());
    let contents = fs::read_to_string(here.join("../docs/SUMMARY.md")).unwrap();
    let mut count = 0;
    for guide in fs::read_dir(here.join("../docs/guide")).unwrap() {
        let name = guide.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".md") {
            continue;
        }
        let is_compiled = lists.iter().any(|list| list.contains(&format!("{name}\"")));
        assert!(is_compiled, "{name} is not in src/lib.rs");
        assert!(contents.contains(&format!("(guide/{name})")), "{name} is not in SUMMARY.md");
        count += 1;
    }
    assert!(count > 0);
}
