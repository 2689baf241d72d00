package io.keelson.apiserver.zpages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Says what runs, since when, and where else there is something to see.
 *
 * @param started when the server began to start
 * @param goVersion of what kube-apiserver is built with
 * @param binaryVersion the server's, {@code 1.36.0}
 * @param emulationVersion the version of Kubernetes that it behaves as, {@code 1.36}
 * @param listed every path at which there is something, in no order
 */
public record Statusz(
        Instant started,
        String goVersion,
        String binaryVersion,
        String emulationVersion,
        Supplier<List<String>> listed,
        InstantSource clock)
        implements ZPage {
    /** Paths that are there for clients, not for a look at the server. */
    private static final Set<String> FOR_CLIENTS = Set.of("/api", "/apis", "/openid", "/openapi", "/.well-known");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss 'UTC' yyyy", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    @Override
    public String kind() {
        return "Statusz";
    }

    @Override
    public void fill(ObjectNode object) {
        object.put("startTime", started.truncatedTo(ChronoUnit.SECONDS).toString());
        object.put("uptimeSeconds", upSeconds());
        object.put("goVersion", goVersion);
        object.put("binaryVersion", binaryVersion);
        object.put("emulationVersion", emulationVersion);
        ArrayNode paths = object.putArray("paths");
        paths().forEach(paths::add);
    }

    @Override
    public String text() {
        long up = upSeconds();
        return "\nStarted: " + TIME.format(started)
                + "\nUp: "
                + String.format(Locale.ROOT, "%d hr %02d min %02d sec", up / 3600, (up / 60) % 60, up % 60)
                + "\nGo version: " + goVersion
                + "\nBinary version: " + binaryVersion
                + "\nEmulation version: " + emulationVersion
                + "\nPaths: " + String.join(" ", paths()) + "\n";
    }

    private long upSeconds() {
        return Math.max(0, Duration.between(started, clock.instant()).toSeconds());
    }

    /** What paths begin with, in order. */
    private List<String> paths() {
        Set<String> paths = new TreeSet<>();
        for (String path : listed.get()) {
            int end = path.indexOf('/', 1);
            String first = end < 0 ? path : path.substring(0, end);
            if (first.length() > 1 && !FOR_CLIENTS.contains(first)) {
                paths.add(first);
            }
        }
        return List.copyOf(paths);
    }
}
