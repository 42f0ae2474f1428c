//! Programs and drivers that tests need, from Debian's packages.

use std::path::Path;
use std::process::Command;

/// Where Linux looks for Vulkan drivers.
const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// What Chromium is called.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Something that tests need.
struct Need {
    /// What it is.
    what: &'static str,
    /// Which tests need it.
    tests: &'static str,
    packages: &'static [&'static str],
    is_there: fn() -> bool,
}

/// A Vulkan driver, for which Mesa's software driver does, a browser, and an emulator.
const NEEDS: [Need; 3] = [
    Need {
        what: "Vulkan driver",
        tests: "the tests on wgpu",
        packages: &["mesa-vulkan-drivers", "libvulkan1"],
        is_there: has_driver,
    },
    Need {
        what: "Chromium",
        tests: "the tests of the example compare's page",
        packages: &["chromium"],
        is_there: has_browser,
    },
    Need {
        what: "qemu-x86_64",
        tests: "the checks with instruction sets switched off",
        packages: &["qemu-user"],
        is_there: || answers("qemu-x86_64"),
    },
];

/// Installs what isn't there, on Debian and as root; says what else to do.
pub fn ensure_needs() {
    if !cfg!(target_os = "linux") {
        return;
    }
    for need in &NEEDS {
        if !(need.is_there)() {
            install(need);
        }
    }
}

fn install(need: &Need) {
    let Need {
        what,
        tests,
        packages,
        ..
    } = need;
    println!(
        "There is no {what}, which {tests} need: installing {}",
        packages.join(", ")
    );
    if !install_packages(packages) {
        println!(
            "That didn't work (it takes Debian, root and a network). Install it by hand to run these tests."
        );
    }
}

/// Installs a program that isn't there, on Debian and as root.
pub fn require(program: &str, package: &str) -> Result<(), String> {
    if answers(program) || install_packages(&[package]) {
        return Ok(());
    }
    Err(format!(
        "there is no {program}, and Debian's package {package} can't be installed (it takes Debian, root and a network)"
    ))
}

fn install_packages(packages: &[&str]) -> bool {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command.status().is_ok_and(|status| status.success())
    };
    let arguments = [&["install", "-y", "--no-install-recommends"], packages].concat();
    apt(&["update"]) && apt(&arguments)
}

fn has_driver() -> bool {
    let has_files = |folder: &&str| {
        Path::new(folder)
            .read_dir()
            .is_ok_and(|mut f| f.next().is_some())
    };
    DRIVERS.iter().any(has_files)
}

fn has_browser() -> bool {
    BROWSERS.iter().any(|name| answers(name))
}

/// Whether there is such a program.
pub fn answers(program: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    output.is_ok_and(|output| output.status.success())
}
