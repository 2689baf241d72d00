package io.keelson.apiserver.aggregation;

import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.proxy.Backends;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.routing.ServiceRouting;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One API server behind this one, for one group and version: a thread looks from time to time whether it is there and what
 * it serves, and says so in the status of its {@code APIService}. Lives until that changes or goes.
 */
final class AggregatedServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AggregatedServer.class);
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration RETRY_FIRST = Duration.ofMillis(500);
    /** A server that starts on a busy machine is found soon after. */
    private static final Duration RETRY_MAX = Duration.ofSeconds(4);

    private final ApiService service;
    private final RemoteCaller caller;
    private final ServiceCheck check;
    private final RestApi rest;
    private final Resource resource;
    private final AvailabilityMetrics metrics;
    private final InstantSource clock;
    private final Runnable changed;
    private final Semaphore hurry = new Semaphore(0);
    private final Thread thread;
    private volatile RemoteDocuments documents = RemoteDocuments.NONE;
    private volatile boolean fresh;
    private volatile boolean closed;

    /** What all of them have in common. */
    record Parts(
            RestApi rest,
            ServiceRouting routing,
            Backends backends,
            Credential shown,
            AvailabilityMetrics metrics,
            InstantSource clock) {}

    /**
     * @param changed called when it serves something else than before
     * @throws IOException if the certificates of the service cannot be used
     */
    AggregatedServer(ApiService service, Parts parts, Resource resource, Runnable changed) throws IOException {
        this.service = service;
        this.check = new ServiceCheck(parts.rest());
        this.caller = new RemoteCaller(service, parts.routing(), parts.backends(), parts.shown());
        this.rest = parts.rest();
        this.resource = resource;
        this.metrics = parts.metrics();
        this.clock = parts.clock();
        this.changed = changed;
        this.thread = Thread.ofVirtual().name("api service " + service.name()).unstarted(this::look);
    }

    void start() {
        thread.start();
    }

    ApiService service() {
        return service;
    }

    RemoteCaller caller() {
        return caller;
    }

    RemoteDocuments documents() {
        return documents;
    }

    /** Whether the documents are what it has said at the last look. */
    boolean fresh() {
        return fresh;
    }

    /** Has it looked at now: something has changed that matters to it. */
    void hurry() {
        hurry.release();
    }

    private void look() {
        Duration retry = RETRY_FIRST;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                boolean available = round();
                boolean hurried = hurry.tryAcquire((available ? LOOK : retry).toNanos(), TimeUnit.NANOSECONDS);
                if (hurried) {
                    var _ = hurry.drainPermits();
                }
                Duration later = retry.multipliedBy(2);
                retry = available || hurried ? RETRY_FIRST : later.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : later;
            }
        } catch (InterruptedException e) {
            // It is not wanted any more.
            Thread.currentThread().interrupt();
        }
    }

    private boolean round() throws InterruptedException {
        try {
            Availability found = Availability.of(service, check, caller);
            if (found.available()) {
                RemoteDocuments now = RemoteDocuments.of(service, caller);
                boolean other = !now.equals(documents) || !fresh;
                documents = now;
                fresh = true;
                if (other) {
                    changed.run();
                }
            } else if (fresh) {
                fresh = false;
                changed.run();
            }
            // Said last: who reads that it is available finds all of it.
            AtomicBoolean before = new AtomicBoolean();
            var _ = rest.adjust(resource, "", service.name(), object -> {
                before.set(Availability.isAvailable(object));
                // Of where the server was before, nothing is said once it is looked for elsewhere.
                return closed ? object : found.in(object, clock.instant());
            });
            if (before.get() && !found.available()) {
                metrics.lost(service.name(), found.reason());
            }
            return found.available();
        } catch (ApiException e) {
            log.info("{}: {}; again in a moment", service.name(), e.message());
            return false;
        } catch (RuntimeException | Error e) {
            // Nobody else looks whether it is available.
            log.error("{}: could not be checked; again in a moment", service.name(), e);
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
