//! The page about the file goes in; what it shows has to be a file, with everything that a file can have.

use tense_grammar::Registry;

#[test]
fn the_file_that_the_page_shows_is_one() {
    let page = include_str!("../../../docs/registry.md");
    let shown = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let registry = Registry::parse(shown).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(registry.events().count(), 7);
    for key in ["version", "closed", "migrating", "about", "outcomes", "indexed", "slow_ms", "was", "exempt", "failed"]
    {
        assert!(shown.contains(&format!("{key} = ")), "{key} is not shown");
    }
}
