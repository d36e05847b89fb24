"""What people hand in, as NumPy arrays: lists, scalars, JAX arrays, anything array-like."""

import sys

import numpy as np

from ._errors import ParameterError


def as_array(value):
    """The value as an array, with no copy where none is needed."""
    jax = sys.modules.get("jax")
    if jax is not None and isinstance(value, jax.Array):
        return _from_jax(jax, value)
    return np.asanyarray(value)


def _from_jax(jax, value):
    """A JAX array in host memory, without a copy that stays behind on it.

    ``np.asarray`` of an array on several devices gathers it and caches the result on the array.
    """
    if isinstance(value, jax.core.Tracer):
        return np.asanyarray(value)  # JAX's own error says what a tracer is
    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        raise TypeError(
            f"an array of typed PRNG keys ({value.dtype}) has no bytes of its own; save "
            "jax.random.key_data(keys), and restore it with jax.random.wrap_key_data"
        )
    if not value.is_fully_addressable:
        raise ParameterError(
            "the array spans devices of other processes, so this one cannot see all of it; save the "
            "addressable shards, or gather it first with jax.experimental.multihost_utils.process_allgather"
        )
    shards = value.addressable_shards
    if len(shards) == 1 or value.sharding.is_fully_replicated:
        # A handle of its own on the same buffer: what is cached goes with it.
        return np.asarray(shards[0].data)
    whole = np.empty(value.shape, value.dtype)
    for shard in shards:
        if shard.replica_id == 0:
            whole[shard.index] = np.asarray(shard.data)
    return whole
