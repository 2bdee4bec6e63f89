"""What a person on call does: back up, restore, ask what is wrong."""

from deploy.local.operations.backup import backup
from deploy.local.operations.doctor import doctor
from deploy.local.operations.restore import restore

__all__ = ["backup", "doctor", "restore"]
