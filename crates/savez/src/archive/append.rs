//! Adding members to an archive, which reads as before until all are there.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::Path;

use super::options::WriteOptions;
use super::writer::Writer;
use crate::io::grow::Growing;
use crate::io::replace::Replacement;
use crate::io::sink::{Output, Sink};
use crate::io::source::Source;
use crate::zip::directory::Directory;
use crate::zip::layout::Layout;
use crate::{Error, ErrorKind, Result};

/// Starts adding to the archive at `path`, or one of that name if there is none.
pub(super) fn open(options: WriteOptions, path: &Path) -> Result<Writer<'static>> {
    let Some(file) = locked(path)? else { return options.create(path) };
    let reading = |error| Error::io(error, "cannot read the archive");
    let source = Source::from_file(file.try_clone().map_err(reading)?)?;
    if source.size() == 0 {
        return options.create(path);
    }
    let directory = Directory::read(&source)?;
    let kept = directory.keep(&source)?;
    let style = options.style;
    let layout = move |start| Layout::grown(style, kept.clone(), start);
    // As long as it can get: beyond 4 GiB it needs a ZIP64 record.
    let longest = layout(1 << 40).directory(&[]).len() as u64;
    if longest > Growing::LONGEST_ENDING {
        let start = directory.end();
        let output = copied(file, path, start, options.durable)?;
        return Ok(Writer::start(Sink::file(output, start), options, layout(start), Some(path)));
    }
    let end = source.size();
    let layout_now = layout(end);
    let ending = Box::new(move |at| layout(at).directory(&[]));
    let output = Output::Grown(Growing::new(file, end, ending, options.durable));
    Ok(Writer::start(Sink::file(output, end), options, layout_now, Some(path)))
}

/// The file of that name, for us alone to change; `None` if there is none.
fn locked(path: &Path) -> Result<Option<File>> {
    let opening = |error| Error::io(error, "cannot open the archive to add to it");
    loop {
        let file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(opening(error)),
        };
        if !file.metadata().map_err(opening)?.is_file() {
            return Err(Error::parameter("only to a regular file can members be added"));
        }
        match file.try_lock() {
            Ok(()) if has_name(&file, path) => return Ok(Some(file)),
            // Replaced between opening and locking.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let cause = "somebody else is adding to the archive at the moment";
                return Err(Error::new(ErrorKind::Busy, cause).hint("try again"));
            }
            Err(TryLockError::Error(error)) => return Err(opening(error)),
        }
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

/// A new file to take the place of `old`, with the first `len` bytes of it.
fn copied(old: File, path: &Path, len: u64, durable: bool) -> Result<Output> {
    let replacement = Replacement::create_beside(path, durable)?;
    match io::copy(&mut (&old).take(len), &mut replacement.file()) {
        Ok(copied) if copied == len => Ok(Output::Instead { file: replacement, _of: old }),
        Ok(_) => Err(Error::corrupt("the archive has been cut short meanwhile")),
        Err(error) => Err(Error::io(error, "cannot copy the archive")),
    }
}
