//! Drafts with one fault each.
