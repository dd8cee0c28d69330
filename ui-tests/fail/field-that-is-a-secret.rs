//~ `SecretBox<str>` cannot be recorded as a field as it is

use secrecy::SecretString;
use tense::traced;

#[traced(operation.users.authenticated, fields(password))]
fn authenticate(password: &SecretString) {}

fn main() {
    authenticate(&SecretString::from("correct horse"));
}
