"""What DID 1.0 says of data models, representations, resolution and dereferencing.

Each statement is checked over what `did export-suite` takes from a live resolver. The W3C suite
checks the same statements with Node.js; docs/resolver.md tells how it is run.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mnemosyne.cli.did_suite import configuration, export
from mnemosyne.cli.live_resolver import Answer, Live
from mnemosyne.cli.node import ServedDids
from mnemosyne.entrypoints.resolving import serving
from mnemosyne.identity.examples import UNKNOWN, Examples
from mnemosyne.identity.representations import DEREFERENCING, RESOLUTION
from tests.clock import SetClock
from tests.requirements import requirement
from tests.resolvers import Resolvers

Json = Any
JSON, LD = "application/did+json", "application/did+ld+json"
DID = re.compile(r"did:[a-z0-9]+:(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*[A-Za-z0-9._-]")
_PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
DID_URL = re.compile(
    rf"{DID.pattern}(?:/{_PCHAR}+)*(?:\?(?:{_PCHAR}|[/?])+)?(?:#(?:{_PCHAR}|[/?])+)?"
)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
MEDIA_TYPE = re.compile(r"\w+/[-+.\w]+")
RELATIONSHIPS = (
    "authentication",
    "assertionMethod",
    "keyAgreement",
    "capabilityInvocation",
    "capabilityDelegation",
)


@dataclass(frozen=True)
class Exported:
    files: dict[Path, str]
    configuration: Json
    asked: dict[str, list[Answer]]

    def json(self, name: str) -> Json:
        return json.loads(self.files[Path(name)])


async def _export(resolvers: Resolvers) -> Exported:
    clock = SetClock()
    examples = Examples(clock)
    dids = ServedDids(examples.active, UNKNOWN, examples.deactivated)
    async with serving(resolvers(examples, clock), 0) as url:
        live = await asyncio.to_thread(Live, url, dids)
        files = await asyncio.to_thread(export, live)
        known = await asyncio.to_thread(configuration, live, f"{url}/1.0/identifiers")
        asked = await asyncio.to_thread(_asked, live, known)
    return Exported(files, known, asked)


def _asked(live: Live, known: Json) -> dict[str, list[Answer]]:
    """Ask what the DID Resolution suite asks, in its order."""
    [found] = known["didResolvers"]
    dids = found["supportedDids"]
    return {
        "valid": [
            live.ask(each["did"], RESOLUTION, each.get("resolutionOptions"))
            for each in dids["valid"]
        ],
        "invalid": [live.ask(each, RESOLUTION) for each in ("not-a-did", "did:example", "did:é")],
        "notFound": [live.ask(dids["notFound"], RESOLUTION)],
        "deactivated": [live.ask(dids["deactivated"], RESOLUTION)],
        "unsupported": [live.ask("did:unsupported:123", RESOLUTION)],
        "representation": [live.ask(dids["valid"][0]["did"], "text/unknown")],
        "derefUrls": [live.ask(each["didUrl"], DEREFERENCING) for each in dids["derefUrls"]],
        "serviceDerefUrls": [
            live.ask(each["didUrl"], DEREFERENCING) for each in dids["serviceDerefUrls"]
        ],
    }


@pytest.fixture(scope="module")
def exported(resolvers: Resolvers) -> Exported:
    """Ask a live resolver over the examples, once: one alone, and one inside the node."""
    return asyncio.run(_export(resolvers))


@pytest.fixture(scope="module")
def data_model(exported: Exported) -> Json:
    return exported.json("did-mnem.json")


@pytest.fixture(scope="module")
def document(data_model: Json) -> Json:
    [did] = data_model["dids"]
    return data_model[did]["didDocumentDataModel"]["properties"]


def values(value: Json) -> Iterator[Json]:
    """Yield a value and every value in it."""
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from values(each)


@requirement("identity.export-suite")
def test_the_identifier_and_its_parameters_have_the_syntax_of_did_urls(data_model: Json) -> None:
    [did] = data_model["dids"]
    parameters = data_model["didParameters"]

    assert DID.fullmatch(did)
    assert did.split(":")[1] == "mnem"
    assert set(parameters) == {"versionId", "versionTime", "service", "relativeRef"}
    for name, url in parameters.items():
        assert DID_URL.fullmatch(url)
        assert parse_qs(urlsplit(url).query)[name][0].isascii()
    assert MOMENT.fullmatch(parse_qs(urlsplit(parameters["versionTime"]).query)["versionTime"][0])
    assert "%2F" in parameters["relativeRef"]


@requirement("identity.export-suite")
def test_the_data_model_has_the_core_properties(document: Json) -> None:
    assert DID.fullmatch(document["id"])
    assert "controller" not in document or DID.fullmatch(document["controller"])
    methods = list(document["verificationMethod"])
    methods += [
        each for name in RELATIONSHIPS for each in document.get(name, ()) if isinstance(each, dict)
    ]
    assert methods
    for method in methods:
        assert method.keys() >= {"id", "type", "controller"}
        assert DID_URL.fullmatch(method["id"])
        assert method["type"] == "Multikey"
        assert DID.fullmatch(method["controller"])
        assert method["publicKeyMultibase"].startswith("z")
        assert not method.keys() & {"publicKeyJwk", "publicKeyBase58", "secretKeyMultibase"}
    for name in RELATIONSHIPS:
        assert all(DID_URL.fullmatch(each) for each in document.get(name, ()))


@requirement("identity.export-suite")
def test_services_are_told_apart_and_have_an_address(document: Json) -> None:
    services = document["service"]

    assert len(services) == 2
    assert len({each["id"] for each in services}) == len(services)
    for service in services:
        assert urlsplit(service["id"]).scheme == "did"
        assert service["type"]
        assert urlsplit(service["serviceEndpoint"]).scheme == "https"


@requirement("identity.export-suite")
@pytest.mark.parametrize("media_type", [JSON, LD])
def test_a_representation_is_the_data_model_with_its_own_entries(
    data_model: Json, document: Json, media_type: str
) -> None:
    [did] = data_model["dids"]
    represented = data_model[did][media_type]
    own = represented["didDocumentDataModel"]["representationSpecificEntries"]

    assert media_type in data_model["supportedContentTypes"]
    assert represented["didResolutionMetadata"] == {"contentType": media_type}
    assert json.loads(represented["representation"]) == {**document, **own}
    assert "\n" not in represented["representation"]
    if media_type == LD:
        assert own["@context"][0] == "https://www.w3.org/ns/did/v1.1"
    else:
        assert own == {}


@requirement("identity.export-suite")
@pytest.mark.parametrize("media_type", [JSON, LD])
def test_metadata_is_made_of_the_values_that_metadata_may_have(
    data_model: Json, media_type: str
) -> None:
    [did] = data_model["dids"]
    metadata = data_model[did][media_type]["didDocumentMetadata"]

    assert MOMENT.fullmatch(metadata["created"])
    assert MOMENT.fullmatch(metadata["updated"])
    assert all(isinstance(each, str | bool | dict | list) for each in values(metadata))


def outcomes(suite: Json) -> Iterator[tuple[str, Json]]:
    found = dict.fromkeys(range(len(suite["executions"])), "")
    for outcome, indices in suite["expectedOutcomes"].items():
        for index in indices:
            assert not found[index]
            found[index] = outcome
    for index, execution in enumerate(suite["executions"]):
        yield found[index], execution


@requirement("identity.export-suite")
def test_every_execution_of_the_resolver_has_the_outcome_that_is_expected(
    exported: Exported,
) -> None:
    seen = set()
    for outcome, execution in outcomes(exported.json("resolver-mnem.json")):
        seen.add((execution["function"], outcome))
        did, options = execution["input"]["did"], execution["input"]["resolutionOptions"]
        output = execution["output"]
        about, metadata = output["didResolutionMetadata"], output["didDocumentMetadata"]
        assert bool(DID.fullmatch(did)) is (outcome != "invalidDidErrorOutcome")
        if outcome.endswith("ErrorOutcome"):
            assert about == {"error": outcome.removesuffix("ErrorOutcome")}
            assert output["didDocument"] is None
            assert metadata == {}
        elif execution["function"] == "resolve":
            assert about == {}
            assert "accept" not in options
            assert output["didDocument"]["id"] == did
        else:
            assert about == {"contentType": options["accept"]}
            assert json.loads(output["didDocumentStream"])["id"] == did
        assert metadata.get("deactivated", False) is (outcome == "deactivatedOutcome")
        for name in {"created", "updated", "nextUpdate"} & metadata.keys():
            assert MOMENT.fullmatch(metadata[name])
        for name in {"versionId", "nextVersionId"} & metadata.keys():
            assert metadata[name].isascii()

    assert seen == {
        ("resolve", "defaultOutcome"),
        ("resolve", "invalidDidErrorOutcome"),
        ("resolve", "notFoundErrorOutcome"),
        ("resolve", "representationNotSupportedErrorOutcome"),
        ("resolve", "deactivatedOutcome"),
        ("resolveRepresentation", "defaultOutcome"),
    }


@requirement("identity.export-suite")
def test_every_execution_of_the_dereferencer_has_the_outcome_that_is_expected(
    exported: Exported,
) -> None:
    suite = exported.json("dereferencer-mnem.json")
    contents = {each["input"]["didUrl"]: each["output"] for each in suite["executions"]}
    for outcome, execution in outcomes(suite):
        did_url, output = execution["input"]["didUrl"], execution["output"]
        about, content = output["dereferencingMetadata"], output["contentStream"]
        assert MEDIA_TYPE.fullmatch(execution["input"]["dereferenceOptions"]["accept"])
        assert bool(DID_URL.fullmatch(did_url)) is (outcome != "invalidDidUrlErrorOutcome")
        if outcome.endswith("ErrorOutcome"):
            assert about == {"error": outcome.removesuffix("ErrorOutcome")}
            assert content == ""
            assert output["contentMetadata"] == {}
        else:
            assert MEDIA_TYPE.fullmatch(about["contentType"])
            assert content
        if "#" in did_url:  # the whole is there to compare with
            assert contents[did_url.partition("#")[0]]["contentStream"] != content

    media_types = {each["dereferencingMetadata"].get("contentType") for each in contents.values()}
    assert media_types >= {JSON, LD, "application/json", "text/uri-list", None}


@requirement("identity.export-suite")
def test_each_part_of_the_suite_is_told_to_look_at_this_implementation_alone(
    exported: Exported,
) -> None:
    lists = {
        path.parent.name: text for path, text in exported.files.items() if path.suffix == ".js"
    }

    assert set(lists) == {
        "did-identifier",
        "did-core-properties",
        "did-production",
        "did-consumption",
        "did-resolution",
        "did-url-dereferencing",
    }
    for text in lists.values():
        assert len(re.findall(r"require\('../implementations/[a-z-]+\.json'\)", text)) == 1
        assert "addDidv11Implementations" in lists["did-production"]


@requirement("identity.export-suite")
def test_the_configuration_of_the_second_suite_names_what_it_asks_for(exported: Exported) -> None:
    [resolver_of_it] = exported.configuration["didResolvers"]
    known = resolver_of_it["supportedDids"]

    assert resolver_of_it["endpoint"].endswith("/1.0/identifiers")
    assert resolver_of_it["tags"] == ["did-resolution"]
    assert len(known["valid"]) == 2
    assert isinstance(known["notFound"], str)
    assert isinstance(known["deactivated"], str)
    for each in (*known["derefUrls"], *known["serviceDerefUrls"]):
        assert DID_URL.fullmatch(each["didUrl"])


def test_a_resolved_document_has_the_shape_of_the_published_schema(document: Json) -> None:
    """Check what the schema of the DID Resolution suite asks of each property."""
    for name in RELATIONSHIPS:
        assert isinstance(document.get(name, []), list)
    assert isinstance(document["id"], str)
    assert all(isinstance(each, str) for each in document.get("alsoKnownAs", []))
    assert isinstance(document["service"], list)
    for method in document["verificationMethod"]:
        assert all(isinstance(method[name], str) for name in ("id", "controller", "type"))


@requirement("identity.export-suite")
def test_a_live_resolver_answers_as_the_binding_over_http_says(exported: Exported) -> None:
    """Check the statements of the DID Resolution suite over what it would ask."""
    statuses = {
        "valid": 200,
        "invalid": 400,
        "notFound": 404,
        "deactivated": 410,
        "unsupported": 501,
        "representation": 406,
        "derefUrls": 200,
        "serviceDerefUrls": 303,
    }

    assert exported.asked.keys() == statuses.keys()
    for name, answers in exported.asked.items():
        assert answers
        assert {each.status for each in answers} == {statuses[name]}, name
    for answer in (each for name in statuses for each in exported.asked[name] if each.text):
        about = answer.json.get("didResolutionMetadata") or answer.json["dereferencingMetadata"]
        assert about["contentType"] == answer.media_type
        if answer.status >= 400 and answer.status != 410:
            assert about["error"]["type"].startswith("https://www.w3.org/ns/did#")
            assert answer.json.get("didDocument") is None
    [ended] = exported.asked["deactivated"]
    assert ended.json["didDocumentMetadata"]["deactivated"] is True
    assert all(each.location for each in exported.asked["serviceDerefUrls"])
