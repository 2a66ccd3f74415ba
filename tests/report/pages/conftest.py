import pytest

from perilune.report.pages.campaign_page import campaign_html
from tests.report.synthetic_campaign import EXTRAS, document, ground, rows
from tests.report.synthetic_pages import REQUIRED, ours, pages


@pytest.fixture(scope="session")
def flown():
    """Rows and document of a made-up campaign with failures of two sorts."""
    table = rows(320, hardship=1.5)
    return document(table, **REQUIRED), table


@pytest.fixture(scope="session")
def page(flown):
    return ours(campaign_html(*flown, EXTRAS | {"map": ground()}))


@pytest.fixture(scope="session")
def every_page():
    return {name: ours(html) for name, html in pages().items()}
