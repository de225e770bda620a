"""A database of a bench's own: made before, dropped after."""

from urllib.parse import urlsplit


def create(url: str) -> None:
    """An empty one under the name that the URL ends with, whatever was there before."""
    drop(url)
    _admin(url, f'CREATE DATABASE "{_name(url)}"')


def drop(url: str) -> None:
    """Gone, with whoever is still connected to it."""
    _admin(url, f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')


def exists(url: str) -> bool:
    """Whether there is one of that name."""
    return bool(_admin(url, f"SELECT 1 FROM pg_database WHERE datname = '{_name(url)}'"))


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _admin(url: str, statement: str) -> list[tuple[object, ...]]:
    import psycopg2

    place = url.replace(urlsplit(url).path, "/postgres").replace("postgres://", "postgresql://")
    connection = psycopg2.connect(place)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found
