"""Command check_port: a taken port is reported in one sentence that names the program."""

import socket
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from salesbrain.kernel.env import BASE_DIR


def test_a_taken_port_is_one_sentence(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.PORT = taken.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            call_command("check_port")
    said = str(refused.value)
    assert str(settings.PORT) in said and "PORT" in said and "\n" not in said


def test_a_free_port_is_fine(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.PORT = free.getsockname()[1]
    out = StringIO()
    call_command("check_port", stdout=out)
    assert out.getvalue() == f"Nothing listens at port {settings.PORT}.\n"


def test_the_unit_of_the_web_asks_before_it_starts():
    unit = (BASE_DIR / "deploy/systemd/salesbrain-web.service").read_text()
    assert unit.index("check --database default") < unit.index("manage.py check_port") < unit.index("ExecStart=")
