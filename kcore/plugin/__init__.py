"""Registering and finding every part of kcore by name: one road for its own parts and for outsiders'."""

from kcore.plugin.entry import Entry, defined_in, register
from kcore.plugin.errors import NameClashError, PluginError, UnknownNameError
from kcore.plugin.hookspecs import KINDS, hookimpl
from kcore.plugin.provider import Provider
from kcore.plugin.registry import entries, find, name_of, offered, providers

__all__ = [
    "KINDS",
    "Entry",
    "NameClashError",
    "PluginError",
    "Provider",
    "UnknownNameError",
    "defined_in",
    "entries",
    "find",
    "hookimpl",
    "name_of",
    "offered",
    "providers",
    "register",
]
