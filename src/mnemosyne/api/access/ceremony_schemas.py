"""What browsers and the node say to each other around a passkey (WebAuthn L3, §5.1.8 to §5.1.10).

The names are those of the JSON forms, so that a page hands them on as they are. What an answer
has beside the members here is dropped before anything looks at it: above all
``clientExtensionResults``, in which a page may have left the result of PRF, which is a key.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mnemosyne.api.schemas import Document

_BASE64URL = r"^[A-Za-z0-9_-]+$"
CredentialId = Annotated[str, Field(pattern=_BASE64URL, max_length=1_366)]


class Party(Document):
    """Who a passkey is for: the host name of the node."""

    id: str
    name: str


class User(Document):
    """Whom a passkey is of: a handle that says nothing, and the name a device shows."""

    id: str
    name: str
    displayName: str  # noqa: N815 - WebAuthn's name


class Parameters(Document):
    """A kind of key that is taken: a COSE algorithm."""

    type: Literal["public-key"]
    alg: int


class Descriptor(Document):
    """A passkey by its name, and how its device is reached."""

    id: str
    type: Literal["public-key"]
    transports: list[str] = Field(default=[])


class Selection(Document):
    """What a device has to do: keep the passkey, and verify the person."""

    residentKey: str  # noqa: N815 - WebAuthn's name
    requireResidentKey: bool  # noqa: N815
    userVerification: str  # noqa: N815


class CreationOptions(Document):
    """For ``PublicKeyCredential.parseCreationOptionsFromJSON``."""

    rp: Party
    user: User
    challenge: str
    pubKeyCredParams: list[Parameters]  # noqa: N815
    timeout: int = Field(description="Milliseconds.")
    excludeCredentials: list[Descriptor]  # noqa: N815
    authenticatorSelection: Selection  # noqa: N815
    attestation: Literal["none"]
    extensions: dict[str, Any]


class RequestOptions(Document):
    """For ``PublicKeyCredential.parseRequestOptionsFromJSON``."""

    challenge: str
    timeout: int = Field(description="Milliseconds.")
    rpId: str  # noqa: N815
    allowCredentials: list[Descriptor]  # noqa: N815
    userVerification: Literal["required"]  # noqa: N815


class FromBrowser(BaseModel):
    """What a browser wrote; members that it adds in years to come are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class AttestationResponse(FromBrowser):
    """What a device made."""

    clientDataJSON: str = Field(pattern=_BASE64URL, max_length=5_464)  # noqa: N815
    attestationObject: str = Field(pattern=_BASE64URL, max_length=10_924)  # noqa: N815
    transports: list[Annotated[str, Field(max_length=32)]] = Field(default=[], max_length=8)


class RegistrationAnswer(FromBrowser):
    """What ``toJSON()`` gives of a new credential."""

    id: CredentialId
    type: Literal["public-key"]
    response: AttestationResponse


class AssertionResponse(FromBrowser):
    """What a device signed."""

    clientDataJSON: str = Field(pattern=_BASE64URL, max_length=5_464)  # noqa: N815
    authenticatorData: str = Field(pattern=_BASE64URL, max_length=2_732)  # noqa: N815
    signature: str = Field(pattern=_BASE64URL, max_length=1_368)
    userHandle: Annotated[str, Field(pattern=_BASE64URL, max_length=88)] | None = None  # noqa: N815


class AuthenticationAnswer(FromBrowser):
    """What ``toJSON()`` gives of a signature."""

    id: CredentialId
    type: Literal["public-key"]
    response: AssertionResponse
