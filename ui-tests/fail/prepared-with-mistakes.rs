//~ a name is made of lower-case words joined by single underscores, each beginning with a letter: write `routing` [name/word]
//~ `= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]
//~ `= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]
//~ `decision` events say what is being done, so their action is in the present tense: write `start`

use tense::prepared;

fn main() {
    let events = vec![prepared!(decision.Routing.start, x = _, y = _), prepared!(decision.routing.started)];
    events.into_iter().for_each(tense::Prepared::emit);
}
