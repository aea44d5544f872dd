"""Which parameters, headers and settings carry secrets, by their names."""

from __future__ import annotations

import re

_WORDS = frozenset(
    """
    password passwd passphrase pass pwd pw userpwd proxyuserpwd user username login token secret key ak
    sk tk signature sig sign hmac credential credentials jwt ticket auth authorization oauth bearer
    httpbearer cookie session sessionid sid jsessionid phpsessid otp code connectid accesskeyid
    googleaccessid headers httpheader httpheaders hdnts hdnea hdntl userpass cred sas saml gkt delegation
    """.split()  # noqa: SIM905  (a word a line would be a page)
)
_ENDINGS = (
    "token",
    "key",
    "keyid",
    "secret",
    "password",
    "passwd",
    "pwd",
    "signature",
    "credential",
    "credentials",
)
_FAMILIES = ("x-amz-", "x-goog-", "x-oss-", "x-cos-", "x-obs-", "http-header:", "header.", "credential:")
_HEADERS = ("http-header:", "header.", "headers", "httpheader", "httpheaders", "authorization", "cookie")
_SIGNATURES = frozenset({"sig", "signature", "sign", "hmac", "x-amz-signature", "x-goog-signature", "md5"})
_ALONE = _SIGNATURES | {"api", "access", "license", "licence", "pin", "tok"}  # whole names in a query
_NO_SECRETS = frozenset({"authcfg"})  # an id in the user's own authentication database
_FIELDS = frozenset(
    """
    authorization cookie password passwd pwd passphrase secret token apikey accesskey secretkey privatekey
    accesstoken apitoken authtoken refreshtoken idtoken sessiontoken bearertoken clientsecret jwt
    """.split()  # noqa: SIM905
)
_NO_FIELDS = frozenset({"http-header"})  # a name follows
_PRIVATE = ("x-access", "x-csrf", "x-xsrf", "x-session")
_NOT_IN_SENTENCES = frozenset({"code"})  # "response code=404"
_PARTS = re.compile(r"[^\W_]+")

# What is signed together with an address and changes with it: Azure's SAS, expiry, policy.
SIGNED_ALONG = frozenset(
    """
    se sp sv sr st spr sip srt ss skoid sktid skt ske sks skv sdd saoid suoid scid ses expires expiry
    exp policy nonce timestamp ts e
    """.split()  # noqa: SIM905
)


def is_secret(name: str, *, of_words: bool = False, of_query: bool = False) -> bool:
    """Whether the value under this name is one, where the name stands in a sentence, or in a query."""
    lower = name.lower()
    if of_query and lower in _ALONE:
        return True
    if lower in _NO_SECRETS or (of_words and lower in _NOT_IN_SENTENCES):
        return False
    return (
        lower.startswith(_FAMILIES)
        or lower.endswith(_ENDINGS)
        or not _WORDS.isdisjoint(part.lower() for part in _PARTS.findall(lower))
    )


def is_field(name: str) -> bool:
    """Whether the name, with a colon, is an HTTP header's, or what programs print before a secret."""
    lower = name.lower()
    if "-" in lower:
        return lower not in _NO_FIELDS and (is_secret(lower) or lower.startswith(_PRIVATE))
    return lower.replace("_", "") in _FIELDS


def is_header(name: str) -> bool:
    """Whether the value is an HTTP header, blanks and all."""
    lower = name.lower()
    return lower.startswith(_HEADERS[:2]) or lower.endswith(_HEADERS[2:])


def is_signature(name: str) -> bool:
    """Whether the value signs the rest of its query."""
    lower = name.lower()
    return lower in _SIGNATURES or lower.endswith("-signature")
