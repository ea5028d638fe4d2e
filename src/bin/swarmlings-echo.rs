//! What of the program is needed inside containers, as a program of its own:
//! every node loads it, so it is small.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    swarmlings::echo::called(&arguments).unwrap_or_else(|| {
        eprintln!("This is a part of swarmlings that runs inside containers.");
        ExitCode::from(2)
    })
}
