package io.keelson.dist.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.dist.faults.ApiConnection.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lists and watches as the informers of client libraries do: when a stream ends, however it does, it watches again from the
 * last revision it was told of, through the same server or another one; only when it is answered that this revision is too
 * old, it lists again.
 */
final class Informer implements AutoCloseable {
    private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";
    private static final int GONE = 410;

    private final ControlPlaneProcesses plane;
    private final String name;
    private final String path;
    private final String selector;
    private final boolean streamsList;
    private final SplittableRandom random;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Told> told = new ArrayList<>();
    private final List<String> breaches = new ArrayList<>();
    private long position = -1;
    private int resumed;
    private int listed;
    private @Nullable InputStream stream;
    private boolean closed;

    /** Touched by its own thread only. */
    private int server;

    private boolean mustList = true;
    private boolean expired;

    /**
     * Begins.
     *
     * @param path of the resource
     * @param selector added to the query: {@code labelSelector=…}; may be empty
     * @param server which it asks first
     * @param streamsList whether it has the first list sent as events
     */
    Informer(
            ControlPlaneProcesses plane,
            String name,
            String path,
            String selector,
            int server,
            boolean streamsList,
            SplittableRandom random) {
        this.plane = plane;
        this.name = name;
        this.path = path;
        this.selector = selector.isEmpty() ? "" : "&" + selector;
        this.server = server;
        this.streamsList = streamsList;
        this.random = random;
        this.thread = Thread.startVirtualThread(this::run);
    }

    private void run() {
        try {
            while (!isClosed()) {
                try {
                    ApiConnection api = plane.apiServer(server)
                            .connection(random.nextBoolean() ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
                    if (mustList && !streamsList) {
                        list(api);
                    }
                    watch(api);
                } catch (ApiConnection.RefusedException e) {
                    refused(e.answer());
                } catch (IOException e) {
                    // Broken: it goes on from where it is.
                }
                again();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void again() throws InterruptedException {
        if (random.nextBoolean()) {
            server = (server + 1) % plane.apiServers().size();
        }
        lock.lock();
        try {
            resumed++;
        } finally {
            lock.unlock();
        }
        Thread.sleep(20 + random.nextInt(100));
    }

    /** The first list may be of any age; one after a gap must not be older than what was told before. */
    private void list(ApiConnection api) throws IOException, InterruptedException {
        Answer answer = api.get(path + (expired ? "?" : "?resourceVersion=0") + selector);
        if (!answer.successful()) {
            throw new ApiConnection.RefusedException(answer);
        }
        List<Seen> objects = new ArrayList<>();
        answer.body().path("items").forEach(item -> objects.add(Seen.of((ObjectNode) item)));
        listed(answer.body().path("metadata").path("resourceVersion").asLong(), objects);
    }

    private void listed(long revision, List<Seen> objects) {
        lock.lock();
        try {
            listed++;
        } finally {
            lock.unlock();
        }
        tell(new Told.Listed(revision, objects), revision);
        mustList = false;
    }

    private void watch(ApiConnection api) throws IOException, InterruptedException {
        List<Seen> initial = mustList ? new ArrayList<>() : null;
        String from = initial != null
                ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                : "&resourceVersion=" + position();
        try (InputStream body = opened(api.watch(path + "?watch=true&allowWatchBookmarks=true&timeoutSeconds="
                        + (5 + random.nextInt(10)) + from + selector));
                BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!take(line, initial)) {
                    return;
                }
                if (!mustList) {
                    initial = null;
                }
            }
        }
    }

    /** Lets {@link #close} end it. */
    private InputStream opened(InputStream body) throws IOException {
        lock.lock();
        try {
            stream = body;
            if (closed) {
                body.close();
            }
        } finally {
            lock.unlock();
        }
        return body;
    }

    /** Takes an event; false if the watch is over. */
    private boolean take(String line, @Nullable List<Seen> initial) {
        ObjectNode event;
        try {
            event = Json.parseObject(line.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedException e) {
            breach("a watch that ended properly ended in the middle of an event: " + line);
            return false;
        }
        String type = event.path("type").asText();
        if (!(event.path("object") instanceof ObjectNode object)) {
            breach("an event without an object: " + line);
            return false;
        }
        switch (type) {
            case "ERROR" -> {
                refused(new Answer(object.path("code").asInt(), object));
                return false;
            }
            case "BOOKMARK" -> bookmark(object, initial);
            default -> {
                Seen seen = Seen.of(object);
                if (initial == null) {
                    tell(new Told.Changed(type, seen), seen.revision());
                } else if (type.equals("ADDED")) {
                    initial.add(seen);
                } else {
                    breach("before the end of what was there at the beginning came " + line);
                }
            }
        }
        return true;
    }

    private void bookmark(ObjectNode object, @Nullable List<Seen> initial) {
        JsonNode metadata = object.path("metadata");
        long revision = metadata.path("resourceVersion").asLong();
        boolean ends =
                metadata.path("annotations").path(INITIAL_EVENTS_END).asText().equals("true");
        if (ends != (initial != null)) {
            breach("a bookmark out of place: " + object);
        } else if (initial != null) {
            listed(revision, initial);
        } else {
            tell(new Told.Bookmark(revision), revision);
        }
    }

    private void refused(Answer answer) {
        if (!answer.proper()) {
            breach("a failure that does not say what it is: " + answer);
        }
        if (answer.code() == GONE) {
            mustList = true;
            expired = true;
        }
    }

    private void tell(Told item, long revision) {
        lock.lock();
        try {
            told.add(item);
            position = Math.max(position, revision);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void breach(String text) {
        lock.lock();
        try {
            breaches.add(name + " was told " + text);
        } finally {
            lock.unlock();
        }
    }

    private long position() {
        lock.lock();
        try {
            return position;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    String name() {
        return name;
    }

    /** Waits until it has been told of a revision, or the time is over; returns all it was told. */
    List<Told> toldUpTo(long revision, int seconds) throws InterruptedException {
        long left = TimeUnit.SECONDS.toNanos(seconds);
        lock.lock();
        try {
            while (position < revision && left > 0) {
                left = changed.awaitNanos(left);
            }
            return List.copyOf(told);
        } finally {
            lock.unlock();
        }
    }

    /** What it should not have been told at all. */
    List<String> breaches() {
        lock.lock();
        try {
            return List.copyOf(breaches);
        } finally {
            lock.unlock();
        }
    }

    /** How often it went on from where it was, or began anew. */
    int resumed() {
        lock.lock();
        try {
            return resumed;
        } finally {
            lock.unlock();
        }
    }

    /** How often it had to list, the first time included. */
    int listed() {
        lock.lock();
        try {
            return listed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            // It is given up anyway.
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }
}
