package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an {@code APIService} for every group and version that this server serves itself, so that all that is served can be
 * listed in one place. Objects that somebody else has made are left alone; those of custom kinds go when they do.
 */
final class Registration implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Registration.class);
    private static final String MANAGED = "kube-aggregator.kubernetes.io/automanaged";
    private static final String ON_START = "onstart";
    private static final String ALWAYS = "true";
    private static final Duration ROUND = Duration.ofMinutes(1);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final RestApi rest;
    private final ResourceRegistry registry;
    private final Resource resource;
    private final Semaphore changes = new Semaphore(0);
    private final Thread thread;
    private volatile boolean complete;

    Registration(RestApi rest, ResourceRegistry registry) {
        this.rest = rest;
        this.registry = registry;
        this.resource = rest.resource("apiregistration.k8s.io", "apiservices");
        this.thread = Thread.ofVirtual().name("registration").unstarted(this::keep);
    }

    void start() {
        registry.onChange(changes::release);
        thread.start();
    }

    /** Whether it goes on. */
    boolean isBegun() {
        return thread.isAlive();
    }

    /** Whether everything that was served at the start is registered. */
    boolean isComplete() {
        return complete;
    }

    private void keep() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Duration pause = round() ? ROUND : RETRY;
                if (changes.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS)) {
                    var _ = changes.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether everything is as it should be. */
    private boolean round() throws InterruptedException {
        try {
            Map<String, ObjectNode> wanted = wanted(registry.current());
            for (ObjectNode there : rest.all("apiregistration.k8s.io", "apiservices", "")) {
                settle(there, wanted.remove(ObjectMeta.name(there)));
            }
            for (ObjectNode missing : wanted.values()) {
                create(missing);
            }
            complete = true;
            return true;
        } catch (ApiException e) {
            log.info("{}: {}; again in a moment", resource, e.message());
            return false;
        } catch (RuntimeException | Error e) {
            // Nobody else does it.
            log.error("{}: not as it should be; again in a moment", resource, e);
            return false;
        }
    }

    private static Map<String, ObjectNode> wanted(ResourceRegistry.Snapshot snapshot) {
        Map<String, ObjectNode> wanted = new LinkedHashMap<>();
        for (Resource served : snapshot.resources()) {
            for (ServedVersion version : served.versions()) {
                String group = served.name().group();
                String name = version.version() + "." + group;
                Priorities.Priority priority = served.custom() ? Priorities.CUSTOM : Priorities.of(name);
                if (priority != null) {
                    wanted.computeIfAbsent(
                            name,
                            _ -> object(name, group, version.version(), priority, served.custom() ? ALWAYS : ON_START));
                }
            }
        }
        return wanted;
    }

    private static ObjectNode object(
            String name, String group, String version, Priorities.Priority priority, String managed) {
        ObjectNode object =
                Json.object().put("apiVersion", "apiregistration.k8s.io/v1").put("kind", "APIService");
        object.putObject("metadata").put("name", name).putObject("labels").put(MANAGED, managed);
        ObjectNode spec = object.putObject("spec");
        if (!group.isEmpty()) {
            spec.put("group", group);
        }
        spec.put("version", version)
                .put("groupPriorityMinimum", priority.group())
                .put("versionPriority", priority.version());
        return object;
    }

    private void settle(ObjectNode there, @Nullable ObjectNode wanted) throws InterruptedException {
        String managed = ObjectMeta.labels(there).getOrDefault(MANAGED, "");
        boolean ours = managed.equals(ALWAYS) || managed.equals(ON_START);
        if (!ours) {
            return;
        }
        if (wanted == null) {
            if (managed.equals(ALWAYS)) {
                rest.delete(resource, "", ObjectMeta.name(there));
            }
            return;
        }
        JsonNode spec = there.path("spec");
        JsonNode due = wanted.path("spec");
        boolean right = spec.path("groupPriorityMinimum").asInt()
                        == due.path("groupPriorityMinimum").asInt()
                && spec.path("versionPriority").asInt()
                        == due.path("versionPriority").asInt()
                && !spec.path("service").isObject();
        if (!right) {
            var _ = rest.update(resource, "", ObjectMeta.name(there), object -> {
                object.set("spec", due.deepCopy());
                return object;
            });
        }
    }

    private void create(ObjectNode missing) throws InterruptedException {
        try {
            var _ = rest.create(resource, missing);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
