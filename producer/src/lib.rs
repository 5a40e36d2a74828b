//! Submissions in: library and command line.
