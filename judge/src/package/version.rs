//! Which format a package is written in.

use super::error::{PackageError, Warning};
use super::fields::Fields;
use super::kind::ProblemKind;
use super::tree::Tree;

pub(super) const KEY: &str = "problem_format_version";
/// The settings file of a directory in the legacy format.
pub(super) const TESTDATA: &str = "testdata.yaml";
/// The same in 2025-09.
pub(super) const TEST_GROUP: &str = "test_group.yaml";

/// A format that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Legacy,
    /// The part of legacy that contest systems have: pass-fail only.
    LegacyIcpc,
    /// 2023-07: its `problem.yaml` is that of 2025-09, its test groups may still be legacy.
    Draft,
    V2025_09,
}

/// How the settings of test groups are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `testdata.yaml` and graders.
    Testdata,
    /// `test_group.yaml`.
    TestGroup,
}

impl Version {
    /// Takes the key out; the second is how the package writes it.
    pub(super) fn take(
        fields: &mut Fields,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Self, String), PackageError> {
        let written = fields.string(KEY)?.unwrap_or_else(|| "legacy".to_owned());
        let version = match written.as_str() {
            "legacy" => Self::Legacy,
            "legacy-icpc" => Self::LegacyIcpc,
            "2025-09" => Self::V2025_09,
            draft if draft == "2023-07" || draft.starts_with("2023-07-") => {
                warnings.push(fields.warning(KEY, &format!("{draft} is read as 2025-09")));
                Self::Draft
            }
            other => {
                let feature = format!("{KEY} {other}");
                return Err(fields.unsupported(KEY, &feature, "use legacy or 2025-09"));
            }
        };
        Ok((version, written))
    }

    /// Whether `problem.yaml` and `submissions/` are those of the legacy format.
    pub(super) fn is_legacy(self) -> bool {
        matches!(self, Self::Legacy | Self::LegacyIcpc)
    }

    /// How test groups are set. Drafts were written in both ways: what is there decides, and
    /// where there is nothing, scores are those of the legacy format.
    pub(super) fn style(self, tree: &Tree, kind: ProblemKind) -> Style {
        let is_testdata = match self {
            Self::Legacy | Self::LegacyIcpc => true,
            Self::V2025_09 => false,
            Self::Draft if has_settings(tree, TEST_GROUP) => false,
            Self::Draft => kind.scoring || has_settings(tree, TESTDATA),
        };
        if is_testdata {
            Style::Testdata
        } else {
            Style::TestGroup
        }
    }
}

fn has_settings(tree: &Tree, name: &str) -> bool {
    tree.below("data")
        .any(|(path, _)| path.rsplit('/').next() == Some(name))
}
