"""Who was meant when a dispatch was scheduled."""

import zlib
from array import array
from itertools import accumulate, pairwise

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from messaging.models.dispatch import Dispatch


class Snapshot(TenantModel):
    """The roster part of a schedule's audience when it was made: what "지금 명단" goes to, and what the others are
    compared with before they leave. `packed` are the ids in order, as differences: 100,000 take some 100 kB."""

    dispatch = models.OneToOneField(Dispatch, on_delete=models.CASCADE, related_name="snapshot")
    count = models.PositiveIntegerField(_("사람 수"))
    packed = models.BinaryField()
    taken_at = models.DateTimeField(_("적어 둔 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("예약 때의 명단")
        verbose_name_plural = _("예약 때의 명단")

    def __str__(self) -> str:
        return f"snapshot {self.dispatch_id}"

    @staticmethod
    def pack(ids: list[int]) -> bytes:
        """Ids in ascending order as bytes."""
        steps = array("Q", [b - a for a, b in pairwise([0, *ids])])
        return zlib.compress(steps.tobytes(), 6)

    @property
    def ids(self) -> list[int]:
        steps = array("Q")
        steps.frombytes(zlib.decompress(bytes(self.packed)))
        return list(accumulate(steps))
