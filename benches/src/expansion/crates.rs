//! The crates that are measured: functions go in, annotated in the ways of the peers.

use tense_benches::workspace::{Workspace, repository};

/// Annotated functions of a crate.
const FUNCTIONS: usize = 1_000;

/// One way to annotate a function, with what its crate depends on.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    dependency: fn() -> anyhow::Result<String>,
    attribute: &'static str,
}

/// The same function for everybody; two of its arguments are recorded, except by those that say `bare`.
pub(crate) const PEERS: [Peer; 6] = [
    Peer { name: "plain", dependency: || Ok(String::new()), attribute: "" },
    Peer {
        name: "tense",
        dependency: tense,
        attribute: "#[tense::traced(operation.tokens.created, fields(node_id, count))]",
    },
    Peer { name: "fastrace_bare", dependency: fastrace, attribute: "#[fastrace::trace]" },
    Peer {
        name: "fastrace",
        dependency: fastrace,
        attribute: r#"#[fastrace::trace(properties = { "node_id": "{node_id}", "count": "{count}" })]"#,
    },
    Peer {
        name: "tracing",
        dependency: tracing,
        // with their names alone fields would be empty
        attribute: "#[tracing::instrument(skip_all, fields(node_id = node_id, count = count))]",
    },
    Peer {
        name: "tracing_err",
        dependency: tracing,
        attribute: "#[tracing::instrument(skip_all, fields(node_id = node_id, count = count), err)]",
    },
];

/// `tense` before another attribute, which may expect an `async fn`, so that the function stays one.
pub(crate) const KEPT: &str = "tense_kept";

fn tense() -> anyhow::Result<String> {
    Ok(format!("tense = {{ path = {:?} }}", repository()?.join("runtime")))
}

fn fastrace() -> anyhow::Result<String> {
    Ok("fastrace = { version = \"0.7\", features = [\"enable\"] }".to_owned())
}

fn tracing() -> anyhow::Result<String> {
    Ok("tracing = \"0.1\"".to_owned())
}

/// The name of a crate: `tense_sync`.
pub(crate) fn of(peer: &str, how: &str) -> String {
    format!("{peer}_{how}")
}

/// A crate of a thousand functions for each peer, of each kind; one of a single function; and a program that prints
/// sizes.
pub(crate) fn make() -> anyhow::Result<Workspace> {
    let hows = ["sync", "async", "single"];
    let names: Vec<String> = PEERS.iter().flat_map(|peer| hows.map(|how| of(peer.name, how))).collect();
    let members: Vec<&str> = names.iter().map(String::as_str).chain(["sizes"]).collect();
    let workspace = Workspace::new("expansion", &members)?;
    for peer in &PEERS {
        for how in hows {
            let functions = if how == "single" { 1 } else { FUNCTIONS };
            let text = functions_of(peer.attribute, how == "async", functions);
            workspace.member(&of(peer.name, how), &(peer.dependency)()?, "src/lib.rs", &text)?;
        }
    }
    workspace.member("sizes", &[tense()?, fastrace()?, tracing()?].join("\n"), "src/main.rs", &sizes())?;
    Ok(workspace)
}

fn functions_of(attribute: &str, is_async: bool, functions: usize) -> String {
    let (word, awaited) = if is_async { ("async ", ".await") } else { ("", "") };
    let mut text = format!("#![allow(dead_code)]\n{word}fn report(_sum: u32) {{}}\n");
    for number in 0..functions {
        text += &format!(
            "{attribute}\npub {word}fn create_{number}(node_id: &str, count: u32, flag: bool) -> Result<u32, std::num::ParseIntError> {{\n    \
             let sum = count.wrapping_add({number});\n    \
             if flag {{ report(sum){awaited}; }}\n    \
             let more: u32 = node_id.parse()?;\n    \
             Ok(sum.wrapping_mul(more))\n}}\n"
        );
    }
    text
}

/// A program that prints how large the future of a bare `async fn` with an argument of 4 KiB is, alone and three deep.
fn sizes() -> String {
    let mut text = "#![allow(dead_code)]\nasync fn rest() {}\n".to_owned();
    let mut main = String::new();
    for (name, attribute) in PEERS.iter().map(|peer| (peer.name, peer.attribute)).chain([(KEPT, "")]) {
        // what is recorded has other names here, and does not matter to the size of a future
        let attribute = match name {
            "tense" => "#[tense::traced(operation.tokens.created)]",
            "fastrace" => "#[fastrace::trace]",
            "tracing" => "#[tracing::instrument(skip_all)]",
            "tracing_err" => "#[tracing::instrument(skip_all, err)]",
            KEPT => "#[tense::traced(operation.tokens.created)]\n    #[must_use]",
            _ => attribute,
        };
        text += &format!(
            "mod {name} {{\n    \
             {attribute}\n    pub async fn one(block: [u8; 4096]) -> Result<usize, std::fmt::Error> {{ super::rest().await; Ok(block.len()) }}\n    \
             {attribute}\n    pub async fn two(block: [u8; 4096]) -> Result<usize, std::fmt::Error> {{ one(block).await }}\n    \
             {attribute}\n    pub async fn three(block: [u8; 4096]) -> Result<usize, std::fmt::Error> {{ two(block).await }}\n\
             }}\n"
        );
        for depth in ["one", "three"] {
            main += &format!(
                "    println!(\"{name} {depth}\\t{{}}\", std::mem::size_of_val(&{name}::{depth}([0; 4096])));\n"
            );
        }
    }
    format!("{text}fn main() {{\n{main}}}\n")
}
