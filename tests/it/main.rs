//! What crosses crates: the contract over HTTP on the real program, real data, crashes, layering, tidiness.

mod arrange;
mod backup;
mod churn;
mod contract;
mod crash;
mod degraded;
mod demo;
mod editorial;
mod erasure;
mod followers;
mod guides;
mod hostile;
mod judged;
mod layering;
mod lists;
mod logs;
mod model;
mod operate;
mod real;
mod replay;
mod schema;
mod tables;
mod tidy;
