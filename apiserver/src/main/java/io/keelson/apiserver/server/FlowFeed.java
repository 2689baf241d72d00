package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.fairness.FlowControl;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps flow control as the caches of priority levels and flow schemas are, and tells in the status of a flow schema whether
 * there is the level that it names. Those without which nothing works stand in for themselves until they are there.
 */
final class FlowFeed implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FlowFeed.class);

    private static final String GROUP = "flowcontrol.apiserver.k8s.io";
    private static final long PAUSE_MS = 200;
    private static final String DANGLING = "Dangling";

    private final RestApi rest;
    private final FlowControl control;
    private final InstantSource clock;
    private final CacheFollower follower;
    private final Resource levelKind;
    private final Resource schemaKind;
    private final Semaphore changed = new Semaphore(0);
    private final Thread statuses =
            Thread.ofVirtual().name("statuses of flow schemas").unstarted(this::tellStatuses);
    private final Map<String, ObjectNode> levels = new TreeMap<>();
    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    FlowFeed(RestApi rest, FlowControl control, InstantSource clock) {
        this.rest = rest;
        this.control = control;
        this.clock = clock;
        this.follower = new CacheFollower(rest);
        this.levelKind = rest.resource(GROUP, "prioritylevelconfigurations");
        this.schemaKind = rest.resource(GROUP, "flowschemas");
    }

    void start() {
        configure();
        follower.follow(levelKind, new Objects(levels));
        follower.follow(schemaKind, new Objects(schemas));
        statuses.start();
    }

    /** Whether everything that was there at the start is known. */
    boolean isLoaded() {
        return follower.isLoaded();
    }

    private synchronized void configure() {
        control.configure(
                withMandatory(levels, FlowDefaults.mandatoryLevels()),
                withMandatory(schemas, FlowDefaults.mandatorySchemas()));
        changed.release();
    }

    private static List<ObjectNode> withMandatory(Map<String, ObjectNode> present, List<ObjectNode> mandatory) {
        List<ObjectNode> all = new ArrayList<>(present.values());
        for (ObjectNode one : mandatory) {
            if (!present.containsKey(ObjectMeta.name(one))) {
                all.add(one);
            }
        }
        return all;
    }

    /** Writes statuses that are not up to date, some time after something has changed. */
    private void tellStatuses() {
        try {
            while (true) {
                changed.acquire();
                Thread.sleep(PAUSE_MS);
                if (!isLoaded()) {
                    changed.release();
                    continue;
                }
                changed.drainPermits();
                try {
                    tellWhatDiffers();
                } catch (RuntimeException | Error e) {
                    // Nobody else writes them.
                    log.error("statuses of flow schemas are not up to date; again in a moment", e);
                    changed.release();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private void tellWhatDiffers() throws InterruptedException {
        List<ObjectNode> all;
        synchronized (this) {
            all = List.copyOf(schemas.values());
        }
        for (ObjectNode schema : all) {
            if (differs(schema, condition(schema))) {
                tellStatus(ObjectMeta.name(schema));
            }
        }
    }

    private void tellStatus(String schema) throws InterruptedException {
        try {
            var _ = rest.adjust(schemaKind, "", schema, this::withCondition);
        } catch (RuntimeException e) {
            // It is tried again when anything changes.
            log.info("the status of flow schema {} is not up to date: {}", schema, e.getMessage());
        }
    }

    private ObjectNode condition(ObjectNode schema) {
        String level = schema.path("spec")
                .path("priorityLevelConfiguration")
                .path("name")
                .asText("");
        boolean found;
        synchronized (this) {
            found = withMandatory(levels, FlowDefaults.mandatoryLevels()).stream()
                    .anyMatch(one -> ObjectMeta.name(one).equals(level));
        }
        String start = "This FlowSchema references the PriorityLevelConfiguration object named \"" + level + "\"";
        return Json.object()
                .put("type", DANGLING)
                .put("status", found ? "False" : "True")
                .put("reason", found ? "Found" : "NotFound")
                .put("message", start + (found ? " and it exists" : " but there is no such object"));
    }

    private static boolean differs(ObjectNode schema, ObjectNode condition) {
        JsonNode present = present(schema);
        return present == null
                || !present.path("status").equals(condition.path("status"))
                || !present.path("message").equals(condition.path("message"));
    }

    private static @Nullable JsonNode present(ObjectNode schema) {
        for (JsonNode condition : schema.path("status").path("conditions")) {
            if (condition.path("type").asText("").equals(DANGLING)) {
                return condition;
            }
        }
        return null;
    }

    private ObjectNode withCondition(ObjectNode schema) {
        ObjectNode condition = condition(schema);
        JsonNode present = present(schema);
        if (!differs(schema, condition)) {
            return schema;
        }
        String since = present != null && present.path("status").equals(condition.path("status"))
                ? present.path("lastTransitionTime").asText("")
                : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        condition.put("lastTransitionTime", since);
        ObjectNode status = schema.withObject("/status");
        List<JsonNode> others = new ArrayList<>();
        status.path("conditions").forEach(one -> {
            if (!one.path("type").asText("").equals(DANGLING)) {
                others.add(one);
            }
        });
        status.putArray("conditions").addAll(others).add(condition);
        return schema;
    }

    private final class Objects implements CacheFollower.Follower {
        private final Map<String, ObjectNode> known;

        Objects(Map<String, ObjectNode> known) {
            this.known = known;
        }

        @Override
        public void replace(List<CacheEntry> all) {
            synchronized (FlowFeed.this) {
                known.clear();
                all.forEach(entry -> known.put(entry.name(), entry.tree()));
                configure();
            }
        }

        @Override
        public void put(CacheEntry entry) {
            synchronized (FlowFeed.this) {
                known.put(entry.name(), entry.tree());
                configure();
            }
        }

        @Override
        public void remove(CacheEntry entry) {
            synchronized (FlowFeed.this) {
                known.remove(entry.name());
                configure();
            }
        }
    }

    @Override
    public void close() {
        follower.close();
        statuses.interrupt();
    }
}
