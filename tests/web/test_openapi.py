"""The OpenAPI document and a running server: schemathesis asks what the document allows, and holds the answers against it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from newscrawl.search.indexing import update
from newscrawl.store.search.store import SearchStore
from newscrawl.web.application import application, pages
from newscrawl.web.archive import WebArchive
from tests.support.asking import get
from tests.support.factory import START
from tests.support.fresh import filled
from tests.support.healthy import health
from tests.support.sample_history import fill
from tests.support.serving import serving

EXAMPLES = 12  # requests of each address
STRUCTURE = {"/style.css"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The sample archive with its index."""
    url = filled(f"sqlite:///{tmp_path_factory.mktemp('openapi') / 'newscrawl.db'}", fill)
    with SearchStore(url, write=True) as store:
        update(store)
    return WebArchive(url, lambda: START + timedelta(days=30))


def test_the_document_is_the_table(archive):
    """Every page is in it with its parameters, and it is OpenAPI; nothing is served that it does not name."""
    app = application(health, archive)
    document = json.loads(get(app, "/openapi.json").text)
    assert document["openapi"] == "3.1.0"
    table = pages(health, archive)
    assert len(document["paths"]) == len(table) + 1
    served = {route.path_format for route in app.routes} - STRUCTURE
    assert served == set(document["paths"])
    latest = document["paths"]["/"]["get"]
    assert [one["name"] for one in latest["parameters"]] == [
        "source", "edition", "state", "since", "until", "before", "lang", "format",
    ]  # fmt: skip
    assert set(latest["responses"]["200"]["content"]) == {
        "text/html",
        "application/json",
        "application/atom+xml",
    }
    names = [of["get"]["operationId"] for of in document["paths"].values()]
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_answers_are_as_declared(archive):
    """No error of ours; statuses, media types and JSON as the document says, whatever is asked for."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    checks = [
        schemathesis.checks.not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    app = application(health, archive)
    with serving(app) as address:
        document = json.loads(get(app, "/openapi.json").text)
        schema = schemathesis.openapi.from_dict(document)
        schema.config.update(base_url=address)
        asked = 0
        for result in schema.get_all_operations():
            operation = result.ok()

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy())
            def ask(case):
                nonlocal asked
                asked += 1
                case.call_and_validate(checks=checks)

            ask()
    assert asked > 100
