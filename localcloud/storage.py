"""S3 as jobs use it: reading inputs, writing outputs. Under the cloud's lock, as everything that touches moto."""

from __future__ import annotations

from typing import Any

from localcloud.interfaces import Cloud


class Storage:
    """The buckets of this cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def _bucket(self, name: str) -> Any:
        return self._cloud.backend("s3").buckets.get(name)

    def read(self, uri: str) -> bytes | None:
        """The object at s3://bucket/key; None when there is none."""
        bucket, key = split(uri)
        if self._bucket(bucket) is None:
            return None
        found = self._cloud.backend("s3").get_object(bucket, key)
        return bytes(found.value) if found is not None else None

    def write(self, uri: str, data: bytes) -> bool:
        """Write an object; False when the bucket does not exist here."""
        bucket, key = split(uri)
        if self._bucket(bucket) is None:
            return False
        self._cloud.backend("s3").put_object(bucket, key, data)
        return True

    def is_empty(self, uri: str) -> bool:
        """Whether the bucket is one of this cloud and nothing in it begins with the key."""
        bucket, prefix = split(uri)
        found = self._bucket(bucket)
        return found is not None and not any(key.startswith(prefix) for key in found.keys)


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of s3://bucket/key."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
