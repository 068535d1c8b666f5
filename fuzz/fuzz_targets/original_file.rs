#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dualcomp_tests::targets::original_file(data));
