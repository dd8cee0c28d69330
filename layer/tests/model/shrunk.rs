//! A program that shows an error goes in; one of the smallest of those that still show it comes out.

use std::sync::Arc;

use crate::program::Body;

/// So often a smaller one is tried.
const TRIES: usize = 3000;

/// `fails` is asked of each that is tried.
pub(crate) fn shrunk(mut program: Vec<Body>, mut fails: impl FnMut(&[Body]) -> bool) -> Vec<Body> {
    let mut tries = 0;
    'smaller: loop {
        for candidate in smaller_programs(&program) {
            tries += 1;
            if tries > TRIES {
                return program;
            }
            if fails(&candidate) {
                program = candidate;
                continue 'smaller;
            }
        }
        return program;
    }
}

fn smaller_programs(program: &[Body]) -> Vec<Vec<Body>> {
    let without = (0..program.len()).map(|at| [&program[..at], &program[at + 1..]].concat());
    let with = (0..program.len()).flat_map(|at| {
        smaller(&program[at]).into_iter().map(move |body| {
            let mut program = program.to_vec();
            program[at] = body;
            program
        })
    });
    without.chain(with).collect()
}

/// Without one of its steps, with one made smaller: the greatest difference first. A step is not replaced by what
/// stands in it, because that may wait where it cannot.
fn smaller(body: &Body) -> Vec<Body> {
    let without = (0..body.len()).map(|at| Arc::new([&body[..at], &body[at + 1..]].concat()));
    let with = (0..body.len()).flat_map(|at| {
        let bodies: Vec<Body> = body[at].bodies().into_iter().cloned().collect();
        (0..bodies.len()).flat_map(move |inner| {
            let bodies = bodies.clone();
            smaller(&bodies[inner]).into_iter().map(move |less| {
                let mut bodies = bodies.clone();
                bodies[inner] = less;
                let mut steps = body.to_vec();
                steps[at] = body[at].with(bodies);
                Arc::new(steps)
            })
        })
    });
    without.chain(with).collect()
}
