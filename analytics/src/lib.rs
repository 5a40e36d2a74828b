//! Its own group on the same topics, at its own pace.
