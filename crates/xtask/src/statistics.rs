//! `cargo xtask statistics`: dieharder on the library's words.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use burn_init_chapter::Chapter;

use crate::{debian, root};

/// What the example `random_words` writes.
const SOURCES: [&str; 8] = [
    "elements", "seeds", "paths", "streams", "parts", "layers", "column", "normals",
];

/// What the library is held against: AES in output feedback mode, by dieharder itself.
const CONTROL: &str = "AES";

/// dieharder's tests, by number, with their sizes and numbers of samples where these aren't its own. Left out are
/// those that dieharder calls suspect or wrong (5, 6, 7, 14), those that others have within (100 is in 102), and
/// those that take many minutes (17, 201, 203, 207, 208).
const TESTS: [&str; 21] = [
    "0", "1", "2 -p 30", "3", "4", "8", "9", "10", "11", "12", "13 -p 30", "15", "16", "101",
    "102", "200 -n 8", "202 -n 5", "204", "205", "206", "209",
];

/// Of right words, a p-value is this near to 0 or 1 with a chance of one in a hundred (dieharder calls it weak) …
const WEAK: f64 = 0.005;

/// … and this near with a chance of one in 500,000: a failure.
const FAILED: f64 = 1e-6;

/// A p-value of a test.
struct Value {
    /// The test and its size.
    test: String,
    p: f64,
}

impl Value {
    /// How probable a p-value this near to 0 or 1 is, if the words are right.
    fn chance(&self) -> f64 {
        2.0 * self.p.min(1.0 - self.p)
    }
}

/// Tests these sources, all and the control if none is named, and keeps a report of each.
pub fn run(names: &[String]) -> Result<(), String> {
    if let Some(name) = names
        .iter()
        .find(|name| known().all(|known| known != **name))
    {
        let known: Vec<_> = known().collect();
        return Err(format!("{name} isn't one of {}", known.join(", ")));
    }
    debian::require("dieharder", "dieharder")?;
    let words = build_words()?;
    let is_asked = |name: &&str| names.is_empty() || names.iter().any(|asked| asked == name);
    let mut failed = 0;
    for name in known().filter(is_asked) {
        let begin = Instant::now();
        let values = test(&words, name)?;
        write_report(name, &values)?;
        println!("{}", summary(name, &values));
        eprintln!("{name} took {} s", begin.elapsed().as_secs());
        if name != CONTROL {
            failed += count(&values, FAILED);
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(format!("{failed} p-values are within {FAILED} of 0 or 1")),
    }
}

/// The sources and the control.
fn known() -> impl Iterator<Item = &'static str> {
    SOURCES.into_iter().chain([CONTROL])
}

/// The file with the p-values of a source.
fn report_file(name: &str) -> PathBuf {
    root()
        .join("target/statistics")
        .join(name)
        .with_extension("txt")
}

fn write_report(name: &str, values: &[Value]) -> Result<(), String> {
    let file = report_file(name);
    let text: String = values
        .iter()
        .map(|Value { test, p }| format!("{test}|{p}\n"))
        .collect();
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| fs::write(&file, text));
    written.map_err(|error| format!("can't write {}: {error}", file.display()))
}

/// The p-values of a source, where it has been tested.
fn read_report(name: &str) -> Option<Vec<Value>> {
    let text = fs::read_to_string(report_file(name)).ok()?;
    let value = |line: &str| {
        let (test, p) = line.split_once('|')?;
        let (test, p) = (test.to_owned(), p.parse().ok()?);
        Some(Value { test, p })
    };
    text.lines().map(value).collect()
}

/// Writes the tables of the chapter from the reports that are there.
pub fn write_tables() -> Result<(), String> {
    let reports = known().filter_map(|name| Some((name, read_report(name)?)));
    let columns: Vec<_> = reports.collect();
    let text = |error: burn_init_chapter::Error| error.to_string();
    let mut chapter = Chapter::read(&root().join("docs/book/statistics.md")).map_err(text)?;
    chapter
        .replace("sources", &sources_table(&columns))
        .map_err(text)?;
    chapter
        .replace("p-values", &values_table(&columns))
        .map_err(text)?;
    chapter.write().map_err(text)
}

/// The example, built.
fn build_words() -> Result<PathBuf, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--release", "--package", "burn-init-values"])
        .args(["--example", "random_words", "--message-format=json"])
        .current_dir(root())
        .stderr(Stdio::inherit());
    let output = cargo
        .output()
        .map_err(|error| format!("can't run cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let (_, rest) = messages
        .rsplit_once("\"executable\":\"")
        .ok_or("the example doesn't build")?;
    Ok(rest.split('"').next().unwrap_or_default().into())
}

/// All p-values of a source.
fn test(words: &Path, name: &str) -> Result<Vec<Value>, String> {
    let mut values = Vec::new();
    for number in TESTS {
        let mut dieharder = Command::new("dieharder");
        dieharder.args(["-c", "|", "-d"]).args(number.split(' '));
        let text = |error| format!("can't run dieharder: {error}");
        let output = if name == CONTROL {
            dieharder
                .args(["-g", "205", "-S", "1"])
                .output()
                .map_err(text)?
        } else {
            let mut source = Command::new(words);
            let mut source = source
                .arg(name)
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|error| format!("can't run {}: {error}", words.display()))?;
            dieharder.args(["-g", "200"]);
            dieharder.stdin(source.stdout.take().map_or(Stdio::null(), Stdio::from));
            let output = dieharder.output();
            // dieharder has closed its input: it ends by itself.
            drop(dieharder);
            let _ = source.wait();
            output.map_err(text)?
        };
        let report = String::from_utf8_lossy(&output.stdout);
        let before = values.len();
        values.extend(report.lines().filter_map(read));
        if values.len() == before {
            return Err(format!(
                "dieharder said nothing on test {number} of {name}: {report}"
            ));
        }
    }
    Ok(values)
}

/// A p-value from a line of dieharder's report: name|size|tsamples|psamples|p|assessment.
fn read(line: &str) -> Option<Value> {
    let fields: Vec<&str> = line.split('|').map(str::trim).collect();
    let [name, size, _, _, p, _] = fields[..] else {
        return None;
    };
    let test = match size {
        "0" => name.to_owned(),
        _ => format!("{name} {size}"),
    };
    p.parse().ok().map(|p| Value { test, p })
}

/// How many p-values are within this of 0 or 1.
fn count(values: &[Value], bound: f64) -> usize {
    values
        .iter()
        .filter(|value| value.chance() < 2.0 * bound)
        .count()
}

/// How probable it is that of `n` right p-values at least `k` are weak.
fn chance_of_weak(n: usize, k: usize) -> f64 {
    let chance = 2.0 * WEAK;
    let mut term = (1.0 - chance).powi(n as i32);
    let mut fewer = 0.0;
    for i in 0..k {
        fewer += term;
        term *= chance / (1.0 - chance) * (n - i) as f64 / (i + 1) as f64;
    }
    1.0 - fewer
}

/// A row: a source, its p-values, how many are weak and how probable that is, how many failed, the outermost.
fn summary(name: &str, values: &[Value]) -> String {
    let (n, weak) = (values.len(), count(values, WEAK));
    let chance = chance_of_weak(n, weak);
    let failed = count(values, FAILED);
    let outermost = values
        .iter()
        .min_by(|a, b| a.chance().total_cmp(&b.chance()));
    let outermost = outermost.map(|value| format!("{} ({})", number(value.p), value.test));
    let outermost = outermost.unwrap_or_default();
    format!("| {name} | {n} | {weak} | {chance:.2} | {failed} | {outermost} |")
}

fn sources_table(columns: &[(&str, Vec<Value>)]) -> String {
    let mut table =
        "| source | p-values | weak | chance of so many | failed | outermost |\n".to_owned();
    table += "|---|---|---|---|---|---|\n";
    for (name, values) in columns {
        table += &summary(name, values);
        table += "\n";
    }
    table
}

fn values_table(columns: &[(&str, Vec<Value>)]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let mut table = format!(
        "| test | {} |\n|---|{}\n",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    let first = columns.first().map_or(&[][..], |(_, values)| values);
    for (i, Value { test, .. }) in first.iter().enumerate() {
        let _ = write!(table, "| {test} |");
        for (_, values) in columns {
            let _ = write!(table, " {} |", values.get(i).map_or(String::new(), cell));
        }
        table += "\n";
    }
    table
}

/// A p-value, bold if it is weak.
fn cell(value: &Value) -> String {
    let text = number(value.p);
    if value.chance() < 2.0 * WEAK {
        format!("**{text}**")
    } else {
        text
    }
}

/// With four decimals, or as many as tell it from 0 and 1.
fn number(p: f64) -> String {
    if (0.001..0.9999).contains(&p) {
        format!("{p:.4}")
    } else {
        format!("{p:.8}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_report() {
        let line = "        sts_serial|   3|    100000|     100|0.28491026|  PASSED  ";
        let value = read(line).unwrap();
        assert_eq!(
            (value.test.as_str(), value.p),
            ("sts_serial 3", 0.284_910_26)
        );
        let line = "   diehard_2dsphere|   2|      8000|     100|0.99999990|   WEAK   ";
        let value = read(line).unwrap();
        assert!(value.chance() < 2.0 * FAILED);
        assert!(
            read("        test_name   |ntup| tsamples |psamples|  p-value |Assessment").is_none()
        );
        assert!(read("#====").is_none());
    }

    /// 1 − 0.99ⁿ for at least one of n, less n · 0.01 · 0.99ⁿ⁻¹ for two, less the term of two for three.
    #[test]
    fn chances_of_weak_values() {
        assert_eq!(chance_of_weak(100, 0), 1.0);
        assert!((chance_of_weak(100, 1) - 0.633_968).abs() < 1e-6);
        assert!((chance_of_weak(100, 2) - 0.264_238).abs() < 1e-6);
        assert!((chance_of_weak(100, 3) - 0.079_373).abs() < 1e-6);
    }
}
