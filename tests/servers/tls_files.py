# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates and keys of two nodes that know each other by one authority."""

from pathlib import Path

import trustme


class TlsFiles:
    """Files below a folder: the authority's certificate, and certificate and key of the one that calls."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        for name in ("caller", "called"):
            issued = authority.issue_cert(f"{name}.example")
            issued.private_key_pem.write_to_path(folder / f"{name}.key")
            issued.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        self.certificate = folder / "caller.pem"
        self.key = folder / "caller.key"
        #: What dcmtk's `storescp` is told of its own ones; it wants to see the caller's.
        self.of_storescp = (
            "+tls",
            str(folder / "called.key"),
            str(folder / "called.pem"),
            "+cf",
            str(self.authority),
        )
