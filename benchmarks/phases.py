"""Which phase of a flight the time goes to: a chunk flown piece by piece, each piece timed."""

from benchmarks.stopwatch import cpu_seconds, seconds_of

COAST, POWERED, CONTACT = "orbit, deorbit burn and coast", "powered descent", "contact"


def repeated(step, count):
    """Jitted, over (plan, keys, carries): every lane draws its plan, then `count` times `step`.

    The plan is shared by the lanes and drawn inside, as in the flight: what no draw touches, the
    terrain first of all, is held once. `step` maps (drawn plan, key, carry) to the next carry.
    """
    import jax

    from perilune.flight import draw

    def lane(plan, key, carry):
        drawn = draw(plan, key)
        return jax.lax.scan(lambda now, _: (step(drawn, key, now), None), carry, None, count)[0]

    return jax.jit(jax.vmap(lane, in_axes=(None, 0, 0)))


def first_carries(plan, lanes):
    """Keys and first carries of runs 0 to `lanes`."""
    import jax

    from benchmarks.program import SEED
    from perilune.flight import draw
    from perilune.flight.carry import begin
    from perilune.mechanics.randomness import run_key

    keys = jax.vmap(lambda run: run_key(SEED, run))(jax.numpy.arange(lanes))
    start = jax.jit(jax.vmap(lambda plan, key: begin(draw(plan, key)), in_axes=(None, 0)))
    return keys, start(plan, keys)


def phases(plan, lanes):
    """Fly runs 0 to `lanes` in pieces.

    Returns rows (phase, steps flown by the slowest lane, processor seconds), the keys, and the
    carries halfway down the powered descent and at the handover to contact, where `parts` starts.
    """
    import jax

    from perilune.flight.fly import PIECE
    from perilune.flight.loop import frame
    from perilune.flight.settle import settle_tick

    keys, carry = first_carries(plan, lanes)

    def timed_piece(step):
        bare = repeated(lambda drawn, key, now: step(drawn, key, now, False)[0], PIECE)
        made = bare.lower(plan, keys, carry).compile()
        return lambda now: jax.block_until_ready(made(plan, keys, now))

    rows = {name: [0, 0.0] for name in (COAST, POWERED, CONTACT)}
    flown = _fly_phase(timed_piece(frame), carry, _free_name, rows)
    _fly_phase(timed_piece(settle_tick), flown[-1], lambda _: CONTACT, rows)
    descent = [each for each in flown if _free_name(each) == POWERED]
    table = [{"phase": name, "steps": steps, "seconds": s} for name, (steps, s) in rows.items()]
    return table, keys, (descent[len(descent) // 2], flown[-1])


def _fly_phase(piece, carry, name_of, rows):
    """Pieces until no lane's clock moves; every carry on the way."""
    from perilune.flight.fly import PIECE

    carries = [carry]
    while True:
        after, seconds = seconds_of(lambda: piece(carries[-1]), cpu_seconds)
        row = rows[name_of(carries[-1])]
        row[0], row[1] = row[0] + PIECE, row[1] + seconds
        if bool((after.clock == carries[-1].clock).all()):
            return carries
        carries.append(after)


def _free_name(carry):
    """The phase most lanes are in."""
    from perilune.onboard.modes.modes import Mode

    modes = carry.memory.progress.mode
    return POWERED if int((modes >= Mode.BRAKING).sum()) * 2 > len(modes) else COAST
