//! A line taken apart into fields: the definition that faster ways through a line must agree with.

use std::borrow::Cow;

use super::dialect::{Class, Classes, Dialect, Encoding};
use super::error::Error;

/// Takes lines apart; keeps its memory from line to line.
pub(super) struct Splitter<'a> {
    dialect: &'a Dialect,
    classes: Classes,
    spans: Vec<Span>,
    /// The texts of fields that were quoted, without quotes.
    unquoted: Vec<u8>,
}

/// Where a field is: in the line, or in `unquoted`.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    was_quoted: bool,
}

/// The fields of a line.
pub(super) struct Fields<'a> {
    line: &'a [u8],
    spans: &'a [Span],
    unquoted: &'a [u8],
}

impl<'a> Splitter<'a> {
    pub(super) fn new(dialect: &'a Dialect) -> Splitter<'a> {
        let classes = dialect.classes();
        Splitter { dialect, classes, spans: Vec::new(), unquoted: Vec::new() }
    }

    /// The fields of a line, its end left out. A line without content has none.
    pub(super) fn split<'b>(&'b mut self, line: &'b [u8]) -> Result<Fields<'b>, Error> {
        self.spans.clear();
        self.unquoted.clear();
        let line = self.without_long_comments(line);
        let mut at = Some(0);
        while let Some(start) = at {
            at = self.field(line, start)?;
        }
        self.drop_empty_end();
        Ok(Fields { line, spans: &self.spans, unquoted: &self.unquoted })
    }

    /// Takes the field at `at`; gives the start of the next, if a separator follows.
    fn field(&mut self, line: &[u8], mut at: usize) -> Result<Option<usize>, Error> {
        let by_space = self.dialect.delimiter.is_none();
        if by_space {
            at += line[at..].iter().take_while(|&&byte| self.class(byte) == Class::Space).count();
        }
        let was_quoted =
            self.dialect.quote.is_some() && line.get(at).copied() == self.dialect.quote;
        let kept = self.unquoted.len();
        if was_quoted {
            at = self.quoted(line, at + 1)?;
        }
        let is_end = |&byte: &u8| match self.class(byte) {
            Class::Other => false,
            Class::Space => by_space,
            Class::Delimiter | Class::Comment | Class::LineEnd => true,
        };
        let end = line[at..].iter().position(is_end).map_or(line.len(), |length| at + length);
        if by_space && !line[at..end].is_ascii() {
            self.refuse_wide_spaces(&line[at..end])?;
        }
        self.spans.push(if was_quoted {
            // What follows the closing quote belongs to the field.
            self.unquoted.extend_from_slice(&line[at..end]);
            Span { start: kept, end: self.unquoted.len(), was_quoted }
        } else {
            Span { start: at, end, was_quoted }
        });
        match line.get(end).map(|&byte| self.class(byte)) {
            None | Some(Class::Comment) => Ok(None),
            // A line that ends with it ends before it; see `Dialect::line_end`.
            Some(Class::LineEnd) => Err(Error::Unsupported(
                "a carriage return within a line of a file that is read as bytes",
            )),
            Some(_) => Ok(Some(end + 1)),
        }
    }

    /// Keeps what stands between quotes; gives where the field goes on.
    fn quoted(&mut self, line: &[u8], mut at: usize) -> Result<usize, Error> {
        let quote = self.dialect.quote.unwrap_or_default();
        loop {
            let Some(length) = memchr::memchr(quote, &line[at..]) else {
                return Err(Error::Unsupported("a quoted field does not end within its line"));
            };
            self.unquoted.extend_from_slice(&line[at..at + length]);
            at += length + 1;
            if line.get(at) != Some(&quote) {
                return Ok(at);
            }
            self.unquoted.push(quote);
            at += 1;
        }
    }

    /// An empty field at the end is none if it is the only one, or if white space separates. NumPy
    /// looks whether the first field was quoted, not the last.
    fn drop_empty_end(&mut self) {
        let (Some(first), Some(last)) = (self.spans.first(), self.spans.last()) else { return };
        let may_drop = self.spans.len() == 1 || self.dialect.delimiter.is_none();
        if may_drop && !first.was_quoted && last.start == last.end {
            self.spans.pop();
        }
    }

    /// The line up to the first comment, one kind after the other, as NumPy does.
    fn without_long_comments<'b>(&self, mut line: &'b [u8]) -> &'b [u8] {
        for comment in self.dialect.long_comments() {
            if let Some(start) = memchr::memmem::find(line, comment) {
                line = &line[..start];
            }
        }
        line
    }

    /// White space beyond ASCII separates columns, too; that is rare enough to be left to NumPy.
    fn refuse_wide_spaces(&self, text: &[u8]) -> Result<(), Error> {
        let has_spaces = match self.dialect.encoding {
            Encoding::Latin1 => text.iter().any(|byte| matches!(byte, 0x85 | 0xa0)),
            Encoding::Ascii | Encoding::Utf8 => {
                String::from_utf8_lossy(text).chars().any(|c| !c.is_ascii() && c.is_whitespace())
            }
        };
        match has_spaces {
            true => Err(Error::Unsupported("white space beyond ASCII")),
            false => Ok(()),
        }
    }

    fn class(&self, byte: u8) -> Class {
        self.classes[usize::from(byte)]
    }
}

impl Fields<'_> {
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn get(&self, field: usize) -> &[u8] {
        let Span { start, end, was_quoted } = self.spans[field];
        if was_quoted { &self.unquoted[start..end] } else { &self.line[start..end] }
    }

    pub(super) fn was_quoted(&self, field: usize) -> bool {
        self.spans[field].was_quoted
    }

    /// A field to show.
    pub(super) fn text(&self, field: usize, encoding: Encoding) -> String {
        let bytes = self.get(field);
        let text: Cow<'_, str> = match encoding {
            Encoding::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect(),
            Encoding::Ascii | Encoding::Utf8 => String::from_utf8_lossy(bytes),
        };
        text.into_owned()
    }
}
