//! Bytes in, a checked, upright, resized and encoded photo out.
