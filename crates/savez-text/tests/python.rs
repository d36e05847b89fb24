//! Rows as Python writes them.

use savez_text::{Column, Kind, RowFormat, Scalars};

/// `data/python.py` wrote it.
const PYTHON: &str = include_str!("data/python.txt");

#[test]
fn values_are_pythons() {
    for line in PYTHON.lines() {
        let [kind, bits, format, wanted] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let kind = match kind {
            "F64" => Kind::F64,
            "F32" => Kind::F32,
            "F16" => Kind::F16,
            "I64" => Kind::I64,
            _ => Kind::U8,
        };
        let cell = u64::from_str_radix(bits, 16).expect("bits").to_le_bytes();
        let format = RowFormat::compile(format, &[Column::new(kind, 0)]).expect("a format");
        let longest = format.longest_row();
        let mut out = Vec::new();
        format.write(&cell, &mut out).expect("a value with a text");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.len() <= longest);
        assert_eq!(text.replace('\0', "\\x00").replace('ÿ', "\\xff"), wanted, "{line}");
    }
}

#[test]
fn columns_lie_where_they_say() {
    let columns = [
        Column::new(Kind::I16, 1).big_endian(),
        Column::new(Kind::Bool, 0),
        Column::new(Kind::Bytes(3), 4),
        Column::new(Kind::Str(2), 8),
    ];
    let format = RowFormat::compile("<%d %d %s %4s>", &columns).expect("a format").ending("\r\n");
    assert!(!format.is_ascii());
    let row = [&[2, 1, 2, 99][..], b"a'\0\0", &[0xe9, 0, 0, 0, 0, 0, 0, 0]].concat();
    let mut out = b"before ".to_vec();
    format.write(&row, &mut out).expect("a row");
    assert_eq!(out, "before <258 1 b\"a'\"    é>\r\n".as_bytes());
    // The last cell is cut: nothing of the row stays.
    assert!(format.write(&row[..12], &mut out).is_err());
    assert!(out.ends_with(b">\r\n"));
}

#[test]
fn rows_without_a_text_leave_nothing() {
    let format =
        RowFormat::compile("%g %d", &[Column::new(Kind::F64, 0), Column::new(Kind::F64, 8)])
            .expect("a format");
    let mut out = Vec::new();
    for (value, reason) in [
        (f64::NAN, "cannot convert float NaN to integer"),
        (f64::INFINITY, "cannot convert float infinity to integer"),
    ] {
        let row = [1.0_f64.to_le_bytes(), value.to_le_bytes()].concat();
        assert_eq!(format.write(&row, &mut out).map_err(|error| error.reason()), Err(reason));
        assert!(out.is_empty());
    }
}

#[test]
fn signs_fold_as_in_complex_numbers() {
    let columns = [Column::new(Kind::F64, 0), Column::new(Kind::F64, 8)];
    let format =
        RowFormat::compile("+-(%g+%gj)", &columns).expect("a format").ending("+").fold_signs();
    let row = [1.0_f64.to_le_bytes(), (-2.0_f64).to_le_bytes()].concat();
    let mut out = b"+".to_vec();
    format.write(&row, &mut out).expect("a row");
    assert_eq!(out, b"+-(1-2j)+");
    format.write(&row, &mut out).expect("a row");
    assert_eq!(out, b"+-(1-2j)+-(1-2j)+");
}

#[test]
fn older_numpys_print_otherwise() {
    let format = RowFormat::compile("%r", &[Column::new(Kind::F32, 0)]).expect("a format");
    let old = format.clone().scalars(Scalars::NUMPY_1);
    for (format, wanted) in [(format, "np.float32(1.2345679e+08)"), (old, "123456790.0")] {
        let mut out = Vec::new();
        format.write(&123_456_789_f32.to_le_bytes(), &mut out).expect("a row");
        assert_eq!(String::from_utf8_lossy(&out), wanted);
    }
}

#[test]
fn formats_that_do_not_fit_are_refused() {
    for (format, kind) in [
        ("%x", Kind::F64),
        ("%o", Kind::Bool),
        ("%c", Kind::F32),
        ("%d", Kind::Bytes(3)),
        ("%e", Kind::Str(3)),
        ("%r", Kind::Str(3)),
        ("%s", Kind::Bf16),
        ("%d %d", Kind::I8),
        ("no conversion", Kind::I8),
        ("%q", Kind::I8),
    ] {
        assert!(RowFormat::compile(format, &[Column::new(kind, 0)]).is_err(), "{format}");
    }
}
