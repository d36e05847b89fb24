//! A table as text, read in different ways: all give the same values or the same error.
#![no_main]

use std::io::{self, Read};
use std::num::NonZeroUsize;

use libfuzzer_sys::fuzz_target;
use savez_text::parse::{Cell, Dialect, Encoding, Kind, Layout, LineEnds, Outcome, Rows, Table};

const KINDS: [Kind; 16] = [
    Kind::Bool,
    Kind::I8,
    Kind::I16,
    Kind::I32,
    Kind::I64,
    Kind::U8,
    Kind::U16,
    Kind::U32,
    Kind::U64,
    Kind::F16,
    Kind::F32,
    Kind::F64,
    Kind::C64,
    Kind::C128,
    Kind::Bytes(3),
    Kind::Str(3),
];

/// A result in memory, no larger than what short lines can need.
struct Memory {
    bytes: Vec<u8>,
    cell: usize,
}

impl Rows for Memory {
    fn grow(&mut self, rows: usize, columns: usize) -> io::Result<()> {
        let size = rows * columns * self.cell;
        assert!(size < 64 << 20, "{rows} rows of {columns} columns");
        self.bytes.resize(size, 0);
        Ok(())
    }

    fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// An input of a few bytes at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(7);
        self.0.read(&mut buffer[..count])
    }
}

fuzz_target!(|input: (u8, u8, u8, u8, Vec<u8>)| {
    let (kind, dialect, skip, most, text) = input;
    let kind = KINDS[usize::from(kind) % KINDS.len()];
    let dialect = Dialect {
        delimiter: [None, Some(b','), Some(b' '), Some(b'1')][usize::from(dialect) & 3],
        comments: if dialect & 4 == 0 { vec![b"#".to_vec()] } else { Vec::new() },
        quote: (dialect & 8 != 0).then_some(b'"'),
        encoding: [Encoding::Utf8, Encoding::Latin1][usize::from(dialect >> 4) & 1],
        line_ends: [LineEnds::Any, LineEnds::Newline][usize::from(dialect >> 5) & 1],
    };
    let table = Table {
        dialect,
        layout: Layout::Alike(Cell { kind, offset: 0, is_swapped: false }),
        chosen: None,
        skip_lines: u64::from(skip & 3),
        max_rows: (most & 15 != 0).then_some(usize::from(most & 15)),
        threads: NonZeroUsize::new(1),
    };
    let plain = read(&table, &text[..], None);

    let threads = Table { threads: NonZeroUsize::new(3), ..table.clone() };
    assert_eq!(read(&threads, Drops(&text), Some(u64::from(skip))), plain);

    // Comments of more than a byte keep the fast way out; but they go without quotes.
    if table.dialect.quote.is_none() {
        let mut general = table.clone();
        general.dialect.comments.push(text.iter().chain(b"\n").copied().collect());
        assert_eq!(read(&general, &text[..], None), plain);
    }
    // All columns chosen one by one are all columns, if the rows agree on how many there are.
    if let Ok((_, outcome)) = &plain
        && (1..100).contains(&outcome.columns)
    {
        let chosen = Some((0..outcome.columns as isize).collect());
        assert_eq!(read(&Table { chosen, ..table }, &text[..], None), plain);
    }
});

fn read(table: &Table, input: impl Read, hint: Option<u64>) -> Result<(Vec<u8>, Outcome), String> {
    let Layout::Alike(cell) = table.layout else { unreachable!("no records here") };
    let mut memory = Memory { bytes: Vec::new(), cell: cell.kind.size() };
    let outcome = table.read(input, hint, &mut memory).map_err(|error| error.to_string())?;
    memory.bytes.truncate(outcome.rows * outcome.columns * cell.kind.size());
    Ok((memory.bytes, outcome))
}
