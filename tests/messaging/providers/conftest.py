from tests.messaging.sandbox_fixture import aligo_sandbox, aligo_server  # noqa: F401
