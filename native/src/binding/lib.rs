//! The only place that names napi: crossing types, promises, and the kernel as a JavaScript class.
//! What it exports stands in `ts/native.ts`.

#![allow(missing_docs, reason = "ts/native.ts documents what crosses")]

mod ends;
mod error;
mod kernel;
mod log;
mod promise;
mod tools;
mod types;
