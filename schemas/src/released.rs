//! Every schema version that was ever released, with the id it travels under.
//!
//! A registry hands out ids from 1 upwards; ours are fixed and lie in a range that no registry
//! reaches: 2,100,000,000 + 100 × type + version. A version listed here is never edited again:
//! change a type by adding `avro/<name>/v<n>.avsc`, its examples and a line at the end of its list.

/// The first id of the reserved range.
pub const RESERVED_IDS: u32 = 2_100_000_000;

/// One released version of one type's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// What the frame carries.
    pub id: u32,
    /// 1 for the first.
    pub version: u32,
    /// The `.avsc` text.
    pub schema: &'static str,
}

macro_rules! released {
    ($(#[$doc:meta])* $constant:ident, $name:literal, $block:literal: $($version:literal),+) => {
        $(#[$doc])*
        pub const $constant: &[Released] = &[$(Released {
            id: RESERVED_IDS + $block + $version,
            version: $version,
            schema: include_str!(concat!("../avro/", $name, "/v", $version, ".avsc")),
        }),+];
    };
}

released!(
    /// Submissions, oldest version first.
    SUBMISSION, "submission", 100: 1
);
released!(
    /// Verdicts, oldest version first.
    VERDICT, "verdict", 200: 1, 2
);
released!(
    /// Progress, oldest version first.
    PROGRESS, "progress", 300: 1
);
released!(
    /// Problems, oldest version first.
    PROBLEM, "problem", 400: 1
);

/// Every type's name with its versions.
pub const ALL: [(&str, &[Released]); 4] = [
    ("submission", SUBMISSION),
    ("verdict", VERDICT),
    ("progress", PROGRESS),
    ("problem", PROBLEM),
];
