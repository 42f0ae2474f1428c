//! The page as a browser shows it: Chromium, without a window.
//!
//! Where Chromium isn't installed, these tests say so and pass, unless BURN_INIT_REQUIRE_CHROMIUM is set.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use compare::stats::Interval;
use compare::tables::plus_minus;
use serde_json::Value;
use tempfile::TempDir;

use common::{read, succeed};

/// What Chromium is called.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Chromium's command, or `None` after saying that there is none.
fn chromium() -> Option<&'static str> {
    let answers = |name: &&&str| {
        Command::new(name)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    let found = NAMES.iter().find(answers).copied();
    if found.is_none() {
        let required = std::env::var_os("BURN_INIT_REQUIRE_CHROMIUM").is_some();
        assert!(
            !required,
            "BURN_INIT_REQUIRE_CHROMIUM is set, but Chromium isn't installed"
        );
        eprintln!("left out: Chromium isn't installed (on Debian: apt-get install chromium)");
    }
    found
}

/// Looks at the page from inside, once it is loaded, and tells the page around it.
const LOOK: &str = r#"<script>
addEventListener("load", () => {
  const texts = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  const tables = [...document.querySelectorAll("table")];
  const [before, clicks, table] = [tables.map(texts), [], tables[0]];
  const button = [...table.querySelectorAll("button")].find((button) => button.textContent === "accuracy, %");
  for (let click = 0; click < 2; click++) {
    button.click();
    clicks.push([button.closest("th").getAttribute("aria-sort"), texts(table)]);
  }
  const boxes = (selector) => [...document.querySelectorAll(selector)].map((element) => {
    const box = element.getBoundingClientRect();
    return [box.left, box.right, box.height];
  });
  const look = {
    window: innerWidth,
    view: document.documentElement.clientWidth,
    page: document.documentElement.scrollWidth,
    charts: boxes(".charts svg"),
    neurons: boxes(".neuron"),
    curves: document.querySelectorAll(".curve path[d*=L]").length,
    lines: [...document.querySelectorAll(".charts .line")].filter((line) => line.getTotalLength() > 1).length,
    tables: before,
    clicks,
    text: document.body.innerText,
    paper: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
    requests: performance.getEntriesByType("resource").map((entry) => entry.name),
  };
  parent.postMessage(JSON.stringify(look), "*");
});
</script></body>"#;

/// What a browser with a window of this width shows of the page in this folder.
fn look(chromium: &str, folder: &Path, width: usize, setting: &str) -> Value {
    let page = read(folder, "report/index.html").replace("</body>", LOOK);
    fs::write(folder.join("page.html"), page).unwrap();
    // A window of Chromium's can't be as narrow as a telephone, but a frame can.
    let around = format!(
        r#"<!DOCTYPE html><iframe src="page.html" style="width:{width}px;height:900px;border:0"></iframe><pre id="look"></pre>
        <script>addEventListener("message", (event) => look.textContent = encodeURIComponent(event.data));</script>"#
    );
    let file = folder.join("around.html");
    fs::write(&file, around).unwrap();
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
        ])
        .args(["--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("chromium").display()
        ))
        .arg(setting)
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("Chromium starts");
    let dom = String::from_utf8(output.stdout).expect("the page is UTF-8");
    let look = dom
        .split_once("<pre id=\"look\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"));
    let (look, _) =
        look.unwrap_or_else(|| panic!("{dom}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert!(
        !look.is_empty(),
        "the page said nothing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_str(&decode(look)).expect("the page tells JSON")
}

/// Undoes `encodeURIComponent`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match (first, tail) {
            (b'%', [a, b, tail @ ..]) => {
                let digit = |c: &u8| (*c as char).to_digit(16).expect("a hexadecimal digit") as u8;
                bytes.push(16 * digit(a) + digit(b));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).expect("the text is UTF-8")
}

/// A folder with a report of two tasks: pictures and signals, layers enough for all charts.
fn report() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    succeed(
        folder.path(),
        "--task digits,vibrations --inits he-normal,haar-g2-r0,morlet --seeds 3 --train-size 60 --depth 1,2 --epochs 2",
    );
    folder
}

fn array(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

fn interval(value: &Value) -> Option<Interval> {
    Some(Interval {
        n: value["n"].as_u64()? as usize,
        mean: value["mean"].as_f64()?,
        half: value["half"].as_f64(),
    })
}

/// One test, since the report and each start of a browser take a while.
#[test]
fn a_browser_shows_the_page() {
    let Some(chromium) = chromium() else { return };
    let folder = report();
    let report = read(folder.path(), "report/report.json");
    let report: Value = serde_json::from_str(&report).unwrap();
    let light = ("rgb(255, 255, 255)", "rgb(28, 30, 33)");
    let dark = ("rgb(21, 24, 28)", "rgb(232, 234, 237)");
    for (width, scheme, (paper, ink)) in [(400, 1, light), (1400, 0, dark)] {
        let setting = format!("--blink-settings=preferredColorScheme={scheme}");
        let look = look(chromium, folder.path(), width, &setting);
        assert_eq!(look["window"], width);
        assert_eq!(look["paper"], paper);
        assert_eq!(look["ink"], ink);
        assert!(array(&look["requests"]).is_empty(), "{}", look["requests"]);
        has_pictures(&look);
        has_numbers(&look, &report);
        sorts(&look);
    }
}

/// The charts have a line for each initializer, and each initializer has its neurons; nothing reaches over the
/// edge.
fn has_pictures(look: &Value) {
    assert_eq!(
        look["page"], look["view"],
        "the page is wider than the window"
    );
    // Two tasks with two depths: accuracy in the end, accuracy and loss by epoch, and for two hidden layers the
    // second moments.
    let charts = array(&look["charts"]);
    assert_eq!(charts.len(), 2 * (3 + 4));
    assert_eq!(look["lines"], 3 * charts.len());
    // Eight neurons for each of three initializers and two tasks; those of signals are curves.
    let neurons = array(&look["neurons"]);
    assert_eq!(neurons.len(), 2 * 3 * 8);
    assert_eq!(look["curves"], 3 * 8);
    for shape in charts.iter().chain(neurons) {
        let [left, right, height] = [0, 1, 2].map(|i| shape[i].as_f64().unwrap());
        let is_inside = 0.0 <= left && right <= look["view"].as_f64().unwrap();
        assert!(is_inside && right - left > 20.0 && height > 20.0, "{shape}");
    }
}

/// The numbers of report.json stand in the tables.
fn has_numbers(look: &Value, report: &Value) {
    let tables = array(&look["tables"]);
    assert_eq!(tables.len(), 2 * 3);
    for (task, tables) in array(&report["tasks"]).iter().zip(tables.chunks(3)) {
        let cells = array(&task["cells"]).iter();
        let rows: Vec<&Value> = cells.flat_map(|cell| array(&cell["rows"])).collect();
        assert_eq!(array(&tables[0]).len(), rows.len());
        for (row, shown) in rows.iter().zip(array(&tables[0])) {
            let accuracy = interval(array(&row["accuracy"]).last().unwrap());
            let loss = interval(array(&row["loss"]).last().unwrap());
            // The initializer, the layers, which differ, and then the numbers.
            assert_eq!(shown[0], row["init"]);
            assert_eq!(shown[2], plus_minus(accuracy, 2));
            assert_eq!(shown[3], plus_minus(loss, 4));
        }
        let compared = rows.iter().filter(|row| row["pairs"].is_object());
        assert_eq!(array(&tables[1]).len(), compared.count());
    }
    let text = look["text"].as_str().unwrap();
    assert!(text.contains("cargo run --release --example compare -- --task digits,vibrations"));
    assert!(text.contains("burn-init 0."));
}

/// A click on a head sorts by numbers, and another one turns the order round.
fn sorts(look: &Value) {
    let accuracies = |table: &Value| -> Vec<f64> {
        let number = |row: &Value| row[2].as_str().unwrap().split(' ').next().unwrap().parse();
        array(table)
            .iter()
            .map(|row| number(row).unwrap())
            .collect()
    };
    let mut expected = accuracies(&look["tables"][0]);
    expected.sort_by(f64::total_cmp);
    assert!(expected.first() < expected.last());
    assert_eq!(look["clicks"][0][0], "ascending");
    assert_eq!(accuracies(&look["clicks"][0][1]), expected);
    expected.reverse();
    assert_eq!(look["clicks"][1][0], "descending");
    assert_eq!(accuracies(&look["clicks"][1][1]), expected);
}
