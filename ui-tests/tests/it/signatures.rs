//! Random numbers go in; functions of every combination of shapes come out, plain and annotated, and one crate of each
//! edition in which both compile without a warning and give the same, whether somebody records them or not. Recorded,
//! each call is one event, with the fields that it names and the outcome that it had.
//!
//! `SIGNATURES=2000 SEED=7 cargo test -p tense-ui-tests --test it signatures` makes more of them, and others.

mod shapes;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::generated;
use shapes::{ARGUMENTS, ATTRIBUTES, Argument, PRELUDE, RECEIVERS, RETURNS, Return};

/// What every build tries.
const FEW: usize = 150;

fn number(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Picks by chance, the same for the same seed.
struct Dice(TestRng);

impl Dice {
    fn new(seed: usize) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&(seed as u64).to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0.next_u32() as usize % end
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// Where a function stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Free,
    Method,
    OfTrait,
}

/// One function, and how it is called.
struct Function {
    place: Place,
    attribute: String,
    /// From its attributes to its return type.
    head: String,
    body: String,
    /// Without what stands before the name.
    call: String,
    /// How what it gives is looked at; nothing for one that is better not called.
    look: Option<&'static str>,
    is_unsafe: bool,
    /// The names of its fields.
    fields: Vec<String>,
    fails: Fails,
}

/// What is a failure of a function.
#[derive(Debug, Clone, Copy)]
enum Fails {
    Err,
    None,
    /// Where the body keeps its caller, what it returns is not seen.
    PanicAlone,
}

impl Function {
    fn by_chance(number: usize, dice: &mut Dice) -> Self {
        let place = *dice.one(&[Place::Free, Place::Free, Place::Method, Place::OfTrait]);
        let is_async = dice.is(3);
        let is_unsafe = dice.is(8);
        let abi = if !is_async && dice.is(10) { "extern \"C\" " } else { "" };
        let keeps_place = !is_async && abi.is_empty() && dice.is(10);
        let (mut generics, mut bounds): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        let (mut parameters, mut values, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        let mut receiver = "";
        if place != Place::Free && !dice.is(5) {
            let (written, called, lifetime) = dice.one(RECEIVERS);
            parameters.push((*written).to_owned());
            receiver = called;
            generics.extend(Some(*lifetime).filter(|lifetime| !lifetime.is_empty()));
        }
        for at in 0..dice.below(5) {
            let Argument { pattern, ty, value, generic, bound, field } = dice.one(ARGUMENTS);
            // a name without a number stands there once
            let is_numbered = pattern.contains('$') || *pattern == "_";
            if !is_numbered && parameters.iter().any(|parameter| parameter.starts_with(&format!("{pattern}:"))) {
                continue;
            }
            let numbered = |text: &str| text.replace('$', &format!("{at}"));
            parameters.push(format!("{}: {}", numbered(pattern), ty));
            generics.extend(generic.split(';').filter(|generic| !generic.is_empty()));
            bounds.extend(Some(*bound).filter(|bound| !bound.is_empty()));
            if !pattern.starts_with("#[cfg(any())]") {
                values.push(*value);
            }
            if !field.is_empty() && dice.is(2) {
                fields.push(numbered(field));
            }
        }
        let returned = loop {
            let returned = dice.one(RETURNS);
            if !(is_async && returned.is_future) {
                break returned;
            }
        };
        let Return { ty, body, look, .. } = returned;
        generics.sort_by_key(|generic| (!generic.starts_with('\''), *generic));
        generics.dedup();
        let generics = if generics.is_empty() { String::new() } else { format!("<{}>", generics.join(", ")) };
        bounds.sort_unstable();
        bounds.dedup();
        let bounds = if bounds.is_empty() { String::new() } else { format!(" where {}", bounds.join(", ")) };
        let word = |is: bool, word| if is { word } else { "" };
        let above = if dice.is(3) { *dice.one(ATTRIBUTES) } else { "" };
        let head = format!(
            "{above}{}{}{}{}{abi}fn {}f{number}{generics}({}){}{bounds}",
            word(keeps_place, "#[track_caller]\n"),
            word(place != Place::OfTrait && dice.is(4), "pub(crate) "),
            word(is_async, "async "),
            word(is_unsafe, "unsafe "),
            word(dice.is(10), "r#"),
            parameters.join(", "),
            if ty.is_empty() { String::new() } else { format!(" -> {ty}") },
        );
        let is_open = dice.is(4);
        if is_open {
            fields.push("late = _".to_owned());
        }
        let named = fields.iter().map(|field| name_of(field)).collect();
        let fields = if fields.is_empty() { String::new() } else { format!(", fields({})", fields.join(", ")) };
        let fails = match keeps_place {
            true => Fails::PanicAlone,
            false if ty.starts_with("Option<") && dice.is(2) => Fails::None,
            false => Fails::Err,
        };
        let none = word(matches!(fails, Fails::None), ", none = failed");
        // what is an attribute of the function stays at its head
        let (inner, body) =
            if body.starts_with("#!") { body.split_at(body.find(']').unwrap_or_default() + 1) } else { ("", *body) };
        let record = word(is_open, "#[cfg(annotated)] tense::record!(late = 7_u8);\n");
        let path = match (place, receiver) {
            (Place::Method, "") => "Holder::<u8, 2>::",
            (Place::OfTrait, "") => "<Holder<'_, u8, 2> as Trait>::",
            _ => receiver,
        };
        let call = format!("{path}f{number}({})", values.join(", "));
        Self {
            place,
            attribute: format!("#[tense::traced(operation.signatures.made{fields}{none})]\n"),
            head,
            body: format!("{inner}{record}{body}"),
            call: if is_async { format!("run({call})") } else { call },
            look: *look,
            is_unsafe,
            fields: named,
            fails,
        }
    }
}

/// What a field is called in the event.
fn name_of(field: &str) -> String {
    let (name, _) = field.split_once(" = ").unwrap_or((field, ""));
    name.trim_start_matches(['%', '?']).trim_start_matches("r#").to_owned()
}

/// A module with all functions.
fn module(functions: &[Function], is_annotated: bool) -> String {
    let of = |place| -> String {
        functions.iter().filter(|function| function.place == place).fold(String::new(), |mut text, function| {
            let attribute = if is_annotated { &*function.attribute } else { "" };
            let body = function.body.replace("#[cfg(annotated)]", if is_annotated { "" } else { "#[cfg(any())]" });
            writeln!(text, "{attribute}{} {{\n{body}\n}}", function.head).unwrap();
            text
        })
    };
    let calls: String = functions
        .iter()
        .filter_map(|function| {
            let call = format!("all.push({});\n", function.look?.replace('$', &function.call));
            // around the whole statement, so that what is borrowed lives as long
            Some(if function.is_unsafe { format!("unsafe {{ {call} }}\n") } else { call })
        })
        .collect();
    format!(
        "{PRELUDE}\n{}\nimpl<'s, T: Clone + Debug, const N: usize> Holder<'s, T, N> {{\n{}}}\n\
         trait Trait: Sized {{\n{}}}\nimpl Trait for Holder<'_, u8, 2> {{}}\n\
         pub(crate) fn all() -> Vec<String> {{\nlet mut all = Vec::new();\n{calls}all\n}}\n",
        of(Place::Free),
        of(Place::Method),
        of(Place::OfTrait),
    )
}

/// What the two modules have in common is not what is tested.
const HEAD: &str = "//! Made by chance.\n#![deny(warnings)]\n\
    #![allow(dead_code, unused_variables, unused_mut, unused_assignments, improper_ctypes_definitions, unreachable_code)]\n";

/// Compares what the plain functions give with what the annotated ones do, unseen and recorded, and looks at what was
/// recorded.
const MAIN: &str = r#"
#[derive(Debug)]
enum Fails { Err, None, PanicAlone }

fn main() {
    let plain = plain::all();
    assert_eq!(annotated::all(), plain, "where nobody records");
    let capture = tense_layer::testing::capture();
    assert_eq!(annotated::all(), plain, "where somebody records");
    let events = capture.events();
    assert_eq!((events.len(), CALLS.len()), (plain.len(), plain.len()), "one event a call");
    for ((event, said), (call, fields, fails)) in events.iter().zip(&plain).zip(CALLS) {
        let names: Vec<&str> = event.data.iter().map(|(name, _)| name).collect();
        assert_eq!(names, *fields, "{call}");
        let has_failed = match fails {
            Fails::Err => said.starts_with("Err("),
            Fails::None => said == "None",
            Fails::PanicAlone => false,
        };
        assert_eq!(event.error.is_some(), has_failed, "{call} gave {said}");
    }
    println!("{} calls", plain.len());
}
"#;

fn crate_of(functions: &[Function]) -> String {
    let called = functions.iter().filter(|function| function.look.is_some());
    let calls: String = called.fold(String::new(), |mut text, Function { call, fields, fails, .. }| {
        writeln!(text, "    ({call:?}, &{fields:?}, Fails::{fails:?}),").unwrap();
        text
    });
    format!(
        "{HEAD}mod plain {{\n{}}}\nmod annotated {{\n{}}}\n\
         const CALLS: &[(&str, &[&str], Fails)] = &[\n{calls}];\n{MAIN}",
        module(functions, false),
        module(functions, true)
    )
}

#[test]
fn functions_of_every_signature_do_what_the_plain_ones_do() {
    let mut dice = Dice::new(number("SEED").unwrap_or(1));
    let functions: Vec<Function> =
        (0..number("SIGNATURES").unwrap_or(FEW)).map(|number| Function::by_chance(number, &mut dice)).collect();
    let source = crate_of(&functions);
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signatures");
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for edition in ["2021", "2024"] {
        let package = root.join(format!("of-{edition}"));
        let manifest = format!(
            "[package]\nname = \"of-{edition}\"\nedition = \"{edition}\"\n\n[dependencies]\ntense = {{ path = '{}' }}\n\
             tense-layer = {{ path = '{}', default-features = false }}\n",
            house.join("runtime").display(),
            house.join("layer").display()
        );
        generated::write(&package.join("Cargo.toml"), manifest);
        generated::write(&package.join("src/main.rs"), &source);
    }
    generated::write(&root.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"of-2021\", \"of-2024\"]\n");
    generated::lock_as(&root, &std::fs::read_to_string(house.join("Cargo.lock")).unwrap());
    for edition in ["2021", "2024"] {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["run", "--offline", "--quiet", "--package", &format!("of-{edition}"), "--target-dir"]);
        // Where the house itself is built, so that what both depend on is there already.
        let output = command
            .arg(concat!(env!("CARGO_TARGET_TMPDIR"), "/.."))
            .current_dir(&root)
            .env("RUSTFLAGS", "")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "edition {edition}:\n{said}");
        let calls = functions.iter().filter(|function| function.look.is_some()).count();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{calls} calls\n"));
    }
}
