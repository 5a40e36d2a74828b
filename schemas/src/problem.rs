//! The current package of a problem, as published to everyone.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::codec::Codec;
use crate::message::Message;
use crate::released;

/// A problem and the package it stands for today.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Problem {
    /// The problem's short name; also the record's key.
    pub problem_id: String,
    /// Its title.
    pub name: String,
    /// The SHA-256 of the package's content: what a judgement names.
    pub package_digest: String,
    /// Where the package archive is, as an object store URL or a path below its root.
    pub location: String,
    /// CPU time of one case, in milliseconds.
    pub time_limit_ms: i64,
    /// Memory of one case, in bytes.
    pub memory_limit_bytes: i64,
    /// Output of one case, in bytes.
    pub output_limit_bytes: i64,
    /// The package format, for example `legacy` or `2025-09`.
    pub format_version: String,
    /// Test cases in it.
    pub tests_total: i32,
    /// The languages allowed; empty for all.
    pub languages: Vec<String>,
    /// When it was published, milliseconds since 1970 in UTC.
    pub published_at_ms: i64,
}

impl Message for Problem {
    const NAME: &'static str = "problem";

    fn codec() -> &'static Codec<Self> {
        static CODEC: LazyLock<Codec<Problem>> = LazyLock::new(|| Codec::new(released::PROBLEM));
        &CODEC
    }
}
