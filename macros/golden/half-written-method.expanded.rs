//! What the macros make of `half-written-method.rs`.

impl TokenStore {
    # [:: tense :: traced (operation . tokens . _ ,)] fn create (& mut self , id : u64) -> Option < Token > {
        self .
    }
    # [:: tense :: traced (operation . tokens . _ ,)] fn fn find (& self , id : u64) -> Option <& Token > {
        self . tokens . get (id)
    }
}
