//! Tables of text: the options, files and threads. What numbers look like is tested against Python.

use std::io::Read;

use savez::text::{BadRow, SaveText, TextRows, savetxt};
use savez::{AsArray, ByteOrder, DType, ErrorKind, Order};

fn written<A: AsArray + ?Sized>(options: &SaveText, array: &A) -> String {
    let mut text = Vec::new();
    options.write(&mut text, array).expect("a table");
    String::from_utf8(text).expect("UTF-8")
}

fn refused<A: AsArray + ?Sized>(options: &SaveText, array: &A) -> String {
    let error = options.write(std::io::sink(), array).expect_err("a refusal");
    error.to_string()
}

#[test]
fn options_mean_what_they_mean_in_numpy() {
    let matrix = [[1.0, 2.5], [-3.0, 1e10]];
    let table = |change: &dyn Fn(&mut SaveText)| {
        let mut options = SaveText::new();
        change(&mut options);
        written(&options, &matrix)
    };
    assert_eq!(
        table(&|_| {}),
        "1.000000000000000000e+00 2.500000000000000000e+00\n\
         -3.000000000000000000e+00 1.000000000000000000e+10\n"
    );
    assert_eq!(table(&|o| _ = o.format("%g").delimiter(", ").newline(";")), "1, 2.5;-3, 1e+10;");
    assert_eq!(table(&|o| _ = o.column_formats(["%d", "%.1f"])), "1 2.5\n-3 10000000000.0\n");
    assert_eq!(table(&|o| _ = o.row_format("%g=%g!").delimiter("no")), "1=2.5!\n-3=1e+10!\n");
    assert_eq!(
        table(&|o| _ = o.format("%g").header("a\nb").footer("c").comments("% ")),
        "% a\n% b\n1 2.5\n-3 1e+10\n% c\n"
    );
}

#[test]
fn elements_of_all_kinds_have_columns() {
    let options = SaveText::new().format("%s").clone();
    assert_eq!(written(&options, &[true, false]), "True\nFalse\n");
    assert_eq!(written(&options, &[u64::MAX]), "18446744073709551615\n");
    let complex: DType = "<c16".parse().expect("a dtype");
    let bytes: Vec<u8> = [1.0_f64, -2.0].iter().flat_map(|part| part.to_le_bytes()).collect();
    let array = savez::ArrayView::new(complex, &[1], Order::C, &bytes).expect("an array");
    assert_eq!(written(SaveText::new().format("%g"), &array), " (1-2j)\n");
    let record: DType = "[('n', '>i2'), ('s', '<U2')]".parse().expect("a dtype");
    let bytes = [&[0, 7][..], &[b'a', 0, 0, 0, 0, 0, 0, 0]].concat();
    let array = savez::ArrayView::new(record, &[1], Order::C, &bytes).expect("an array");
    assert_eq!(written(&options, &array), "7 a\n");
    assert_eq!(written(&options, &Vec::<f64>::new()), "");
    assert_eq!(written(&options, &[[0.0_f32; 0]; 2]), "\n\n");
}

#[test]
fn order_and_strides_make_no_difference() {
    let numbers: Vec<f64> = (0..60_000).map(f64::from).collect();
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let big = DType::number(savez::Number::F64, ByteOrder::Big);
    let fortran =
        savez::ArrayView::new(big, &[20_000, 3], Order::Fortran, &bytes).expect("an array");
    let rows: Vec<[f64; 3]> =
        (0..20_000).map(|row| [0, 1, 2].map(|column| numbers[column * 20_000 + row])).collect();
    for threads in [1, 2, 5] {
        let options = SaveText::new().threads(threads).clone();
        assert_eq!(written(&options, &fortran), written(&options, &rows));
    }
}

#[test]
fn what_has_no_text_is_refused() {
    let mut options = SaveText::new();
    assert!(refused(&options, &1.0).contains("one or two axes"));
    assert!(refused(&options, &[[[1.0]]]).contains("one or two axes"));
    assert!(refused(options.format("%x"), &[1.0]).contains("does not fit"));
    assert!(refused(options.column_formats(["%d"]), &[[1, 2]]).contains("1 formats for 2 columns"));
    assert!(
        refused(options.format("%d"), &[1.0, f64::NAN]).contains("row 1: cannot convert float NaN")
    );
    let dates: DType = "<M8[D]".parse().expect("a dtype");
    let array = savez::ArrayView::new(dates, &[1], Order::C, &[0; 8]).expect("an array");
    let error = SaveText::new().write(std::io::sink(), &array).expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn blocks_stop_at_a_row_without_a_text() {
    let mut numbers = vec![1.0; 100_000];
    numbers[70_000] = f64::INFINITY;
    let rows = TextRows::new(numbers.as_array().expect("an array"), "%d", "\n").expect("rows");
    for threads in [Some(1), Some(3), None] {
        let mut length = 0;
        let mut take = |text: &[u8]| {
            length += text.len();
            Ok(())
        };
        let bad = rows.for_each_block(10..100_000, threads, &mut take).expect("no error");
        let reason = "cannot convert float infinity to integer";
        assert_eq!(bad, Some(BadRow { row: 70_000, reason }));
        assert_eq!(length, 2 * (70_000 - 10));
    }
    assert!(rows.for_each_block(0..100_001, None, |_| Ok(())).is_err());
}

#[test]
fn files_are_whole_or_not_there() {
    let dir = std::env::temp_dir().join(format!("savez-text-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a directory");
    let path = dir.join("table.txt");
    savetxt(&path, &[1.0]).expect("a file");
    let error = SaveText::new().format("%d").save(&path, &[f64::NAN]).expect_err("a refusal");
    assert_eq!(error.file(), Some(path.as_path()));
    let kept = std::fs::read_to_string(&path).expect("the old file");
    assert_eq!(kept, "1.000000000000000000e+00\n");
    let numbers: Vec<[f64; 2]> = (0..50_000).map(|n| [f64::from(n), 0.5]).collect();
    let packed = dir.join("table.txt.gz");
    savetxt(&packed, &numbers).expect("a file");
    let mut text = String::new();
    let file = std::fs::File::open(&packed).expect("the file");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    assert_eq!(text, written(&SaveText::new(), &numbers));
    assert_eq!(std::fs::read_dir(&dir).map(Iterator::count).ok(), Some(2));
    std::fs::remove_dir_all(&dir).expect("no directory");
}
