//! Headers and dtypes read, written, and read again.

use savez::{DType, Error, Extension, Header, Limits, Member, Order};

/// The header of an `.npy` file of version 1.0 (Latin-1) or 3.0 (UTF-8) with that text.
fn parsed(version: u8, text: &str) -> Result<Header, Error> {
    let text: Vec<u8> = match version {
        1 => text.chars().map(|c| u8::try_from(c).expect("Latin-1")).collect(),
        _ => text.as_bytes().to_vec(),
    };
    let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => bytes.extend((text.len() as u16).to_le_bytes()),
        _ => bytes.extend((text.len() as u32).to_le_bytes()),
    }
    bytes.extend(text);
    Header::from_bytes(&bytes, &Limits::default()).map(|(header, _)| header)
}

fn of_descr(descr: &str) -> Result<Header, Error> {
    parsed(3, &format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (2,)}}"))
}

/// Written and read again, it is the same.
#[track_caller]
fn comes_back(header: &Header) {
    let bytes = header.to_bytes().expect("a small header");
    let (again, _) = Header::from_bytes(&bytes, &Limits::default()).expect("what we wrote");
    assert_eq!(again, *header);
}

#[test]
fn line_breaks_of_windows_do_not_shift_what_follows() {
    // Each `\r\n` counts for one character in the parser; what follows the dict was then sought
    // that much too early, and here within the letter `é`.
    for breaks in 0..40 {
        let text = format!(
            "{}{{'shape': (2,), 'fortran_order': False, 'descr': [('ééé', '<V2')]}}  # dtype=[('ééé', 'bfloat16')]",
            "\r\n".repeat(breaks)
        );
        for version in [1, 3] {
            let header = parsed(version, &text).expect("NumPy reads it");
            let DType::Record(record) = header.dtype() else { panic!("a record") };
            assert_eq!(record.fields()[0].dtype, DType::Extension(Extension::BFLOAT16));
        }
    }
}

#[test]
fn titles_of_every_type_are_kept() {
    for title in ["b'x'", "12", "-1.5", "1+2j", "(1, 'a')", "1".repeat(60).as_str(), "...", "-0x1"]
    {
        for dtype in ["'<f4'", "'float8_e5m2'"] {
            comes_back(&of_descr(&format!("[(({title}, 'a'), {dtype})]")).expect(title));
        }
    }
}

#[test]
fn dtypes_are_spelled_so_that_they_can_be_parsed() {
    for text in
        ["('<f4', (3,))", "(('<f4', (3,)), (2, 2))", "([('a', '<f4')], (3,))", "(2,3)f4", "7U3"]
    {
        let dtype: DType = text.parse().expect(text);
        assert_eq!(dtype.to_string().parse::<DType>().expect(text), dtype);
    }
    let rows = DType::of::<[[u8; 3]; 2]>();
    assert_eq!(rows.to_string(), "('|u1', (2, 3))");
    assert_eq!(rows.to_string().parse::<DType>().expect("as above"), rows);
}

#[test]
fn sizes_beyond_all_memory_are_refused() {
    for dtype in [DType::Str(usize::MAX / 2, savez::ByteOrder::Little), DType::Bytes(usize::MAX)] {
        assert!(Header::new(dtype, &[2], Order::C).is_err());
    }
    for shape in [
        "(1 << 62,)",
        "(4611686018427387904, 4)",
        "(0, 4611686018427387904, 4)",
        "(-1,)",
        "(True,)",
        "[1]",
        "(1.0,)",
        "1",
    ] {
        let text = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}");
        assert!(parsed(1, &text).is_err(), "{shape}");
    }
    let axes = |count| {
        let shape = vec![1; count];
        Header::new(DType::of::<u8>(), &shape, Order::C).is_ok()
    };
    assert!(axes(64) && !axes(65));
}

#[test]
fn sub_arrays_have_elements_of_a_size() {
    for item in ["S0", "<U0", "V0"] {
        let item: DType = item.parse().expect("a dtype");
        assert!(DType::sub_array(item, vec![2]).is_err());
    }
    let item = DType::of::<f32>();
    assert_eq!(DType::sub_array(item.clone(), Vec::new()).expect("no axes"), item);
}

#[test]
fn texts_that_are_no_header_are_refused() {
    for text in [
        "",
        "{",
        "{}",
        "[]",
        "None",
        "{'descr': '<f4'}",
        "\0",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} + 1",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)\0}",
        "{'descr': 3, 'fortran_order': False, 'shape': (2,)}",
        "{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (2,)}",
    ] {
        assert!(parsed(1, text).is_err(), "{text:?}");
    }
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("-", "")] {
        let deep = format!("{}{}", open.repeat(5000), close.repeat(5000));
        assert!(parsed(1, &deep).is_err(), "nested {open}");
    }
}

#[test]
fn headers_longer_than_the_limit_or_the_file_are_refused() {
    let long =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}}{}", " ".repeat(10_000));
    let error = parsed(1, &long).expect_err("too long");
    assert_eq!(error.kind(), savez::ErrorKind::Limit);
    // Four GiB of header in a file of twenty bytes.
    let mut bytes = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    bytes.extend([b' '; 8]);
    assert!(Member::from_bytes(bytes).is_err());
}

/// Names that NumPy knows are no extension types, and what has no name is padding.
#[test]
fn names_that_mean_something_else() {
    assert_eq!(savez::Extension::named("float64", 8), None);
    let dtype: DType = "[('', '<f1'), ('a', '|u1')]".parse().expect("a dtype");
    assert_eq!(dtype.to_string(), "[('', '|V1'), ('a', '|u1')]");
    let nameless = [("", DType::Void(3)), ("", DType::Extension(savez::Extension::INT4))];
    for field in nameless {
        assert!(savez::Record::packed([field]).is_err());
    }
}
