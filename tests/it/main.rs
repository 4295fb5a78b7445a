//! What crosses crates: the contract over HTTP on the real program, real data, crashes, layering, tidiness.

mod arrange;
mod backup;
mod churn;
mod clock;
mod contract;
mod crash;
mod degraded;
mod demo;
mod editorial;
mod erasure;
mod followers;
mod fuzz;
mod guides;
mod instructions;
mod judged;
mod layering;
mod lists;
mod logs;
mod model;
mod operate;
mod real;
mod reload;
mod replay;
mod schema;
mod tidy;
mod traces;
