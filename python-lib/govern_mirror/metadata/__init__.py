"""Item ↔ DSS project metadata: `decode()` and `encode()`, the one place that knows that layout.

Canonical values live in declared custom fields (`Blueprint.all_fields`), the machine-readable rest in the
hidden field `govern_record`. `decode` never raises: what is not valid is listed as a problem and kept as it
is. `encode` replaces only what changed, so that everything else, also damage, passes through untouched:
`encode(decode(metadata), metadata) == metadata`.
"""

from govern_mirror.metadata.decode import decode, with_earlier_events
from govern_mirror.metadata.encode import NONCE_LENGTH, encode, governed_part, overflow, removed
from govern_mirror.metadata.layout import Layout

__all__ = [
    "NONCE_LENGTH",
    "Layout",
    "decode",
    "encode",
    "governed_part",
    "overflow",
    "removed",
    "with_earlier_events",
]
