//! The program as a user runs it, on every backend that is built in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use burn::tensor::Device;
use mlp::artifacts;
use mlp::backend::Backend;
use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

/// The example, which cargo builds into `examples/` beside the folder of this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("a test lies in target/PROFILE/deps");
    let program = profile
        .join("examples")
        .join(format!("mlp{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} isn't built; `cargo test --test cli` doesn't build examples, `cargo test` does",
        program.display()
    );
    program
}

/// Runs the program in a folder.
fn mlp(folder: &Path, args: &str) -> Output {
    let output = Command::new(program())
        .args(args.split_whitespace())
        .current_dir(folder)
        .output();
    output.expect("the program starts")
}

/// Runs the program, which succeeds, and gives what it prints.
fn succeed(folder: &Path, args: &str) -> String {
    let output = mlp(folder, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`{args}` fails: {stderr}");
    String::from_utf8(output.stdout).expect("the output is UTF-8")
}

/// Runs the program, which ends with this exit code, and gives its message.
fn fail(folder: &Path, code: i32, args: &str) -> String {
    let output = mlp(folder, args);
    let stderr = String::from_utf8(output.stderr).expect("the message is UTF-8");
    assert_eq!(output.status.code(), Some(code), "`{args}`: {stderr}");
    assert!(stderr.starts_with("error: "), "`{args}`: {stderr}");
    assert!(!stderr.contains("panicked"), "`{args}`: {stderr}");
    stderr
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a temporary folder")
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry can be read")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort_unstable();
    names
}

fn summary(path: &Path) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(path).expect("the summary was written");
    serde_json::from_str(&text).expect("the summary is a JSON object")
}

/// The backends to test, and their devices, since a GPU can be opened once in a program. wgpu is left
/// out where it has nothing to run on, unless BURN_INIT_REQUIRE_WGPU is set.
static DEVICES: LazyLock<Vec<(Backend, Device)>> = LazyLock::new(|| {
    let open = |&backend: &Backend| match backend.open() {
        Ok(device) => Some((backend, device)),
        Err(error) => {
            let required = std::env::var_os("BURN_INIT_REQUIRE_WGPU").is_some();
            assert!(!required, "{backend} is required: {error}");
            eprintln!("skipping {backend}: {error}");
            None
        }
    };
    Backend::BUILT_IN.iter().filter_map(open).collect()
});

fn backends() -> impl Iterator<Item = Backend> {
    DEVICES.iter().map(|(backend, _)| *backend)
}

/// A backend for the tests of what doesn't depend on it: flex, the fastest here, if it is built in.
fn any() -> Backend {
    let by_speed = backends().min_by_key(|backend| backend.name() != "flex");
    by_speed.expect("a backend is usable")
}

#[test]
fn trains_keeps_and_predicts() {
    let settings = "--init he-normal --seed 7 --save-init init.safetensors";
    let untrained = folder();
    let initialize = format!("--device {} --epochs 0 {settings}", any());
    succeed(untrained.path(), &initialize);
    let init = |folder: &Path| {
        fs::read(folder.join("init.safetensors")).expect("the weights were written")
    };
    for device in backends() {
        let folder = folder();
        let at = folder.path();
        let lines = succeed(
            at,
            &format!(
                "--device {device} {settings} --epochs 2 --batch-size 128 --learning-rate 0.01 \
                 --artifacts kept/run --summary summary.json"
            ),
        );
        let epochs: Vec<_> = lines
            .lines()
            .filter(|line| line.starts_with("epoch "))
            .collect();
        assert_eq!(epochs.len(), 2, "{lines}");
        for part in ["epoch 2/2", "train loss", "test loss", "accuracy"] {
            assert!(epochs[1].contains(part), "{lines}");
        }
        assert_eq!(names(at), ["init.safetensors", "kept", "summary.json"]);
        // Those before the training, the same from every device.
        assert!(init(at) == init(untrained.path()), "{device}");
        assert_eq!(
            names(&at.join("kept/run")),
            [
                "checkpoint",
                "config.json",
                "experiment.log",
                "model.bpk",
                "train",
                "valid"
            ]
        );

        let summary = summary(&at.join("summary.json"));
        let keys: Vec<_> = summary.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "device",
                "epochs",
                "init",
                "seconds",
                "seed",
                "test_accuracy",
                "test_loss",
                "train_accuracy",
                "train_loss"
            ]
        );
        assert_eq!(summary["init"], "he-normal");
        assert_eq!(summary["device"], device.name());
        assert_eq!(summary["seed"], 7);
        assert_eq!(summary["epochs"], 2);
        for (key, least, most) in [
            ("train_loss", 0.0, 1.5),
            ("test_loss", 0.0, 1.5),
            ("train_accuracy", 0.5, 1.0),
            ("test_accuracy", 0.5, 1.0),
            ("seconds", 0.0, 600.0),
        ] {
            let value = summary[key].as_f64().expect("a number");
            assert!(
                (least..=most).contains(&value),
                "{device}: {key} is {value}"
            );
        }

        let shown = succeed(
            at,
            &format!("predict --device {device} --artifacts kept/run --count 3"),
        );
        assert_eq!(shown.matches("read as").count(), 3, "{shown}");
        assert!(shown.contains("of 3 right"), "{shown}");
    }
}

#[test]
fn the_saved_weights_are_those_before_training() {
    let folder = folder();
    let at = folder.path();
    let device = any();
    for (file, init, epochs) in [
        ("a", "normal", 0),
        ("b", "normal", 1),
        ("c", "burn", 0),
        ("d", "burn", 1),
    ] {
        succeed(
            at,
            &format!(
                "--device {device} --init {init} --epochs {epochs} --seed 3 --save-init {file}"
            ),
        );
    }
    let bytes = |file: &str| fs::read(at.join(file)).expect("the weights were written");
    for (one, other, same) in [("a", "b", true), ("c", "d", true), ("a", "c", false)] {
        assert_eq!(bytes(one) == bytes(other), same, "{one} and {other}");
    }

    let bytes = bytes("a");
    let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    let mut shapes: Vec<_> = tensors
        .iter()
        .map(|(name, view)| (name, view.shape().to_vec()))
        .collect();
    shapes.sort_unstable();
    assert_eq!(
        shapes,
        [
            ("fc1.bias", vec![64]),
            ("fc1.weight", vec![100, 64]),
            ("fc2.bias", vec![10]),
            ("fc2.weight", vec![64, 10]),
        ]
    );
}

#[test]
fn a_sparse_network_has_masks_that_outlive_the_training() {
    for (backend, device) in DEVICES.iter() {
        let folder = folder();
        let at = folder.path();
        succeed(
            at,
            &format!(
                "--device {backend} --init sparse --epochs 1 --save-init init --artifacts run"
            ),
        );
        let bytes = fs::read(at.join("init")).expect("the weights were written");
        let tensors = SafeTensors::deserialize(&bytes).expect("a safetensors file");
        let mut names = tensors.names();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "fc1.bias",
                "fc1.weight",
                "fc1.weight.pinned.mask",
                "fc2.bias",
                "fc2.weight",
                "fc2.weight.pinned.mask"
            ]
        );
        let shown = succeed(at, &format!("predict --device {backend} --artifacts run"));
        assert!(shown.starts_with("sparse"), "{shown}");

        let (_, model) = artifacts::load(&at.join("run"), device).expect("the folder is complete");
        let weights = model.fc1.weight.val().try_into_vec_as::<f32>();
        let weights = weights.expect("the device reads");
        let kept = weights.iter().filter(|weight| **weight != 0.0).count();
        assert_eq!(
            kept,
            64 * 40,
            "{backend}: 40 of 100 inputs of each hidden unit"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for device in backends() {
        let folder = folder();
        let run = |seed: u64, file: &str| {
            let args = format!(
                "--device {device} --seed {seed} --epochs 2 --batch-size 128 --summary {file}"
            );
            succeed(folder.path(), &args);
            let mut summary = summary(&folder.path().join(file));
            summary.remove("seconds");
            summary.remove("seed");
            summary
        };
        let first = run(1, "a");
        assert_eq!(first, run(1, "b"), "{device}");
        assert_ne!(first, run(2, "c"), "{device}");
    }
}

#[test]
fn without_epochs_it_only_initializes() {
    let folder = folder();
    let at = folder.path();
    let device = any();
    let lines = succeed(
        at,
        &format!("--device {device} --epochs 0 --summary summary.json --artifacts run"),
    );
    assert!(!lines.contains("epoch 1"), "{lines}");
    let summary = summary(&at.join("summary.json"));
    assert_eq!(summary["epochs"], 0);
    assert!(summary["test_accuracy"].as_f64() < Some(0.4), "{summary:?}");
    assert_eq!(names(&at.join("run")), ["config.json", "model.bpk"]);
    succeed(
        at,
        &format!("predict --device {device} --artifacts run --count 1"),
    );
}

#[test]
fn without_options_that_write_it_writes_nothing() {
    let folder = folder();
    succeed(folder.path(), &format!("--device {} --epochs 1", any()));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let folder = folder();
    for (args, part) in [
        ("--wrong", "--wrong"),
        ("--init xavier", "xavier"),
        ("--device tpu", "built in"),
        ("--seed -1", "-1"),
        ("--epochs -1", "-1"),
        ("--epochs x", "x"),
        ("--batch-size 0", "1..=1437"),
        ("--batch-size 1438", "1..=1437"),
        ("--learning-rate NaN", "NaN"),
        ("--learning-rate -0.1", "-0.1"),
        ("--learning-rate 0", "above 0"),
        ("predict", "--artifacts"),
        ("predict --artifacts run --count 0", "1..=360"),
        ("--epochs 1 predict --artifacts run", "predict"),
    ] {
        let message = fail(folder.path(), 2, args);
        assert!(message.contains(part), "`{args}`: {message}");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_device_that_is_not_built_in_ends_with_2() {
    let folder = folder();
    for name in ["wgpu", "flex", "ndarray"] {
        if Backend::BUILT_IN
            .iter()
            .any(|backend| backend.name() == name)
        {
            continue;
        }
        for args in [
            format!("--device {name}"),
            format!("predict --artifacts run --device {name}"),
        ] {
            let message = fail(folder.path(), 2, &args);
            assert!(
                message.contains(&format!("`--features {name}`")),
                "{message}"
            );
        }
    }
}

#[test]
fn what_cannot_be_written_is_found_before_the_training() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("file"), "mine").expect("a file can be written");
    let device = any();
    for args in [
        "--summary missing/summary.json",
        "--save-init missing/init.safetensors",
        "--summary .",
        "--save-init file/init.safetensors",
        "--artifacts file",
        "--artifacts file/run",
        "--artifacts new/run --summary missing/summary.json",
    ] {
        // So many epochs that it would not end.
        let message = fail(at, 1, &format!("--device {device} --epochs 1000000 {args}"));
        assert!(message.contains("cannot"), "`{args}`: {message}");
        assert_eq!(names(at), ["file"], "`{args}`");
    }
}

#[test]
fn a_folder_of_others_is_left_alone() {
    let folder = folder();
    let at = folder.path();
    let device = any();
    let run = at.join("run");
    fs::create_dir(&run).expect("a folder can be made");
    fs::write(run.join("notes.txt"), "mine").expect("a file can be written");
    for foreign in ["", "{\"epochs\": 1}"] {
        fs::write(run.join("config.json"), foreign).expect("a file can be written");
        let message = fail(
            at,
            1,
            &format!("--device {device} --epochs 0 --artifacts run"),
        );
        assert!(message.contains("run holds files"), "{message}");
        assert_eq!(names(&run), ["config.json", "notes.txt"]);
    }
}

#[test]
fn an_earlier_training_is_replaced() {
    let folder = folder();
    let at = folder.path();
    let device = any();
    let run = at.join("run");
    fs::create_dir(&run).expect("an empty folder is accepted");
    succeed(at, &format!("--device {device} --epochs 1 --artifacts run"));
    fs::write(run.join("notes.txt"), "mine").expect("a file can be written");
    succeed(
        at,
        &format!("--device {device} --init normal --epochs 0 --artifacts run"),
    );
    assert_eq!(names(&run), ["config.json", "model.bpk", "notes.txt"]);
    let shown = succeed(at, &format!("predict --device {device} --artifacts run"));
    assert!(shown.starts_with("normal"), "{shown}");
}

#[test]
fn artifacts_that_are_missing_or_broken_end_with_1() {
    let folder = folder();
    let at = folder.path();
    let device = any();
    let run = at.join("run");
    let predict = |part: &str| {
        let message = fail(at, 1, &format!("predict --device {device} --artifacts run"));
        assert!(
            message.contains("run holds no usable training"),
            "{message}"
        );
        assert!(message.contains(part), "{message}");
    };
    predict("config.json is missing");

    succeed(
        at,
        &format!("--device {device} --init normal --epochs 0 --artifacts run"),
    );
    let config = fs::read_to_string(run.join("config.json")).expect("the settings were written");
    let model = fs::read(run.join("model.bpk")).expect("the network was written");

    for length in [0, 1, 16, model.len() / 2, model.len() - 1] {
        fs::write(run.join("model.bpk"), &model[..length]).expect("a file can be written");
        predict("model.bpk");
    }
    fs::remove_file(run.join("model.bpk")).expect("a file can be removed");
    predict("model.bpk is missing");
    fs::write(run.join("model.bpk"), &model).expect("a file can be written");

    fs::write(run.join("config.json"), config.replace("normal", "sparse"))
        .expect("a file can be written");
    predict("model.bpk doesn't fit");
    fs::write(run.join("config.json"), config.replace("normal", "xavier"))
        .expect("a file can be written");
    predict("config.json can't be read");
    fs::write(run.join("config.json"), &config[..config.len() / 2]).expect("a file can be written");
    predict("config.json can't be read");
    fs::remove_file(run.join("config.json")).expect("a file can be removed");
    predict("config.json is missing");
}

#[test]
fn a_closed_pipe_does_not_stop_the_training() {
    let folder = folder();
    let mut child = Command::new(program())
        .args([
            "--device",
            any().name(),
            "--epochs",
            "2",
            "--summary",
            "summary.json",
        ])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("the program ends").success());
    assert_eq!(summary(&folder.path().join("summary.json"))["epochs"], 2);
}

/// With a margin: the worst of these fifteen runs reads 96.9 % right.
#[test]
fn the_default_settings_reach_95_percent() {
    let folder = folder();
    let device = any();
    let accuracy = |init: &str, seed: u32| {
        let args = format!("--device {device} --init {init} --seed {seed} --summary summary.json");
        succeed(folder.path(), &args);
        summary(&folder.path().join("summary.json"))["test_accuracy"]
            .as_f64()
            .expect("a number")
    };
    // Unoptimized code takes ten times as long.
    let seeds = if cfg!(debug_assertions) { 1..=1 } else { 1..=3 };
    for seed in seeds {
        for init in ["normal", "he-normal", "glorot-uniform", "wavelet", "sparse"] {
            let accuracy = accuracy(init, seed);
            assert!(accuracy >= 0.95, "{init}, seed {seed}: {accuracy}");
        }
        // Equal hidden units stay equal, so the network can't tell ten digits apart.
        let accuracy = accuracy("constant", seed);
        assert!(accuracy < 0.6, "constant, seed {seed}: {accuracy}");
    }
}
