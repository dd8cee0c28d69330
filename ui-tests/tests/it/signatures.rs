//! Random numbers go in; functions of every combination of shapes come out, plain and annotated, and one crate of each edition
//! in which both compile without a warning and give the same.
//!
//! `SIGNATURES=2000 SEED=7 cargo test -p tense-ui-tests --test it signatures` makes more of them, and others.

mod shapes;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::generated;
use shapes::{ARGUMENTS, Argument, PRELUDE, RECEIVERS, RETURNS, Return};

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
}

impl Function {
    fn by_chance(number: usize, dice: &mut Dice) -> Self {
        let place = *dice.one(&[Place::Free, Place::Free, Place::Method, Place::OfTrait]);
        let is_async = dice.is(3);
        let is_unsafe = dice.is(8);
        let abi = if !is_async && dice.is(10) { "extern \"C\" " } else { "" };
        let mut generics: Vec<&str> = Vec::new();
        let (mut parameters, mut values, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        let mut receiver = "";
        if place != Place::Free && !dice.is(5) {
            let (written, called) = dice.one(RECEIVERS);
            parameters.push((*written).to_owned());
            receiver = called;
        }
        for at in 0..dice.below(5) {
            let Argument { pattern, ty, value, generic, field } = dice.one(ARGUMENTS);
            // a name without a number stands there once
            if parameters.iter().any(|parameter| parameter.starts_with("r#") && parameter.starts_with(pattern)) {
                continue;
            }
            let numbered = |text: &str| text.replace('$', &format!("{at}"));
            parameters.push(format!("{}: {}", numbered(pattern), ty));
            generics.extend(generic.split(';').filter(|generic| !generic.is_empty()));
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
        let word = |is: bool, word| if is { word } else { "" };
        let head = format!(
            "{}{}{}{abi}fn f{number}{generics}({}){}",
            word(dice.is(6), "#[inline]\n"),
            word(is_async, "async "),
            word(is_unsafe, "unsafe "),
            parameters.join(", "),
            if ty.is_empty() { String::new() } else { format!(" -> {ty}") },
        );
        let is_open = dice.is(4);
        if is_open {
            fields.push("late = _".to_owned());
        }
        let fields = if fields.is_empty() { String::new() } else { format!(", fields({})", fields.join(", ")) };
        let none = word(ty.starts_with("Option<") && dice.is(2), ", none = failed");
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
        }
    }
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

fn crate_of(functions: &[Function]) -> String {
    format!(
        "{HEAD}mod plain {{\n{}}}\nmod annotated {{\n{}}}\n\
         fn main() {{\n    assert_eq!(plain::all(), annotated::all());\n    println!(\"{{}} calls\", plain::all().len());\n}}\n",
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
            "[package]\nname = \"of-{edition}\"\nedition = \"{edition}\"\n\n[dependencies]\ntense = {{ path = '{}' }}\n",
            house.join("runtime").display()
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
        let output = command.arg(root.join("target")).current_dir(&root).env("RUSTFLAGS", "").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "edition {edition}:\n{said}");
        let calls = functions.iter().filter(|function| function.look.is_some()).count();
        assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{calls} calls\n"));
    }
}
