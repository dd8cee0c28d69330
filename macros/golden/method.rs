//! A method with patterns for arguments, formatted fields, and everything else that an attribute can say.
#[traced(operation.tokens._, level = "debug", target = "store", tags("saga"), fields(id = self.id, %name, ?first))]
pub(crate) fn update_token(&mut self, name: &Name, (first, _): (u8, u8), _: u8, mut all: Vec<u8>) -> &mut Token {
    all.push(first);
    self.put(name, all)
}
