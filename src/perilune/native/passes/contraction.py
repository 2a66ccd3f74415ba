"""Products that are added are multiplied and added at once, rounded once.

The rule looks at one sum and the equation that gave its term, and at nothing else: what becomes
of the product besides does not matter, so that two programs which compute the same thing on the
way to different results round alike.
"""

from dataclasses import replace

from perilune.native.program import Block, Equation, Term, Value

PRODUCTS = {"mul", "square", "integer_pow"}


def contract(block: Block) -> Block:
    """The block with `fma` in place of sums of a product and a term."""
    producers = {equation.outputs[0]: equation for equation in block.equations}
    equations: list[Equation] = []
    for equation in block.equations:
        for inner in equation.blocks:
            contract(inner)
        equations += _contracted(equation, producers)
    block.equations = equations
    return block


def _contracted(equation: Equation, producers: dict[Value, Equation]) -> list[Equation]:
    output = equation.outputs[0]
    if equation.name not in ("add", "add_any", "sub", "reduce_sum") or output.dtype.kind != "f":
        return [equation]
    if equation.name == "reduce_sum":
        factors = _factors(equation.inputs[0], producers, equation.inputs[0].shape)
        if factors is None:
            return [equation]
        return [replace(equation, name="sum_of_products", inputs=factors)]
    for this, other in ((0, 1), (1, 0)):
        factors = _factors(equation.inputs[this], producers, output.shape)
        if factors is not None:
            return _fused(equation, factors, this, equation.inputs[other])
    return [equation]


def _fused(sum_: Equation, factors: list[Term], place: int, term: Term) -> list[Equation]:
    one, two = factors
    turned: list[Equation] = []
    if sum_.name == "sub":
        negative = term if place == 0 else one
        opposite = Value(negative.shape, negative.dtype)
        turned = [Equation("neg", [negative], [opposite])]
        one, term = (one, opposite) if place == 0 else (opposite, term)
    return [*turned, replace(sum_, name="fma", inputs=[one, two, term], parameters={})]


def _factors(
    term: Term, producers: dict[Value, Equation], shape: tuple[int, ...]
) -> list[Term] | None:
    """The two factors of a term that is a product; None where it is none."""
    equation = producers.get(term) if isinstance(term, Value) else None
    if equation is None or equation.name not in PRODUCTS or term.shape != shape:
        return None
    if equation.name == "integer_pow" and equation.parameters["y"] != 2:
        return None
    return list(equation.inputs if equation.name == "mul" else equation.inputs * 2)
