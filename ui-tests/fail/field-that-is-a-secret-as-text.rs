//~ `SecretBox<str>` doesn't implement `std::fmt::Display`

use secrecy::SecretString;
use tense::traced;

#[traced(operation.users.authenticated, fields(%password))]
fn authenticate(password: &SecretString) {}

fn main() {
    authenticate(&SecretString::from("correct horse"));
}
