"""What goes with every answer."""

import gzip

import pytest

from shared.ids import is_id


class TestCorrelation:
    def test_a_callers_id_is_kept(self, client):
        answer = client.get("/intake/health", headers={"X-Correlation-Id": "caller-1234"})
        assert answer.headers["X-Correlation-Id"] == "caller-1234"

    @pytest.mark.parametrize(
        "sent", ["", "short", "x" * 65, "has spaces in it", "<script>x</script>", "ñandú-ñandú"]
    )
    def test_anything_else_is_replaced(self, client, sent):
        answer = client.get("/intake/health", headers={"X-Correlation-Id": sent})
        assert is_id(answer.headers["X-Correlation-Id"])


class TestSecurity:
    def test_no_foreign_host_no_inline_script_no_frame(self, client):
        policy = client.get("/intake/page").headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy

    def test_pages_of_cases_are_not_kept_by_browsers(self, client):
        assert client.get("/intake/page").headers["Cache-Control"] == "no-store"

    def test_https_is_insisted_on_only_over_https(self, client, make_app):
        assert "Strict-Transport-Security" not in client.get("/intake/page").headers
        secure = make_app(public_url="https://ruta.example.org").test_client()
        answer = secure.get("/intake/open")
        assert "Strict-Transport-Security" in answer.headers
        assert "Secure" in answer.headers["Set-Cookie"]

    def test_forwarded_headers_are_believed_only_from_our_proxy(self, make_app):
        headers = {"X-Forwarded-Proto": "https"}
        assert (
            "Strict-Transport-Security"
            not in make_app().test_client().get("/intake/page", headers=headers).headers
        )
        behind = make_app(trusted_proxies=1).test_client()
        assert "Strict-Transport-Security" in behind.get("/intake/page", headers=headers).headers


class TestCompression:
    def test_long_text_is_compressed_for_those_who_ask(self, client):
        plain = client.get("/intake/page")
        packed = client.get("/intake/page", headers={"Accept-Encoding": "gzip, br"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "x" * 900 in gzip.decompress(packed.get_data()).decode()
        assert "Accept-Encoding" in packed.headers["Vary"]

    def test_short_answers_are_not(self, client):
        assert (
            "Content-Encoding"
            not in client.get("/intake/health", headers={"Accept-Encoding": "gzip"}).headers
        )
