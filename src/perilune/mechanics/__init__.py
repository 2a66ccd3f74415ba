"""Laws anyone may use: time, rotation, gravity, integration, tables, grids, rays, randomness."""

import jax

from perilune.compiler_flags import set_compiler_flags

set_compiler_flags()
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "standard")
