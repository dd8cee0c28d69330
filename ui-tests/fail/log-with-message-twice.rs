//~ `message` is the text of the line; give this field another name [body/message]

fn main() {
    tense::log!(info, "reading", message = "again");
}
