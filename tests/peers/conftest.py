"""What needs Keras is collected by `tox -e peers` alone, which sets KCORE_PEERS; a missing Keras is an error there."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("KCORE_PEERS") else ["test_live.py", "test_live_fit.py", "test_peer_weights.py"]
os.environ.setdefault("KERAS_BACKEND", "jax")  # before anything imports Keras
