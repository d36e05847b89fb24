use savez::{ArrayView, ByteOrder, DType, Extension, Number, Order, Result, Selection};

use super::array_text;

/// What NumPy prints, written by the script beside it.
const GOLDEN: &str = include_str!("../../tests/data/print.txt");

fn text(dtype: &str, shape: &[usize], order: Order, bytes: &[u8]) -> Result<String> {
    array_text(&ArrayView::new(dtype.parse()?, shape, order, bytes)?)
}

#[test]
fn arrays_print_as_numpy_prints_them() -> Result<()> {
    let mut lines = GOLDEN.lines().peekable();
    let mut count = 0;
    while let Some(case) = lines.next() {
        let [dtype, shape, order, hex] = case.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{case:?} is no case")
        };
        let shape: Vec<usize> =
            shape.split(',').filter(|len| !len.is_empty()).map(number).collect();
        let order = if order == "F" { Order::Fortran } else { Order::C };
        let mut wanted = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
            wanted.push(&line[2..]);
        }
        let is_quad = dtype.ends_with("f16") || dtype.ends_with("c32");
        if is_quad && !cfg!(target_arch = "x86_64") {
            continue;
        }
        assert_eq!(text(dtype, &shape, order, &bytes(hex))?, wanted.join("\n"), "{case}");
        count += 1;
    }
    assert!(count > 500, "only {count} cases");
    Ok(())
}

fn number(digits: &str) -> usize {
    digits.parse().expect("a length")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).expect("a digit")).expect("small");
    hex.as_bytes().as_chunks().0.iter().map(|&[a, b]| digit(a) << 4 | digit(b)).collect()
}

#[test]
fn views_print_in_their_own_order() -> Result<()> {
    let numbers: Vec<u8> = (0..12).collect();
    for (order, part, wanted) in [
        (Order::C, "::-1, 1:3", "[[ 9 10]\n [ 5  6]\n [ 1  2]]"),
        (Order::C, ":, 2", "[ 2  6 10]"),
        (Order::Fortran, "::2, ::-2", "[[ 9  3]\n [11  5]]"),
        (Order::Fortran, "1, 1", "4"),
    ] {
        let view = ArrayView::new(DType::of::<u8>(), &[3, 4], order, &numbers)?;
        assert_eq!(array_text(&view.select(&part.parse::<Selection>()?)?)?, wanted);
    }
    let records: DType = "[('a', '|u1'), ('b', '>u2')]".parse()?;
    let view = ArrayView::new(records, &[4], Order::C, &numbers)?;
    assert_eq!(array_text(&view.field("b")?)?, "[ 258 1029 1800 2571]");
    Ok(())
}

#[test]
fn what_numpy_cannot_print_has_a_text_all_the_same() -> Result<()> {
    let generic =
        text("<M8", &[2], Order::C, &[5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80])?;
    assert_eq!(generic, "[  '5' 'NaT']");
    let beyond = 0x110000_u32.to_le_bytes();
    assert_eq!(text("<U1", &[1], Order::C, &beyond)?, r"['\U00110000']");
    assert_eq!(text("<U1", &[], Order::C, &beyond)?, "\u{fffd}");
    let unnormal = ArrayView::new(
        DType::number(Number::F96, ByteOrder::Little),
        &[],
        Order::C,
        &[0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0x3f, 0, 0],
    )?;
    assert_eq!(array_text(&unnormal)?, "nan");
    let unknown = Extension::named("float9_e4m4", 2).expect("a name");
    let view = ArrayView::new(DType::Extension(unknown), &[1], Order::C, &[1, 0xab])?;
    assert_eq!(array_text(&view)?, r"[b'\x01\xAB']");
    Ok(())
}
