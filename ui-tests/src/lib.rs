//! Holds nothing itself: `tests/it` says what the compiler says about an annotation, and who may import whom.
