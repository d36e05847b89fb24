//! Random dtypes and arrays, written and read; random parts of them, from file and memory.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use savez::{
    Archive, ArrayView, ByteOrder, Compression, DType, Extension, Field, Header, Limits, Member,
    Number, Order, Record, Selection, TimeStep, TimeUnit, Title, WriteOptions,
};

fn byte_order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

fn time_step() -> impl Strategy<Value = TimeStep> {
    let units = [TimeUnit::Year, TimeUnit::Month, TimeUnit::Day, TimeUnit::Microsecond];
    let step = (1u32..1 << 31, proptest::sample::select(units.to_vec()));
    prop_oneof![Just(TimeStep::GENERIC), step.prop_map(|(count, unit)| TimeStep::new(count, unit))]
}

fn scalar() -> impl Strategy<Value = DType> {
    let number = proptest::sample::select(Number::ALL.to_vec());
    prop_oneof![
        4 => (number, byte_order()).prop_map(|(number, order)| DType::number(number, order)),
        1 => proptest::sample::select(Extension::KNOWN.to_vec()).prop_map(DType::Extension),
        1 => (time_step(), byte_order()).prop_map(|(step, order)| DType::Datetime(step, order)),
        1 => (time_step(), byte_order()).prop_map(|(step, order)| DType::Timedelta(step, order)),
        1 => (0usize..20).prop_map(DType::Bytes),
        1 => (0usize..20, byte_order()).prop_map(|(len, order)| DType::Str(len, order)),
        1 => (0usize..20).prop_map(DType::Void),
    ]
}

/// Names that need every kind of quote, escape and encoding.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Zé\u{3b1}\u{1f600}'\"\\\\ \n#{}(),]{1,6}"
}

/// A record of these fields, each with some bytes of padding in front and perhaps a title.
fn record(items: Vec<(DType, usize, bool)>, names: Vec<String>, tail: usize) -> DType {
    let mut end = 0;
    let mut fields = Vec::new();
    for (number, ((dtype, gap, titled), name)) in items.into_iter().zip(names).enumerate() {
        let offset = end + gap;
        end = offset + dtype.itemsize();
        let title = titled.then(|| Title::Text(format!("{name} {number} as a title")));
        fields.push(Field { name, title, dtype, offset });
    }
    DType::Record(Record::new(fields, end + tail).expect("fields in order"))
}

fn dtype() -> impl Strategy<Value = DType> {
    scalar().prop_recursive(3, 24, 4, |inner| {
        let sub_array = (inner.clone(), vec(0usize..4, 1..3))
            .prop_map(|(item, shape)| DType::sub_array(item.clone(), shape).unwrap_or(item));
        let item = (prop_oneof![inner, sub_array], 0usize..4, any::<bool>());
        (vec(item, 1..5), btree_set(name(), 5), 0usize..4)
            .prop_map(|(items, names, tail)| record(items, names.into_iter().collect(), tail))
    })
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::C), Just(Order::Fortran)]
}

/// Bytes that differ from place to place.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i.wrapping_mul(0x9e37_79b9) >> 11) as u8).collect()
}

/// An index or slice of an axis, as it is written in Python.
fn item() -> impl Strategy<Value = String> {
    let bound = || prop_oneof![Just(String::new()), (-7i64..8).prop_map(|n| n.to_string())];
    let step = prop_oneof![
        Just(String::new()),
        (1i64..4).prop_map(|n| n.to_string()),
        (-3i64..0).prop_map(|n| n.to_string())
    ];
    prop_oneof![
        1 => (-5i64..5).prop_map(|n| n.to_string()),
        3 => (bound(), bound(), step).prop_map(|(start, stop, step)| format!("{start}:{stop}:{step}")),
    ]
}

fn selection() -> impl Strategy<Value = Selection> {
    let ellipsis = proptest::option::of(0usize..6);
    (vec(item(), 0..6), ellipsis).prop_map(|(mut items, ellipsis)| {
        match ellipsis {
            Some(place) => items.insert(place.min(items.len()), "...".to_owned()),
            None if items.is_empty() => return (..).into(),
            None => {}
        }
        items.join(",").parse().expect("a selection")
    })
}

fn member(array: &ArrayView<'_>, compression: Compression) -> Member {
    let mut bytes = Vec::new();
    let mut writer = WriteOptions::new().compression(compression).stream(&mut bytes);
    writer.add("a", array).expect("add");
    writer.finish().expect("finish");
    Archive::from_bytes(bytes).and_then(|archive| archive.member("a")).expect("a member")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arrays_of_any_dtype_come_back(
        dtype in dtype(),
        shape in vec(0usize..4, 0..4),
        order in order(),
    ) {
        let header = Header::new(dtype, &shape, order).expect("a small array");
        let limits = Limits::default().header_chars(1 << 20);
        let head = header.to_bytes().expect("a header");
        prop_assert_eq!(head.len() % 64, 0);
        let (again, python2) = Header::from_bytes(&head, &limits).expect("what was written");
        prop_assert_eq!(&again, &header);
        prop_assert!(!python2);
        if head.len() > 10_000 {
            return Ok(());
        }
        let data = bytes(header.nbytes());
        let array = Member::from_bytes([head, data.clone()].concat())
            .and_then(|member| member.read_array())
            .expect("what was written");
        prop_assert_eq!(array.header(), &header);
        prop_assert_eq!(array.as_bytes(), &data);
        for compression in [Compression::None, Compression::DEFLATE] {
            let copy = member(&array.view(), compression).read_array().expect("read");
            prop_assert_eq!(copy.dtype(), header.dtype());
            prop_assert_eq!(copy.shape(), header.shape());
            prop_assert_eq!(copy.as_bytes(), &data);
        }
    }

    #[test]
    fn dtypes_come_back_from_their_spelling(dtype in dtype()) {
        let text = dtype.to_string();
        prop_assert_eq!(text.parse::<DType>().expect("what was spelled"), dtype, "{}", text);
    }

    #[test]
    fn slices_of_a_file_are_those_of_memory(
        shape in vec(0usize..6, 0..6),
        order in order(),
        selections in vec(selection(), 8),
        itemsize in proptest::sample::select(vec![1usize, 3, 8]),
    ) {
        let dtype = DType::Void(itemsize);
        let data = bytes(shape.iter().product::<usize>() * itemsize);
        let view = ArrayView::new(dtype, &shape, order, &data).expect("a view");
        let members =
            [Compression::None, Compression::DEFLATE].map(|compression| member(&view, compression));
        for selection in selections {
            match view.select(&selection) {
                Ok(expected) => {
                    let mut in_c_order = Vec::new();
                    expected.write(&mut in_c_order, Order::C).expect("memory");
                    for member in &members {
                        let found = member.slice(selection.clone()).expect("as in memory");
                        prop_assert_eq!(found.shape(), expected.shape());
                        let mut bytes = Vec::new();
                        found.view().write(&mut bytes, Order::C).expect("memory");
                        prop_assert_eq!(&bytes, &in_c_order, "{:?}", selection);
                    }
                }
                Err(_) => {
                    prop_assert!(members.iter().all(|m| m.slice(selection.clone()).is_err()));
                }
            }
        }
    }
}
