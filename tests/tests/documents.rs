//! What the documents say of initializers has one source.

use burn_init::AnyInitializer;

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
