"""Random small programs of nested loops and branches, whose numbers stay small and whole.

python -m tests.native.random_programs [COUNT [FIRST]] compares so many programs with JAX.
"""

import sys
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from perilune.mechanics.batching import any_lane
from tests.native.against_jax import LANES, assert_close, by_jax, natively

SIZES = (3, 30)
"""Lengths of rows: such as registers hold, and such as lie in memory."""
MOST = 64
"""Numbers are brought back below this size, so that every sum and product is exact."""


@dataclass
class Maker:
    """Draws a program as it is traced: the same choices for the same seed."""

    seed: int
    depth: int = 3
    is_lane_alone: bool = False  # nothing is asked of other lanes

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)

    def program(self, shared, counts, *rows):
        """What a program of some statements makes of rows of each size."""
        return self.statements([*rows], (shared, counts), self.depth, 4)

    def statements(self, state, given, depth, most):
        for _ in range(int(self.rng.integers(1, most + 1))):
            state = self.statement(state, given, depth)
        return state

    def statement(self, state, given, depth):
        simple = [self.arithmetic, self.swap, self.update, self.put, self.parts, self.add_at]
        nested = [self.scan, self.loop, self.loop, self.branch, self.branch, self.write_rows]
        choices = simple + nested * (2 if depth else 0)
        found = choices[int(self.rng.integers(len(choices)))](list(state), given, depth)
        return self.with_old(found, state) if self.rng.random() < 0.5 else found

    def with_old(self, state, old):
        """Rows of before read once more: they must not have been overwritten."""
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        state[one] = lax.rem(state[one] + 3.0 * old[two], jnp.float64(MOST))
        return state

    # What has no blocks

    def pick(self, state, size=None):
        """The number of one of the rows, and its length."""
        fit = [n for n, row in enumerate(state) if size is None or row.shape == (size,)]
        number = int(self.rng.choice(fit))
        return number, state[number].shape[0]

    def index(self, given):
        """A whole number that is shared, or that of the lane."""
        shared, counts = given
        return counts if self.rng.random() < 0.7 else shared

    def arithmetic(self, state, _given, _depth):
        one, size = self.pick(state)
        two, three = self.pick(state, size)[0], self.pick(state, size)[0]
        kind = int(self.rng.integers(4))
        a, b = state[two], state[three]
        found = [a + b, a - 2.0 * b, a * b + a, jnp.where(a > b, a, -b)][kind]
        state[one] = lax.rem(found, jnp.float64(MOST))
        return state

    def swap(self, state, _given, _depth):
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        state[one], state[two] = state[two], state[one]
        return state

    def update(self, state, given, _depth):
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        part = lax.slice(state[two], (1,), (3,))
        state[one] = lax.dynamic_update_slice(state[one], part, (self.index(given),))
        return state

    def put(self, state, given, _depth):
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        at = jnp.stack([self.index(given), jnp.asarray(1)])
        state[one] = state[one].at[at].set(state[two][:2] + 1.0, mode="drop")
        return state

    def add_at(self, state, given, _depth):
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        at = self.index(given)
        grown = state[one].at[at].add(state[two][at], mode="drop")
        state[one] = lax.rem(grown, jnp.float64(MOST))
        return state

    def parts(self, state, _given, _depth):
        one, size = self.pick(state)
        two = self.pick(state, size)[0]
        cut = int(self.rng.integers(1, size))
        turned = state[one][::-1] if self.rng.random() < 0.3 else state[one]
        state[one] = jnp.concatenate([state[two][cut:], turned[:cut]])
        return state

    # What has blocks

    def scan(self, state, given, depth):
        """Rows read in each turn, some from what is carried elsewhere."""
        turns, chosen = int(self.rng.integers(1, 4)), self.pick(state)[0]
        rows = jnp.stack([state[chosen]] * turns)
        is_reverse = bool(self.rng.random() < 0.3)
        maker = self.inner()

        def body(carry, row):
            now = list(carry)
            now[chosen] = lax.rem(now[chosen] + row, jnp.float64(MOST))
            return tuple(maker().statements(now, given, depth - 1, 3)), None

        return list(lax.scan(body, tuple(state), rows, reverse=is_reverse)[0])

    def write_rows(self, state, given, depth):
        """Rows written in each turn, put together again."""
        one = self.pick(state)[0]
        maker = self.inner()

        def body(carry, _):
            now = maker().statements(list(carry), given, depth - 1, 2)
            return tuple(now), now[one]

        state, rows = lax.scan(body, tuple(state), None, length=3)
        state = list(state)
        state[one] = lax.rem(rows[0] + rows[2] - rows[1], jnp.float64(MOST))
        return state

    def loop(self, state, given, depth):
        """Until a count is reached: that of each lane, or one for all."""
        end = self.index(given) % 4
        maker = self.inner()
        is_read = bool(self.rng.random() < 0.5)
        start = jnp.zeros((), end.dtype)

        def goes_on(carry):
            more = carry[0] < end
            return more & (carry[1][0] < 200.0) if is_read else more

        def body(carry):
            return (carry[0] + 1, *maker().statements(list(carry[1:]), given, depth - 1, 3))

        return list(lax.while_loop(goes_on, body, (start, *state))[1:])

    def branch(self, state, given, depth):
        """By lane, for all lanes, or where any wants it; a side may give its input back."""
        flag = self.index(given) % 2 == 0
        if self.rng.random() < 0.4 and not self.is_lane_alone:
            flag = any_lane(flag)
        makers = self.inner(), self.inner()
        is_kept = bool(self.rng.random() < 0.5)

        def side(number):
            def run(*now):
                if number and is_kept:
                    return now
                return tuple(makers[number]().statements(list(now), given, depth - 1, 3))

            return run

        return list(lax.cond(flag, side(0), side(1), *state))

    def inner(self):
        """Makes makers of one block: traced again, it comes out the same."""
        seed = int(self.rng.integers(2**31))
        return lambda: Maker(seed, self.depth, self.is_lane_alone)


def compare(seed, depth=3):
    """One program by the native compiler and by JAX, to the bit."""
    rng = np.random.default_rng(seed)
    rows = [_whole(rng, (LANES, size)) for size in SIZES for _ in range(2)]
    shared, counts = np.int64(rng.integers(0, 5)), rng.integers(-2, 40, LANES)

    def program(shared, counts, *rows):
        return Maker(seed, depth).program(shared, counts, *rows)

    results = (each(program, [shared], [counts, *rows]) for each in (natively, by_jax))
    assert_close(*([row + 0.0 for row in each] for each in results))  # XLA leaves out x + 0


def _whole(rng, shape):
    return rng.integers(-MOST, MOST, shape).astype(float)


if __name__ == "__main__":
    count, first = (int(each) for each in (*sys.argv[1:], *("100", "0")[len(sys.argv) - 1 :]))
    wrong = 0
    for seed in range(first, first + count):
        try:
            compare(seed)
        except Exception as error:
            wrong += 1
            print(seed, type(error).__name__, str(error)[:300], flush=True)
        if seed % 50 == 49:
            print(f"{seed + 1 - first} compared", flush=True)
            jax.clear_caches()
    print(f"{wrong} of {count} programs differ")
