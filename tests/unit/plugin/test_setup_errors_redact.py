from __future__ import annotations

import pytest

from qgis_msa_plugin.setup.errors import redact

HOME = "/home/anna"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Looking in indexes: https://anna:hunter2@index.example.org/simple", "hunter2"),
        ("http_proxy=http://anna:hunter2@10.0.0.1:8080", "hunter2"),
        ("crs=EPSG:3857&url=https://tiles.example.org/{z}?access_token=hunter2&zmax=19", "hunter2"),
        ("url=https://x.example.org&password='hunter2' username='anna'", "hunter2"),
        ("authcfg=hunter2 url=https://x.example.org", "hunter2"),
        ('{"api_key": "hunter2"}', "hunter2"),
        ("PGPASSWORD: hunter2", "hunter2"),
        ("Authorization: Bearer hunter2hunter2", "hunter2"),
        ("ssh -i hunter2 gpu-box msa worker", "hunter2"),
        ("ssh anna@gpu-box msa worker", "anna"),
        ("/vsis3/bucket?AWS_SECRET_ACCESS_KEY=hunter2", "hunter2"),
        ("/home/anna/maps/town.tif", "anna"),
        (r"C:\Users\anna is not home, /home/anna is", "/home/anna"),
    ],
)
def test_secrets_and_the_users_name_are_hidden(text: str, secret: str) -> None:
    assert secret not in redact(text, HOME)


@pytest.mark.parametrize(
    "text",
    [
        "Collecting torch==2.13.0",
        "ssh gpu-box msa worker",
        "https://index.example.org/simple",
        "/home/annabel/maps/town.tif",
        "worker died: exit code 3",
        "State: ready",
    ],
)
def test_all_else_stays(text: str) -> None:
    assert redact(text, HOME) == text


def test_addresses_keep_their_host_so_that_the_report_is_of_use() -> None:
    assert redact("http://anna:x@proxy.example.org:8080", HOME) == "http://…@proxy.example.org:8080"
    assert redact("/home/anna/maps", HOME) == "~/maps"
