package io.keelson.benchmarks.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.load.ClosedLoop;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * One list that is read in pages to its end. All pages have to be of one moment, and bring every object once.
 *
 * <p>A walk that goes wrong ends with an exception, and so as a failed request of the table: a list that skips something is
 * not a fast list.
 */
final class PageWalk {
    private final Set<String> names = new HashSet<>();
    private String resourceVersion = "";

    /** Walks through a namespace, and tells how many pods there were; waits for nothing. */
    static void start(ApiConnection api, Pods pods, int limit, int expected, ClosedLoop.Done done) {
        var _ = Thread.startVirtualThread(() -> {
            long seen;
            try {
                seen = new PageWalk().through(api, pods, limit, expected);
            } catch (IOException | InterruptedException | RuntimeException e) {
                done.failed(e);
                return;
            }
            done.succeeded(seen);
        });
    }

    private long through(ApiConnection api, Pods pods, int limit, int expected)
            throws IOException, InterruptedException {
        String next = "";
        do {
            next = add(api.call(pods.page(limit, next), 0));
        } while (!next.isEmpty());
        return end(expected);
    }

    /**
     * Takes the next page, in JSON.
     *
     * @return with which token to go on; empty at the end
     * @throws IOException if the page does not go with those before
     */
    String add(byte[] page) throws IOException {
        JsonNode list = Json.parseObject(page);
        JsonNode metadata = list.path("metadata");
        String version = metadata.path("resourceVersion").asText();
        if (version.isEmpty()) {
            throw new IOException("a page without a resourceVersion");
        }
        if (!resourceVersion.isEmpty() && !version.equals(resourceVersion)) {
            throw new IOException("pages of one list at the versions " + resourceVersion + " and " + version);
        }
        resourceVersion = version;
        for (JsonNode item : list.path("items")) {
            String name = item.path("metadata").path("name").asText();
            if (!names.add(name)) {
                throw new IOException("pages of one list bring " + name + " twice");
            }
        }
        String next = metadata.path("continue").asText();
        if (!next.isEmpty() && list.path("items").isEmpty()) {
            throw new IOException("a page in the middle of a list is empty");
        }
        return next;
    }

    /**
     * After the last page.
     *
     * @return how many objects there were
     * @throws IOException if it is another number than expected
     */
    long end(int expected) throws IOException {
        if (names.size() != expected) {
            throw new IOException("pages of one list bring " + names.size() + " of " + expected + " objects");
        }
        return names.size();
    }
}
