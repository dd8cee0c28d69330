//! What is expected goes in, one after the other; each gets its place below another, and what that hands down.

use crate::tree::Line;

/// What the steps of a body are below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    Nothing,
    Node(usize),
    Silence,
}

#[derive(Debug)]
pub(crate) struct Node {
    /// Of a scope what it is a scope of.
    pub(crate) above: Option<usize>,
    pub(crate) text: String,
    /// The `job_id` that it has, and hands down to what begins below it.
    pub(crate) job: Option<u32>,
    pub(crate) ending: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A span or a moment.
    Event,
    /// A span of another process. Its ending is the key of its trace.
    Place,
    /// What is below it is below what it is a scope of, which may be nothing.
    Scope,
}

impl Node {
    pub(crate) fn line(&self) -> Line {
        let Self { above, text, job, ending, kind } = self;
        let text = match kind {
            Kind::Event => format!("{text}{}{ending}", job.map_or_else(String::new, |job| format!(" job={job}"))),
            Kind::Place | Kind::Scope => text.clone(),
        };
        Line { above: *above, text, is_place: *kind != Kind::Event }
    }
}

/// All of them, each behind what it is below.
#[derive(Debug, Default)]
pub(crate) struct Nodes(pub(crate) Vec<Node>);

impl Nodes {
    /// A span or a moment below that; its key, where it is the root of a trace that has one, follows its name.
    pub(crate) fn add(&mut self, above: Above, text: String) -> Above {
        let mut node = Node { above: None, text, job: None, ending: String::new(), kind: Kind::Event };
        match above {
            Above::Silence => return Above::Silence,
            Above::Nothing => {}
            Above::Node(at) => {
                let of = self.scope_of(at);
                node.above = of;
                node.job = self.0[at].job;
                if let Some(of) = of.filter(|of| *of != at && self.0[*of].kind == Kind::Event) {
                    node.job = node.job.or(self.0[of].job);
                }
                if let Some(of) = of.filter(|of| self.0[*of].kind == Kind::Place) {
                    node.text += &self.0[of].ending;
                }
            }
        }
        self.0.push(node);
        Above::Node(self.0.len() - 1)
    }

    /// What it is, or is a scope of.
    pub(crate) fn scope_of(&self, at: usize) -> Option<usize> {
        if self.0[at].kind == Kind::Scope { self.0[at].above } else { Some(at) }
    }

    /// Whether what begins there is the root of a trace.
    pub(crate) fn is_nothing(&self, above: Above) -> bool {
        match above {
            Above::Nothing => true,
            Above::Node(at) => self.scope_of(at).is_none(),
            Above::Silence => false,
        }
    }

    /// A place in another process; what is silenced stays so.
    pub(crate) fn place(&mut self, above: Above, key: u32) -> Above {
        if above == Above::Silence {
            return above;
        }
        let ending = if key.is_multiple_of(2) { format!(" key-{key}") } else { String::new() };
        self.0.push(Node { above: None, text: format!("remote {key}"), job: None, ending, kind: Kind::Place });
        Above::Node(self.0.len() - 1)
    }

    /// A scope that has nothing yet to hand down.
    pub(crate) fn scope(&mut self, above: Above) -> Above {
        match above {
            Above::Node(at) if !self.is_nothing(above) => self.scope_with(self.scope_of(at), None),
            _ => above,
        }
    }

    /// That of work that runs in a context: it has what a scope was given until then.
    pub(crate) fn carried(&mut self, above: Above) -> Above {
        match above {
            Above::Silence => above,
            Above::Nothing => self.scope_with(None, None),
            Above::Node(at) => {
                let job = self.0[at].job.filter(|_| self.0[at].kind != Kind::Event);
                self.scope_with(self.scope_of(at), job)
            }
        }
    }

    fn scope_with(&mut self, above: Option<usize>, job: Option<u32>) -> Above {
        self.0.push(Node { above, text: String::new(), job, ending: String::new(), kind: Kind::Scope });
        Above::Node(self.0.len() - 1)
    }
}
