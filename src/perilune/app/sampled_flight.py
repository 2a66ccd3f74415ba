"""One flight with every sample of its telemetry, compiled by either compiler."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array, Float, Key, UInt32

    from perilune.campaign.request import Engine
    from perilune.design.flight_plan import FlightPlan
    from perilune.flight.fly import FlightSummary
    from perilune.flight.native_flight import NativeFlight
    from perilune.mechanics.array_types import AnyArray
    from perilune.telemetry.samples import Samples


class SampledRun(NamedTuple):
    """A flight: what was drawn for it, how it went, and every tick of it; on the host as NumPy."""

    values: "Float[AnyArray, ' row']"
    summary: "FlightSummary"
    samples: "Samples"


class SampledFlight(Protocol):
    """A compiled flight of all plans of one structure."""

    engine: "Engine"

    def fly(
        self,
        plan: "FlightPlan",
        key: "Key[Array, '']",
        points: "Float[np.ndarray, ' row'] | None" = None,
    ) -> SampledRun:
        """Fly one run; `points` are uniforms as `draw` takes them in place of the key's own."""


def sampled_flight(
    engine: "Engine | None" = None,
) -> "Callable[[FlightPlan, Key[Array, '']], tuple[FlightSummary, Samples]]":
    """The compiled flight of this process: (plan, key) → (summary, samples), as NumPy arrays.

    The plan is one of `plan` or `nominal`, the key one of `run_key`; the run is drawn inside. Gives
    the `FlightSummary` and every tick, SI. `engine` is "native" or "xla", its compiler (default:
    native on a CPU, where it can; the summary is then that of the campaign's row, to the bit). The
    first call compiles for up to half a minute, or finds the program in PERILUNE_CACHE (XLA's: in
    the cache of `use_cache`); every number is an argument, so that another mission of the same
    structure compiles nothing. Raises nothing. For `jit`, `vmap` and derivatives there is `fly`.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    >>> summary, samples = perilune.sampled_flight()(flight_plan, perilune.run_key(0, 0))
    >>> float(summary.event_time_s[perilune.Event.CONTACT]) > 0.0
    True
    """

    def fly(plan: "FlightPlan", key: "Key[Array, '']") -> "tuple[FlightSummary, Samples]":
        run = compiled_flight(plan, engine, lambda _: None).fly(plan, key)
        return run.summary, run.samples

    return fly


def compiled_flight(
    plan: "FlightPlan", engine: "Engine | None", notify: Callable[[str], None]
) -> SampledFlight:
    """The compiled flight of plans of this structure; another call of this process finds it.

    XLA's where it is asked for, on a GPU, and where the native compiler cannot: `notify` says why.
    """
    from perilune.flight.native_flight import is_native, structure_of, where_known

    natively = is_native(engine)
    key = natively, structure_of(plan)
    if key not in COMPILED:
        traced = where_known(lambda: single_flight(plan), notify) if natively else None
        COMPILED[key] = _ByXla(plan) if traced is None else _Natively(traced)
    return COMPILED[key]


COMPILED: dict[Any, SampledFlight] = {}
"""The flights that this process has compiled, by engine and structure."""


def _sampled(plan: "FlightPlan", words: "UInt32[Array, '2']", points: Any) -> SampledRun:
    """What is compiled, whichever compiler does it; `words` are those of the run's key."""
    import jax

    from perilune.flight.draw import disperse, sample
    from perilune.flight.fly import fly
    from perilune.telemetry.samples import keep

    key = jax.random.wrap_key_data(words)
    values = sample(plan.dispersions, key, points)
    drawn = disperse(plan, values)
    summary, samples = fly(drawn, key, sampled=True)
    return SampledRun(values, summary, keep(samples, drawn, key))


def single_flight(plan: "FlightPlan") -> "NativeFlight":
    """The flight with its samples, traced, as a program of one lane: others would fly the same."""
    from perilune.flight.native_flight import native_flight

    plan, *run = _arguments(plan)
    return native_flight(_sampled, (plan,), run, lanes=1)


def _arguments(plan: "FlightPlan", key: Any = None, points: Any = None) -> tuple[Any, ...]:
    """What `_sampled` takes, as NumPy arrays of the types it is compiled for."""
    import jax
    import numpy as np

    from perilune.mission.dispersions import ROW_COUNT

    words = np.zeros(2, np.uint32) if key is None else np.asarray(jax.random.key_data(key))
    points = np.full(ROW_COUNT, np.nan) if points is None else points
    return jax.tree.map(np.asarray, plan), words, points


class _Natively:
    """The flight as machine code of the native compiler."""

    engine: "Engine" = "native"

    def __init__(self, traced: "NativeFlight") -> None:
        """Compile it, or find it in the cache."""
        from perilune.campaign.run.job import cores
        from perilune.native.machine_program import LaneProgram

        self._output = traced.traced.output
        self._program = LaneProgram(traced.compiled(len(cores())))

    def fly(self, plan: "FlightPlan", key: Any, points: Any = None) -> SampledRun:
        """Fly one run, in memory of its own."""
        import jax

        from perilune.native.arena_layout import Arena

        arena = Arena(self._program.layout)
        plan, *run = _arguments(plan, key, points)
        leaves = [*jax.tree.leaves(plan), *(each[None] for each in run)]
        for number, leaf in enumerate(leaves):
            arena.put(number, leaf)
        self._program.run(arena)
        results = [each.reshape(each.shape[1:]) for each in arena.results()]
        return jax.tree.unflatten(self._output, results)


class _ByXla:
    """The flight as XLA compiles it."""

    engine: "Engine" = "xla"

    def __init__(self, plan: "FlightPlan") -> None:
        """Compile it, or find it in the cache."""
        import jax

        from perilune.flight.compile_cache import COMPILER_OPTIONS

        program = jax.jit(_sampled, compiler_options=COMPILER_OPTIONS)
        self._compiled = program.lower(*_arguments(plan)).compile()

    def fly(self, plan: "FlightPlan", key: Any, points: Any = None) -> SampledRun:
        """Fly one run."""
        import jax
        import numpy as np

        return jax.tree.map(np.asarray, self._compiled(*_arguments(plan, key, points)))
