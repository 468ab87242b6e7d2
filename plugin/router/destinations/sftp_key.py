"""Private keys as people have them: in OpenSSH's form or PEM, with a passphrase or without."""

import io

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


def read_private_key(text: str, passphrase: str | None) -> paramiko.PKey:
    """The key for paramiko. Raises ValueError, with a message that tells nothing of the key."""
    content = text.strip().replace("\r\n", "\n").encode() + b"\n"
    password = passphrase.encode() if passphrase else None
    load = load_ssh_private_key if b"BEGIN OPENSSH PRIVATE KEY" in content else load_pem_private_key
    try:
        key = load(content, password)
    except TypeError:
        raise ValueError(
            "the private key is encrypted: give its passphrase"
            if password is None
            else "the private key is not encrypted: leave the passphrase out"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(
            "the private key cannot be read with this passphrase"
            if password
            else "this is no private key in OpenSSH's or PEM form (public keys begin with ssh-...)"
        ) from None
    forms: dict[type[object], type[paramiko.PKey]] = {
        rsa.RSAPrivateKey: paramiko.RSAKey,
        ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
        ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
    }
    for kind, form in forms.items():
        if isinstance(key, kind):
            plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
            return form.from_private_key(io.StringIO(plain.decode("ascii")))
    raise ValueError("the private key is neither RSA nor ECDSA nor Ed25519")
