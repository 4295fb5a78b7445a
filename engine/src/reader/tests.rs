//! Readers by rule: who leaves a trace, what a first list holds, how practice moves it, and who may see what.

mod fit;
mod learning;
mod lists;
mod trace;
mod world;
