//! Runnable receivers of Topper's webhooks, and the guides, whose code is compiled and run here.

#[cfg(doctest)]
#[doc = include_str!("../../docs/guide/testing-your-handler.md")]
struct TestingYourHandler;
