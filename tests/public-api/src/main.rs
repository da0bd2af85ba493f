//! Lists the library's public API, one item on a line, from the JSON that rustdoc has written.

#![forbid(unsafe_code)]

use public_api::Builder;

/// Path of the contracts' generated bindings, which are not listed.
const BINDINGS: &str = "latchkey::contracts::abi::";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let json = std::env::args().nth(1).ok_or("give the path of latchkey.json")?;
    // What the compiler adds by itself follows from the rest.
    let api = Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    let lines = api.items().map(ToString::to_string).filter(|line| !is_binding(line));
    lines.for_each(|line| println!("{line}"));
    Ok(())
}

/// True for an item of the bindings; not for one of ours whose signature names them.
fn is_binding(line: &str) -> bool {
    let about = line.split('(').next().unwrap_or_default();
    let about = about.split(": ").next().unwrap_or_default();
    about.contains(BINDINGS)
}
