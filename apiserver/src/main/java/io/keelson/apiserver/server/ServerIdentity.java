package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.UUID;

/**
 * Who this server is among several: the Lease {@code kube-system/apiserver-…}, named after its machine, renewed all the
 * time. Leases of servers that have not renewed theirs for an hour are removed.
 */
final class ServerIdentity {
    static final Duration RENEWAL = Duration.ofSeconds(10);
    static final Duration CLEANING = Duration.ofHours(1);

    private static final String NAMESPACE = "kube-system";
    private static final String LABEL = "apiserver.kubernetes.io/identity";
    private static final String COMPONENT = "kube-apiserver";
    private static final int SECONDS = 3_600;

    private final RestApi rest;
    private final Resource leases;
    private final InstantSource clock;
    private final String hostname;
    private final String name;
    private final String holder;

    ServerIdentity(RestApi rest, String hostname, InstantSource clock) {
        this.rest = rest;
        this.leases = rest.resource("coordination.k8s.io", "leases");
        this.clock = clock;
        this.hostname = hostname;
        this.name = nameOf(hostname);
        this.holder = name + "_" + UUID.randomUUID();
    }

    /** {@code apiserver-} and 26 letters: a hash of the machine's name, as a kube-apiserver on it makes it. */
    static String nameOf(String hostname) {
        ByteArrayOutputStream hashed = new ByteArrayOutputStream();
        for (String part : new String[] {hostname, COMPONENT}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            hashed.write(bytes.length >> 8);
            hashed.write(bytes.length);
            hashed.writeBytes(bytes);
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(hashed.toByteArray());
            return "apiserver-" + base32(Arrays.copyOf(hash, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String base32(byte[] bytes) {
        String letters = "abcdefghijklmnopqrstuvwxyz234567";
        StringBuilder text = new StringBuilder();
        int held = 0;
        int bits = 0;
        for (byte next : bytes) {
            held = (held << 8) | (next & 0xff);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(letters.charAt((held >> bits) & 31));
            }
            held &= (1 << bits) - 1;
        }
        if (bits > 0) {
            text.append(letters.charAt((held << (5 - bits)) & 31));
        }
        return text.toString();
    }

    String name() {
        return name;
    }

    void renew() throws InterruptedException {
        String now = Timestamps.microseconds(clock.instant());
        var _ = rest.updateOrCreate(leases, NAMESPACE, name, () -> true, lease -> renewed(lease, now));
    }

    private ObjectNode renewed(ObjectNode lease, String now) {
        ObjectMeta.setLabel(lease, LABEL, COMPONENT);
        ObjectMeta.setLabel(lease, "kubernetes.io/hostname", hostname);
        ObjectNode spec = lease.get("spec") instanceof ObjectNode there ? there : lease.putObject("spec");
        spec.put("holderIdentity", holder).put("leaseDurationSeconds", SECONDS).put("renewTime", now);
        return lease;
    }

    /** Removes the leases of servers that are gone. */
    void clean() throws InterruptedException {
        Instant now = clock.instant();
        for (ObjectNode lease : rest.all("coordination.k8s.io", "leases", NAMESPACE)) {
            if (COMPONENT.equals(ObjectMeta.label(lease, LABEL)) && isOver(lease, now)) {
                rest.delete(leases, NAMESPACE, ObjectMeta.name(lease));
            }
        }
    }

    private static boolean isOver(ObjectNode lease, Instant now) {
        ObjectNode spec = lease.get("spec") instanceof ObjectNode there ? there : Json.object();
        String renewed = spec.path("renewTime").asText("");
        if (renewed.isEmpty() || !spec.hasNonNull("leaseDurationSeconds")) {
            // Nobody renews what says no time.
            return true;
        }
        try {
            return Instant.parse(renewed)
                    .plusSeconds(spec.path("leaseDurationSeconds").asLong())
                    .isBefore(now);
        } catch (DateTimeException e) {
            return true;
        }
    }
}
