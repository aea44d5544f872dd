"""Secrets leave memory in no form; the address stays the same however a source is signed."""

from __future__ import annotations

import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msa_model.protocol.redaction import is_file, redacted, without_secrets

QUERY_NAMES = (
    *("token", "access_token", "api_key", "apikey", "key", "sig", "signature", "auth", "pass", "password"),
    *("pwd", "jwt", "ticket", "code", "secret", "ak", "tk", "X-Amz-Credential", "X-Amz-Signature"),
    *("api", "gkt", "delegation", "userpass", "cred", "access", "license", "sas", "tok", "md5"),
    *("X-Goog-Signature", "AWSAccessKeyId", "Key-Pair-Id", "subscription-key", "connectid", "client_secret"),
)  # fmt: skip
# {s} is the secret as it stands in a query, {raw} as it stands where nothing is escaped.
PLACES = (
    "https://{s}@host/a.tif",
    "/vsicurl/https://user:{s}@host:8080/a.tif",
    "/vsizip/{{/vsicurl/https://user:{s}@host/a.zip?sv=1&sig={s}}}/b.tif",
    "/vsizip//vsicurl/https://user:{s}@host/a.zip/b.tif",
    "type=xyz&url=https://host/%7Bz%7D?x%3D1&http-header:Authorization=Bearer {s}&zmin=0",
    "type=xyz&http-header:X-Api-Key={s}&url=https://host/{{z}}/{{x}}/{{y}}&username=me&password={s}",
    "contextualWMSLegend=0&authcfg=ab12cd3&password={s}&url=https://me:{s}@host/wms&layers=a",
    "PG:dbname='x' host=h user='me' password='{raw}' schema=public table=t",
    "PG:dbname=x password={s} host=h",
    "/vsis3/bucket/a.tif|credential:AWS_SECRET_ACCESS_KEY={s}|option:X=1",
    "GDAL_HTTP_USERPWD=me:{s} AWS_SECRET_ACCESS_KEY={s} AZURE_STORAGE_SAS_TOKEN={s}",
    "AZURE_STORAGE_CONNECTION_STRING='AccountName=x;AccountKey={s};EndpointSuffix=y'",
    "GDAL_HTTP_HEADERS=Authorization: Bearer {s}",
    "<GDAL_WMS><ServerUrl>https://host/?token={s}&amp;x=1</ServerUrl><UserPwd>me:{s}</UserPwd></GDAL_WMS>",
    'STACIT:{{"href": "https://host/a.tif?sig={s}", "token": "{s}"}}',
    'NETCDF:"/vsicurl/https://host/a.nc?token={s}":band',
    "https://host/hdnts=exp=1~hmac={s}/a.tif",
    "https://host/a;jsessionid={s}",
    "https://host/services;key={s}/tiles/v4/{{z}}/{{x}}/{{y}}.png",
    "https:\\/\\/me:{s}@host\\/a.tif",
    "/vsiwebhdfs/http://host:9870/webhdfs/v1/a.tif?delegation={s}",
    "OCI:scott/{s}@host:1521/db:table",
    "georaster:scott/{s}@db,schema,table,column,1",
    "georaster:scott,{s},db,table",
    "MSSQL:server=host;uid=sa;pwd={s};database=x",
    "mongodb+srv://me:{s}@host/db",
    "type=xyz&http-header:PRIVATE-TOKEN={s}&url=https://host/{{z}}",
    "/vsicurl?header.Ocp-Apim-Subscription-Key={s}&url=https%3A%2F%2Fhost%2Fa",
)
SAID = (
    *("Ocp-Apim-Subscription-Key: {s}", "api-key: {s}", "PRIVATE-TOKEN: {s}", "X-Auth: {s}", "apikey: {s}"),
    *("Authorization: Basic {s}", "Cookie: a=b; c={s}", "token: {s}", "password: {s}", "client_secret: {s}"),
    "-----BEGIN PRIVATE KEY-----\n{s}\n{s}\n-----END PRIVATE KEY-----",
    "GS_OAUTH2_PRIVATE_KEY=-----BEGIN RSA PRIVATE KEY-----\\n{s}\\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{s}",
    *("ghp_{s}0123456789abcdefghij is refused", "glpat-{s}01234567", "hf_{s}0123456789ABCDEFGHIJ"),
    *("pk.eyJ1Ijoi{s}fQ.{s} is refused", "AIza{s}0123456789012345678901234_", "AKIA{s}"),
)
SECRETS = st.text(string.ascii_letters + string.digits + "+/=-_.~%&?#@ é影", min_size=6, max_size=40).map(
    lambda text: f"Sq7{text}7qS"
)


def signed(secret: str, name: str = "sig") -> str:
    return f"/vsicurl/https://host/a.tif?x=1&{name}={quote(secret, safe='')}&y=2"


def escaped(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text, safe="/")
    return text


@pytest.mark.parametrize("place", PLACES)
@given(secret=SECRETS)
def test_no_secret_is_left_wherever_it_stands(place: str, secret: str) -> None:
    source = place.format(s=quote(secret, safe=""), raw=secret)
    for left in (redacted(source), without_secrets(source), redacted(f"GDAL cannot open {source}: gone.")):
        assert "Sq7" not in left
        assert "7qS" not in left


@pytest.mark.parametrize("said", SAID)
def test_no_secret_is_left_in_what_programs_say(said: str) -> None:
    assert "SQ7ABCDEFGHIJK7Q" not in redacted(said.format(s="SQ7ABCDEFGHIJK7Q"))


@given(secret=SECRETS, name=st.sampled_from(QUERY_NAMES), times=st.integers(0, 3), upper=st.booleans())
def test_no_secret_is_left_however_often_an_address_is_escaped(
    secret: str, name: str, times: int, upper: bool
) -> None:
    name = name.upper() if upper else name
    source = f"type=xyz&url={escaped(signed(secret, name), times)}&zmax=3"
    for left in (redacted(source), without_secrets(source)):
        assert "Sq7" not in left
        assert "7qS" not in left
        assert left.endswith("&zmax=3")
        assert escaped("&y=2" if left == redacted(source) else "y=2", times) in left


@given(one=SECRETS, other=SECRETS, name=st.sampled_from(QUERY_NAMES))
def test_the_address_of_a_source_is_the_same_however_it_is_signed(one: str, other: str, name: str) -> None:
    address = without_secrets(signed(one, name))
    assert address == without_secrets(signed(other, name)) == "/vsicurl/https://host/a.tif?x=1&y=2"


@given(st.text(max_size=80), st.sampled_from([*PLACES, "{s}"]))
def test_what_is_redacted_stays_as_it_is(text: str, place: str) -> None:
    source = place.format(s=text, raw=text)
    assert redacted(redacted(source)) == redacted(source)
    assert without_secrets(without_secrets(source)) == without_secrets(source)


@given(st.text("abc/._- %?&=é影", max_size=30))
def test_a_path_of_the_file_system_is_taken_literally(name: str) -> None:
    for path in (f"/data/{name}token=1.tif", f"C:\\{name}sig=2.tif", f"./{name}", f"\\\\server\\{name}"):
        assert is_file(path)
        assert without_secrets(path) == path


@pytest.mark.parametrize(
    ("source", "shown", "address"),
    [
        (
            "url=https://a.b/c?token%3Dabc%26x%3D1",
            "url=https://a.b/c?token%3D…%26x%3D1",
            "url=https://a.b/c?x%3D1",
        ),
        ("https://h/a.tif?token=abc", "https://h/a.tif?token=…", "https://h/a.tif"),
        ("https://me:p/w@h/x", "https://…@h/x", "https://h/x"),
        ("https://h:80/x@y", "https://h:80/x@y", "https://h:80/x@y"),
        ("https://h/a?b=1&token=2#part", "https://h/a?b=1&token=…#part", "https://h/a?b=1#part"),
        (
            "/vsicurl/https://h/a?sig=1&se=2&sp=r&x=3",
            "/vsicurl/https://h/a?sig=…&se=…&sp=…&x=3",
            "/vsicurl/https://h/a?x=3",
        ),
        ("https://h/a?se=2&sp=r", "https://h/a?se=2&sp=r", "https://h/a?se=2&sp=r"),
        (
            "/vsicurl?header.Authorization=Bearer%20abc&url=https%3A%2F%2Fh%2Fa",
            "/vsicurl?header.Authorization=…&url=https%3A%2F%2Fh%2Fa",
            "/vsicurl?url=https%3A%2F%2Fh%2Fa",
        ),
        ("db='x' user='me' password='p w' t=1", "db='x' user=… password=… t=1", "db='x' t=1"),
        ("authcfg=abc1234&url=https://a.b", "authcfg=abc1234&url=https://a.b", "authcfg=abc1234&url=https://a.b"),
    ],
)  # fmt: skip
def test_secrets_are_hidden_and_left_out(source: str, shown: str, address: str) -> None:
    assert redacted(source) == shown
    assert without_secrets(source) == address


@pytest.mark.parametrize(
    "sentence",
    [
        "HTTP response code=404: /vsicurl/https://host/a.tif is not there.",
        "/data/token=abc/100%25.tif cannot be read at x = 5, y = 7: 'IReadBlock failed'.",
        "The layer 'a & b' has 3 bands; 2 were asked for (1, 2).",
        "No key: 'scale' is missing. The api-version: 2, session: closed.",
        "https://host/api?api-version=2&accessible=1&pins=3&api_version=1",
        "POLYGON((0 0, 1 0, 1 1, 0 0)) in EPSG:4326",
    ],
)
def test_sentences_without_secrets_stay_as_they_are(sentence: str) -> None:
    assert redacted(sentence) == sentence
