package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.controllers.kinds.Kind;
import java.net.HttpURLConnection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Objects as they were. */
final class Past {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private final ApiCalls calls;

    Past(ApiCalls calls) {
        this.calls = calls;
    }

    /**
     * An object between two changes.
     *
     * @param revision the resource version that made it so
     * @param object as it was from then on; empty if it was not there
     */
    record Version(long revision, Optional<JsonNode> object) {}

    /**
     * Versions of an object.
     *
     * @param newestFirst the one that is now first
     * @param whole whether there are none before; otherwise they are more than were asked for, or forgotten
     * @param forgotten whether older ones are forgotten
     */
    record Versions(List<Version> newestFirst, boolean whole, boolean forgotten) {
        Versions {
            newestFirst = List.copyOf(newestFirst);
        }
    }

    /** The resource version of now. */
    long now() throws ApiRefusal, InterruptedException {
        JsonNode list = calls.get("/api/v1/namespaces?limit=1");
        return revision(list);
    }

    /**
     * An object as it was at a resource version.
     *
     * @throws ApiRefusal with code 410 if that is forgotten
     */
    Optional<JsonNode> at(Kind kind, String namespace, String name, long revision)
            throws ApiRefusal, InterruptedException {
        JsonNode list = calls.get(kind.path(namespace) + exact(revision) + "&fieldSelector="
                + URLEncoder.encode("metadata.name=" + name, StandardCharsets.UTF_8));
        JsonNode items = list.path("items");
        return items.isEmpty() ? Optional.empty() : Optional.of(items.get(0));
    }

    /** All objects of a kind as they were at a resource version, as the rows of a table. */
    JsonNode table(Kind kind, String namespace, String name, long revision) throws ApiRefusal, InterruptedException {
        String selector = name.isEmpty()
                ? ""
                : "&fieldSelector=" + URLEncoder.encode("metadata.name=" + name, StandardCharsets.UTF_8);
        return calls.get(kind.path(namespace) + exact(revision) + selector, TABLE);
    }

    /** The same as objects. */
    JsonNode list(Kind kind, String namespace, long revision) throws ApiRefusal, InterruptedException {
        return calls.get(kind.path(namespace) + exact(revision));
    }

    private static String exact(long revision) {
        return "?resourceVersion=" + revision + "&resourceVersionMatch=Exact";
    }

    /**
     * The versions of an object, from a resource version backwards. That it was not there for a while is a version, too, if
     * it was there before.
     *
     * @param most how many are looked for
     */
    Versions versions(Kind kind, String namespace, String name, long from, int most)
            throws ApiRefusal, InterruptedException {
        List<Version> versions = new ArrayList<>();
        long revision = from;
        while (revision > 0) {
            if (versions.size() == most) {
                return new Versions(versions, false, false);
            }
            Optional<JsonNode> object;
            try {
                object = at(kind, namespace, name, revision);
            } catch (ApiRefusal e) {
                if (e.code() != HttpURLConnection.HTTP_GONE || (versions.isEmpty() && revision == from)) {
                    throw e;
                }
                return new Versions(versions, false, true);
            }
            if (object.isPresent()) {
                long made = revision(object.get());
                versions.add(new Version(made, object));
                revision = made - 1;
                continue;
            }
            // When it went is found by halves, if it was there at all.
            Optional<Long> last = lastSeen(kind, namespace, name, revision);
            if (last.isEmpty()) {
                break;
            }
            versions.add(new Version(last.get() + 1, Optional.empty()));
            revision = last.get();
        }
        return new Versions(versions, true, false);
    }

    /**
     * The last resource version at which an object was there, before one at which it was not. One that came and went twice
     * between two looks may be missed.
     */
    private Optional<Long> lastSeen(Kind kind, String namespace, String name, long absentAt)
            throws ApiRefusal, InterruptedException {
        long present = 0;
        for (long step = 1; present == 0 && step < absentAt; step *= 2) {
            if (isThere(kind, namespace, name, absentAt - step)) {
                present = absentAt - step;
            }
        }
        if (present == 0) {
            return Optional.empty();
        }
        long absent = absentAt;
        while (absent - present > 1) {
            long middle = present + (absent - present) / 2;
            if (isThere(kind, namespace, name, middle)) {
                present = middle;
            } else {
                absent = middle;
            }
        }
        return Optional.of(present);
    }

    private boolean isThere(Kind kind, String namespace, String name, long revision)
            throws ApiRefusal, InterruptedException {
        try {
            return at(kind, namespace, name, revision).isPresent();
        } catch (ApiRefusal e) {
            if (e.code() == HttpURLConnection.HTTP_GONE) {
                // What is forgotten cannot be told apart from what never was.
                return false;
            }
            throw e;
        }
    }

    /** The resource version that an object, or a list, carries. */
    static long revision(JsonNode object) throws ApiRefusal {
        String text = object.path("metadata").path("resourceVersion").asText("");
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new ApiRefusal(0, "the API says resource version \"" + text + "\", which is no number of a store");
        }
    }
}
