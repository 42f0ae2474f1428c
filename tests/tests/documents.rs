//! What the documents say is so.

use std::collections::BTreeSet;

use burn_init::AnyInitializer;
use burn_init_tests::book::CHAPTERS;

const TABLE: &str = include_str!("../../crates/burn-init-values/src/any/initializers.md");

/// The README's table is the library's own.
#[test]
fn one_table_of_initializers() {
    let readme = include_str!("../../README.md");
    assert!(
        readme.contains(TABLE.trim_end()),
        "the README's table differs from crates/burn-init-values/src/any/initializers.md"
    );
}

/// The table has every initializer of the list, by the name of its type.
#[test]
fn the_table_is_complete() {
    let table = TABLE.to_lowercase();
    for name in AnyInitializer::NAMES {
        let name = name.replace('_', "");
        assert!(table.contains(&format!("| `{name}` |")), "{name}");
    }
}

/// The plans of the README and of the page on files can be read.
#[test]
fn plans_in_texts() {
    let readme = include_str!("../../README.md");
    let page = include_str!("../../crates/burn-init/src/files.rs").replace("//! ", "");
    let page = page.replace("//!\n", "\n");
    let mut count = 0;
    for text in [readme, page.as_str()] {
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            if block.contains("seed = ") {
                burn_init::files::from_toml::<burn_init::Plan>(block).expect(block);
                count += 1;
            }
        }
    }
    assert_eq!(count, 3);
}

/// The book's contents are the chapters whose code the tests run, and no other file is a chapter.
#[test]
fn chapters_of_the_book() {
    let summary = include_str!("../../docs/book/SUMMARY.md");
    let linked: Vec<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(".md)").map(|(name, _)| name))
        .collect();
    assert_eq!(linked, CHAPTERS);

    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/book");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<String> = files
        .filter_map(|file| file.strip_suffix(".md").map(str::to_owned))
        .collect();
    let expected = CHAPTERS.iter().chain(&["SUMMARY"]);
    assert_eq!(names, expected.map(|name| (*name).to_owned()).collect());
}
