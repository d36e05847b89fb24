//! The parts of the reader against slower ways to the same answer.

use std::io::{self, Read};
use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::*;

/// A result in memory.
#[derive(Default)]
struct Memory {
    bytes: Vec<u8>,
    row: usize,
}

impl Rows for Memory {
    fn grow(&mut self, rows: usize, columns: usize) -> io::Result<()> {
        self.bytes.resize(rows * self.row * columns, 0);
        Ok(())
    }

    fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

/// An input of few bytes at a time.
struct Drops<'a>(&'a [u8], usize);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buffer.len());
        self.0.read(&mut buffer[..count])
    }
}

fn table(kind: Kind) -> Table {
    Table {
        dialect: Dialect::default(),
        layout: Layout::Alike(Cell { kind, offset: 0, is_swapped: false }),
        chosen: None,
        skip_lines: 0,
        max_rows: None,
        threads: NonZeroUsize::new(1),
    }
}

/// The values and what else comes out, or the error as text.
fn read(table: &Table, input: impl Read, hint: Option<u64>) -> Result<(Vec<u8>, Outcome), String> {
    let Layout::Alike(cell) = table.layout else { panic!("no records here") };
    let mut memory = Memory { row: cell.kind.size(), ..Memory::default() };
    let outcome = table.read(input, hint, &mut memory).map_err(|error| error.to_string())?;
    memory.bytes.truncate(outcome.rows * outcome.columns * cell.kind.size());
    Ok((memory.bytes, outcome))
}

fn floats(text: &str) -> Vec<f64> {
    let (bytes, _) = read(&table(Kind::F64), text.as_bytes(), None).expect("a table");
    bytes.as_chunks().0.iter().map(|bytes| f64::from_ne_bytes(*bytes)).collect()
}

fn fails(text: &str) -> String {
    read(&table(Kind::F64), text.as_bytes(), None).expect_err("no table")
}

#[test]
fn ties_go_to_even_and_rims_are_exact() {
    for text in [
        "9007199254740993",
        "9007199254740991.5",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "8.988465674311580e307",
        "6.0e-28",
        "1e23",
        "8.5e22",
        "0e400",
        "18446744073709551615e-300",
        "9999999999999999999e55",
        "00000000000000000000000000001e5",
    ] {
        let wanted: f64 = text.parse().expect("a number");
        assert_eq!(floats(text)[0].to_bits(), wanted.to_bits(), "{text}");
    }
}

#[test]
fn errors_name_the_row_and_the_column() {
    assert_eq!(fails("1 2\n3 x"), "could not convert string 'x' to float64 at row 1, column 2.");
    let far = format!("{}3 x\n", "1 2\n".repeat(300_000));
    assert_eq!(fails(&far), "could not convert string 'x' to float64 at row 300000, column 2.");
    assert_eq!(
        fails("1 2\n# c\n3\n"),
        "the number of columns changed from 2 to 1 at row 2; \
         use `usecols` to select a subset and avoid this error"
    );
    let wide = format!("{}\n1\n", "1 ".repeat(1000));
    assert!(fails(&wide).starts_with("the number of columns changed from 1000 to 1 at row 2;"));
    let third = Table { chosen: Some(vec![2]), ..table(Kind::F64) };
    assert_eq!(
        read(&third, "1 2 3\n1 2\n".as_bytes(), None).expect_err("too few columns"),
        "invalid column index 2 at row 2 with 2 columns"
    );
}

#[test]
fn reading_stops_behind_the_last_row_wanted() {
    let text = b"1 2\n\n3 4\r\n5 6\nx";
    for (rows, bytes, has_blank) in [(0, 15, false), (1, 4, false), (2, 10, true), (3, 14, true)] {
        let table = Table { max_rows: Some(rows), ..table(Kind::F64) };
        let (_, outcome) = read(&table, &text[..], None).expect("no error is met");
        assert_eq!((outcome.rows, outcome.bytes, outcome.has_blank), (rows, bytes, has_blank));
    }
    let last = Table { max_rows: Some(1), ..table(Kind::F64) };
    assert_eq!(read(&last, &b"1 2"[..], None).expect("a row").1.bytes, 3);
}

#[test]
fn layouts_that_do_not_add_up_are_refused() {
    let cell = |offset| Cell { kind: Kind::F64, offset, is_swapped: false };
    for (layout, chosen) in [
        (Layout::Record(vec![cell(1)], 8), None),
        (Layout::Record(vec![cell(usize::MAX)], 8), None),
        (Layout::Record(vec![], 8), None),
        (Layout::Record(vec![cell(0)], 8), Some(vec![0, 1])),
        (Layout::Alike(Cell { kind: Kind::Bytes(0), ..cell(0) }), None),
        (Layout::Alike(cell(0)), Some(vec![])),
    ] {
        let table = Table { layout, chosen, ..table(Kind::F64) };
        let error = table.read(&b"1\n"[..], None, &mut Memory::default());
        assert!(matches!(error, Err(Error::Unsupported(_))), "{error:?}");
    }
}

#[test]
fn blank_lines_take_no_room() {
    let text = format!("{}\n{}", "1 ".repeat(1000), "\n".repeat(1 << 20));
    let mut memory = Memory { row: 8, ..Memory::default() };
    let outcome = table(Kind::F64).read(text.as_bytes(), Some(text.len() as u64), &mut memory);
    assert_eq!(outcome.expect("a row").rows, 1);
    assert!(memory.bytes.len() < 64 << 20, "{}", memory.bytes.len());
}

/// Lines with all that has a meaning.
fn soup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[0-9]{1,3}",
        2 => "-?[0-9]{0,4}\\.[0-9]{1,24}(e[+-]?[0-9]{1,3})?",
        6 => Just(" ".to_owned()),
        4 => Just("\n".to_owned()),
        1 => "[,#\"\t\r\u{b}x\u{e9}\u{a0}e+-]",
        1 => Just("\r\n".to_owned()),
        1 => Just("nan".to_owned()),
    ];
    prop::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn decimals_are_rounded_as_the_standard_library_does(
        text in "[+-]?([0-9]{1,22}(\\.[0-9]{0,22})?|\\.[0-9]{1,22})([eE][+-]?[0-9]{1,3})?"
    ) {
        let wanted: f64 = text.parse().expect("a number");
        prop_assert_eq!(floats(&text)[0].to_bits(), wanted.to_bits());
    }

    #[test]
    fn shortest_decimals_come_back(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(!value.is_nan());
        prop_assert_eq!(floats(&format!("{value:e} {value:?}")), [value, value]);
    }

    #[test]
    fn the_fast_way_agrees_with_the_general_one(text in soup(), by_comma: bool, quoted: bool) {
        for kind in [Kind::F64, Kind::I32, Kind::Bool] {
            let mut general = table(kind);
            general.dialect.delimiter = by_comma.then_some(b',');
            general.dialect.quote = quoted.then_some(b'"');
            let fast = general.clone();
            // Two comments of which one never occurs keep the fast way out.
            general.dialect.comments.push(b"never".to_vec());
            prop_assert_eq!(read(&fast, text.as_bytes(), None), read(&general, text.as_bytes(), None));
        }
    }

    #[test]
    fn threads_and_pieces_do_not_matter(text in soup(), drop in 1..9usize, max_rows in 0..9usize) {
        // Long enough for many blocks, with the line that may be odd among them.
        let text = format!("1 2\n{}{text}\n{}", "3 4\n".repeat(100_000), "5 6\n".repeat(9));
        let mut alone = table(Kind::F64);
        if max_rows < 8 {
            alone.max_rows = Some(99_999 + max_rows);
        }
        let together = Table { threads: NonZeroUsize::new(3), ..alone.clone() };
        let input = Drops(text.as_bytes(), drop * 999);
        prop_assert_eq!(
            read(&alone, text.as_bytes(), None),
            read(&together, input, Some(text.len() as u64))
        );
    }
}
