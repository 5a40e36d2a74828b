//! What a compiler can be given ready-made, so that it need not begin from nothing each time.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Made once for each toolchain, in a box, and shown read-only to every compile that may use it.
///
/// **Invariant:** it saves time and changes nothing: the program is the same with and without it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadStart {
    /// Makes it, where it will be shown; the same flags as the compiler's own command.
    pub command: Vec<String>,
    /// What is there before: sources for the command.
    pub files: BTreeMap<String, String>,
    /// What the compiler is told; stands for `{head_start}` in its command.
    pub arguments: Vec<String>,
    /// Only for programs of this shape; absent: for all.
    #[serde(default)]
    pub only_for: Option<Shape>,
}

/// A shape of programs, told from their text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// What a file that uses the head start mentions.
    pub mention: String,
    /// The first line of code of each such file, spaces aside: what stands before it could change what it means.
    pub first_line: String,
}

impl Shape {
    /// Whether some source has it, and every file that could make use of the head start does.
    pub(crate) fn fits<'a>(&self, files: impl Iterator<Item = (&'a [u8], bool)>) -> bool {
        let mut found = false;
        for (content, is_source) in files {
            let text = String::from_utf8_lossy(content);
            if !text.contains(&self.mention) {
                continue;
            }
            if !is_source || !self.begins(&text) {
                return false;
            }
            found = true;
        }
        found
    }

    fn begins(&self, text: &str) -> bool {
        let squeezed = |line: &str| line.split_whitespace().collect::<String>();
        let mut lines = text.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty() && !is_comment(line));
        first.is_some_and(|first| squeezed(first) == squeezed(&self.first_line))
    }
}

/// A whole line of comment that does not go on in the next one.
fn is_comment(line: &str) -> bool {
    line.starts_with("//") && !line.ends_with('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(files: &[(&str, bool)]) -> bool {
        let shape = Shape {
            mention: "stdc++.h".to_owned(),
            first_line: "#include <bits/stdc++.h>".to_owned(),
        };
        shape.fits(
            files
                .iter()
                .map(|(text, source)| (text.as_bytes(), *source)),
        )
    }

    #[test]
    fn only_what_includes_the_header_before_anything_else_fits() {
        assert!(fits(&[("#include <bits/stdc++.h>\nint main() {}", true)]));
        assert!(fits(&[(
            "\n// mine\n#include<bits/stdc++.h>\r\nint x;",
            true
        )]));
        assert!(fits(&[
            ("#include <bits/stdc++.h>", true),
            ("int add();", false)
        ]));
        for text in [
            "int main() {}",
            "#define int long long\n#include <bits/stdc++.h>",
            "#pragma GCC optimize(\"O3\")\n#include <bits/stdc++.h>",
            "// \\\n#include <bits/stdc++.h>",
            "/* */ #include <bits/stdc++.h>",
        ] {
            assert!(!fits(&[(text, true)]), "{text}");
        }
        let good = ("#include <bits/stdc++.h>", true);
        assert!(!fits(&[good, ("int x;\n#include <bits/stdc++.h>", true)]));
        assert!(!fits(&[good, ("#include <bits/stdc++.h>", false)]));
    }
}
