package io.keelson.apiserver.kinds.certificates;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with the certificates that a pod gets, and with what is said about the first of them. */
final class IssuedChain {
    private static final int CHAIN_BYTES_MAX = 100 * 1024;
    private static final Duration NOW = Duration.ofMinutes(5);
    private static final Duration SHORTEST = Duration.ofHours(1);
    private static final Duration MARGIN = Duration.ofMinutes(10);

    private IssuedChain() {}

    static void validate(Place status, JsonNode spec, Instant now) {
        Place chain = status.at("certificateChain");
        if (chain.text().length() > CHAIN_BYTES_MAX) {
            chain.tooLong(CHAIN_BYTES_MAX);
            return;
        }
        List<X509Certificate> certificates = certificates(chain);
        if (certificates.isEmpty()) {
            return;
        }
        X509Certificate leaf = certificates.getFirst();
        PublicKey wanted = RequestedKey.of(spec);
        if (wanted == null
                || !Arrays.equals(wanted.getEncoded(), leaf.getPublicKey().getEncoded())) {
            chain.invalid("leaf certificate was not issued to the requested public key");
            return;
        }
        times(status, leaf, spec.path("maxExpirationSeconds").asLong(), now);
    }

    private static List<X509Certificate> certificates(Place chain) {
        List<Pem.Block> blocks = Pem.blocks(chain.text());
        if (blocks.isEmpty()) {
            chain.invalid("issued certificate chain must contain at least one certificate");
            return List.of();
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (Pem.Block block : blocks) {
            if (!block.type().equals("CERTIFICATE")) {
                chain.invalid("issued certificate chain must consist entirely of CERTIFICATE PEM blocks");
                return List.of();
            }
            try {
                certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.content())));
            } catch (CertificateException e) {
                chain.invalid(
                        certificates.isEmpty()
                                ? "leaf certificate does not parse as valid X.509"
                                : "intermediate certificate does not parse as valid X.509");
                return List.of();
            }
        }
        return certificates;
    }

    private static void times(Place status, X509Certificate leaf, long longestSeconds, Instant now) {
        Place from = status.at("notBefore");
        Place until = status.at("notAfter");
        Place refresh = status.at("beginRefreshAt");
        Instant notBefore = time(from, "must be present and consistent with the issued certificate");
        Instant notAfter = time(until, "must be present and consistent with the issued certificate");
        Instant refreshAt = time(refresh, "must be present and in the range [notbefore+10min, notafter-10min]");
        if (notBefore == null || notAfter == null || refreshAt == null) {
            return;
        }
        Duration life = Duration.between(notBefore, notAfter);
        Place chain = status.at("certificateChain");
        if (!notBefore.equals(leaf.getNotBefore().toInstant())) {
            from.invalid("must be set to the NotBefore time encoded in the leaf certificate");
        } else if (Duration.between(notBefore, now).abs().compareTo(NOW) > 0) {
            from.invalid("must be set to within 5 minutes of kube-apiserver's current time");
        } else if (!notAfter.equals(leaf.getNotAfter().toInstant())) {
            until.invalid("must be set to the NotAfter time encoded in the leaf certificate");
        } else if (life.compareTo(SHORTEST) < 0) {
            chain.invalid(life.toString(), "leaf certificate lifetime must be >= 1 hour");
        } else if (life.toSeconds() > longestSeconds) {
            chain.invalid(
                    life.toString(),
                    "leaf certificate lifetime must be <= spec.maxExpirationSeconds (" + longestSeconds + ')');
        } else if (refreshAt.isBefore(notBefore.plus(MARGIN))) {
            refresh.invalid("must be at least 10 minutes after status.notBefore");
        } else if (refreshAt.isAfter(notAfter.minus(MARGIN))) {
            refresh.invalid("must be at least 10 minutes before status.notAfter");
        }
    }

    private static @Nullable Instant time(Place place, String missing) {
        try {
            if (place.filled()) {
                return Instant.parse(place.text());
            }
        } catch (DateTimeException e) {
            // As good as none.
        }
        place.required(missing);
        return null;
    }
}
