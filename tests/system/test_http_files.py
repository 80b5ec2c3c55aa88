"""HTTP: files below the document root."""

import os

import pytest

from harness.web import Web

# -- files


@pytest.fixture
def site(start_web, pbx, tmp_path):
    root = tmp_path / "site"
    (root / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<h1>hello</h1>")
    (root / "sub" / "page.js").write_text("1")
    (root / ".hidden").write_text("no")
    (tmp_path / "outside").write_text("no")
    os.symlink("../outside", root / "link")
    os.symlink("/etc", root / "etc")
    for folder in (root, root / "sub"):
        folder.chmod(0o755)
    proxy = start_web({"pbx1": pbx}, http={"document_root": "site"})
    client = Web(proxy.addresses[1])
    proxy.clients.append(client)
    return client


def test_files(site):
    answer = site.get("/")
    assert answer.text == "<h1>hello</h1>" and answer.get("Content-Type") == "text/html; charset=utf-8"
    assert answer.get("Cache-Control") == "no-cache" and answer.get("X-Content-Type-Options") == "nosniff"
    assert answer.get("Content-Security-Policy") == "frame-ancestors 'self'"
    changed = answer.get("Last-Modified")
    assert site.get("/index.html", If_Modified_Since=changed).status == 304
    assert site.get("/sub/page.js").get("Content-Type") == "text/javascript; charset=utf-8"
    site.send_raw(site.head("HEAD", "/index.html"))
    answer = site.read(bodiless=True)
    assert answer.status == 200 and answer.get("Content-Length") == "14"
    assert site.get("/?x=y").status == 200


def test_listed_pages_may_frame_files(start_web, pbx, tmp_path):
    (tmp_path / "site").mkdir(mode=0o755)
    (tmp_path / "site" / "index.html").write_text("hello")
    proxy = start_web(
        {"pbx1": pbx}, http={"document_root": "site", "origins": ["https://panel.example", "http://b.example:81"]}
    )
    client = Web(proxy.addresses[1])
    proxy.clients.append(client)
    assert (
        client.get("/").get("Content-Security-Policy")
        == "frame-ancestors 'self' https://panel.example http://b.example:81"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../outside",
        "/%2e%2e/outside",
        "/sub/../../outside",
        "/link",
        "/etc/passwd",
        "/.hidden",
        "//index.html",
        "/sub",
        "/%00",
        "/sub/",
        "/sub%2f..%2f..%2foutside",
        "/..%5coutside",
        "/index.html%00.js",
        "/./index.html",
    ],
)
def test_no_way_out_of_the_document_root(site, path):
    answer = site.get(path)
    assert answer.status == 404 and "no\n" != answer.text
