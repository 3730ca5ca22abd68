//! Now and sleep: the system clock, and a simulated one for tests.
