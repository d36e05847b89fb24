//! A header that can be read is written so that it reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use savez::{Header, Limits};

fuzz_target!(|bytes: &[u8]| {
    let Ok((header, _)) = Header::from_bytes(bytes, &Limits::default()) else { return };
    let written = header.to_bytes().expect("a header of a few KB");
    // Written out, escapes and names of types may take more room than in the file.
    let (again, python2) = Header::from_bytes(&written, &Limits::default().header_chars(1 << 20))
        .expect("what was written can be read");
    assert_eq!(header, again);
    assert!(!python2);
    assert_eq!(again.to_bytes().expect("as before"), written);
});
