//! One file a command.

pub(crate) mod bulk;
pub(crate) mod submit;
