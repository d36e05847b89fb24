//! Our errors as Python's: the classes of `savez`, each a subclass of what NumPy raises.

use pyo3::exceptions::{PyMemoryError, PyOSError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use savez::{Error, ErrorKind};

/// A failure of ours, or one that Python code of the caller's raised meanwhile.
pub(crate) enum Failure {
    Ours(Error),
    Theirs(PyErr),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // What a file object or a progress callable raised comes back in the guise of an I/O error.
        let io = std::error::Error::source(&error).and_then(|e| e.downcast_ref::<std::io::Error>());
        let raised = io.and_then(|e| e.get_ref()).and_then(|e| e.downcast_ref::<PyErr>());
        match raised {
            Some(raised) => Failure::Theirs(Python::attach(|py| raised.clone_ref(py))),
            None => Failure::Ours(error),
        }
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Failure::Theirs(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Theirs(error) => error,
            Failure::Ours(error) => Python::attach(|py| to_python(py, &error)),
        }
    }
}

/// The Python exception that says what `error` says.
pub(crate) fn to_python(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.kind() {
        ErrorKind::OutOfMemory => return PyMemoryError::new_err(error.to_string()),
        ErrorKind::Io => return os_error(error),
        ErrorKind::Format => "FormatError",
        ErrorKind::NotAnArray => "NotAnArrayError",
        ErrorKind::Corrupt => "CorruptError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::PythonObjects => "PythonObjectsError",
        ErrorKind::Limit => "LimitError",
        ErrorKind::NotFound => "MissingMemberError",
        _ => "ParameterError",
    };
    let mut text = error.to_string();
    if error.kind() == ErrorKind::Limit
        && let Some(advice) = error.advice()
    {
        // NumPy's words, which others look for, and the remedy that Python has.
        text = text.replace(
            advice,
            "adjust `max_header_size`, or trust the file with `allow_pickle=True`",
        );
        text = format!("Header info length is large and may not be safe to load securely: {text}");
    }
    let built = module(py).and_then(|errors| errors.getattr(class)?.call1((text,)));
    built.map_or_else(|failed| failed, PyErr::from_value)
}

fn module(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static PACKAGE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = PACKAGE.get_or_try_init(py, || py.import("savez").map(Bound::unbind))?;
    Ok(module.bind(py))
}

/// With its number, from which Python chooses `FileNotFoundError` and the like.
fn os_error(error: &Error) -> PyErr {
    let source = std::error::Error::source(error);
    let io = source.and_then(|e| e.downcast_ref::<std::io::Error>());
    match (io.and_then(std::io::Error::raw_os_error), error.file()) {
        (Some(number), Some(file)) => {
            // Python says the number itself.
            let cause = error.cause().replace(&format!(" (os error {number})"), "");
            PyOSError::new_err((number, cause, file.as_os_str().to_owned()))
        }
        (Some(number), None) => PyOSError::new_err((number, error.to_string())),
        (None, _) => PyOSError::new_err(error.to_string()),
    }
}
