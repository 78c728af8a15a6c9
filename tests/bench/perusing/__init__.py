"""Parts of the benchmark of reading, one file for each thing that is measured."""
