"""The Debian packages: what is in them, and what becomes of a system that installs, runs and purges them."""

import configparser
import gzip
import os
import re
import shutil
import stat
import subprocess

import pytest
import yaml

from harness.client import Client
from harness.process import BUILD, SOURCE, Process
from harness.scratch import ScratchRoot
from harness.sim import SECRET, Simulator

SECRETS = {
    "PBX1_SECRET": SECRET,
    "BILL_SECRET": "bill-of-the-package",
    "STEVE_SECRET": "steve",
    "WALLBOARD_SECRET": "wall",
    "ADMIN_SECRET": "admin-of-the-package",
}


def run(*command, **options):
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}"
    return result.stdout


class Package:
    """A .deb, unpacked."""

    def __init__(self, path, folder):
        self.path = path
        self.root = os.path.join(folder, os.path.basename(path).split("_")[0])
        run("dpkg-deb", "-R", path, self.root)
        self.fields = dict(re.findall(r"^([\w-]+): (.*)$", self.read("DEBIAN/control"), re.M))

    def file(self, path):
        return os.path.join(self.root, path)

    def read(self, path):
        with open(self.file(path), encoding="utf-8") as file:
            return file.read()

    def has(self, path):
        return os.path.exists(self.file(path))

    def mode(self, path):
        return stat.S_IMODE(os.stat(self.file(path)).st_mode)

    def depends(self):
        return {entry.split()[0] for entry in self.fields["Depends"].split(", ")}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The two packages of this build."""
    folder = str(tmp_path_factory.mktemp("packages"))
    run("cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", folder)
    found = {name.split("_")[0]: os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".deb")}
    assert set(found) == {"astmanproxy", "astmanproxy-dev"}
    return {name: Package(path, folder) for name, path in found.items()}


@pytest.fixture
def program(packages):
    return packages["astmanproxy"]


@pytest.fixture
def dev(packages):
    return packages["astmanproxy-dev"]


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
    } <= program.depends()
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
        "usr/share/astmanproxy/dashboard/index.html",
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


# --- what plugins are built with

SOURCE_OF_A_PLUGIN = """
#include <astmanproxy/plugin.h>
static void encode(const struct amp_message *message, struct amp_output *out)
{ struct amp_bytes text = amp_message_text(message); amp_output_write(out, text.bytes, text.length); }
AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {.size = sizeof(struct amp_plugin), .abi_minor = AMP_ABI_MINOR,
    .name = "outside", .capabilities = AMP_CAN_ENCODE, .content_type = "text/plain", .encode = encode};
"""


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
    """As it is configured; None: what the sources say, which is /usr."""
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


# --- on a system


@pytest.fixture(scope="module")
def scratch(packages, tmp_path_factory):
    """This machine's files with the packages installed over them, as dpkg does it; the machine itself stays as it is."""
    if not ScratchRoot.is_possible(tmp_path_factory.mktemp("try")):
        pytest.skip("needs root, and a kernel that lets it mount an overlay")
    root = ScratchRoot(tmp_path_factory.mktemp("root"))
    for package in packages.values():
        with open(package.path, "rb") as file:
            subprocess.run(
                root.command("tee", f"/{os.path.basename(package.path)}"),
                input=file.read(),
                check=True,
                stdout=subprocess.DEVNULL,
            )
    root.run("sh", "-c", "dpkg --force-unsafe-io -i /astmanproxy_*.deb /astmanproxy-dev_*.deb")
    yield root
    root.close()


def test_installation_makes_a_user_who_may_read(scratch):
    account = scratch.run("getent", "passwd", "astmanproxy").split(":")
    assert int(account[2]) < 1000 and account[5] == "/nonexistent" and "nologin" in account[6]
    assert scratch.run("stat", "-c", "%U %G %a", "/etc/astmanproxy") == "root astmanproxy 750\n"
    for name in ("astmanproxy.yaml", "users.yaml", "environment"):
        assert scratch.run("stat", "-c", "%U %G %a", f"/etc/astmanproxy/{name}") == "root astmanproxy 640\n"
    assert scratch.run("cat", "/etc/astmanproxy/users.yaml", user="nobody", check=False).endswith("Permission denied\n")


def test_installation_enables_the_service(scratch):
    assert scratch.exists("/etc/systemd/system/multi-user.target.wants/astmanproxy.service")
    assert not scratch.exists("/etc/systemd/system/sockets.target.wants/astmanproxy.socket")


def test_program_finds_what_was_installed_by_itself(scratch):
    shown = scratch.run("sh", "-c", "echo 'listen: [{port: 0}]' >/short.yaml && astmanproxy -t -c /short.yaml")
    assert "the configuration is fine" in shown and "error" not in shown
    assert "/etc/astmanproxy/astmanproxy.yaml" in scratch.run("astmanproxy", "-h")


def test_example_says_what_it_lacks(scratch):
    shown = scratch.run("astmanproxy", "-t", user="astmanproxy", check=False)
    assert re.search(r'astmanproxy\.yaml:\d+:\d+: .*found none of the name "PBX1_SECRET"', shown), shown


@pytest.fixture
def service(scratch, launch):
    """The unit's command, as its user and with its environment, on the package's own configuration."""
    simulator = launch(Simulator)
    config = "/etc/astmanproxy/astmanproxy.yaml"
    before = scratch.read(config)
    text = re.sub(r"^    port: 5038\b", f"    port: {simulator.address[1]}", before, flags=re.M)
    scratch.write(config, re.sub(r"^    port: 1234\b", "    port: 0", text, flags=re.M))
    scratch.write("/etc/astmanproxy/environment", "".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    service = {}
    for line in scratch.read("/usr/lib/systemd/system/astmanproxy.service").splitlines():
        if re.match(r"\w+=", line):
            name, value = line.split("=", 1)
            service[name] = value
    lines = scratch.read(service["EnvironmentFile"].lstrip("-")).splitlines()
    yield launch(
        Service,
        scratch.command(*service["ExecStart"].split(), user=service["User"], env=[*lines, *sanitizer_options()]),
    )
    scratch.write(config, before)


def sanitizer_options():
    return [
        f"{name}={os.environ[name]}" for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ
    ]


class Service(Process):
    """The program as it was installed."""

    def __init__(self, command):
        super().__init__(command)
        line = self.wait_for_line("listening address=")
        host, port = re.search(r"listening address=([^ ]+):(\d+)", line).groups()
        self.address = (host, int(port))

    def login(self, name):
        client = Client(self.address)
        assert client.login(name, SECRETS[f"{name.upper()}_SECRET"])["Response"] == "Success"
        return client

    def finish(self):
        if not self.stopped:
            assert self.stop() == 0, self.tail()
        assert not [secret for secret in SECRETS.values() if len(secret) > 8 and secret in self.log()]


def test_service_runs_serves_reloads_and_ends(service):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
        assert int(re.search(r"^Uid:\s+(\d+)", status.read(), re.M)[1]) not in (0, 65534)
    service.wait_for_line("server=pbx1", "up")
    client = service.login("bill")
    client.send(Action="CoreStatus", ActionID="1")
    assert client.read_until(ActionID="1")["Response"] == "Success"
    admin = service.login("admin")
    admin.send(ProxyAction="Reload", ActionID="2")  # as the service's user: it may read all that it needs
    assert admin.read_until(ActionID="2")["Message"] == "Reloaded"
    client.send(Action="Ping", ActionID="3")
    assert client.read_until(ActionID="3")["Response"] == "Success"
    for connection in (client, admin):
        connection.send(Action="Logoff")
        connection.read_to_end()
        connection.close()
    assert service.stop() == 0


def test_plugin_is_built_on_the_system(scratch):
    scratch.run(
        "sh",
        "-c",
        "cat >/outside.c && gcc -shared $(pkg-config --cflags astmanproxy) -o "
        "$(pkg-config --variable=plugindir astmanproxy)/outside.so /outside.c",
        stdin=SOURCE_OF_A_PLUGIN,
    )
    scratch.run("sh", "-c", "echo 'plugins: {load: [outside, standard]}' >/more.yaml")
    shown = scratch.run("astmanproxy", "-t", "-c", "/more.yaml")
    assert "the configuration is fine" in shown and "error" not in shown
    scratch.run("sh", "-c", "rm /usr/lib/astmanproxy/plugins/outside.so")


def test_upgrade_keeps_the_configuration(scratch):
    scratch.run("sh", "-c", "echo '# mine' >>/etc/astmanproxy/users.yaml && chmod 0600 /etc/astmanproxy")
    scratch.run("sh", "-c", "dpkg --force-unsafe-io --force-confold -i /astmanproxy_*.deb")
    assert scratch.read("/etc/astmanproxy/users.yaml").endswith("# mine\n")
    assert scratch.run("stat", "-c", "%U %G %a", "/etc/astmanproxy/users.yaml") == "root astmanproxy 640\n"


def test_upgrade_restarts_what_can_work(scratch):
    stub = '#!/bin/sh\necho "$(basename "$0") $*" >>/calls\n'
    scratch.run(
        "sh",
        "-c",
        "mkdir -p /run/systemd/system && for name in systemctl deb-systemd-invoke; do rm -f /usr/bin/$name; "
        'printf "%s" "$0" >/usr/bin/$name; chmod 755 /usr/bin/$name; done',
        stub,
    )
    scratch.write("/etc/astmanproxy/environment", "")
    install = ["sh", "-c", "dpkg --force-unsafe-io --force-confold -i /astmanproxy_*.deb"]
    assert "its configuration cannot work yet" in scratch.run(*install)
    assert "try-restart" not in scratch.read("/calls") and "daemon-reload" in scratch.read("/calls")
    scratch.write("/etc/astmanproxy/environment", "".join(f"{name}={value} $(x)\n" for name, value in SECRETS.items()))
    assert "cannot work" not in scratch.run(*install)
    assert "deb-systemd-invoke try-restart astmanproxy.service" in scratch.read("/calls")
    scratch.run("rm", "-r", "/run/systemd")


def test_manual_page_is_found(scratch):
    assert "astmanproxy.yaml" in scratch.run("man", "-w", "5", "astmanproxy.yaml")


def test_purge_leaves_nothing(scratch):  # the last one: nothing is installed afterwards
    scratch.run("sh", "-c", "mkdir -p /var/log/astmanproxy && touch /var/log/astmanproxy/x.log")
    scratch.run("dpkg", "--force-unsafe-io", "--purge", "astmanproxy-dev", "astmanproxy")
    left = scratch.run(
        "sh",
        "-c",
        "find /etc /usr /var/log /var/lib/systemd /run -xdev -name '*astmanproxy*' 2>/dev/null; "
        "getent passwd astmanproxy; getent group astmanproxy; true",
    )
    assert left == ""
