//! The judge through its public face: real compilers, real programs, the real sandbox.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod caching;
mod cases;
mod drivers;
mod endings;
mod head_starts;
mod interactive;
mod interactive_bounds;
mod languages;
mod multi_pass;
mod near_the_limit;
mod refusals;
mod replaced_compilers;
mod scoring;
mod self_tests;
mod validator_programs;
mod validators;
mod verifying;
mod workshop;
