//! A file that is there as a whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;

/// A file to be written later, at a path that was found writable.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
}

impl OutputFile {
    /// Checks that the file can be written, before the work that it is to hold is done.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where its folder doesn't exist or can't be written to, or where something that isn't a file has
    /// its name.
    pub fn check(path: &Path) -> Result<Self, Error> {
        let cannot = |source| Error::io("write", path)(source);
        // Through a link, so that the link stays and its target changes.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if target.exists() && !target.is_file() {
            return Err(cannot(io::Error::other("it isn't a regular file")));
        }
        if target.file_name().is_none() {
            return Err(cannot(io::ErrorKind::InvalidFilename.into()));
        }
        let file = Self { path: target };
        file.draft().map_err(cannot)?;
        Ok(file)
    }

    /// Writes the file, replacing one that is there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; what was there is left as it was.
    pub fn write(&self, content: &[u8]) -> Result<(), Error> {
        let write = || {
            let mut draft = self.draft()?;
            draft.write_all(content)?;
            draft.persist(&self.path)?;
            Ok(())
        };
        write().map_err(Error::io("write", &self.path))
    }

    /// A new file in the same folder, which renaming turns into the target; removed when dropped.
    fn draft(&self) -> io::Result<NamedTempFile> {
        let folder = match self.path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".mlp-");
        // A temporary file is for its owner only, a result for whom the umask allows.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder.tempfile_in(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result");
        let file = OutputFile::check(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        for content in ["one", "two"] {
            file.write(content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing").join("file");
        for path in [
            folder.path(),
            &missing,
            Path::new(""),
            Path::new("/"),
            Path::new(".."),
        ] {
            let error = OutputFile::check(path).unwrap_err().to_string();
            assert!(error.starts_with("cannot write"), "{error}");
        }
    }
}
