//! `tense conjugate`: words in any form, all forms of them, and what is no word.

use serde_json::json;

use super::said::Folder;

#[test]
fn every_form_leads_to_all_forms() {
    let said = Folder::new().ask(&["conjugate", "--json", "written", "rollback", "set"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let first = "{\"word\":\"written\",\"base\":\"write\",\"participle\":\"written\",\"past\":\"wrote\",\
                 \"third_person\":\"writes\",\"gerund\":\"writing\",\"is_past\":\"yes\"}\n";
    assert!(said.out.starts_with(first), "{}", said.out);
    let told = said.json();
    assert_eq!((&told[1]["participle"], &told[1]["is_past"]), (&json!("rolled_back"), &json!("no")));
    assert_eq!((&told[2]["gerund"], &told[2]["is_past"]), (&json!("setting"), &json!("both")));
}

#[test]
fn a_person_gets_a_table() {
    let said = Folder::new().ask(&["conjugate", "write", "Write"]);
    assert_eq!(
        said.out,
        "word            base            past            participle      third person    gerund          is past\n\
         write           write           wrote           written         writes          writing         no\n\
         Write: a name is made of lower-case words joined by single underscores, each beginning with a letter: write \
         `write` [name/word]\n"
    );
    assert_eq!(said.code, Some(1));
}

#[test]
fn what_is_no_word_keeps_its_place_and_says_why() {
    let words = ["Write", "", "cache-miss", "2nd", "größe", "_", "*", "a.b", "wr\u{456}te", " ", "a__b"];
    let said = Folder::new().pipe(&["conjugate", "-", "--json"], words.join("\n").as_bytes());
    let told = said.json();
    assert_eq!((told.len(), said.code), (words.len(), Some(1)));
    for (word, told) in words.iter().zip(told) {
        assert_eq!(told["word"], *word);
        for form in ["base", "participle", "past", "third_person", "gerund", "is_past"] {
            assert_eq!(told.get(form), Some(&json!(null)), "{word}: {form}");
        }
        assert!(told["error"].as_str().unwrap().ends_with("[name/word]"), "{word}: {told}");
    }
}

#[test]
fn the_projects_own_words_count() {
    let folder = Folder::new().with("tense.toml", "version = 1\n[words]\nblowup = \"blown_up\"\n");
    let told = folder.ask(&["conjugate", "--json", "blowup"]).json();
    assert_eq!((&told[0]["past"], &told[0]["gerund"]), (&json!("blew_up"), &json!("blowing_up")));
    assert_eq!(folder.ask(&["conjugate"]).code, Some(2));
}
