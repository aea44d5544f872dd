from __future__ import annotations

import pytest
from qgis.core import QgsNetworkAccessManager, QgsSettings
from qgis.PyQt.QtNetwork import QNetworkProxy

from qgis_msa_plugin.setup.runner import proxy_variables, variables_of

KIND = QNetworkProxy.ProxyType


def test_user_and_password_are_passed_on_in_an_address() -> None:
    found = variables_of(QNetworkProxy(KIND.HttpProxy, "proxy.example.org", 8080, "anna", "p@ss:w/rd"))
    address = "http://anna:p%40ss%3Aw%2Frd@proxy.example.org:8080"
    assert found == dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), address)


def test_hosts_that_need_no_proxy_are_named() -> None:
    proxy = QNetworkProxy(KIND.HttpProxy, "proxy.example.org", 8080)
    found = variables_of(proxy, ["https://intranet.example.org/maps", "localhost", ""])
    assert found["NO_PROXY"] == found["no_proxy"] == "intranet.example.org,localhost"
    assert found["HTTPS_PROXY"] == "http://proxy.example.org:8080"


def test_a_socks_proxy_resolves_names_itself() -> None:
    assert variables_of(QNetworkProxy(KIND.Socks5Proxy, "p", 1))["HTTP_PROXY"] == "socks5h://p:1"


@pytest.mark.parametrize("kind", [KIND.NoProxy, KIND.DefaultProxy])
def test_without_a_proxy_of_qgis_the_systems_variables_hold(kind: QNetworkProxy.ProxyType) -> None:
    assert variables_of(QNetworkProxy(kind, "p", 1)) == {}


def test_the_proxy_is_that_of_qgis(qgis_app: object) -> None:
    manager = QgsNetworkAccessManager.instance()
    before = manager.fallbackProxy(), manager.excludeList()
    try:
        manager.setFallbackProxyAndExcludes(QNetworkProxy(KIND.HttpProxy, "p", 3128), [], [])
        QgsSettings().setValue("proxy/noProxyUrls", ["https://inside/"])
        found = proxy_variables()
    finally:
        manager.setFallbackProxyAndExcludes(*before, [])
        QgsSettings().remove("proxy/noProxyUrls")
    assert found["HTTPS_PROXY"] == "http://p:3128"
    assert found["NO_PROXY"] == "inside"
