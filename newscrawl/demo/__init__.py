"""The made-up outlet "Boztorgai": a scripted week of news in three languages, served on loopback."""

from newscrawl.demo.faults import FAULTS, At
from newscrawl.demo.history import Outlet
from newscrawl.demo.pieces import Event, EventKind, Manner, Piece, Version
from newscrawl.demo.server import Clock, OutletServer, Request
from newscrawl.demo.truth import Expected

__all__ = [
    "FAULTS",
    "At",
    "Clock",
    "Event",
    "EventKind",
    "Expected",
    "Manner",
    "Outlet",
    "OutletServer",
    "Piece",
    "Request",
    "Version",
]
