package io.keelson.apiserver.http;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Where a certificate of the server and its key come from. */
public sealed interface CertificateSource {
    /** PEM files: the certificate with its chain, its own first; the key, not encrypted. Read again when they change. */
    record Files(Path certificate, Path key) implements CertificateSource {}

    /** Held in memory; never changes. */
    record Held(PrivateKey key, List<X509Certificate> chain) implements CertificateSource {
        public Held {
            chain = List.copyOf(chain);
        }
    }
}
