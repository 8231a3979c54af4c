"""Programs of this repository: load generators, the fault matrix, goldens, benchmarks. None is a test."""
