//! A dtype that can be parsed is spelled so that it parses to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use savez::DType;

fuzz_target!(|text: &str| {
    let Ok(dtype) = text.parse::<DType>() else { return };
    let spelled = dtype.to_string();
    assert_eq!(spelled.parse::<DType>().expect("what was spelled can be parsed"), dtype);
    assert_eq!(dtype.to_native().to_native(), dtype.to_native());
    assert!(dtype.fits(&dtype));
});
