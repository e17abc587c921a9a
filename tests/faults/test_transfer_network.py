"""What stands between us and the hub: proxies, mirrors, waiting times, nothing at all."""

import base64
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hub import LoopbackHub
from proxy import LoopbackProxy
from pulls import BLOCK, PACE, SIZES, TOTAL, check, on_disk, pull

from app.core.errors import ErrorKind, OcellusError
from app.transfer.access import Access
from app.transfer.transfer import Transfer


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A server's context for 127.0.0.1 that this process trusts."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "loopback.pem"
    file.write_bytes(certificate.public_bytes(pem) + key.private_bytes(pem, *plain))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_https_goes_through_the_proxy_s_tunnel(tls, tmp_path):
    with LoopbackHub(SIZES, token="hf_t", tls=tls) as hub, LoopbackProxy() as proxy:
        pull(hub, tmp_path / "m", proxy=proxy.host, token="hf_t")
        check(hub, tmp_path / "m")
        ends = {address.removeprefix("https://") for address in (hub.origin, hub.cdn)}
        assert set(proxy.tunnels) == ends
        assert proxy.addresses == []


def test_proxy_of_the_system_is_used(tls, tmp_path, monkeypatch):
    with LoopbackHub(SIZES, tls=tls) as hub, LoopbackProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
        assert proxy.tunnels


def test_http_goes_through_the_proxy_by_its_address(tmp_path):
    with LoopbackHub(SIZES) as hub, LoopbackProxy() as proxy:
        pull(hub, tmp_path / "m", proxy=f"http://{proxy.host}/")
        check(hub, tmp_path / "m")
        assert len(proxy.addresses) == len(hub.requests)
        assert proxy.addresses[0].startswith(hub.endpoint + "/api/models/")


@pytest.mark.parametrize("secure", [True, False])
def test_proxy_that_wants_a_password(secure, tmp_path, request):
    tls = request.getfixturevalue("tls") if secure else None
    password = base64.b64encode(b"me:pass").decode()
    with LoopbackHub(SIZES, tls=tls) as hub, LoopbackProxy(password) as proxy:
        with pytest.raises(OcellusError, match=r"[Pp]roxy") as caught:
            pull(hub, tmp_path / "m", proxy=f"http://me:wrong@{proxy.host}")
        assert "wrong" not in repr(caught.value.failed)
        pull(hub, tmp_path / "m", proxy=f"http://me:pass@{proxy.host}")
        check(hub, tmp_path / "m")


def test_certificate_that_nobody_vouches_for(tls, tmp_path, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with LoopbackHub(SIZES, token="hf_t", tls=tls) as hub:
        with pytest.raises(OcellusError, match="cannot be reached"):
            pull(hub, tmp_path / "m", token="hf_t")
        assert hub.requests == []


def test_system_s_socks_proxy_is_told_in_words(tmp_path, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with LoopbackHub(SIZES) as hub, pytest.raises(OcellusError, match="proxy cannot be used"):
        pull(hub, tmp_path / "m")


def test_mirror_behind_a_path(tmp_path):
    with LoopbackHub(SIZES, path="/mirrors/hub") as hub:
        Transfer("a/b", tmp_path / "m", Access(hub.endpoint + "/"), PACE).run()
        check(hub, tmp_path / "m")
        with pytest.raises(OcellusError, match="does not have this model") as caught:
            Transfer("a/b", tmp_path / "n", Access(hub.origin), PACE).run()
        assert "mirror" in caught.value.failed.advice


@pytest.mark.parametrize("fault", ["429", "429 until a date"])
def test_waits_as_long_as_told(fault, tmp_path):
    with LoopbackHub(SIZES) as hub:
        hub.faults[fault] = 1
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
        (_, _, first), (_, _, second) = hub.requests[:2]
        # Against our own clock, the date would be a day away: as long as we ever wait.
        assert (1.0 if fault == "429" else 2.0) <= second - first < PACE.longest_wait / 2


def test_no_network_is_told_and_what_is_there_is_kept(tmp_path):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but not listening: refused
        nowhere = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(OcellusError, match="cannot be reached") as caught:
            Transfer("a/b", tmp_path / "m", Access(nowhere), PACE).run()
        assert caught.value.failed.kind is ErrorKind.NETWORK
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with LoopbackHub(SIZES, pace=0.1) as hub:
        # The hub goes away under way, as when a cable is pulled.
        transfer = Transfer(
            "a/b", tmp_path / "m", Access(hub.endpoint), PACE, lambda p: cut(hub, p)
        )
        with pytest.raises(OcellusError, match="was lost"):
            transfer.run()
        kept = on_disk(tmp_path / "m", hub)
        assert kept >= BLOCK
    with LoopbackHub(SIZES) as hub:
        pull(hub, tmp_path / "m")
        check(hub, tmp_path / "m")
        assert hub.served == TOTAL - kept


def cut(hub, progress):
    if progress.done > 4 * BLOCK:
        hub.faults |= {"403": 10**6, "500": 10**6}


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("", "https://huggingface.co"),
        (" mirror.example/hub/ ", "https://mirror.example/hub"),
        ("https://mirror.example:8443", "https://mirror.example:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
    ],
)
def test_mirror_s_address(typed, used):
    assert Access(typed).endpoint == used


@pytest.mark.parametrize(
    "typed",
    [
        "http://mirror.example",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "ftp://mirror.example",
        "file:///etc/passwd",
        "https://me:word@mirror.example",
        "https://mirror.example?x=1",
        "https://mirror.example:99999",
        "https://",
        "https://mirror example",
        "https://[::1",
        "https://mirror.example\r\nX: y",
    ],
)
def test_mirror_s_address_that_cannot_be_used(typed):
    with pytest.raises(OcellusError, match="mirror's address cannot be used") as caught:
        Access(typed)
    assert "word" not in repr(caught.value.failed)


def test_proxy_s_address():
    assert Access(proxy=" proxy.example:8080 ").proxy == "http://proxy.example:8080"
    secret = Access(proxy="https://me:word@proxy.example:8080/").proxy
    assert secret == "https://me:word@proxy.example:8080"
    for typed in ("socks5://proxy.example:1080", "http://proxy.example/path", "http://:8080"):
        with pytest.raises(OcellusError, match="proxy's address cannot be used"):
            Access(proxy=typed)
