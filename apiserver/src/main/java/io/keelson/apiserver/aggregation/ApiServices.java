package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.cache.CacheWatch;
import io.keelson.apiserver.cache.WatchItem;
import io.keelson.apiserver.cache.WatchRequest;
import io.keelson.apiserver.discovery.AggregatedGroups;
import io.keelson.apiserver.discovery.AggregatedVersion;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.openapi.AggregatedDocuments;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.routing.ServicePort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the {@code APIService} objects in the store: one thread takes every change and keeps an {@link AggregatedServer}
 * for each that names a Service.
 */
final class ApiServices implements AggregatedGroups, AggregatedDocuments, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiServices.class);
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final long PAUSE_MS = 200;

    /** Servers behind this one; further ones are not reached. */
    private static final int SERVERS_MAX = 500;

    private final AggregatedServer.Parts parts;
    private final Resource resource;
    private final AtomicLong number = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();

    /** By the names of their objects. Written by the one thread. */
    private volatile Map<String, AggregatedServer> servers = Map.of();

    private volatile boolean loaded;
    private volatile boolean closed;

    ApiServices(AggregatedServer.Parts parts) {
        this.parts = parts;
        this.resource = parts.rest().resource("apiregistration.k8s.io", "apiservices");
    }

    void start() {
        threads.add(Thread.ofVirtual().name("api services").start(() -> follow(resource, this::take)));
        for (Resource cause : List.of(
                parts.rest().resource("", "services"), parts.rest().resource("discovery.k8s.io", "endpointslices"))) {
            threads.add(Thread.ofVirtual().name("routes to api services").start(() -> follow(cause, this::hurry)));
        }
    }

    /** Whether those that were there at the start are known. */
    boolean isLoaded() {
        return loaded;
    }

    /** The server of a group and version; null if it is this one, or nobody. */
    @Nullable
    AggregatedServer find(String name) {
        return servers.get(name);
    }

    /** Whether it has said of itself that it can be used. */
    boolean isAvailable(AggregatedServer server) throws InterruptedException {
        CacheEntry entry =
                parts.rest().cache(resource).snapshot().get("", server.service().name());
        return entry != null && Availability.isAvailable(entry.tree());
    }

    private interface Changes {
        /** @param first whether these are all that there are */
        void take(List<WatchItem.Change> changes, boolean first);
    }

    private void follow(Resource followed, Changes taker) {
        try {
            while (!closed) {
                try (CacheWatch watch = parts.rest().cache(followed).watch(WatchRequest.FROM_NOW.withInitial(true))) {
                    follow(watch, taker);
                } catch (ApiException e) {
                    log.info("{}: {}; again in a moment", followed, e.message());
                } catch (RuntimeException | Error e) {
                    // Nobody else follows them.
                    log.error("{}: what is made of it is not up to date; again in a moment", followed, e);
                }
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private void follow(CacheWatch watch, Changes taker) throws InterruptedException {
        List<WatchItem.Change> initial = new ArrayList<>();
        WatchItem item = watch.next(LOOK);
        while (item instanceof WatchItem.Change change) {
            initial.add(change);
            item = watch.next(LOOK);
        }
        taker.take(initial, true);
        while (!(item instanceof WatchItem.End) && !closed) {
            if (item instanceof WatchItem.Change change) {
                taker.take(List.of(change), false);
            }
            item = watch.next(LOOK);
        }
    }

    private void take(List<WatchItem.Change> changes, boolean first) {
        Map<String, AggregatedServer> next = new HashMap<>(servers);
        Set<String> gone = first ? new HashSet<>(next.keySet()) : new HashSet<>();
        List<AggregatedServer> begun = new ArrayList<>();
        for (WatchItem.Change change : changes) {
            ObjectNode object = change.entry().tree();
            String name = ObjectMeta.name(object);
            ApiService wanted = change.type() == WatchItem.Type.DELETED ? null : ApiService.of(object);
            AggregatedServer known = next.get(name);
            if (wanted == null) {
                gone.add(name);
            } else if (known != null && known.service().equals(wanted)) {
                gone.remove(name);
            } else {
                gone.remove(name);
                AggregatedServer made = made(wanted, next.size());
                if (known != null) {
                    known.close();
                    next.remove(name);
                }
                if (made != null) {
                    next.put(name, made);
                    begun.add(made);
                }
            }
        }
        for (String name : gone) {
            AggregatedServer leaving = next.remove(name);
            if (leaving != null) {
                leaving.close();
            }
        }
        if (!next.equals(servers)) {
            servers = Map.copyOf(next);
            number.incrementAndGet();
        }
        begun.forEach(AggregatedServer::start);
        loaded = true;
    }

    private @Nullable AggregatedServer made(ApiService wanted, int others) {
        if (others >= SERVERS_MAX) {
            log.warn("{} is not reached: there are more than {} aggregated API servers", wanted.name(), SERVERS_MAX);
            return null;
        }
        try {
            return new AggregatedServer(wanted, parts, resource, number::incrementAndGet);
        } catch (IOException e) {
            log.warn("{} is not reached: {}", wanted.name(), e.getMessage());
            return null;
        }
    }

    /** Has those looked at whose Service has changed, or what stands behind it. */
    private void hurry(List<WatchItem.Change> changes, boolean first) {
        if (first || servers.isEmpty()) {
            return;
        }
        for (WatchItem.Change change : changes) {
            CacheEntry entry = change.entry();
            String service = ObjectMeta.labels(entry.tree()).getOrDefault("kubernetes.io/service-name", entry.name());
            for (AggregatedServer server : servers.values()) {
                ServicePort place = server.service().server();
                if (place.namespace().equals(entry.namespace()) && place.name().equals(service)) {
                    server.hurry();
                }
            }
        }
    }

    @Override
    public long number() {
        return number.get();
    }

    @Override
    public List<AggregatedVersion> versions() {
        List<AggregatedVersion> versions = new ArrayList<>();
        for (AggregatedServer server : servers.values()) {
            ApiService service = server.service();
            versions.add(new AggregatedVersion(
                    service.group(),
                    service.version(),
                    service.groupPriority(),
                    service.versionPriority(),
                    server.documents().resources(),
                    server.fresh()));
        }
        return versions;
    }

    @Override
    public Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (AggregatedServer server : servers.values()) {
            if (!server.documents().openApi().isEmpty()) {
                addresses.put(
                        server.service().path().substring(1), server.documents().openApi());
            }
        }
        return addresses;
    }

    @Override
    public @Nullable ApiResponse answer(ApiRequest request, String name) {
        for (AggregatedServer server : servers.values()) {
            ApiService service = server.service();
            if (service.path().substring(1).equals(name)
                    && !server.documents().openApi().isEmpty()) {
                return openApi(request, server);
            }
        }
        return null;
    }

    private static ApiResponse openApi(ApiRequest request, AggregatedServer server) {
        try {
            return server.caller()
                    .forward(request, IdentityHeaders.SELF, server.documents().openApi(), false);
        } catch (UnavailableException e) {
            return RemoteCaller.unavailable("service unavailable");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return RemoteCaller.unavailable("service unavailable");
        }
    }

    @Override
    public List<ObjectNode> swaggers() {
        List<ObjectNode> swaggers = new ArrayList<>();
        for (AggregatedServer server : servers.values()) {
            ObjectNode swagger = server.documents().swagger();
            if (swagger != null) {
                swaggers.add(swagger);
            }
        }
        return swaggers;
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        servers.values().forEach(AggregatedServer::close);
    }
}
