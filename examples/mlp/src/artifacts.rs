//! The folder that keeps a training.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use burn::config::Config;
use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Device;
use tempfile::TempDir;

use crate::error::Error;
use crate::initializer::{self, Init};
use crate::model::Mlp;

/// The settings: written last, so that a folder that has them is complete.
const CONFIG: &str = "config.json";
/// Burn's record of the trained network.
const MODEL: &str = "model.bpk";
/// What Burn's training loop writes.
const LOGS: [&str; 4] = ["experiment.log", "checkpoint", "train", "valid"];

/// The settings of a training.
#[derive(Config, Debug)]
pub struct TrainingConfig {
    /// How the weights started. A sparse network has masks, so its record fits no other network.
    pub init: Init,
    /// The seed of the weights and of the order of the digits.
    pub seed: u64,
    /// The device's name.
    pub device: String,
    /// How often each digit was seen.
    pub epochs: usize,
    /// Digits in a step.
    pub batch_size: usize,
    /// Adam's step size.
    pub learning_rate: f64,
}

/// A folder that receives a training when it has ended, and stays as it was when it fails.
#[derive(Debug)]
pub struct Artifacts {
    folder: PathBuf,
    /// What was created for it, innermost first.
    created: Vec<PathBuf>,
    /// Where the training writes; inside the folder, so that renaming moves it out. `None` once published.
    draft: Option<TempDir>,
}

impl Artifacts {
    /// Creates the folder where it isn't there yet, and checks that it may be written to.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignFolder`] where the folder holds something but no training of this program; [`Error::Io`] where it
    /// can't be created or written to.
    pub fn prepare(folder: &Path) -> Result<Self, Error> {
        let mut artifacts = Self {
            folder: folder.to_owned(),
            created: missing(folder),
            draft: None,
        };
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        if !is_ours(folder)? {
            return Err(Error::ForeignFolder {
                path: folder.to_owned(),
            });
        }
        let draft = tempfile::Builder::new().prefix(DRAFT).tempdir_in(folder);
        artifacts.draft = Some(draft.map_err(Error::io("write to", folder))?);
        Ok(artifacts)
    }

    /// Where the training's logs and checkpoints go until they are published.
    pub fn draft(&self) -> &Path {
        self.draft.as_ref().map_or(&self.folder, TempDir::path)
    }

    /// Adds the network and its settings, and puts everything in place of an earlier training.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; where it strikes half-way the folder has no settings, and so counts as incomplete.
    pub fn publish(mut self, model: Mlp, config: &TrainingConfig) -> Result<(), Error> {
        let draft = self.draft().to_owned();
        let path = draft.join(MODEL);
        let saved = model.into_record().save(&path);
        saved.map_err(|error| Error::io("write", &path)(io::Error::other(error)))?;
        let path = draft.join(CONFIG);
        config.save(&path).map_err(Error::io("write", &path))?;

        remove(&self.folder.join(CONFIG))?;
        for name in LOGS.into_iter().chain([MODEL, CONFIG]) {
            let (from, to) = (draft.join(name), self.folder.join(name));
            remove(&to)?;
            if from.exists() {
                fs::rename(&from, &to).map_err(Error::io("write", &to))?;
            }
        }
        self.draft = None;
        Ok(())
    }
}

impl Drop for Artifacts {
    fn drop(&mut self) {
        self.draft = None;
        for folder in &self.created {
            // Fails where something is in it, which is what should stay.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// How the name of an unpublished training starts; a killed program leaves one behind.
const DRAFT: &str = ".draft-";

/// The folders that creating this one creates, innermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let named = folder.ancestors().take_while(|path| *path != Path::new(""));
    named
        .take_while(|path| !path.exists())
        .map(Path::to_owned)
        .collect()
}

/// Whether a training may go there: nothing is in it but an earlier training, whole or unpublished.
fn is_ours(folder: &Path) -> Result<bool, Error> {
    if TrainingConfig::load(folder.join(CONFIG)).is_ok() {
        return Ok(true);
    }
    let cannot = |source| Error::io("read", folder)(source);
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name();
        if !name.to_string_lossy().starts_with(DRAFT) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes a file or a folder, if it is there.
fn remove(path: &Path) -> Result<(), Error> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("replace", path)(error))
        }
        _ => Ok(()),
    }
}

/// Reads a trained network.
///
/// # Errors
///
/// [`Error::Artifacts`] where the folder isn't there, isn't complete or is broken.
pub fn load(folder: &Path, device: &Device) -> Result<(TrainingConfig, Mlp), Error> {
    let unusable = |reason| Error::Artifacts {
        path: folder.to_owned(),
        reason,
    };
    for name in [CONFIG, MODEL] {
        if !folder.join(name).is_file() {
            return Err(unusable(format!("{name} is missing")));
        }
    }
    let config = TrainingConfig::load(folder.join(CONFIG))
        .map_err(|error| unusable(format!("{CONFIG} can't be read: {error}")))?;
    let record = ModuleRecord::load(folder.join(MODEL))
        .map_err(|error| unusable(format!("{MODEL} can't be read: {error}")))?;
    // Gives the network the masks that the record holds values for.
    let model = initializer::initialize(Mlp::new(device), config.init, config.seed)?;
    let model = model
        .try_load_record(record.cast_to_module_dtype())
        .map_err(|error| unusable(format!("{MODEL} doesn't fit the network: {error}")))?;
    Ok((config, model))
}
