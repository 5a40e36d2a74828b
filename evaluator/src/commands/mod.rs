//! What the binary can be told to do: each command has its arguments and its `execute` in one file.
