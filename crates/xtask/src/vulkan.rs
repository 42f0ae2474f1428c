//! A Vulkan driver for the tests on wgpu.

use std::path::Path;
use std::process::Command;

/// Where Linux looks for Vulkan drivers.
const DRIVERS: [&str; 2] = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Installs Mesa's software driver where there is no driver, on Debian and as root; says what else
/// to do.
pub fn ensure_driver() {
    if !cfg!(target_os = "linux") || has_driver() {
        return;
    }
    println!(
        "There is no Vulkan driver, which the tests on wgpu need: installing mesa-vulkan-drivers"
    );
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        command.status().is_ok_and(|status| status.success())
    };
    let installed = apt(&["update"])
        && apt(&[
            "install",
            "-y",
            "--no-install-recommends",
            "mesa-vulkan-drivers",
            "libvulkan1",
        ]);
    if !installed {
        println!(
            "That didn't work (it takes Debian, root and a network). Install a Vulkan driver by hand to run these tests."
        );
    }
}

fn has_driver() -> bool {
    let has_files = |folder: &&str| {
        Path::new(folder)
            .read_dir()
            .is_ok_and(|mut f| f.next().is_some())
    };
    DRIVERS.iter().any(has_files)
}
