"""`docker-compose.yml` and `deploy/kubernetes/`: complete, consistent with the settings, and without loose secrets."""

import importlib.util
import re

import pytest
import yaml

from shared.background import GRACE_SECONDS, STOP_SECONDS
from tests.architecture.settings import READ_BY_LIBRARIES, READ_BY_SCRIPTS, all_settings, required_by
from tests.architecture.sources import ROOT

COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSE_TEXT)["services"]
KUBERNETES = ROOT / "deploy" / "kubernetes"
SERVICES = ("intake", "referral", "notifications")
ONE_OFFS = {"roles", "migrate-intake", "migrate-referral", "migrate-notifications"}


def manifests():
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text()):
            yield path, document


class TestCompose:
    def test_no_secret_has_a_default(self):
        slots = re.findall(r"\$\{([A-Z_]+)(:[^}]*)?\}", COMPOSE_TEXT)
        secret = re.compile(r"PASSWORD|SECRET|_KEY$")
        loose = {name for name, rest in slots if secret.search(name) and rest not in (":?", ":-")}
        assert loose == set()
        optional = {name for name, rest in slots if secret.search(name) and rest == ":-"}
        assert optional <= {"KANNEL_PASSWORD", "KANNEL_DLR_SECRET", "OIDC_CLIENT_SECRET"}

    @pytest.mark.parametrize("service", SERVICES)
    @pytest.mark.parametrize("role", ["web", "worker"])
    def test_every_process_gets_all_that_it_cannot_start_without(self, service, role):
        given = set(COMPOSE[f"{service}-{role}"]["environment"])
        assert required_by(f"services/{service}/") - given == set()

    def test_the_sign_in_pages_get_all_that_they_cannot_start_without(self):
        assert required_by("shared/identity/") - set(COMPOSE["account"]["environment"]) == set()

    def test_every_setting_of_the_example_reaches_the_processes_that_read_it(self):
        """Else somebody sets a limit in `.env`, and nothing happens."""
        packages = {one: f"services/{one}/" for one in SERVICES} | {"account": "shared/identity/"}
        for name, one in COMPOSE.items():
            package = packages.get(name.removesuffix("-web").removesuffix("-worker"))
            if package is not None:
                read = {known.name for known in all_settings() if known.where.startswith(package)}
                assert read - set(one["environment"]) == set(), name

    def test_no_process_is_given_the_database_or_the_keys_of_another(self):
        for name, one in COMPOSE.items():
            own = name.partition("-")[0].replace("account", "identity")
            private = {
                key for key in one.get("environment", {}) if re.search(r"_DATABASE_URL$|ENCRYPTION_KEY$", key)
            }
            if name not in ONE_OFFS:
                assert {key for key in private if not key.startswith(own.upper())} == set(), name

    def test_nothing_is_set_that_nobody_reads(self):
        read = {one.name for one in all_settings()} | READ_BY_SCRIPTS | READ_BY_LIBRARIES
        ours = [one for name, one in COMPOSE.items() if one.get("image", "").startswith("ruta-")]
        assert ours
        assert {key for one in ours for key in one["environment"]} - read == set()

    def test_whatever_keeps_running_has_a_health_check_and_comes_back(self):
        for name, one in COMPOSE.items():
            if name not in ONE_OFFS:
                assert one["restart"] == "unless-stopped", name
                assert "healthcheck" in one or name == "proxy", name

    def test_whoever_is_waited_for_exists(self):
        waited = {other for one in COMPOSE.values() for other in one.get("depends_on", {})}
        assert waited <= set(COMPOSE)

    def test_only_the_proxy_is_reached_from_outside(self):
        assert [name for name, one in COMPOSE.items() if "ports" in one] == ["proxy"]

    def test_files_that_are_mounted_exist(self):
        mounts = [one.split(":")[0] for service in COMPOSE.values() for one in service.get("volumes", [])]
        assert [mount for mount in mounts if mount.startswith("./") and not (ROOT / mount).is_file()] == []

    def test_the_proxy_sends_each_prefix_to_its_service(self):
        caddy = (ROOT / "deploy" / "Caddyfile").read_text()
        for service in SERVICES:
            assert re.search(rf"handle /{service}/\* {{\s+reverse_proxy {service}-web:8000", caddy)


class TestKubernetes:
    def test_every_resource_that_is_named_exists(self):
        for path, document in manifests():
            if document["kind"] == "Kustomization":
                for resource in document["resources"]:
                    assert (path.parent / resource).exists(), f"{path}: {resource}"

    def test_every_container_runs_without_rights_and_within_limits(self):
        for path, document in manifests():
            if document["kind"] in {"Deployment", "Job"}:
                pod = document["spec"]["template"]["spec"]
                assert pod["securityContext"]["runAsNonRoot"] is True, path
                for container in pod["containers"]:
                    assert container["securityContext"]["allowPrivilegeEscalation"] is False, path
                    assert "memory" in container["resources"]["limits"], path

    def test_the_settings_are_ones_that_somebody_reads(self):
        config = next(document for _, document in manifests() if document["kind"] == "ConfigMap")
        assert set(config["data"]) - {one.name for one in all_settings()} == set()

    def test_no_secret_lies_here(self):
        assert [path for path, document in manifests() if document["kind"] == "Secret"] == []

    def test_every_health_check_is_a_module_that_is_there(self):
        commands = [
            probe["exec"]["command"]
            for _, document in manifests()
            if document["kind"] == "Deployment"
            for container in document["spec"]["template"]["spec"]["containers"]
            for probe in (container.get("readinessProbe", {}), container.get("livenessProbe", {}))
            if "exec" in probe
        ]
        assert commands
        assert all(importlib.util.find_spec(command[2]) for command in commands)


class TestGrace:
    """Whoever stops a process waits as long as every other, and longer than the process needs."""

    def test_compose_waits_for_our_processes(self):
        ours = {
            one["stop_grace_period"]
            for name, one in COMPOSE.items()
            if one.get("image", "").startswith("ruta-") and name not in ONE_OFFS
        }
        assert ours == {f"{GRACE_SECONDS:.0f}s"}

    def test_kubernetes_waits_for_our_processes(self):
        pods = [
            document["spec"]["template"]["spec"]
            for _, document in manifests()
            if document and document.get("kind") == "Deployment"
        ]
        assert pods
        assert {pod["terminationGracePeriodSeconds"] for pod in pods} == {int(GRACE_SECONDS)}

    def test_that_is_longer_than_a_worker_takes(self):
        assert GRACE_SECONDS > STOP_SECONDS
