"""plotly.js ignores a property that it does not know, so each figure is held against its schema."""

import json
import re

import plotly.graph_objects as go
import pytest

from perilune.report.pages.flight_page import report_html
from tests.report.synthetic_pages import pages


def figures_of(page):
    return json.loads(re.search(r'id="figures">(.*?)</script>', page, re.DOTALL)[1])


def in_plain_colours(value):
    """A figure's body with black for each of the page's colours, which plotly does not know."""
    if isinstance(value, str):
        return "#000000" if value.startswith("--") else value
    if isinstance(value, list):
        return [in_plain_colours(each) for each in value]
    if isinstance(value, dict):
        return {key: in_plain_colours(each) for key, each in value.items()}
    return value


@pytest.fixture(scope="module")
def every_figure():
    return [figure for page in pages().values() for figure in figures_of(page).items()]


def test_plotly_knows_every_property_of_the_figures_of_campaigns(every_figure):
    assert len(every_figure) > 20
    for _, body in every_figure:
        go.Figure(in_plain_colours(body))


def test_plotly_knows_every_property_of_the_figures_of_a_flight(result, telemetry, extras):
    figures = figures_of(report_html(result, telemetry, extras))
    assert len(figures) > 8
    for body in figures.values():
        go.Figure(in_plain_colours(body))


def test_the_time_axis_of_stacked_plots_lies_under_the_lowest_of_them(result, telemetry, extras):
    for body in figures_of(report_html(result, telemetry, extras)).values():
        rows = [name for name in body["layout"] if name.startswith("yaxis")]
        if len(rows) > 1:
            assert body["layout"]["xaxis"]["anchor"] == f"y{len(rows)}"


def test_plotly_refuses_a_property_that_it_does_not_know():
    with pytest.raises(ValueError, match="nominal_start"):
        go.Figure({"data": [], "layout": {"xaxis": {"nominal_start": "y"}}})
