//! Any bytes as the body of a list's request: refused, or taken and used; what becomes of them says `tests/fuzz/targets.rs`.
//!
//! Invariant: no input panics or hangs.

#![no_main]

use std::cell::RefCell;

use florilege_tests::fuzz::targets::{Target, World};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|input: &[u8]| {
    WORLD.with_borrow_mut(|world| Target::find("recommendation").run(world, input));
});
