//! What crosses crates: the contract over HTTP on the real program, real data, crashes, layering, tidiness.

mod arrange;
mod contract;
mod crash;
mod demo;
mod editorial;
mod judged;
mod layering;
mod lists;
mod real;
mod tidy;
