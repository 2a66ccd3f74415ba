"""The HTML that the templates make of a few parts of a page."""

from perilune.report.pages.page_shell import environment

_PARTS = (
    "{% import 'parts.html' as parts %}{% for part in content %}{{ parts.block(part) }}{% endfor %}"
)


def html_of(content):
    """One part or several, as HTML."""
    content = content if isinstance(content, list) else [content]
    return environment().from_string(_PARTS).render(content=content)
