//! Names of parameters for lists whose length is known only at run time.

/// `$3, $4` for two from the third on.
pub(crate) fn list(first: usize, count: usize) -> String {
    let names: Vec<_> = (first..first + count)
        .map(|number| format!("${number}"))
        .collect();
    names.join(", ")
}
