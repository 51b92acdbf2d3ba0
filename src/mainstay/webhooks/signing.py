"""How a delivery is signed, the same way as MLflow's.

``v1,`` and the Base64 of HMAC-SHA256 over ``<delivery id>.<timestamp>.<body>``, keyed with the
webhook's secret; the timestamp is in seconds and sent beside it. Source: MLflow's page on webhooks.
"""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

DELIVERY = "X-MLflow-Delivery-Id"
TIMESTAMP = "X-MLflow-Timestamp"
SIGNATURE = "X-MLflow-Signature"


def sign(secret: str, *, delivery_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of the signature's header."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret.encode(), signed, sha256)).decode()


def verify(secret: str, signature: str, *, delivery_id: str, timestamp: str, body: bytes) -> bool:
    """Tell whether a signature is right; for receivers written in Python."""
    right = sign(secret, delivery_id=delivery_id, timestamp=timestamp, body=body)
    return hmac.compare_digest(right.encode(), signature.encode())


def headers(secret: str | None, *, delivery_id: str, timestamp: str, body: bytes) -> dict[str, str]:
    """Return the headers of a delivery; without a secret there is no signature."""
    found = {DELIVERY: delivery_id, TIMESTAMP: timestamp}
    if secret:
        found[SIGNATURE] = sign(secret, delivery_id=delivery_id, timestamp=timestamp, body=body)
    return found
