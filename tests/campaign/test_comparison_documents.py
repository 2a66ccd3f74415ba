"""Comparisons, sweeps and orders are declared by models, which refuse what they do not declare."""

import json

import jsonschema
import pytest

from perilune.campaign.comparison_documents import comparison_json_schema, sweep_json_schema
from perilune.campaign.run import row_store
from perilune.campaign.run.order_document import OrderDocument
from perilune.verdict.document import checked


@pytest.mark.parametrize("schema", [comparison_json_schema(), sweep_json_schema()])
def test_a_schema_is_one_without_references_and_requires_every_name(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "$ref" not in json.dumps(schema)
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False


def test_the_order_of_a_campaign_is_what_its_model_declares(undisturbed):
    order = row_store.read_order(undisturbed[1])
    assert checked(OrderDocument, order) == order


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sede": 5}, "extra sede"),
        ({"runs": 0}, r"wrong runs \(input should be greater than or equal to 1\)"),
        ({"digest": None}, r"wrong digest \(input should be a valid string\)"),
    ],
)
def test_an_order_with_a_wrong_value_is_refused_by_its_name(undisturbed, change, words):
    order = row_store.read_order(undisturbed[1])
    with pytest.raises(ValueError, match=words):
        checked(OrderDocument, order | change)
