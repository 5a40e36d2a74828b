//! What is tried on every case of one judgement.

use std::sync::Arc;
use std::time::Duration;

use sandbox::Cancel;

use crate::SourceFile;
use crate::decide::CaseLimits;
use crate::package::Package;
use crate::program::Runnable;
use crate::validate::Validator;

/// All that stays the same from case to case.
#[derive(Clone)]
pub(crate) struct Trial<'a> {
    pub(crate) package: &'a Package,
    pub(crate) program: Runnable,
    /// What the compiler saw, for a static validator.
    pub(crate) sources: Arc<[SourceFile]>,
    pub(crate) validator: Validator,
    pub(crate) limits: CaseLimits,
    pub(crate) cancel: &'a Cancel,
}

impl Trial<'_> {
    /// The same with another limit on CPU time.
    pub(crate) fn with_time_limit(&self, time_limit: Duration) -> Self {
        let limits = CaseLimits {
            cpu: time_limit,
            ..self.limits.clone()
        };
        Trial {
            limits,
            ..self.clone()
        }
    }
}
