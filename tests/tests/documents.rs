//! What the documents say is so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use burn::tensor::Device;
use burn_init::plan::Applied;
use burn_init::{AnyInitializer, Constant, InitError, Plan, Select, VarianceScaling, Wavelet};
use burn_init_tests::book::CHAPTERS;
use burn_init_tests::models::Mlp;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

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

/// The plans of all pages, and of the library's page on files, can be read.
#[test]
fn plans_in_texts() {
    let files = include_str!("../../crates/burn-init/src/files.rs").replace("//! ", "");
    let files = files.replace("//!\n", "\n");
    let mut count = 0;
    for text in pages().values().chain([&files]) {
        for block in blocks(text, "toml") {
            if block.contains("seed = ") {
                burn_init::files::from_toml::<burn_init::Plan>(&block).expect(&block);
                count += 1;
            }
        }
    }
    assert_eq!(count, 4);
}

/// The book's contents are the chapters whose code the tests run, and no other file is a chapter.
#[test]
fn chapters_of_the_book() {
    let summary = include_str!("../../docs/book/SUMMARY.md");
    let files: Vec<String> = CHAPTERS.iter().map(|name| format!("{name}.md")).collect();
    assert_eq!(links(summary), files);

    let folder = root().join("docs/book");
    let in_folder = pages().into_keys().filter(|page| page.starts_with(&folder));
    let expected = files.iter().map(String::as_str).chain(["SUMMARY.md"]);
    let expected: BTreeSet<PathBuf> = expected.map(|name| folder.join(name)).collect();
    assert_eq!(in_folder.collect::<BTreeSet<_>>(), expected);
}

/// The report in the first chapter is what its program prints.
#[test]
fn the_report_of_the_first_chapter() -> Result<(), InitError> {
    let Applied { report, .. } = Plan::new(42)
        .rule(Select::path("fc1.weight"), Wavelet::haar().grid([10, 10]))
        .rule(Select::weights(), VarianceScaling::lecun_normal())
        .rule(Select::biases(), Constant::zeros())
        .apply(Mlp::new(&Device::flex()))?;
    let report = format!("{report:80}");
    let text = blocks(include_str!("../../docs/book/start.md"), "text");
    assert!(
        text.contains(&format!("{}\n", report.trim_end())),
        "{report}"
    );
    Ok(())
}

/// Links within the repository lead to files that are there, and to headings that these have.
#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let mut broken = Vec::new();
    for (page, text) in &pages {
        for link in links(text) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => Ok(page.clone()),
                file => page.with_file_name("").join(file).canonicalize(),
            };
            let leads = target.is_ok_and(|target| {
                anchor.is_empty()
                    || pages
                        .get(&target)
                        .is_some_and(|text| anchors(text).contains(anchor))
            });
            if !leads {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What commands in pages name is there: examples, programs, benches, tests, packages and xtasks.
#[test]
fn commands_name_what_is_there() {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let mut known = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        known.insert(("package", package["name"].as_str().unwrap()));
        for target in package["targets"].as_array().unwrap() {
            let kind = target["kind"][0].as_str().unwrap();
            known.insert((kind, target["name"].as_str().unwrap()));
        }
    }
    let xtasks = include_str!("../../crates/xtask/src/main.rs");
    let mut count = 0;
    for (page, text) in pages() {
        for block in blocks(&text, "console") {
            for command in block.replace("\\\n", " ").lines() {
                let words: Vec<&str> = command.split_whitespace().collect();
                for pair in words.windows(2) {
                    let is_there = match pair[0] {
                        "xtask" => xtasks.contains(&format!("\n    {}", pascal_case(pair[1]))),
                        "-p" => known.contains(&("package", pair[1])),
                        flag @ ("--example" | "--bin" | "--bench" | "--test" | "--package") => {
                            known.contains(&(&flag[2..], pair[1]))
                        }
                        _ => continue,
                    };
                    assert!(is_there, "{}: {command}: {}", page.display(), pair[1]);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 30, "{count}");
}

/// `publish-checks` as `PublishChecks`.
fn pascal_case(name: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    name.split('-').map(word).collect()
}

fn root() -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    PathBuf::from(root).canonicalize().unwrap()
}

/// All Markdown files of the repository.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.insert(path, text);
            }
        }
    }
    pages
}

/// The code blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut is_inside = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(of))) if *of == *language => {
                is_inside = true;
                blocks.push(String::new());
            }
            Event::Text(text) if is_inside => blocks.last_mut().unwrap().push_str(&text),
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            _ => {}
        }
    }
    blocks
}

/// Where links and pictures lead, but for those with a scheme, such as `https:`.
fn links(text: &str) -> Vec<String> {
    let target = |event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some(dest_url.to_string())
        }
        _ => None,
    };
    let links = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(target);
    links.filter(|link| !link.contains(':')).collect()
}

/// The names that headings have in links, on GitHub and in the book: letters, digits, `-` and `_` in lower case, `-` for
/// a space, and a number where a name was there before.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let text = heading
                    .take()
                    .unwrap_or_default()
                    .to_lowercase()
                    .replace(' ', "-");
                let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_');
                let name: String = text.chars().filter(is_kept).collect();
                let mut names = (0..).map(|number| match number {
                    0 => name.clone(),
                    number => format!("{name}-{number}"),
                });
                anchors.insert(names.find(|name| !anchors.contains(name)).unwrap());
            }
            _ => {}
        }
    }
    anchors
}
