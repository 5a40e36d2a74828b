//! Consume, judge, publish.
