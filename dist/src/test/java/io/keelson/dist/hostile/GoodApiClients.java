package io.keelson.dist.hostile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.dist.faults.ApiConnection;
import io.keelson.dist.faults.ApiConnection.Answer;
import io.keelson.kvstore.hostile.Look;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clients that create, read, change, list and delete ConfigMaps of their own at an even pace, each on a connection of its
 * own, and one that watches them all. How long each call took is noted, and in a {@link WriteLedger} what was acknowledged
 * and what was shown.
 */
final class GoodApiClients implements AutoCloseable {
    /** They have it to themselves. */
    static final String NAMESPACE = "good";

    private static final String MAPS = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
    private static final String DELETION = "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}";
    private static final int OBJECTS_MAX = 20;
    private static final int LIST_EVERY = 10;
    private static final int PACE_MS = 10;
    private static final long CALL_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final WriteLedger ledger = new WriteLedger();
    private final ApiConnection watching;
    private final List<Thread> writers = new ArrayList<>();
    private final Thread watcher;
    private volatile boolean stopped;
    private volatile boolean closed;

    /** Touched by the watcher's thread only, once that has begun. */
    private String position;

    private List<Long> took = new ArrayList<>();
    private List<String> failures = new ArrayList<>();
    private int resumed;
    private @Nullable InputStream stream;

    /**
     * Begins with one client for each connection, in a namespace that has nothing in it.
     *
     * @param watching for the one that watches
     */
    GoodApiClients(List<ApiConnection> connections, ApiConnection watching) throws IOException, InterruptedException {
        this.watching = watching;
        Answer all = watching.get(MAPS);
        if (!all.successful()) {
            throw new IOException("the namespace of good clients cannot be listed: " + all.why());
        }
        this.position = all.body().at("/metadata/resourceVersion").asText();
        this.watcher = Thread.ofVirtual().start(this::watch);
        for (int i = 0; i < connections.size(); i++) {
            int client = i;
            ApiConnection connection = connections.get(i);
            writers.add(Thread.ofVirtual().start(() -> new Writer(client, connection).work()));
        }
    }

    /** One of those that write. Runs on one thread. */
    private final class Writer {
        private final int client;
        private final ApiConnection api;
        private final Deque<String> made = new ArrayDeque<>();

        Writer(int client, ApiConnection api) {
            this.client = client;
            this.api = api;
        }

        void work() {
            try {
                for (long number = 0; !stopped; number++) {
                    round("map-" + client + "-" + number, number % LIST_EVERY == 0);
                    if (made.size() > OBJECTS_MAX) {
                        delete(made.removeFirst());
                    }
                    Thread.sleep(PACE_MS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void round(String name, boolean lists) throws InterruptedException {
            ObjectNode map = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
            map.putObject("metadata").put("name", name).putObject("labels").put("client", "c" + client);
            map.putObject("data").put("step", "1");
            if (!write(name, "ADDED", "POST", MAPS, "application/json", Json.text(map))) {
                return;
            }
            made.addLast(name);
            String path = MAPS + "/" + name;
            Answer read = call("GET", path, "", "");
            if (read != null && !step(read.body()).equals("1")) {
                failed("GET " + path + " behind the creation shows " + Json.text(read.body()));
            }
            if (write(name, "MODIFIED", "PATCH", path, "application/merge-patch+json", "{\"data\":{\"step\":\"2\"}}")
                    && lists) {
                list(name);
            }
        }

        private static String step(JsonNode map) {
            return map.path("data").path("step").asText();
        }

        /** A list must not be older than what was written before. */
        private void list(String name) throws InterruptedException {
            Answer list = call("GET", MAPS + "?labelSelector=client%3Dc" + client, "", "");
            if (list == null) {
                return;
            }
            for (JsonNode item : list.body().path("items")) {
                if (item.at("/metadata/name").asText().equals(name)
                        && step(item).equals("2")) {
                    return;
                }
            }
            failed("a list does not show " + name + " as it was changed before");
        }

        private boolean write(String name, String event, String method, String path, String type, String body)
                throws InterruptedException {
            Answer answer = call(method, path, type, body);
            if (answer == null) {
                ledger.unknown(name);
                return false;
            }
            String version = answer.body().at("/metadata/resourceVersion").asText();
            ledger.told(name, WriteLedger.event(event, version), System.nanoTime());
            return true;
        }

        private void delete(String name) throws InterruptedException {
            if (call("DELETE", MAPS + "/" + name, "application/json", DELETION) == null) {
                ledger.unknown(name);
            } else {
                ledger.told(name, WriteLedger.DELETED, System.nanoTime());
            }
        }

        /** The answer to a call, or null if it failed, which has been noted. */
        private @Nullable Answer call(String method, String path, String type, String body)
                throws InterruptedException {
            long begin = System.nanoTime();
            try {
                Answer answer = method.equals("GET") ? api.get(path) : api.send(method, path, type, body);
                long nanos = System.nanoTime() - begin;
                if (!answer.successful()) {
                    failed(method + " " + path + ": " + answer.why());
                    return null;
                }
                answered(nanos);
                if (nanos > CALL_NANOS_MAX) {
                    failed(method + " " + path + " took " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms");
                }
                return answer;
            } catch (IOException e) {
                failed(method + " " + path + ": " + e);
                return null;
            }
        }
    }

    private void watch() {
        try {
            while (!closed) {
                try (InputStream body = opened(watching.watch(
                                MAPS + "?watch=true&allowWatchBookmarks=true&resourceVersion=" + position));
                        BufferedReader lines =
                                new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        take(line);
                    }
                } catch (IOException | MalformedException e) {
                    if (!closed) {
                        failed("the watch: " + e);
                    }
                }
                if (!closed) {
                    // Every watch ends some time; it goes on where it was.
                    resumed();
                    Thread.sleep(100);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(String line) {
        ObjectNode event = Json.parseObject(line.getBytes(StandardCharsets.UTF_8));
        String type = event.path("type").asText();
        JsonNode metadata = event.path("object").path("metadata");
        String version = metadata.path("resourceVersion").asText();
        switch (type) {
            case "ADDED", "MODIFIED", "DELETED" -> {
                ledger.shown(
                        metadata.path("name").asText(),
                        type.equals(WriteLedger.DELETED) ? type : WriteLedger.event(type, version),
                        System.nanoTime());
                position = version;
            }
            case "BOOKMARK" -> position = version;
            default -> failed("the watch shows " + line);
        }
    }

    /** Lets {@link #close} end it. */
    private synchronized InputStream opened(InputStream body) throws IOException {
        stream = body;
        if (closed) {
            body.close();
        }
        return body;
    }

    private synchronized void answered(long nanos) {
        took.add(nanos);
    }

    private synchronized void failed(String what) {
        failures.add(what);
    }

    private synchronized void resumed() {
        resumed++;
    }

    /** What happened since the last look. */
    synchronized Look look() {
        Look look = new Look(took.stream().mapToLong(Long::longValue).sorted().toArray(), List.copyOf(failures));
        took = new ArrayList<>();
        failures = new ArrayList<>();
        return look;
    }

    /** How often the watch had ended and went on. */
    synchronized int watchesResumed() {
        return resumed;
    }

    WriteLedger ledger() {
        return ledger;
    }

    /** Lets those that write stop after the answers they wait for, and returns when they have. */
    void stopWriting() throws InterruptedException {
        stopped = true;
        for (Thread writer : writers) {
            writer.join();
        }
    }

    /** Versions of all objects there are, by name. */
    Map<String, String> present() throws IOException, InterruptedException {
        Answer all = watching.get(MAPS);
        if (!all.successful()) {
            throw new IOException("the namespace of good clients cannot be listed: " + all.why());
        }
        Map<String, String> versions = new HashMap<>();
        for (JsonNode item : all.body().path("items")) {
            versions.put(
                    item.at("/metadata/name").asText(),
                    item.at("/metadata/resourceVersion").asText());
        }
        return versions;
    }

    @Override
    public void close() {
        stopped = true;
        closed = true;
        synchronized (this) {
            if (stream != null) {
                try {
                    stream.close();
                } catch (IOException e) {
                    // It is given up anyway.
                }
            }
        }
        watcher.interrupt();
        writers.forEach(Thread::interrupt);
    }
}
