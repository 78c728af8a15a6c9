"""Play a small newsroom on the loopback address, for `yuewatch demo` and for tests that need real peers."""
