//! `npz extract`: members out into files, never outside of the directory that was asked for.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use savez::{Archive, Entry};

use crate::failure::Failure;
use crate::input::Input;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The archive
    file: PathBuf,
    /// Only these arrays
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Where the files go; made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let Input::Archive(archive) = Input::open(&args.file)? else {
        return Err(Failure::Refused(format!(
            "{}: a single array, not an archive; there is nothing to take out",
            args.file.display()
        )));
    };
    let wanted: Vec<&Entry> = if args.names.is_empty() {
        archive.entries().iter().collect()
    } else {
        args.names.iter().map(|name| archive.entry(name)).collect::<Result<_, _>>()?
    };
    // All names are judged before the first byte is written.
    let targets: Vec<(&Entry, PathBuf)> = wanted
        .into_iter()
        .map(|entry| Ok((entry, inside(entry)?)))
        .collect::<Result<_, Failure>>()?;
    for (entry, target) in targets {
        extract(&archive, entry, &args.out, &target)?;
    }
    Ok(())
}

/// The member's name as a path that stays inside a directory.
fn inside(entry: &Entry) -> Result<PathBuf, Failure> {
    let name = entry.member_name();
    let refuse =
        |why: &str| Err(Failure::Refused(format!("member {name:?} is not taken out: {why}")));
    if entry.is_symlink() {
        return refuse("it is a symbolic link");
    }
    // What separates directories, or names a drive or stream, on some system.
    if name.contains(['\\', ':']) {
        return refuse("its name holds a backslash or colon");
    }
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.starts_with('/') {
        return refuse("its name leads out of the directory");
    }
    if path.components().next().is_none() {
        return refuse("it has no name");
    }
    Ok(path.to_owned())
}

fn extract(archive: &Archive, entry: &Entry, out: &Path, path: &Path) -> Result<(), Failure> {
    let target = out.join(path);
    let failed = |error| Failure::Io(target.display().to_string(), error);
    let directory = if entry.is_directory() { Some(path) } else { path.parent() };
    make_directories(out, directory.unwrap_or(Path::new("")))?;
    if entry.is_directory() {
        return Ok(());
    }
    let parent = target.parent().unwrap_or(out);
    let mut file = tempfile::Builder::new();
    file.prefix(".npz-");
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = file.tempfile_in(parent).map_err(failed)?;
    let mut bytes = archive.raw(entry)?;
    io::copy(&mut bytes, &mut file).map_err(|error| match error.downcast::<savez::Error>() {
        Ok(own) => own.into(),
        Err(error) => failed(error),
    })?;
    // A rename replaces a symbolic link of that name instead of following it.
    file.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Makes the directories on the way to a member; a symbolic link among them is refused, since it
/// may lead anywhere.
fn make_directories(out: &Path, inside: &Path) -> Result<(), Failure> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::Io(path, error)
    };
    fs::create_dir_all(out).map_err(failed(out))?;
    let mut directory = out.to_owned();
    for part in inside.components() {
        directory.push(part);
        match fs::symlink_metadata(&directory) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                let path = directory.display();
                return Err(Failure::Refused(format!("{path}: is in the way, and no directory")));
            }
            Err(_) => fs::create_dir(&directory).map_err(failed(&directory))?,
        }
    }
    Ok(())
}
