#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dualcomp_tests::targets::deflate_rebuild(data));
