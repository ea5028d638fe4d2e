#![no_main]
//! Any text as a line typed at the prompt, or as a block pasted there.

libfuzzer_sys::fuzz_target!(|text: &str| swarmlings::shell::property::any_text_has_an_answer(text));
