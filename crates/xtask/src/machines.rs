//! `cargo xtask other-machines`: the values on processors that this machine isn't, emulated.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::checks::RECORDED_VALUES;
use crate::{debian, root, succeed};

/// A processor that is emulated.
struct Processor {
    name: &'static str,
    what: &'static str,
    /// Rust's name of the target.
    target: &'static str,
    by: Emulator,
}

/// What runs a processor's programs.
enum Emulator {
    Qemu {
        program: &'static str,
        /// What programs and packages of GNU's compiler for it begin with.
        gnu: &'static str,
        /// Debian's name of the architecture.
        debian: &'static str,
    },
    /// An interpreter of WebAssembly.
    Wasmi,
}

const PROCESSORS: [Processor; 7] = [
    Processor {
        name: "aarch64",
        what: "64-bit ARM",
        target: "aarch64-unknown-linux-gnu",
        by: Emulator::Qemu {
            program: "qemu-aarch64",
            gnu: "aarch64-linux-gnu",
            debian: "arm64",
        },
    },
    Processor {
        name: "i686",
        what: "32-bit x86",
        target: "i686-unknown-linux-gnu",
        by: Emulator::Qemu {
            program: "qemu-i386",
            gnu: "i686-linux-gnu",
            debian: "i386",
        },
    },
    Processor {
        name: "s390x",
        what: "64 bits, big-endian",
        target: "s390x-unknown-linux-gnu",
        by: Emulator::Qemu {
            program: "qemu-s390x",
            gnu: "s390x-linux-gnu",
            debian: "s390x",
        },
    },
    Processor {
        name: "riscv64",
        what: "64-bit RISC-V",
        target: "riscv64gc-unknown-linux-gnu",
        by: Emulator::Qemu {
            program: "qemu-riscv64",
            gnu: "riscv64-linux-gnu",
            debian: "riscv64",
        },
    },
    Processor {
        name: "powerpc64le",
        what: "64-bit POWER",
        target: "powerpc64le-unknown-linux-gnu",
        by: Emulator::Qemu {
            program: "qemu-ppc64le",
            gnu: "powerpc64le-linux-gnu",
            debian: "ppc64el",
        },
    },
    Processor {
        name: "armv7",
        what: "32-bit ARM",
        target: "armv7-unknown-linux-gnueabihf",
        by: Emulator::Qemu {
            program: "qemu-arm",
            gnu: "arm-linux-gnueabihf",
            debian: "armhf",
        },
    },
    Processor {
        name: "wasm32",
        what: "WebAssembly",
        target: "wasm32-wasip1",
        by: Emulator::Wasmi,
    },
];

/// Tests the values on these processors, on all if none is named. What a processor needs and isn't there is
/// said, and the processor left out.
pub fn run(names: &[String], in_debian: bool) -> Result<(), String> {
    let unknown = |name: &&String| PROCESSORS.iter().all(|processor| processor.name != **name);
    if let Some(name) = names.iter().find(unknown) {
        let known: Vec<_> = PROCESSORS.iter().map(|processor| processor.name).collect();
        return Err(format!("{name} isn't one of {}", known.join(", ")));
    }
    let toolchain = if in_debian {
        Toolchain::debian()?
    } else {
        Toolchain::Own
    };
    let (mut summary, mut tested, mut failed) = (String::new(), 0, 0);
    for processor in &PROCESSORS {
        if !names.is_empty() && names.iter().all(|name| name != processor.name) {
            continue;
        }
        let Processor { name, what, .. } = processor;
        let result = match processor.lacks(&toolchain) {
            Some(what) => format!("left out: {what}"),
            None => {
                tested += 1;
                let begin = Instant::now();
                let passed = processor.test(&toolchain)?;
                failed += usize::from(!passed);
                let seconds = begin.elapsed().as_secs();
                format!(
                    "{} in {seconds} s",
                    if passed { "the same bits" } else { "FAILED" }
                )
            }
        };
        let _ = writeln!(summary, "{name} ({what}): {result}");
    }
    println!("\n{summary}");
    match (tested, failed) {
        (0, _) => Err(
            "no processor could be tested; on Debian, as root, --debian gets all that qemu's need"
                .to_owned(),
        ),
        (_, 0) => Ok(()),
        _ => Err(format!("{failed} of {tested} failed")),
    }
}

impl Processor {
    /// What isn't there, and how to get it.
    fn lacks(&self, toolchain: &Toolchain) -> Option<String> {
        let target = self.target;
        let library = format!("ls \"$(rustc --print target-libdir --target {target})\"/libstd-*");
        let mut needs = vec![(
            library,
            format!("Rust's library for it: rustup target add {target}"),
        )];
        match self.by {
            Emulator::Qemu {
                program,
                gnu,
                debian,
            } => needs.extend([
                (
                    format!("command -v {gnu}-gcc"),
                    format!("its linker: Debian's gcc-{gnu}, libc6-dev-{debian}-cross"),
                ),
                (
                    format!("command -v {program}"),
                    format!("{program}: Debian's qemu-user"),
                ),
            ]),
            Emulator::Wasmi if matches!(toolchain, Toolchain::Debian(_)) => {
                return Some("it takes Rust's library by rustup, and so no --debian".to_owned());
            }
            Emulator::Wasmi => needs.push((
                "command -v wasmi".to_owned(),
                "wasmi: cargo install wasmi_cli".to_owned(),
            )),
        }
        let isnt_there = |(test, _): &(String, String)| {
            let output = toolchain.command("sh").args(["-c", test]).output();
            !output.is_ok_and(|output| output.status.success())
        };
        needs.into_iter().find(isnt_there).map(|(_, what)| what)
    }

    /// Whether the tests pass.
    fn test(&self, toolchain: &Toolchain) -> Result<bool, String> {
        let Self {
            name, target, by, ..
        } = self;
        println!("\n== {name}");
        let mut cargo = toolchain.command("cargo");
        let variable = |what: &str| {
            format!(
                "CARGO_TARGET_{}_{what}",
                target.to_uppercase().replace('-', "_")
            )
        };
        match by {
            Emulator::Qemu { program, gnu, .. } => {
                cargo.env(variable("LINKER"), format!("{gnu}-gcc"));
                cargo.env(variable("RUNNER"), format!("{program} -L /usr/{gnu}"));
            }
            Emulator::Wasmi => _ = cargo.env(variable("RUNNER"), "wasmi"),
        }
        cargo.args(RECORDED_VALUES);
        cargo.args(["--locked", "--target", target]);
        let status = cargo
            .status()
            .map_err(|error| format!("can't run cargo: {error}"))?;
        Ok(status.success())
    }
}

/// Where a compiler with the libraries of other processors comes from.
enum Toolchain {
    /// The one that runs this.
    Own,
    /// Debian's, in a folder of its own.
    Debian(PathBuf),
}

/// The version of Debian that has Rust's library for all processors of qemu's.
const SUITE: &str = "trixie";

/// Where its packages are. The releases alone: updates and security fixes don't change what is tested.
const MIRROR: &str = "http://deb.debian.org/debian";

/// Unpacks Rust's libraries, without what their packages depend on: compilers that run on those processors.
const UNPACK: &str = r#"
cd "$1/tmp"
APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get download LIBRARIES
for library in *.deb; do dpkg-deb --extract "$library" "$1"; rm "$library"; done
"#;

/// Runs a command inside of a folder with a Debian: `sh -c INSIDE sh FOLDER PROJECT CARGO_HOME COMMAND…`. What is
/// mounted goes with the process.
const INSIDE: &str = r#"
folder=$1; project=$2; cargo=$3; shift 3
mount --rbind /proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mount --bind "$project" "$folder/project"
mount --bind "$cargo" "$folder/cargo"
exec chroot "$folder" sh -c 'cd /project && exec "$@"' sh "$@"
"#;

impl Toolchain {
    /// Debian's, from its packages: made on the first call.
    fn debian() -> Result<Self, String> {
        let folder = root().join("target/debian");
        if !folder.join("project").is_dir() {
            debian::require("mmdebstrap", "mmdebstrap")?;
            make_debian(&folder)?;
        }
        // Inside there is no network.
        succeed(
            Command::new(env!("CARGO"))
                .args(["fetch", "--locked"])
                .current_dir(root()),
        )?;
        Ok(Self::Debian(folder))
    }

    /// A program, in the root of the repository.
    fn command(&self, program: &str) -> Command {
        match self {
            Self::Own => {
                let mut command = Command::new(program);
                command.current_dir(root());
                command
            }
            Self::Debian(folder) => {
                let mut command = Command::new("unshare");
                command
                    .args(["--mount", "sh", "-euc", INSIDE, "sh"])
                    .args([folder, &root(), &cargo_home()])
                    .arg(program)
                    .env_clear()
                    .envs([
                        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                        ("HOME", "/root"),
                        ("CARGO_HOME", "/cargo"),
                        ("CARGO_TARGET_DIR", "/project/target/debian-build"),
                        ("CARGO_NET_OFFLINE", "true"),
                        ("CARGO_INCREMENTAL", "0"),
                    ]);
                command
            }
        }
    }
}

/// A Debian in a folder, with all that the processors of qemu's need.
fn make_debian(folder: &Path) -> Result<(), String> {
    let mut architectures = vec!["amd64"];
    let mut packages: Vec<String> = ["cargo-web", "rustc-web", "libc6-dev", "qemu-user"]
        .map(str::to_owned)
        .into();
    let mut libraries = Vec::new();
    for processor in &PROCESSORS {
        let Emulator::Qemu { gnu, debian, .. } = processor.by else {
            continue;
        };
        architectures.push(debian);
        packages.push(format!("gcc-{gnu}"));
        packages.push(format!("libc6-dev-{debian}-cross"));
        libraries.push(format!("libstd-rust-web-dev:{debian}"));
    }
    // Under another name until it is complete.
    let unfinished = folder.with_extension("unfinished");
    let text = |error: std::io::Error| format!("{}: {error}", unfinished.display());
    let _ = std::fs::remove_dir_all(&unfinished);
    std::fs::create_dir_all(&unfinished).map_err(text)?;
    let mut mmdebstrap = Command::new("mmdebstrap");
    mmdebstrap
        .args([
            "--variant=minbase",
            "--aptopt=APT::Install-Recommends \"false\"",
        ])
        .arg(format!("--architectures={}", architectures.join(",")))
        .arg(format!("--include={}", packages.join(",")))
        .arg(format!(
            "--customize-hook={}",
            UNPACK.replace("LIBRARIES", &libraries.join(" "))
        ))
        .args([SUITE.as_ref(), unfinished.as_os_str()])
        .arg(MIRROR);
    succeed(&mut mmdebstrap)?;
    for inner in ["project", "cargo"] {
        std::fs::create_dir_all(unfinished.join(inner)).map_err(text)?;
    }
    std::fs::rename(&unfinished, folder).map_err(text)
}

fn cargo_home() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}
