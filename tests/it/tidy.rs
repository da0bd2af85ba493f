//! Tidiness of the whole repository, as tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use latchkey_tests::root;

/// Longest source file, in lines: beyond it a file has more than one subject.
const FILE_LINES_MAX: usize = 400;
/// Longest ARCHITECTURE.md, in lines: it is to be read in one sitting.
const ARCHITECTURE_LINES_MAX: usize = 200;
/// Largest file that belongs into the repository, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Folders that hold what was built or installed, not what was written.
const NOT_OURS: [&str; 8] = ["target", "node_modules", ".git", ".cache", "out", "cache", "artifacts", "lib"];

/// Every file below `folder` whose name ends in one of `endings`, with its path relative to the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().map_while(Result::ok) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let relative = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
                found.push((relative, path));
            }
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lines of code below `folder`, comments left out, that hold one of `needles`, as `path:line: text`.
fn mentions(folder: &str, needles: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, path) in files(folder, &[".rs", ".sol", ".mjs"]) {
        for (number, line) in text(&path).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if needles.iter().any(|needle| code.contains(needle)) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[track_caller]
fn check(offenders: &[String], reason: &str) {
    assert!(offenders.is_empty(), "{reason}\n  {}", offenders.join("\n  "));
}

#[test]
fn files_have_one_subject() {
    let long: Vec<String> = files("", &[".rs", ".sol", ".mjs"])
        .into_iter()
        .map(|(name, path)| (text(&path).lines().count(), name))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .map(|(lines, name)| format!("{name}: {lines} lines"))
        .collect();
    check(&long, "a file over 400 lines has more than one subject: split it");
}

#[test]
fn files_are_small() {
    let large: Vec<String> = files("", &[""])
        .into_iter()
        .filter(|(_, path)| fs::metadata(path).is_ok_and(|facts| facts.len() > FILE_BYTES_MAX))
        .map(|(name, _)| name)
        .collect();
    check(&large, "files over 1 MiB do not belong into the repository");
}

#[test]
fn the_architecture_is_read_in_one_sitting() {
    let path = root().join("ARCHITECTURE.md");
    let lines = text(&path).lines().count();
    assert!(lines <= ARCHITECTURE_LINES_MAX, "ARCHITECTURE.md has {lines} lines; say less");
}

#[test]
fn nothing_sleeps() {
    let asleep = concat!("thread", "::sleep");
    check(&mentions("", &[asleep]), "step the clock, or wait for something with a deadline");
    let awaited = concat!("time", "::sleep(");
    check(&mentions("tests", &[awaited]), "a test waits for something, with a deadline");
}

#[test]
fn unsafe_code_stays_in_one_file() {
    let words =
        [concat!("unsafe", " {"), concat!("unsafe", " fn"), concat!("unsafe", " impl"), concat!("unsafe", " extern")];
    let lifted = concat!("allow(", "unsafe_code");
    let found: Vec<String> = mentions("", &[&words[..], &[lifted]].concat())
        .into_iter()
        .filter(|place| !place.starts_with("chain/src/signer/libsecp.rs:"))
        // A worker that measures libsecp256k1 itself; nothing of ours is linked with it.
        .filter(|place| !place.starts_with("benches/peers/"))
        // The border between a module for browsers and the program that loads it; a test, and a workspace of its own.
        .filter(|place| !place.starts_with("tests/wasm/src/host.rs:"))
        .collect();
    check(&found, "unsafe code calls libsecp256k1 and nothing else");
    let roots = [
        "game/src/lib.rs",
        "game/src/main.rs",
        "benches/src/lib.rs",
        "benches/src/bin/side_by_side.rs",
        "benches/race/src/main.rs",
        "tests/src/lib.rs",
        "chain/src/lib.rs",
    ];
    let open: Vec<String> = roots
        .into_iter()
        .filter(|name| !text(&root().join(name)).contains(concat!("forbid(", "unsafe_code)")))
        .map(str::to_owned)
        .collect();
    check(&open, "the root of every crate forbids unsafe code");
}

#[test]
fn the_library_prints_nothing() {
    let prints = ["println!", "print!(", "dbg!("];
    let found: Vec<String> = mentions("chain/src", &prints);
    check(&found, "a library logs through tracing");
}

#[test]
fn nothing_is_left_open() {
    let holes = [concat!("to", "do!("), concat!("unimple", "mented!("), concat!("#[ig", "nore")];
    check(&mentions("", &holes), "finish it, or leave it out");
}

#[test]
fn every_queue_has_a_limit() {
    // With an argument, tokio's channel is bounded; without one, the standard library's is not.
    let queues = [concat!("unbounded", "("), concat!("unbounded_", "channel"), concat!("mpsc::", "channel()")];
    check(&mentions("", &queues), "every queue has a limit");
}

/// Floors of the library; a module imports from its own floor or a lower one.
const CHAIN_FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("contracts", 0),
    ("session", 1),
    ("signer", 1),
    ("pure", 2),
    ("lane", 3), // between the pure stages and the threads
    ("journal", 3),
    ("io", 3),
    ("error", 4),
    ("startup", 4),
    ("status", 4),
    ("outcome", 4),
    ("client", 4),
    ("fleet", 4),
    ("config", 4),
    ("bevy", 5),
];

/// Rooms of the game below its top floor; every other module is on floor 3.
const GAME_FLOORS: &[(&str, u8)] = &[("rules", 1), ("view", 1), ("bot", 2), ("onchain", 2), ("input", 2)];
const GAME_TOP: u8 = 3;

/// The first segment below `crate::` of every path in `source`, with its line number.
fn crate_paths(source: &str) -> Vec<(usize, String)> {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    for (at, prefix) in code.match_indices("crate::") {
        // `$crate::` is a macro's view from outside.
        if code[..at].ends_with('$') {
            continue;
        }
        let line = 1 + code[..at].matches('\n').count();
        let rest = &code[at + prefix.len()..];
        let paths = rest.strip_prefix('{').map_or_else(|| vec![rest], members);
        for path in paths {
            let name: String = path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.push((line, name));
            }
        }
    }
    found
}

/// The members of a braced import, split at its own commas only; `list` starts after the brace.
fn members(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0_u32, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                found.push(&list[start..at]);
                start = at + 1;
            }
            '}' if depth == 0 => {
                found.push(&list[start..at]);
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    found
}

/// Which module each name re-exported by a crate's root comes from.
fn reexports(lib: &str) -> BTreeMap<String, String> {
    let mut homes = BTreeMap::new();
    let flat = lib.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ");
    for statement in flat.split(';') {
        let Some((_, path)) = statement.split_once("pub use ") else { continue };
        let path = path.trim().trim_start_matches("self::").trim_start_matches("crate::");
        let Some((module, names)) = path.split_once("::") else { continue };
        for name in names.split(['{', '}', ',', ':', ' ']).filter(|name| !name.is_empty()) {
            homes.insert(name.to_owned(), module.to_owned());
        }
    }
    homes
}

/// Upward imports below `folder`; a module that `floor_of` does not know may see and be seen by all.
fn upward_imports(folder: &str, floor_of: impl Fn(&str) -> Option<u8>) -> Vec<String> {
    let homes = reexports(&text(&root().join(folder).join("lib.rs")));
    let mut found = Vec::new();
    for (name, path) in files(folder, &[".rs"]) {
        let inside = name.strip_prefix(folder).unwrap_or(&name).trim_start_matches('/');
        let own = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let Some(own_floor) = floor_of(own) else { continue };
        // Tests look down on everything.
        if inside.ends_with("tests.rs") {
            continue;
        }
        for (line, target) in crate_paths(&text(&path)) {
            let module = homes.get(&target).unwrap_or(&target);
            if module == own {
                continue;
            }
            if let Some(floor) = floor_of(module).filter(|floor| *floor > own_floor) {
                found.push(format!("{name}:{line}: floor {own_floor} imports {target} of floor {floor}"));
            }
        }
    }
    found
}

#[test]
fn imports_in_the_library_go_down_only() {
    let floor = |module: &str| CHAIN_FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor);
    check(&upward_imports("chain/src", floor), "imports go down only; see ARCHITECTURE.md");
}

#[test]
fn imports_in_the_game_go_down_only() {
    let floor = |module: &str| match module {
        "lib" | "main" | "cli" => None,
        _ => Some(GAME_FLOORS.iter().find(|(name, _)| *name == module).map_or(GAME_TOP, |(_, floor)| *floor)),
    };
    check(&upward_imports("game/src", floor), "imports go down only; see ARCHITECTURE.md");
}

#[test]
fn few_rooms_of_the_game_name_the_library() {
    let knowing = ["game/src/rules/", "game/src/bot", "game/src/onchain/", "game/src/input", "game/src/cli/"];
    let found: Vec<String> = mentions("game/src", &["latchkey::"])
        .into_iter()
        .filter(|place| !knowing.iter().any(|room| place.starts_with(room)))
        .collect();
    check(&found, "only rules, onchain, input and the command line name the library");
}

#[test]
fn the_reader_of_imports_understands_rust() {
    let source = "use crate::io::sign;\nuse crate::{model::{Call, Id},\n pure};\n// use crate::bevy;\n$crate::config";
    let names: Vec<String> = crate_paths(source).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["io", "model", "pure"]);
    let homes = reexports("pub use model::{ActionId, Call};\npub use client::Chain;");
    assert_eq!(homes["Call"], "model");
    assert_eq!(homes["Chain"], "client");
}
