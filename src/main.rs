//! The program. As a service's container or a node's `wget` it is another one.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let called = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    if called.rsplit('/').next() == Some("wget") {
        return swarmlings::echo::wget(rest);
    }
    match rest.first().map(String::as_str) {
        Some("echo") => swarmlings::echo::main(rest[1..].to_vec()),
        _ => swarmlings::cli::main(),
    }
}
