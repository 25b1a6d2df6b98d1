"""The second, signed code of larger labels: a device without network can tell who issued the label.

Its text is the label's serial and an Ed25519 signature over it, in 0-9 and A-Z without I, L, O and U, so that
a QR code holds it in alphanumeric mode. It proves that the site issued this serial; what the serial stands
for, and whether the piece still counts, only the server knows.
"""

from dataclasses import dataclass

from labels.payload import LENGTH, SIGNED_ALPHABET, Serial, read

#: An Ed25519 signature, in bytes, and the characters that hold it, five bits each.
SIGNATURE_BYTES = 64
SIGNATURE_LENGTH = -(-SIGNATURE_BYTES * 8 // 5)
_BITS = 5


@dataclass(frozen=True, slots=True)
class SignedSerial:
    """What a second code says: the serial, and the signature over `statement(serial)`."""

    serial: str
    signature: bytes


def statement(serial: str) -> bytes:
    """The bytes that are signed; the first line keeps them apart from everything else the key signs."""
    return b"hilo label 1\n" + serial.encode("ascii")


def write(serial: str, signature: bytes) -> str:
    """The text of the second code. Raises ValueError for a signature that is not 64 bytes."""
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"a signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
    number = int.from_bytes(signature, "big")
    places = range(SIGNATURE_LENGTH - 1, -1, -1)
    return serial + "".join(SIGNED_ALPHABET[number >> _BITS * place & 31] for place in places)


def take_apart(text: str) -> SignedSerial | None:
    """Serial and signature of a second code; None for any other text."""
    code = text.strip()
    if len(code) != LENGTH + SIGNATURE_LENGTH or not frozenset(SIGNED_ALPHABET).issuperset(code):
        return None
    number = 0
    for character in code[LENGTH:]:
        number = number << _BITS | SIGNED_ALPHABET.index(character)
    serial = read(code[:LENGTH])
    if not isinstance(serial, Serial) or number >> SIGNATURE_BYTES * 8:
        return None
    return SignedSerial(serial.text, number.to_bytes(SIGNATURE_BYTES, "big"))
