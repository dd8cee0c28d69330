//~ tense.toml:4:8: `operation.tokens.dropped` is a declared event, and an old name is one that nothing is called any more: take it out of one of the two places [file/was]
//~ tense.toml:4:65: `operation.tokens.create_failed` is what the declared `operation.tokens.created` is called when it fails, and an old name is one that nothing is called any more [file/was]
//~ tense.toml:7:8: `operation.tokens.inserted` is an old name of `operation.tokens.created` already, and leads to one place: take it out of one of the two [file/was]
//~ tense.toml:7:37: `operation.tokens.dropped` is a declared event
//~ tense.toml:10:1: `operation.tokens.created` is a declared event, and what is removed is called by nothing any more: take it out of one of the two places [file/removed]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
