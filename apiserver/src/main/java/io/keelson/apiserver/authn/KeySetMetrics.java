package io.keelson.apiserver.authn;

import io.keelson.kvstore.metrics.Metrics;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tells when the keys of OpenID providers were fetched last, and which they were, by hashes of the providers' URLs. Only
 * those are told of that the configuration names, which bounds their number; outlives configurations. Any thread.
 */
public final class KeySetMetrics {
    private static final String NAME = "apiserver_authentication_jwt_authenticator_jwks_fetch_last_";

    private final String server;
    private final InstantSource clock;

    /** By the issuers that are configured. Guarded by this. */
    private final Map<String, Fetches> byIssuer = new TreeMap<>();

    /** In seconds since 1970; 0 for never. */
    private static final class Fetches {
        private double succeeded;
        private double failed;
        private String keySetHash = "";
    }

    /** @param server who this server is among several */
    public KeySetMetrics(Metrics metrics, String server, InstantSource clock) {
        this.server = Metrics.label("apiserver_id_hash", hash(server));
        this.clock = clock;
        metrics.family(
                NAME + "timestamp_seconds",
                "When the keys of an issuer of tokens were fetched last, by server, issuer and result.",
                "gauge",
                this::times);
        metrics.family(
                NAME + "key_set_info",
                "Which keys of an issuer of tokens were fetched last, by server, issuer and hash.",
                "gauge",
                this::keySets);
    }

    /** These are the issuers from now on; others are forgotten. */
    synchronized void configured(Collection<String> issuers) {
        byIssuer.keySet().retainAll(Set.copyOf(issuers));
        for (String issuer : issuers) {
            byIssuer.putIfAbsent(issuer, new Fetches());
        }
    }

    /** @param keySet as the issuer sent it */
    synchronized void succeeded(String issuer, String keySet) {
        Fetches fetches = byIssuer.get(issuer);
        if (fetches != null) {
            fetches.succeeded = seconds();
            fetches.keySetHash = hash(keySet);
        }
    }

    synchronized void failed(String issuer) {
        Fetches fetches = byIssuer.get(issuer);
        if (fetches != null) {
            fetches.failed = seconds();
        }
    }

    private double seconds() {
        return clock.instant().toEpochMilli() / 1000.0;
    }

    private synchronized List<Metrics.Sample> times() {
        List<Metrics.Sample> samples = new ArrayList<>();
        byIssuer.forEach((issuer, fetches) -> {
            String labels = server + "," + Metrics.label("jwt_issuer_hash", hash(issuer)) + ",";
            if (fetches.failed > 0) {
                samples.add(new Metrics.Sample("", labels + Metrics.label("result", "failure"), fetches.failed));
            }
            if (fetches.succeeded > 0) {
                samples.add(new Metrics.Sample("", labels + Metrics.label("result", "success"), fetches.succeeded));
            }
        });
        return samples;
    }

    private synchronized List<Metrics.Sample> keySets() {
        List<Metrics.Sample> samples = new ArrayList<>();
        byIssuer.forEach((issuer, fetches) -> {
            if (!fetches.keySetHash.isEmpty()) {
                String labels = server + "," + Metrics.label("hash", fetches.keySetHash) + ","
                        + Metrics.label("jwt_issuer_hash", hash(issuer));
                samples.add(new Metrics.Sample("", labels, 1));
            }
        });
        return samples;
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
