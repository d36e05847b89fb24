//! Why a command ends early, and the exit status that says so.

use std::io;

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file, the system, or what a file does not hold.
    Savez(savez::Error),
    /// Reading or writing outside of `savez`, and what for.
    Io(String, io::Error),
    /// The arguments do not make sense together.
    Usage(String),
    /// A file holds something this command will not touch.
    Refused(String),
}

impl Failure {
    /// Tells the user on standard error; gives the exit status.
    ///
    /// A reader that went away, as in `npz cat … | head`, is no failure.
    pub(crate) fn report(self) -> u8 {
        let (message, status) = match self {
            Failure::Io(_, error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return 0;
            }
            Failure::Savez(error) if is_broken_pipe(&error) => return 0,
            Failure::Savez(error) => (error.to_string(), 1),
            Failure::Io(doing, error) => (format!("{doing}: {error}"), 1),
            Failure::Refused(why) => (why, 1),
            Failure::Usage(why) => (why, 2),
        };
        eprintln!("npz: {message}");
        status
    }

    /// A failure to write to standard output.
    pub(crate) fn output(error: io::Error) -> Failure {
        Failure::Io("standard output".to_owned(), error)
    }
}

fn is_broken_pipe(error: &savez::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|e| e.downcast_ref::<io::Error>());
    source.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl From<savez::Error> for Failure {
    fn from(error: savez::Error) -> Self {
        match error.kind() {
            savez::ErrorKind::Parameter if error.file().is_none() => {
                Failure::Usage(error.to_string())
            }
            _ => Failure::Savez(error),
        }
    }
}
