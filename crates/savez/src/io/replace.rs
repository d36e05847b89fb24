//! A file that appears under its name whole or not at all.
//!
//! The bytes go to a new file in the same directory, which takes the name by `rename` when all is
//! written. Until then, and whatever happens, the old file is what it was.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{Error, Result};

/// A file being written, not yet visible under its name. Dropped without
/// [`commit`](Replacement::commit), it leaves nothing behind.
pub(crate) struct Replacement {
    file: File,
    /// Where the bytes are until the commit; `None` if they go straight to the target.
    temporary: Option<PathBuf>,
    target: PathBuf,
    durable: bool,
}

impl Replacement {
    /// Starts a file that will take the name `path`; a symbolic link is followed, so that the file
    /// it points to is the one replaced.
    ///
    /// Straight to the target go the bytes if `atomic` is false, if the target exists and is no
    /// regular file (a device, a pipe), or if its directory lets nobody add a file but the target
    /// may be written.
    pub(crate) fn create(path: &Path, atomic: bool, durable: bool) -> Result<Replacement> {
        let target =
            followed(path).map_err(|e| Error::io(e, "cannot open the file for writing"))?;
        let existing = fs::metadata(&target).ok();
        let special = existing.as_ref().is_some_and(|m| !m.is_file());
        if special || !atomic {
            return Self::in_place(target, durable);
        }
        match beside(&target) {
            Ok((file, temporary)) => {
                if let Some(existing) = existing {
                    // The owner cannot be kept without privileges; the mode can.
                    _ = file.set_permissions(existing.permissions());
                }
                Ok(Replacement { file, temporary: Some(temporary), target, durable })
            }
            Err(error) if existing.is_some() && is_refusal(&error) => {
                Self::in_place(target, durable)
            }
            Err(error) => Err(Error::io(error, "cannot create a file in its directory")),
        }
    }

    /// Starts a file that will take the place of the existing one at `path`, which may be read
    /// meanwhile.
    pub(crate) fn create_beside(path: &Path, durable: bool) -> Result<Replacement> {
        let target = followed(path).map_err(|e| Error::io(e, "cannot find the file"))?;
        let (file, temporary) =
            beside(&target).map_err(|e| Error::io(e, "cannot create a file in its directory"))?;
        if let Ok(existing) = fs::metadata(&target) {
            _ = file.set_permissions(existing.permissions());
        }
        Ok(Replacement { file, temporary: Some(temporary), target, durable })
    }

    fn in_place(target: PathBuf, durable: bool) -> Result<Replacement> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&target)
            .map_err(|e| Error::io(e, "cannot open the file for writing"))?;
        Ok(Replacement { file, temporary: None, target, durable })
    }

    /// The open file, to be written at places.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Whether the old file stays until the commit.
    pub(crate) fn is_atomic(&self) -> bool {
        self.temporary.is_some()
    }

    /// Whether bytes can be written at any place, as into a regular file.
    pub(crate) fn is_positional(&self) -> bool {
        self.file.metadata().is_ok_and(|m| m.is_file())
    }

    /// Gives the file its name. If `durable`, its bytes and its name are on the disk before.
    pub(crate) fn commit(mut self) -> Result<()> {
        if self.durable {
            self.file.sync_all().map_err(|e| Error::io(e, "cannot flush the file to the disk"))?;
        }
        let Some(temporary) = &self.temporary else { return Ok(()) };
        fs::rename(temporary, &self.target)
            .map_err(|e| Error::io(e, "cannot give the finished file its name"))?;
        self.temporary = None;
        if self.durable && cfg!(unix) {
            let directory = directory_of(&self.target);
            File::open(directory)
                .and_then(|directory| directory.sync_all())
                .map_err(|e| Error::io(e, "cannot flush the directory to the disk"))?;
        }
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nobody is left to tell if it fails, and the target is untouched either way.
            _ = fs::remove_file(temporary);
        }
    }
}

/// The file that a path stands for, links followed, also those that lead to no file yet; as it is
/// now, wherever the process goes meanwhile.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut target = std::path::absolute(path)?;
    // As many as Linux follows.
    for _ in 0..40 {
        match fs::read_link(&target) {
            Ok(next) => target = directory_of(&target).join(next),
            Err(_) => return Ok(target),
        }
    }
    fs::canonicalize(path)
}

fn is_refusal(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A new file in the directory of `target`, hidden, under a name that nobody has.
fn beside(target: &Path) -> io::Result<(File, PathBuf)> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    // Most file systems allow names of 255 bytes.
    let stem: String = name.chars().take(40).collect();
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let clock = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.subsec_nanos());
        let name = format!(".{stem}.{}-{number}-{clock:x}.tmp", std::process::id());
        let path = directory_of(target).join(name);
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
