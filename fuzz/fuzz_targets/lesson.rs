#![no_main]
//! Any bytes as a lesson.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| swarmlings::lesson::property::any_bytes_are_read(bytes));
