"""QGIS's proxy as the variables that pip and uv read."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from qgis.core import QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtNetwork import QNetworkProxy

_SCHEMES = {
    QNetworkProxy.ProxyType.HttpProxy: "http",
    QNetworkProxy.ProxyType.HttpCachingProxy: "http",
    QNetworkProxy.ProxyType.Socks5Proxy: "socks5h",
}


def proxy_variables() -> dict[str, str]:
    """Empty where QGIS has no proxy of its own: then the system's variables hold."""
    excluded = QgsSettings().value("proxy/noProxyUrls", []) or []
    names = [excluded] if isinstance(excluded, str) else list(excluded)
    return variables_of(QgsNetworkAccessManager.instance().fallbackProxy(), names)


def variables_of(proxy: QNetworkProxy, excluded: Sequence[str] = ()) -> dict[str, str]:
    """The variables for a proxy, with its user and password."""
    scheme = _SCHEMES.get(proxy.type())
    if scheme is None or not proxy.hostName():
        return {}
    user = quote(proxy.user(), safe="")
    login = f"{user}:{quote(proxy.password(), safe='')}@" if user else ""
    address = f"{scheme}://{login}{proxy.hostName()}:{proxy.port()}"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
    direct = ",".join(filter(None, (_host_of(text) for text in excluded)))
    return {**dict.fromkeys(names, address), **({"NO_PROXY": direct, "no_proxy": direct} if direct else {})}


def _host_of(address: str) -> str:
    return address.rpartition("://")[2].partition("/")[0].strip()
