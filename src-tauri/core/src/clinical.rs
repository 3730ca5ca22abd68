//! The nouns of the clinic and the risk policy; no I/O.
