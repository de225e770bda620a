"""The strangers who carry our texts. Services call `provider` and know only the words of `base`."""

from messaging.providers.aligo import Aligo
from messaging.providers.base import Provider

provider: Provider = Aligo()
