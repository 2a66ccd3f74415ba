"""A compiler for programs of small arrays: the lanes of a batch innermost, one bit pattern everywhere."""
