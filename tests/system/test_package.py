"""The Debian packages: names, dependencies, trees, units, and what can be built with them."""

import configparser
import filecmp
import gzip
import os
import re
import shutil
import stat
import subprocess

import pytest
import yaml

from harness.packages import SOURCE_OF_A_PLUGIN, run
from harness.process import BUILD, SOURCE

# --- what is in them


def test_names_and_versions(packages):
    architecture = run("dpkg", "--print-architecture").strip()
    version = run(os.path.join(BUILD, "astmanproxy"), "-v").split()[1]
    for name, package in packages.items():
        assert os.path.basename(package.path) == f"{name}_{version}_{architecture}.deb"
        assert package.fields["Version"] == version and package.fields["Architecture"] == architecture
    assert packages["astmanproxy-dev"].fields["Depends"].split(", ")[0] == f"astmanproxy (= {version})"


def test_dependencies_are_those_of_the_libraries(program):
    assert {
        "adduser",
        "libc6",
        "libssl3",
        "libyaml-0-2",
        "liblua5.4-0",
        "libevent-core-2.1-7",
        "libexpat1",
    } <= {name.removesuffix("t64") for name in program.depends()}  # as Debian 13 calls those with times of 64 bits
    assert not [name for name in program.depends() if name.endswith("-dev")]


def test_f56_the_test_kit_needs_few_libraries(dev):
    """Those of a build with sanitizers, besides."""
    known = {"astmanproxy", "libc6", "libyaml-0-2", "libasan8", "libubsan1", "libtsan2"}
    assert {"astmanproxy", "libyaml-0-2"} <= dev.depends() <= known


def test_tree_of_the_program(program):
    for path in (
        "usr/sbin/astmanproxy",
        "usr/bin/ampctl",
        "usr/share/man/man1/ampctl.1.gz",
        "usr/share/bash-completion/completions/ampctl",
        "usr/lib/astmanproxy/plugins/standard.so",
        "usr/lib/astmanproxy/plugins/http.so",
        "usr/share/astmanproxy/lua/filters/novar.lua",
        "usr/share/astmanproxy/lua/proxyactions/Reload.lua",
        "usr/share/astmanproxy/dashboard/css/base.css",
        "usr/share/astmanproxy/dashboard/index.html",
        "usr/share/astmanproxy/dashboard/js/main.js",
        "usr/share/astmanproxy/migrate/astmanproxy-migrate",
        "usr/lib/systemd/system/astmanproxy.service",
        "usr/lib/systemd/system/astmanproxy.socket",
        "etc/logrotate.d/astmanproxy",
        "etc/astmanproxy/astmanproxy.yaml",
        "usr/share/man/man8/astmanproxy.8.gz",
        "usr/share/man/man5/astmanproxy.yaml.5.gz",
        "usr/share/man/man5/astmanproxy.users.5.gz",
        "usr/share/man/man7/astmanproxy-lua.7.gz",
        "usr/share/doc/astmanproxy/README.md",
        "usr/share/doc/astmanproxy/copyright",
        "usr/share/doc/astmanproxy/changelog.gz",
        "usr/share/doc/astmanproxy/config/rules.md",
        "usr/share/doc/astmanproxy/contrib/guides/gui.md",
        "usr/share/doc/astmanproxy/examples/filters/tenant.lua",
        "usr/share/doc/astmanproxy/lua/README.md",
    ):
        assert program.has(path), path
    names = [name for _, folders, files in os.walk(program.root) for name in folders + files]
    assert not [name for name in names if name.startswith(("astmansim", "test_", "bench_", "plugin.h", "__pycache__"))]


def test_f43_links_of_the_packaged_documents_lead_somewhere(program):
    wrong = []
    for folder, _, names in os.walk(os.path.join(program.root, "usr/share/doc/astmanproxy")):
        for path in (os.path.join(folder, name) for name in names if name.endswith(".md")):
            with open(path, encoding="utf-8") as file:
                links = re.findall(r"\]\(([^)#\s]+)", file.read())
            wrong += [
                f"{path}: {link}"
                for link in links
                if "://" not in link and not os.path.exists(os.path.join(folder, link))
            ]
    assert not wrong, "\n".join(wrong)


def test_tree_of_the_developer(dev):
    for path in (
        "usr/include/astmanproxy/catalogue.h",
        "usr/include/astmanproxy/plugin.h",
        "usr/include/astmanproxy/testing.h",
        "usr/lib/libastmanproxy-testing.so",
        "usr/lib/pkgconfig/astmanproxy-testing.pc",
        "usr/lib/cmake/astmanproxy/astmanproxyConfig.cmake",
        "usr/lib/pkgconfig/astmanproxy.pc",
        "usr/share/man/man3/astmanproxy-plugin.3.gz",
        "usr/share/doc/astmanproxy-dev/copyright",
    ):
        assert dev.has(path), path
    assert not dev.has("usr/sbin") and not dev.has("etc")


def test_no_path_of_the_build_is_in_a_text(packages):
    for package in packages.values():
        for root, _, names in os.walk(package.root):
            for name in names:
                path = os.path.join(root, name)
                with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
                    content = file.read()
                if not content.startswith(b"\x7fELF"):  # those have it in what the sanitizers and assertions say
                    assert SOURCE.encode() not in content and BUILD.encode() not in content, path


def test_secrets_are_not_for_everybody(program):
    assert program.mode("etc/astmanproxy") == 0o750
    for name in os.listdir(program.file("etc/astmanproxy")):
        assert program.mode(f"etc/astmanproxy/{name}") == 0o640, name
    assert program.mode("usr/sbin/astmanproxy") == 0o755
    assert program.mode("usr/lib/systemd/system/astmanproxy.service") == 0o644
    listing = run("dpkg-deb", "-c", program.path)
    assert all(line.split()[1] == "root/root" for line in listing.splitlines())


def test_configuration_files_are_conffiles(program):
    listed = program.read("DEBIAN/conffiles").split()
    found = [
        os.path.join(root, name)[len(program.root) :]
        for root, _, names in os.walk(program.file("etc"))
        for name in names
    ]
    assert sorted(listed) == sorted(found)


@pytest.mark.parametrize("name", ["postinst", "prerm", "postrm"])
def test_maintainer_scripts_are_shell(program, name):
    assert program.mode(f"DEBIAN/{name}") == 0o755
    run("sh", "-n", program.file(f"DEBIAN/{name}"))
    assert program.read(f"DEBIAN/{name}").splitlines()[2:] and "\nset -e\n" in program.read(f"DEBIAN/{name}")


@pytest.mark.skipif(shutil.which("lintian") is None, reason="lintian is not installed")
def test_lintian_finds_no_errors(packages):
    for package in packages.values():
        result = subprocess.run(["lintian", "--allow-root", package.path], capture_output=True, text=True, check=False)
        assert not [line for line in result.stdout.splitlines() if line.startswith("E:")], result.stdout


def test_tree_of_sources_is_the_same_whoever_makes_it(tmp_path):
    """Dates, rights and contents: what the packages are made of."""

    def make(folder, **environment):
        script = os.path.join(SOURCE, "contrib", "debian-source.sh")
        command = ["sh", "-c", 'umask "$0" && "$@"', environment.pop("UMASK"), script, str(tmp_path / folder)]
        tree = run(*command, env=dict(os.environ, **environment)).splitlines()[-1]
        run("tar", "--sort=name", "-C", tree, "-cf", f"{tree}.tar", ".")
        return tree

    one = make("one", UMASK="022", TZ="UTC")
    two = make("two", UMASK="077", TZ="Pacific/Auckland")
    assert filecmp.cmp(f"{one}.tar", f"{two}.tar", shallow=False)
    assert os.access(os.path.join(one, "debian", "rules"), os.X_OK)
    assert filecmp.cmp(os.path.join(one, "CMakeLists.txt"), os.path.join(SOURCE, "CMakeLists.txt"), shallow=False)


def test_tree_of_sources_names_who_answers_for_the_packages(tmp_path):
    script = os.path.join(SOURCE, "contrib", "debian-source.sh")
    who = "A & B | C <ab@example.org>"
    tree = run(script, str(tmp_path), env=dict(os.environ, AMP_MAINTAINER=who)).splitlines()[-1]
    assert run("dpkg-parsechangelog", "-S", "Maintainer", cwd=tree).strip() == who
    with open(os.path.join(tree, "debian", "control"), encoding="utf-8") as file:
        assert f"\nMaintainer: {who}\n" in file.read()


# --- the units


def unit(package, name="astmanproxy.service"):
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(package.file(f"usr/lib/systemd/system/{name}"))
    return parser


def test_unit_says_what_was_agreed(program):
    service = unit(program)["Service"]
    assert service["Type"] == "notify" and service["Restart"] == "on-failure" and "WatchdogSec" in service
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert service["ExecStart"] == "/usr/sbin/astmanproxy -f -c /etc/astmanproxy/astmanproxy.yaml"
    assert service["CapabilityBoundingSet"] == "" and service["NoNewPrivileges"] == "yes"
    assert int(service["FileDescriptorStoreMax"]) >= 16 and int(service["LimitNOFILE"]) > 10000
    socket = unit(program, "astmanproxy.socket")["Socket"]
    assert socket["FileDescriptorName"] == "ami" and socket["ListenStream"] == "127.0.0.1:1234"


def test_unit_stops_no_sooner_than_the_drain(program):
    config = yaml.safe_load(program.read("etc/astmanproxy/astmanproxy.yaml"))
    drain = config["limits"].get("drain", "10s")
    assert int(unit(program)["Service"]["TimeoutStopSec"].rstrip("s")) > int(drain.rstrip("s"))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_unit_is_hardened(program, tmp_path):
    for name in ("astmanproxy.service", "astmanproxy.socket"):
        text = program.read(f"usr/lib/systemd/system/{name}")
        (tmp_path / name).write_text(text.replace("/usr/sbin/astmanproxy", program.file("usr/sbin/astmanproxy")))
    paths = [str(tmp_path / name) for name in ("astmanproxy.service", "astmanproxy.socket")]
    environment = dict(os.environ, SYSTEMD_UNIT_PATH=f"{tmp_path}:")
    assert run("systemd-analyze", "verify", "--man=no", *paths, env=environment) == ""
    score = run("systemd-analyze", "security", "--offline=true", "--no-pager", paths[0], env=environment)
    assert float(re.search(r"exposure level.*: ([\d.]+)", score)[1]) <= 1.5, score


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed")
def test_rotation_is_understood(program, tmp_path):
    text = program.read("etc/logrotate.d/astmanproxy").replace("su astmanproxy astmanproxy", "")
    (tmp_path / "rotate").write_text(text.replace("astmanproxy astmanproxy", "root root"))
    result = subprocess.run(
        [shutil.which("logrotate"), "-d", tmp_path / "rotate"], capture_output=True, text=True, check=False
    )
    assert "error" not in result.stderr.lower(), result.stderr


def test_plugin_is_built_with_the_unpacked_package(dev, program, tmp_path):
    environment = dict(os.environ, PKG_CONFIG_PATH=dev.file("usr/lib/pkgconfig"))
    flags = run("pkg-config", "--cflags", "astmanproxy", env=environment).split()
    (tmp_path / "outside.c").write_text(SOURCE_OF_A_PLUGIN)
    run(
        "gcc",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-shared",
        *flags,
        "-o",
        str(tmp_path / "outside.so"),
        str(tmp_path / "outside.c"),
    )
    shutil.copy(program.file("usr/lib/astmanproxy/plugins/standard.so"), tmp_path)
    (tmp_path / "config.yaml").write_text(
        f"plugins: {{path: {tmp_path}, load: [outside, standard]}}\n"
        "listen: [{input: standard, output: outside}]\n"
        f"scripts: {{path: {program.file('usr/share/astmanproxy/lua')}}}\n"
    )
    shown = run(program.file("usr/sbin/astmanproxy"), "-t", "-c", str(tmp_path / "config.yaml"))
    assert "the configuration is fine" in shown and "error" not in shown


# --- another prefix, without a package


def test_another_prefix_is_written_into_texts(tmp_path):
    run("cmake", "--install", BUILD, "--prefix", "/opt/amp", env=dict(os.environ, DESTDIR=str(tmp_path)))
    root = tmp_path / "opt" / "amp"
    service = (root / "lib/systemd/system/astmanproxy.service").read_text()
    assert "ExecStart=/opt/amp/sbin/astmanproxy -f -c /opt/amp/etc/astmanproxy/astmanproxy.yaml\n" in service
    assert "/opt/amp/share/astmanproxy/lua" in (root / "share/man/man7/astmanproxy-lua.7").read_text()
    assert "/opt/amp/lib/astmanproxy/plugins" in (root / "etc/astmanproxy/astmanproxy.yaml").read_text()
    assert stat.S_IMODE(os.stat(root / "etc/astmanproxy/users.yaml").st_mode) == 0o640
    assert os.listdir(tmp_path) == ["opt"]


@pytest.mark.parametrize(
    "options, prefix, config",
    [
        ([], None, None),
        (["-DCMAKE_INSTALL_PREFIX=/opt/amp"], "/opt/amp", "/opt/amp/etc"),
        (["-DCMAKE_INSTALL_PREFIX=/usr/local", "-DAMP_HOME=/usr/local"], "/usr/local", "/usr/local/etc"),
        (["-DCMAKE_INSTALL_PREFIX=/opt/amp", "-DCMAKE_INSTALL_SYSCONFDIR=/etc"], "/opt/amp", "/etc"),
    ],
)
def test_program_looks_below_the_prefix_that_was_chosen(tmp_path, options, prefix, config):
    """As configured; None: the default of the sources, /usr."""
    run("cmake", "-S", SOURCE, "-B", str(tmp_path), "-G", "Ninja", "-DAMP_TESTS=OFF", *options)
    commands = (tmp_path / "compile_commands.json").read_text().replace("\\", "")
    found = dict(re.findall(r'-D(AMP_(?:PLUGIN_DIR|SCRIPT_DIR|CONFIG_FILE))="([^"]*)"', commands))
    expected = (
        {}
        if prefix is None
        else {
            "AMP_PLUGIN_DIR": f"{prefix}/lib/astmanproxy/plugins",
            "AMP_SCRIPT_DIR": f"{prefix}/share/astmanproxy/lua",
            "AMP_CONFIG_FILE": f"{config}/astmanproxy/astmanproxy.yaml",
        }
    )
    assert found == expected
