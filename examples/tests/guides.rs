//! No guide is left out of what `src/lib.rs` compiles.

use std::{fs, path::Path};

#[test]
fn compiles_the_code_of_every_guide() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(here.join("src/lib.rs")).unwrap();
    let mut count = 0;
    for guide in fs::read_dir(here.join("../docs/guide")).unwrap() {
        let name = guide.unwrap().file_name().into_string().unwrap();
        assert!(list.contains(&format!("\"{name}\"")), "{name} is not in src/lib.rs");
        count += 1;
    }
    assert!(count > 0);
}
