"""Which days' work is done."""

from django.db import models

from accounts.models.tenants import TenantModel


class Daily(TenantModel):
    """A day (Seoul) of a tenant whose daily work was begun; `done` names the jobs that are through."""

    on = models.DateField()
    done = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["on", "tenant"], name="members_daily_once")]

    def __str__(self) -> str:
        return f"{self.on}"
