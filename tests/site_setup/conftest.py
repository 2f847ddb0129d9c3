"""Fetches of these tests run in the test's process, over loopback only."""

from __future__ import annotations

import pytest

from tests.support.crawling import without_reactor


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    without_reactor(monkeypatch)
    # Reading all certificates of the machine takes its time.
    monkeypatch.setattr("newscrawl.settings.DOWNLOAD_HANDLERS", {"https": None}, raising=False)
