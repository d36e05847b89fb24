//! Tables as text: which files are some, and how they are written.

use std::path::Path;

use savez::text::TextOptions;

/// How the table in a file is written, by the file's extension in letters of any case; `None` if it
/// is no table.
pub(crate) fn options(path: &Path) -> Option<TextOptions> {
    let extension = |path: &Path| path.extension()?.to_str().map(str::to_owned);
    let packed = matches!(extension(path)?.as_str(), "gz" | "bz2" | "xz" | "lzma");
    let kind = if packed { extension(&path.with_extension(""))? } else { extension(path)? };
    let mut options = TextOptions::new();
    match kind.to_ascii_lowercase().as_str() {
        "csv" => options.delimiter(b',').quote(b'"'),
        "tsv" => options.delimiter(b'\t').quote(b'"'),
        "txt" => &mut options,
        _ => return None,
    };
    Some(options)
}
