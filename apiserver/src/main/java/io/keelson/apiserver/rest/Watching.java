package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.http.StatusWriter;
import io.keelson.apiserver.http.websocket.WebSocketUpgrade;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.protobuf.WatchFrames;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.ListOptions;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.request.MediaTypes;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import io.keelson.apiserver.request.TableOptions;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches objects: one event after the other, each on a line or in a frame, for as long as the client listens and the time it
 * was given lasts. An event is the bytes of the object between two short pieces of the watch's own. Those bytes are the same
 * for all watches that want the object in one form, and are encoded once; only tables, which tell ages, are made for each.
 */
final class Watching {
    private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";
    private static final int CLIENT_MESSAGE_BYTES_MAX = 4096;
    /** Longer than any connection lasts, and not too long to be counted in nanoseconds. */
    private static final int SECONDS_MAX = Integer.MAX_VALUE;

    private static final byte[] END = "}\n".getBytes(StandardCharsets.US_ASCII);

    /** What events in JSON begin with, by their types. */
    private static final Map<String, byte[]> BEGINS = Stream.of("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR")
            .collect(Collectors.toUnmodifiableMap(
                    type -> type,
                    type -> ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.US_ASCII)));

    private final InstantSource clock;
    private final CacheOptions cacheOptions;
    private final Duration timeoutMin;
    private final WatchMetrics metrics;
    private final Set<CacheWatch> open = ConcurrentHashMap.newKeySet();
    private volatile boolean ending;

    /** @param timeoutMin how long a watch lasts at least, and at most twice that, if the client does not say */
    Watching(InstantSource clock, CacheOptions cacheOptions, Duration timeoutMin, WatchMetrics metrics) {
        this.clock = clock;
        this.cacheOptions = cacheOptions;
        this.timeoutMin = timeoutMin;
        this.metrics = metrics;
    }

    /** Ends all watches, and those to come as soon as they are begun. */
    void endAll() {
        ending = true;
        open.forEach(CacheWatch::close);
    }

    /** Ends all watches one after the other, as evenly as it can, and those to come as soon as they are begun. */
    void endAll(Duration over) throws InterruptedException {
        ending = true;
        List<CacheWatch> present = List.copyOf(open);
        if (!present.isEmpty()) {
            Duration pause = over.dividedBy(present.size());
            for (CacheWatch watch : present) {
                Thread.sleep(pause);
                watch.close();
            }
        }
        open.forEach(CacheWatch::close);
    }

    ApiResponse watch(ApiRequest request, Resource resource, ServedVersion version, ResourceCache cache)
            throws InterruptedException {
        Negotiated negotiated =
                Answers.served(resource).stream(request, as -> Tables.isTable(as) || Tables.isPartial(as));
        GroupVersionKind as = negotiated.as();
        if (negotiated.type() == MediaType.PROTOBUF && as != null && Tables.isTable(as)) {
            negotiated = MediaTypes.TEXT.stream(request, Tables::isTable);
        }
        Negotiated agreed = negotiated;
        ListOptions options = ListOptions.parse(request.query(), true);
        Selectors selectors = Selectors.of(request, resource, options);
        WatchRequest wanted = WatchRequest.FROM_NOW.selecting(
                cache.resource(), request.info().namespace(), selectors.labels(), selectors.fields());
        if (options.allowWatchBookmarks()) {
            wanted = wanted.withBookmarks();
        }
        long revision = options.resourceVersion().isEmpty() ? 0 : ResourceVersions.parse(options.resourceVersion());
        Long asked = options.timeoutSeconds();
        Duration timeout = asked == null || asked == 0
                ? timeoutMin.plusSeconds(ThreadLocalRandom.current().nextLong(Math.max(1, timeoutMin.toSeconds())))
                : Duration.ofSeconds(Math.clamp(asked, 0, SECONDS_MAX));
        Events events = new Events(request, resource, version, agreed);
        // Last of what may fail: from here on the body of the answer must see to it that it is closed.
        CacheWatch watch = begin(wanted, options, revision, cache);
        request.initialEvents().expect();
        if (WebSocketUpgrade.isWanted(request)) {
            return overWebSocket(request, watch, timeout, events);
        }
        return new ApiResponse.Streamed(200, Map.of("Content-Type", events.contentType()), out -> {
            try (watch) {
                events.write(watch, timeout, WatchSink.to(out));
            }
        });
    }

    /**
     * Begins a watch. That it cannot begin where the client wants is told by the watch, as the only thing it tells: not every
     * client gets to see the code of an answer (browsers that ask for a WebSocket do not), but each reads events.
     */
    private CacheWatch begin(WatchRequest wanted, ListOptions options, long revision, ResourceCache cache)
            throws InterruptedException {
        try {
            if (!options.initialEvents()) {
                return cache.watch(wanted.since(revision));
            }
            if (options.resourceVersion().isEmpty()) {
                var fresh = cache.consistentSnapshot();
                cache.waitUntilFresh(fresh.revision(), cacheOptions.freshWait());
            } else if (revision > 0) {
                cache.waitUntilFresh(revision, cacheOptions.freshWait());
            }
            return cache.watch(wanted.withInitial(options.allowWatchBookmarks()));
        } catch (ApiException e) {
            if (e.reason() != Reason.EXPIRED && e.reason() != Reason.TIMEOUT) {
                throw e;
            }
            return cache.endedWatch(wanted, e);
        }
    }

    /** For clients that watch through a WebSocket; they send nothing but their close. */
    private static ApiResponse overWebSocket(ApiRequest request, CacheWatch watch, Duration timeout, Events events) {
        try {
            return WebSocketUpgrade.accept(request, List.of(""), CLIENT_MESSAGE_BYTES_MAX, (socket, _) -> {
                Thread writing = Thread.currentThread();
                Thread.startVirtualThread(() -> {
                    try {
                        while (socket.receive() != null) {
                            // What a client says here has no meaning.
                        }
                    } catch (IOException e) {
                        // Gone without a close, which is as good as one.
                    }
                    writing.interrupt();
                });
                try (watch) {
                    events.write(watch, timeout, WatchSink.to(socket, events.text()));
                }
            });
        } catch (ApiException e) {
            watch.close();
            throw e;
        }
    }

    /** Writes the events of one watch. */
    private final class Events {
        private final ApiRequest request;
        private final Resource resource;
        private final ServedVersion version;
        private final Negotiated negotiated;
        private final WatchMetrics.Series counted;
        /** In which objects are sent; null for a table. */
        private final @Nullable SentForm form;

        /** Around what is sent in that form; null for JSON. */
        private final @Nullable WatchFrames frames;

        private boolean headersSent;

        Events(ApiRequest request, Resource resource, ServedVersion version, Negotiated negotiated) {
            this.request = request;
            this.resource = resource;
            this.version = version;
            this.negotiated = negotiated;
            this.counted = metrics.of(resource.name(), version.version());
            GroupVersionKind as = negotiated.as();
            this.form =
                    as != null && Tables.isTable(as) ? null : new SentForm(resource, version, negotiated.type(), as);
            this.frames = form != null && form.isProtobuf() ? new WatchFrames(form.kind()) : null;
        }

        void write(CacheWatch watch, Duration timeout, WatchSink out) throws IOException, InterruptedException {
            open.add(watch);
            try {
                if (ending) {
                    watch.close();
                }
                writeUntilItEnds(watch, timeout, out);
            } finally {
                open.remove(watch);
            }
        }

        private void writeUntilItEnds(CacheWatch watch, Duration timeout, WatchSink out)
                throws IOException, InterruptedException {
            long deadline = System.nanoTime() + timeout.toNanos();
            boolean caughtUp = false;
            while (true) {
                long left = deadline - System.nanoTime();
                WatchItem item = left <= 0 ? null : watch.next(Duration.ZERO);
                if (item == null && left > 0) {
                    // Nothing is gathered any longer once there is something to wait for.
                    out.pause();
                    caughtUp = caughtUp || tellOnceCaughtUp(watch);
                    item = watch.next(Duration.ofNanos(left));
                }
                switch (item) {
                    case null -> {
                        return;
                    }
                    case WatchItem.Change change -> write(change, watch.isInitial(), out);
                    case WatchItem.Bookmark bookmark -> write(bookmark, out);
                    case WatchItem.End end -> {
                        ApiException why = end.why();
                        if (why != null) {
                            event("ERROR", encodedFailure(why), out);
                            out.pause();
                        }
                        return;
                    }
                }
                caughtUp = caughtUp || tellOnceCaughtUp(watch);
            }
        }

        /** @return whether there is nothing more to tell of what was there when the watch began */
        private boolean tellOnceCaughtUp(CacheWatch watch) {
            if (!watch.isCaughtUp()) {
                return false;
            }
            request.initialEvents().sent();
            return true;
        }

        /** @param initial whether the object is one of the many there were at the beginning, of which nobody else hears now */
        private void write(WatchItem.Change change, boolean initial, WatchSink out) throws IOException {
            CacheEntry entry = change.entry();
            String type = change.type().name();
            if (form == null) {
                event(type, encode(shown(Versions.spoken(resource, entry, version.version(), !initial))), out);
                return;
            }
            byte[] object = initial ? form.passing(entry) : form.shared(entry);
            if (frames == null) {
                event(type, object, out);
            } else {
                counted.sent(frames.objectBytes(object));
                out.event(frames.parts(type, object));
            }
        }

        private void write(WatchItem.Bookmark bookmark, WatchSink out) throws IOException {
            ObjectNode object = Json.object()
                    .put("kind", resource.kind().kind())
                    .put("apiVersion", new GroupVersion(resource.name().group(), version.version()).toString());
            ObjectMeta.setResourceVersion(object, bookmark.revision());
            if (bookmark.initialEventsEnd()) {
                ObjectMeta.setAnnotation(object, INITIAL_EVENTS_END, "true");
            }
            event("BOOKMARK", encode(shown(object)), out);
        }

        String contentType() {
            return negotiated.type() == MediaType.JSON
                    ? "application/json"
                    : negotiated.type().text() + ";stream=watch";
        }

        private byte[] encode(ObjectNode object) {
            return negotiated.type() == MediaType.PROTOBUF ? KubernetesProtobuf.encode(object) : Json.encode(object);
        }

        private byte[] encodedFailure(ApiException why) {
            byte[] json = StatusWriter.json(why, false);
            return negotiated.type() == MediaType.PROTOBUF ? KubernetesProtobuf.encode(Json.parseObject(json)) : json;
        }

        private ObjectNode shown(ObjectNode object) {
            GroupVersionKind as = negotiated.as();
            if (as == null) {
                return object;
            }
            if (!Tables.isTable(as)) {
                return Tables.partial(as, object);
            }
            ObjectNode metadata = Json.object().put("resourceVersion", ObjectMeta.resourceVersion(object));
            return Tables.table(
                    as, metadata, version.columns(), List.of(object), tableOptions(), header(), clock.instant());
        }

        private TableOptions tableOptions() {
            return TableOptions.parse(request.query());
        }

        /** The columns are described once. */
        private boolean header() {
            boolean first = !headersSent;
            headersSent = true;
            return first;
        }

        boolean text() {
            return negotiated.type() != MediaType.PROTOBUF;
        }

        private void event(String type, byte[] object, WatchSink out) throws IOException {
            counted.sent(object.length);
            if (negotiated.type() == MediaType.PROTOBUF) {
                out.event(WatchFrames.frame(type, object));
                return;
            }
            int length = object.length;
            while (length > 0 && object[length - 1] == '\n') {
                length--;
            }
            out.event(
                    Objects.requireNonNull(BEGINS.get(type)),
                    length == object.length ? object : Arrays.copyOf(object, length),
                    END);
        }
    }
}
