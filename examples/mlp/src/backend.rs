//! The devices that this build can train on.

use std::fmt::{self, Display};
use std::str::FromStr;

use burn::tensor::Device;

use crate::error::Error;

/// Every backend that a build may have, by the name of its feature and of its `--device`.
const KNOWN: [&str; 3] = ["wgpu", "flex", "ndarray"];

/// A backend of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A GPU, through Vulkan, Metal, DirectX or OpenGL.
    #[cfg(feature = "wgpu")]
    Wgpu,
    /// The CPU.
    #[cfg(feature = "flex")]
    Flex,
    /// The CPU, by Burn's older backend.
    #[cfg(feature = "ndarray")]
    Ndarray,
}

impl Backend {
    /// What is built in, best first: the first is the default.
    pub const BUILT_IN: &[Self] = &[
        #[cfg(feature = "wgpu")]
        Self::Wgpu,
        #[cfg(feature = "flex")]
        Self::Flex,
        #[cfg(feature = "ndarray")]
        Self::Ndarray,
    ];

    /// The name of its feature and of its `--device`.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "wgpu")]
            Self::Wgpu => "wgpu",
            #[cfg(feature = "flex")]
            Self::Flex => "flex",
            #[cfg(feature = "ndarray")]
            Self::Ndarray => "ndarray",
        }
    }

    /// The backend's default device. A GPU can be opened once in a program.
    ///
    /// # Errors
    ///
    /// [`Error::Wgpu`] where wgpu finds nothing to run on.
    pub fn open(self) -> Result<Device, Error> {
        match self {
            #[cfg(feature = "wgpu")]
            Self::Wgpu => {
                // `Device::wgpu` opens the GPU at its first use, and panics where there is none.
                let device = Device::wgpu_options().init();
                device.map_err(|error| Error::Wgpu(error.to_string()))
            }
            #[cfg(feature = "flex")]
            Self::Flex => Ok(Device::flex()),
            #[cfg(feature = "ndarray")]
            #[expect(deprecated, reason = "offered as long as Burn has it")]
            Self::Ndarray => Ok(Device::ndarray()),
        }
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::BUILT_IN[0]
    }
}

impl Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(backend) = Self::BUILT_IN.iter().find(|backend| backend.name() == name) {
            return Ok(*backend);
        }
        let built_in = Self::list();
        if KNOWN.contains(&name) {
            Err(format!(
                "not built in; build with `--features {name}` (built in: {built_in})"
            ))
        } else {
            Err(format!("no such device (built in: {built_in})"))
        }
    }
}

impl Backend {
    /// The names of what is built in.
    pub fn list() -> String {
        let names: Vec<_> = Self::BUILT_IN
            .iter()
            .map(|backend| backend.name())
            .collect();
        names.join(", ")
    }
}
