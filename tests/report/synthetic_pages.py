"""Pages of made-up campaigns, and how tests read them."""

import base64
import json
import re

import numpy as np
import pyarrow as pa

from perilune.campaign.statistics.paired_tests import compare
from perilune.report.pages.campaign_page import campaign_html
from perilune.report.pages.comparison_page import compare_html
from perilune.report.pages.envelope_page import envelope_html
from perilune.report.pages.page_shell import plotly_js
from perilune.report.pages.sweep_page import sweep_html
from tests.report.synthetic_campaign import EXTRAS, document, ground, rows
from tests.report.synthetic_envelope import envelope

REQUIRED = {
    "requirement": {"probability": 0.9, "confidence": 0.95, "most_runs": 10_000},
    "decision": {"verdict": "met", "sentence": "Met after 320 runs.", "after_runs": 320},
}


def ours(html):
    """A page, less plotly.js, which is not ours to judge."""
    return html.replace(plotly_js(), "")


def figures_of(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])


def pages():
    """Every sort of page, by name."""
    table, harder = rows(192, hardship=1.2), rows(192, hardship=1.8)
    both = np.array(table["clean"]), np.array(harder["clean"])
    first, second = document(table), document(harder)
    thrusts = ("2.9 kN", "3.0 kN", "3.1 kN")
    documents = (document(rows(96, hardship=hard)) for hard in (1.8, 1.4, 1.0))
    points = [
        {"values": {"lander.engine.max_thrust": each}, "document": made, "folder": "runs/x"}
        for each, made in zip(thrusts, documents, strict=True)
    ]
    return {
        "campaign": campaign_html(document(table, **REQUIRED), table, EXTRAS | {"map": ground()}),
        "comparison": compare_html((first, second), (table, harder), compare(*both), {}),
        "sweep": sweep_html(points, {"title": "Synthetic"}),
        "envelope": envelope_html(envelope(), "Made up."),
    }


def decoded(packed):
    return base64.b64decode(packed["bdata"])


def rescaled(table, factors):
    """Rows with some columns multiplied."""
    for name, factor in factors.items():
        values = pa.array(factor * table[name].to_numpy().astype(float))
        table = table.set_column(table.column_names.index(name), name, values)
    return table
