//! The program. As a service's container or a node's `wget` it is another one.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    swarmlings::echo::called(&arguments).unwrap_or_else(swarmlings::cli::main)
}
