//! `#[derive(Record)]`: structs as structured dtypes. The texts are those of NumPy's
//! `dtype_to_descr`. That the derive works without a right to unsafe code is a test as well.

use std::mem::offset_of;

use savez::{
    ArrayView, AsArray, ByteOrder, DType, Datetime64, Element, ErrorKind, FixedBytes, FixedStr,
    Order, Record, Result,
};

/// NumPy's text for the dtype of `T` on a little-endian machine.
fn descr<T: Element>() -> String {
    DType::of::<T>().with_byte_order(ByteOrder::Little).to_string()
}

#[derive(Clone, Copy, Debug, PartialEq, Record)]
#[repr(C)]
struct Pixel {
    x: f64,
    rgb: [u8; 3],
    visible: bool,
    weight: f32,
}

#[test]
fn fields_are_those_of_the_struct() {
    let text = "[('x', '<f8'), ('rgb', '|u1', (3,)), ('visible', '|b1'), ('weight', '<f4')]";
    assert_eq!(descr::<Pixel>(), text);
    let DType::Record(record) = DType::of::<Pixel>() else { panic!("a record") };
    let offsets: Vec<usize> = record.fields().iter().map(|field| field.offset).collect();
    assert_eq!(offsets, [0, offset_of!(Pixel, rgb), offset_of!(Pixel, visible), 12]);
    assert_eq!(record.itemsize(), size_of::<Pixel>());
    assert!(!DType::Record(record).is_swapped());
}

#[test]
fn every_kind_of_element_is_a_field() {
    #[derive(Clone, Copy, Record)]
    #[repr(C)]
    struct All {
        time: Datetime64,
        text: FixedStr<2>,
        code: FixedBytes<5>,
        flags: [bool; 3],
        matrix: [[f32; 2]; 3],
        records: [Pixel; 2],
        none: [i64; 0],
    }
    assert_eq!(
        descr::<All>(),
        "[('time', '<M8'), ('text', '<U2'), ('code', '|S5'), ('flags', '|b1', (3,)), \
         ('matrix', '<f4', (3, 2)), ('records', [('x', '<f8'), ('rgb', '|u1', (3,)), \
         ('visible', '|b1'), ('weight', '<f4')], (2,)), ('none', '<i8', (0,))]"
    );
}

#[derive(Clone, Copy, Debug, PartialEq, Record)]
#[repr(C)]
struct Padded {
    #[savez(pad)]
    _start: [u8; 4],
    a: u8,
    #[savez(pad)]
    _middle: [u8; 2],
    #[savez(pad)]
    _more: Byte,
    b: f64,
    c: u16,
    #[savez(pad)]
    _end: [u8; 6],
}

type Byte = [u8; 1];

#[test]
fn padding_has_no_name() {
    assert_eq!(
        descr::<Padded>(),
        "[('', '|V4'), ('a', '|u1'), ('', '|V3'), ('b', '<f8'), ('c', '<u2'), ('', '|V6')]"
    );
    assert_eq!(DType::of::<Padded>().itemsize(), 24);
}

#[test]
fn a_dtype_is_what_its_text_says() -> Result<()> {
    for dtype in [DType::of::<Pixel>(), DType::of::<Padded>(), DType::of::<Outer>()] {
        assert_eq!(dtype.to_string().parse::<DType>()?, dtype);
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Record)]
#[repr(C)]
struct Outer {
    count: i16,
    inner: [Inner; 2],
    last: Inner,
}

#[derive(Clone, Copy, Debug, PartialEq, Record)]
#[repr(C)]
struct Inner {
    value: i16,
    ok: bool,
    #[savez(pad)]
    _pad: [u8; 1],
}

#[test]
fn records_nest() {
    let inner = "[('value', '<i2'), ('ok', '|b1'), ('', '|V1')]";
    assert_eq!(
        descr::<Outer>(),
        format!("[('count', '<i2'), ('inner', {inner}, (2,)), ('last', {inner})]")
    );
}

#[test]
fn packed_structs_have_no_padding() -> Result<()> {
    #[derive(Clone, Copy, Debug, PartialEq, Record)]
    #[repr(C, packed)]
    struct Packed {
        a: u8,
        b: f64,
        c: Pixel,
    }
    #[derive(Clone, Copy, Record)]
    #[repr(packed(2), C)]
    struct ByTwo {
        a: u16,
        b: f64,
    }
    let pixel = "[('x', '<f8'), ('rgb', '|u1', (3,)), ('visible', '|b1'), ('weight', '<f4')]";
    assert_eq!(descr::<Packed>(), format!("[('a', '|u1'), ('b', '<f8'), ('c', {pixel})]"));
    assert_eq!(DType::of::<Packed>().itemsize(), 25);
    assert_eq!(descr::<ByTwo>(), "[('a', '<u2'), ('b', '<f8')]");
    assert_eq!(DType::of::<ByTwo>().itemsize(), 10);

    let c = Pixel { x: 0.5, rgb: [1, 2, 3], visible: true, weight: 4.0 };
    let records = vec![Packed { a: 1, b: 2.0, c }, Packed { a: 3, b: 4.0, c }];
    assert_eq!(records.as_array()?.to_vec::<Packed>()?, records);
    Ok(())
}

#[test]
fn names_and_titles_are_as_given() {
    #[derive(Clone, Copy, Record)]
    #[repr(C)]
    struct Named {
        r#type: u8,
        #[savez(rename = "loop")]
        a: u8,
        #[savez(title = "Größe in m")]
        b: u8,
        #[savez(rename = "it's")]
        #[savez(title = "d")]
        c: u8,
        /// Documented.
        #[savez(title = "T", rename = "a")]
        d: u8,
    }
    assert_eq!(
        descr::<Named>(),
        "[('type', '|u1'), ('loop', '|u1'), (('Größe in m', 'b'), '|u1'), \
         (('d', \"it's\"), '|u1'), (('T', 'a'), '|u1')]"
    );
}

#[test]
fn a_record_may_be_empty() -> Result<()> {
    #[derive(Clone, Copy, Debug, PartialEq, Record)]
    #[repr(C)]
    struct Nothing {}
    #[derive(Clone, Copy, Debug, PartialEq, Record)]
    #[repr(C)]
    struct Opaque {
        #[savez(pad)]
        bytes: [u8; 3],
    }
    assert_eq!((descr::<Nothing>().as_str(), descr::<Opaque>().as_str()), ("[]", "[('', '|V3')]"));
    assert_eq!(vec![Nothing {}; 3].as_array()?.to_vec::<Nothing>()?.len(), 3);
    let opaque = vec![Opaque { bytes: [1, 2, 3] }];
    assert_eq!(opaque.as_array()?.to_vec::<Opaque>()?, opaque);
    Ok(())
}

#[test]
fn arrays_of_nothing_have_no_size() {
    const MOST: usize = isize::MAX as usize;
    #[derive(Clone, Copy, Record)]
    #[repr(C)]
    struct Hollow {
        a: [[[u8; 0]; MOST]; MOST],
        b: u8,
    }
    assert_eq!(DType::of::<Hollow>().itemsize(), 1);
}

#[test]
fn records_go_into_arrays_and_come_back() -> Result<()> {
    let inner = |value| Inner { value, ok: value > 0, _pad: [9] };
    let records: Vec<Outer> = (0..100)
        .map(|count| Outer { count, inner: [inner(-count), inner(count)], last: inner(7) })
        .collect();
    let array = records.as_array()?.to_array()?;
    assert_eq!(array.shape(), [100]);
    assert_eq!(array.as_slice::<Outer>()?, records);
    assert_eq!(array.to_vec::<Outer>()?, records);
    let counts = array.view().field("count")?.to_vec::<i16>()?;
    assert_eq!(counts, (0..100).collect::<Vec<i16>>());
    let inner = array.view().field("inner")?;
    assert_eq!(inner.shape(), [100, 2]);
    assert_eq!(inner.to_vec::<[Inner; 2]>()?[42], records[42].inner);

    // An array of no axes, and one of two.
    assert!(records[0].as_array()?.shape().is_empty());
    assert_eq!([[inner_of(1); 2]; 3].as_array()?.shape(), [3, 2]);
    Ok(())
}

fn inner_of(value: i16) -> Inner {
    Inner { value, ok: false, _pad: [0] }
}

#[test]
fn records_of_the_other_byte_order_are_converted() -> Result<()> {
    let (x, weight) = (2.5f64, -3.25f32);
    let pixel = Pixel { x, rgb: [1, 2, 3], visible: true, weight };
    let big = [&x.to_be_bytes()[..], &[1, 2, 3, 1], &weight.to_be_bytes()].concat();
    let little = [&x.to_le_bytes()[..], &[1, 2, 3, 1], &weight.to_le_bytes()].concat();
    for (order, bytes) in [(ByteOrder::Big, big), (ByteOrder::Little, little)] {
        let dtype = DType::of::<Pixel>().with_byte_order(order);
        let view = ArrayView::new(dtype, &[1], Order::C, &bytes)?;
        assert_eq!(view.to_vec::<Pixel>()?, [pixel]);
    }
    Ok(())
}

#[test]
fn bools_other_than_0_and_1_become_true() -> Result<()> {
    let mut bytes = [0; 2 * size_of::<Outer>()];
    bytes[offset_of!(Outer, last) + offset_of!(Inner, ok)] = 2;
    bytes[size_of::<Outer>() + offset_of!(Outer, inner) + 4 + offset_of!(Inner, ok)] = 255;
    // Padding and numbers stay as they are.
    bytes[offset_of!(Outer, last) + offset_of!(Inner, _pad)] = 2;
    let view = ArrayView::new(DType::of::<Outer>(), &[2], Order::C, &bytes)?;
    let records = view.to_vec::<Outer>()?;
    assert_eq!(records[0].last, Inner { value: 0, ok: true, _pad: [2] });
    assert_eq!(records[0].inner, [inner_of(0); 2]);
    assert!(records[1].inner[1].ok && !records[1].inner[0].ok && !records[1].last.ok);

    let error = view.to_array()?.as_slice::<Outer>().expect_err("an invalid bool");
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    Ok(())
}

#[test]
fn dtypes_fit_if_names_types_and_offsets_do() -> Result<()> {
    #[derive(Clone, Copy, Debug, PartialEq, Record)]
    #[repr(C)]
    struct Wanted {
        #[savez(title = "other titles do not matter")]
        a: u8,
        #[savez(pad)]
        _pad: [u8; 1],
        m: [[u16; 2]; 2],
    }
    let bytes: [u8; 10] = [1, 0, 1, 1, 2, 2, 3, 3, 4, 4];
    let read =
        |dtype: &str| ArrayView::new(dtype.parse()?, &[], Order::C, &bytes)?.to_vec::<Wanted>();
    let wanted = Wanted { a: 1, _pad: [0], m: [[0x101, 0x202], [0x303, 0x404]] };
    let fitting = [
        "[('a', '|u1'), ('', '|V1'), ('m', '>u2', (2, 2))]",
        "[(('A', 'a'), '|u1'), ('', '|V1'), ('m', ('<u2', (2,)), (2,))]",
    ];
    for dtype in fitting {
        assert_eq!(read(dtype)?, [wanted], "{dtype}");
    }
    let other = [
        "[('a', '|u1'), ('', '|V1'), ('n', '<u2', (2, 2))]",
        "[('a', '|i1'), ('', '|V1'), ('m', '<u2', (2, 2))]",
        "[('a', '|u1'), ('m', '<u2', (2, 2)), ('', '|V1')]",
        "[('a', '|u1'), ('b', '|u1'), ('m', '<u2', (2, 2))]",
        "[('a', '|u1'), ('', '|V1'), ('m', '<u2', (4,))]",
        "|V10",
    ];
    for dtype in other {
        let error = read(dtype).expect_err(dtype);
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{dtype}");
    }
    Ok(())
}

/// What the derive writes does not depend on what names mean where it stands.
#[allow(non_camel_case_types, dead_code, non_upper_case_globals)]
mod surroundings {
    struct u8;
    struct Option;
    struct Some;
    struct Result;
    mod core {}
    mod std {}
    mod savez {}
    const record: () = ();
    const end: usize = 0;

    macro_rules! define {
        ($name:ident, $field:ident: $type:ty) => {
            #[derive(Clone, Copy, ::savez::Record)]
            #[cfg_attr(all(), repr(C))]
            pub(super) struct $name {
                $field: $type,
                #[cfg(any())]
                absent: String,
                own: [f32; Self::LEN],
                #[savez(pad)]
                _pad: [::core::primitive::u8; Self::LEN],
            }

            impl $name {
                const LEN: usize = 4;
            }
        };
    }

    define!(Made, r#fn: [i32; 2]);
}

#[test]
fn surroundings_do_not_matter() {
    assert_eq!(
        descr::<surroundings::Made>(),
        "[('fn', '<i4', (2,)), ('own', '<f4', (4,)), ('', '|V4')]"
    );
}
