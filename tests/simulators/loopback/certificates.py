"""A certificate for this machine, signed by an authority that nobody but its maker knows."""

import inspect
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LONG = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


def certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """(a file with the authority's certificate, the TLS context of a server called localhost); both in `folder`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]

    def builder(subject, public_key):
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public_key)
        return made.serial_number(x509.random_serial_number()).not_valid_before(LONG[0]).not_valid_after(LONG[1])

    usage = dict.fromkeys(inspect.signature(x509.KeyUsage).parameters, False)
    signs = x509.KeyUsage(**{**usage, "key_cert_sign": True, "crl_sign": True})
    serves = x509.KeyUsage(**{**usage, "digital_signature": True})
    ca = builder(ca_name, ca_key.public_key()).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    ca = ca.add_extension(signs, True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), False)
    leaf = builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), key.public_key())
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), False).add_extension(serves, True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (folder / "server.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.sign(ca_key, hashes.SHA256()).public_bytes(pem)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context
