//! Tables of numbers as text: shapes, records, packed files, errors.

use std::io::Write;

use savez::text::{Encoding, TextOptions};
use savez::{Array, ByteOrder, DType, ErrorKind, FixedStr, loadtxt};

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

fn options() -> TextOptions {
    TextOptions::new()
}

#[test]
fn the_type_asked_for_says_how_many_axes_there_are() -> Result {
    let read = |text: &str| text.as_bytes().to_vec();
    let one = read("1\n2\n3\n");
    assert_eq!(options().read::<Vec<f64>>(&one[..])?, [1.0, 2.0, 3.0]);
    assert_eq!(options().read::<Vec<[u8; 1]>>(&one[..])?, [[1], [2], [3]]);
    let row = read("1 2 3");
    assert_eq!(options().read::<Vec<i16>>(&row[..])?, [1, 2, 3]);
    assert_eq!(options().read::<[f32; 3]>(&row[..])?, [1.0, 2.0, 3.0]);
    assert_eq!(options().read::<Vec<[f32; 3]>>(&row[..])?, [[1.0, 2.0, 3.0]]);
    assert!(options().read::<bool>(&b"7"[..])?);
    let array: Array = options().read(&row[..])?;
    assert_eq!((array.shape(), array.dtype()), (&[1, 3][..], &DType::of::<f64>()));
    let error = options().read::<Vec<f64>>(&b"1 2\n3 4\n"[..]).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.to_string().contains("[2, 2]"), "{error}");
    Ok(())
}

#[test]
fn nothing_to_read_is_an_array_of_nothing() -> Result {
    assert!(options().read::<Vec<f64>>(&b"# nothing\n"[..])?.is_empty());
    assert!(options().read::<Vec<[f64; 2]>>(&b""[..])?.is_empty());
    assert_eq!(options().read::<Array>(&b""[..])?.shape(), [0, 0]);
    Ok(())
}

#[cfg(feature = "ndarray")]
#[test]
fn ndarray_takes_rows_and_columns() -> Result {
    let table: ndarray::Array2<i64> = options().read(&b"1 2\n3 4\n"[..])?;
    assert_eq!(table, ndarray::array![[1, 2], [3, 4]]);
    let row: ndarray::Array1<i64> = options().read(&b"1 2\n"[..])?;
    assert_eq!(row, ndarray::array![1, 2]);
    Ok(())
}

#[test]
fn names_make_records() -> Result {
    let csv = b"\xef\xbb\xbf\"x, m\", y,z\n1,2,3\n4,5,6\n";
    let mut options = options();
    options.delimiter(b',').quote(b'"').names(true);
    let array: Array = options.read(&csv[..])?;
    let wanted: DType = "[('x, m', '<f8'), ('y', '<f8'), ('z', '<f8')]".parse()?;
    assert_eq!((array.dtype().to_native(), array.shape()), (wanted.to_native(), &[2][..]));
    options.columns(&[-1, 0]).dtype(DType::of::<i32>());
    let array: Array = options.read(&csv[..])?;
    let wanted: DType = "[('z', '<i4'), ('x, m', '<i4')]".parse()?;
    assert_eq!(array.dtype().to_native(), wanted.to_native());
    let bytes: Vec<u8> = [3i32, 1, 6, 4].iter().flat_map(|n| n.to_ne_bytes()).collect();
    assert_eq!(array.as_bytes(), bytes);
    assert_eq!(
        options.columns(&[3, 0]).read::<Array>(&csv[..]).expect_err("refused").kind(),
        ErrorKind::Parameter
    );
    let mut commented = TextOptions::new();
    let array: Array = commented.names(true).skip_lines(1).read(&b"junk\n# a b\n1 2\n"[..])?;
    assert!(array.dtype().to_string().contains("'b'"), "{}", array.dtype());
    for text in ["", "\n1 2\n", "#\n1 2\n"] {
        let error =
            TextOptions::new().names(true).read::<Array>(text.as_bytes()).expect_err("refused");
        assert_eq!(error.to_string(), "the line that is to name the columns is empty");
    }
    Ok(())
}

#[test]
fn names_are_kept_as_they_are() -> Result {
    for (text, names) in [
        ("#x\t y \t\r\n1\t2\t3\r\n", "[('x', '<f8'), ('y', '<f8'), ('', '<f8')]"),
        ("\tper #\n1\t2\n", "[('', '<f8'), ('per #', '<f8')]"),
        ("\"#x\"\t\" y\t\"\n1\t2\n", "[('#x', '<f8'), (' y\t', '<f8')]"),
        ("  # x\ty", "[('x', '<f8'), ('y', '<f8')]"),
    ] {
        let array: Array =
            TextOptions::new().delimiter(b'\t').quote(b'"').names(true).read(text.as_bytes())?;
        let wanted: DType = names.parse()?;
        assert_eq!(array.dtype().to_native(), wanted.to_native(), "{text:?}");
    }
    Ok(())
}

#[test]
fn records_take_a_column_for_each_field() -> Result {
    let dtype: DType = "[('n', '<U3'), ('xy', '>f4', (2,)), ('in', [('b', '?')])]".parse()?;
    let array: Array =
        options().dtype(dtype.clone()).read("spam 1 2.5 0\nä -1 1e9 3\n".as_bytes())?;
    assert_eq!((array.dtype(), array.shape()), (&dtype, &[2][..]));
    let second = &array.as_bytes()[dtype.itemsize()..];
    assert_eq!(second[..8], [0xe4, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        second[12..],
        [(-1f32).to_be_bytes(), 1e9f32.to_be_bytes()]
            .concat()
            .into_iter()
            .chain([1])
            .collect::<Vec<u8>>()[..]
    );
    for dtype in ["V4", "M8[s]", "<f16", "S0", "O", "[('a', 'V1')]", "[]"] {
        let error =
            options().dtype(dtype.parse()?).read::<Array>(&b"1\n"[..]).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{dtype}: {error}");
    }
    Ok(())
}

#[test]
fn texts_and_encodings() -> Result {
    let mut latin1 = options();
    latin1.encoding(Encoding::Latin1).dtype(DType::Str(2, ByteOrder::NATIVE));
    let texts: Vec<String> = latin1.read(&b"\xe4\n\xf6\xdf\n"[..])?;
    assert_eq!(texts, ["ä", "öß"]);
    let error = options().read::<Vec<FixedStr<2>>>(&b"\xe4\n"[..]).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Format);
    Ok(())
}

#[test]
fn options_that_cannot_be_told_apart_are_refused() -> Result {
    let refuse = |options: &mut TextOptions| {
        let error = options.read::<Vec<f64>>(&b"1\n"[..]).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Parameter, "{error}");
    };
    refuse(options().delimiter(b'#'));
    refuse(options().delimiter(b'\n'));
    refuse(options().delimiter(0xe4));
    refuse(options().quote(b' '));
    refuse(options().quote(b',').delimiter(b','));
    refuse(options().comments(&[""]));
    refuse(options().comments(&["//"]).quote(b'"'));
    refuse(options().comments(&["a\nb"]));
    assert_eq!(options().comments(&[]).quote(b'#').read::<f64>(&b"#1#"[..])?, 1.0);
    Ok(())
}

#[test]
fn packed_files_and_errors_with_their_file() -> Result {
    let dir = std::env::temp_dir().join(format!("savez-it-text-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let path = dir.join("table.txt.gz");
    let file = std::fs::File::create(&path)?;
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed.write_all("1 2\n".repeat(200_000).as_bytes())?;
    packed.finish()?;
    let table: Vec<[u8; 2]> = loadtxt(&path)?;
    assert!(table.len() == 200_000 && table.iter().all(|row| *row == [1, 2]));

    let path = dir.join("bad.txt");
    std::fs::write(&path, "1 2\n3 spam\n")?;
    let error = loadtxt::<Vec<[f64; 2]>>(&path).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Format);
    let text = error.to_string();
    assert!(
        text.contains("bad.txt") && text.contains("'spam' to float64 at row 1, column 2"),
        "{text}"
    );
    assert_eq!(loadtxt::<f64>(dir.join("absent")).expect_err("refused").kind(), ErrorKind::Io);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
