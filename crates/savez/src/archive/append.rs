//! Adding members to an archive, which reads as before until all are there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::options::WriteOptions;
use super::reader::Archive;
use super::writer::Writer;
use crate::io::grow::Growing;
use crate::io::replace::Replacement;
use crate::io::sink::{Output, Sink};
use crate::io::source::Source;
use crate::zip::directory::Directory;
use crate::zip::layout::Layout;
use crate::{Error, ErrorKind, Limits, Result};

/// Starts adding to the archive at `path`, or one of that name if there is none.
pub(super) fn open(options: WriteOptions, path: &Path) -> Result<Writer<'static>> {
    let locked = Locked::open(path, true)?;
    let reading = |error| Error::io(error, "cannot read the archive");
    let source = Source::from_file(locked.file.try_clone().map_err(reading)?)?;
    if source.size() == 0 {
        let (output, layout) =
            (locked.copied(path, 0, options.durable)?, Layout::new(options.style, false, 0));
        return Ok(Writer::start(Sink::file(output, 0), options, layout, Some(path)));
    }
    let directory = Directory::read(&source)?;
    let kept = directory.keep(&source)?;
    let style = options.style;
    let layout = move |start| Layout::grown(style, kept.clone(), start);
    // As long as it can get: beyond 4 GiB it needs a ZIP64 record.
    let longest = layout(1 << 40).directory(&[]).len() as u64;
    if longest > Growing::LONGEST_ENDING {
        let start = directory.end();
        let output = locked.copied(path, start, options.durable)?;
        return Ok(Writer::start(Sink::file(output, start), options, layout(start), Some(path)));
    }
    let end = source.size();
    let layout_now = layout(end);
    let ending = Box::new(move |at| layout(at).directory(&[]));
    let output = Output::Grown(Growing::new(locked.file, end, ending, options.durable));
    Ok(Writer::start(Sink::file(output, end), options, layout_now, Some(path)))
}

/// Opens the archive at `path`, and starts another that will take its place. Nobody adds to it meanwhile.
pub(super) fn replace(options: WriteOptions, path: &Path) -> Result<(Archive, Writer<'static>)> {
    let locked = Locked::open(path, false)?;
    let reading = |error| Error::io(error, "cannot read the archive");
    let file = locked.file.try_clone().map_err(reading)?;
    let archive = Archive::from_file(file, Some(path), Limits::default())?;
    let output = locked.copied(path, 0, options.durable)?;
    let layout = Layout::new(options.style, false, 0);
    Ok((archive, Writer::start(Sink::file(output, 0), options, layout, Some(path))))
}

/// A file that is ours alone to change.
struct Locked {
    file: File,
    /// Its name, if it was made to have something to lock: where there is no archive yet, two who start one
    /// would else not know of each other.
    made: Option<PathBuf>,
}

impl Locked {
    /// If there is no such file, it may be made.
    fn open(path: &Path, make: bool) -> Result<Locked> {
        let opening = |error| Error::io(error, "cannot open the archive to change it");
        let mut made = None;
        loop {
            let file = match OpenOptions::new().read(true).write(true).open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
                    match OpenOptions::new().read(true).write(true).create_new(true).open(path) {
                        Ok(file) => {
                            made = Some(std::path::absolute(path).map_err(opening)?);
                            file
                        }
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                        Err(error) => return Err(opening(error)),
                    }
                }
                Err(error) => return Err(opening(error)),
            };
            if !file.metadata().map_err(opening)?.is_file() {
                return Err(Error::parameter("only a regular file can be added to or replaced"));
            }
            match file.try_lock() {
                Ok(()) if has_name(&file, path) => return Ok(Locked { file, made }),
                // Replaced, or removed, between opening and locking.
                Ok(()) => made = None,
                Err(TryLockError::WouldBlock) => {
                    let cause = "somebody else is changing the archive at the moment";
                    return Err(Error::new(ErrorKind::Busy, cause).hint("try again"));
                }
                Err(TryLockError::Error(error)) => return Err(opening(error)),
            }
        }
    }

    /// A new file to take the place of this one, with the first `len` bytes of it. It stays locked until then.
    fn copied(self, path: &Path, len: u64, durable: bool) -> Result<Output> {
        let old = Replaced(self);
        let file = Replacement::create_beside(path, durable)?;
        match io::copy(&mut (&old.0.file).take(len), &mut file.file()) {
            Ok(copied) if copied == len => Ok(Output::Instead { file, _until: Box::new(old) }),
            Ok(_) => Err(Error::corrupt("the archive has been cut short meanwhile")),
            Err(error) => Err(Error::io(error, "cannot copy the archive")),
        }
    }
}

/// A file that another takes the place of, or should have.
struct Replaced(Locked);

impl Drop for Replaced {
    fn drop(&mut self) {
        let Locked { file, made } = &self.0;
        if let Some(path) = made
            && has_name(file, path)
        {
            // Nothing came of it. Whoever waits for the lock finds that it has no name any more.
            _ = std::fs::remove_file(path);
        }
        // A process forked meanwhile would else keep the lock.
        _ = file.unlock();
    }
}

#[cfg(unix)]
fn has_name(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn has_name(_: &File, _: &Path) -> bool {
    // A file that is open keeps its name.
    true
}
