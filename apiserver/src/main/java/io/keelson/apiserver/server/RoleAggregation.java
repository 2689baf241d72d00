package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.PolicyRule;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives ClusterRoles with an {@code aggregationRule} the rules that they collect ({@link AggregatedRoles}), a moment after
 * any ClusterRole has changed. They are applied by the field manager that a kube-controller-manager uses for the same, so it
 * does not matter which of the two comes first, nor how many servers do it: whoever finds the rules as they should be writes
 * nothing.
 */
final class RoleAggregation implements AutoCloseable {
    static final String FIELD_MANAGER = "clusterrole-aggregation-controller";

    private static final Logger log = LoggerFactory.getLogger(RoleAggregation.class);

    private static final String GROUP = "rbac.authorization.k8s.io";
    /** So that roles that come one after the other are looked at together. */
    private static final long GATHERING_MS = 50;

    private static final long AGAIN_MS = 1_000;

    private final RestApi rest;
    private final Resource roles;
    private final CacheFollower follower;
    private final Semaphore changed = new Semaphore(0);
    private final Thread thread =
            Thread.ofVirtual().name("aggregation of roles").unstarted(this::run);

    RoleAggregation(RestApi rest) {
        this.rest = rest;
        this.roles = rest.resource(GROUP, "clusterroles");
        this.follower = new CacheFollower(rest);
    }

    /** Does it once, and goes on with it whenever roles change. */
    void start() throws InterruptedException {
        try {
            round();
        } catch (ApiException e) {
            // The follower begins with a round of its own.
            log.info("aggregated ClusterRoles are not up to date: {}", e.message());
        }
        follower.follow(roles, new Changes());
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                changed.acquire();
                Thread.sleep(GATHERING_MS);
                changed.drainPermits();
                try {
                    round();
                } catch (ApiException e) {
                    log.info("aggregated ClusterRoles are not up to date: {}; again in a moment", e.message());
                    again();
                } catch (RuntimeException | Error e) {
                    log.warn("aggregated ClusterRoles are not up to date; again in a moment", e);
                    again();
                }
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    private void again() throws InterruptedException {
        Thread.sleep(AGAIN_MS);
        changed.release();
    }

    /**
     * Looks at all roles as they are now, and writes those that are not as they should be. What is written is not older than
     * the round, so servers that take turns do not take back each other's work.
     */
    void round() throws InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        rest.cache(roles).consistentSnapshot().iterator("", "").forEachRemaining(entry -> all.add(entry.tree()));
        List<Together.Task> tasks = new ArrayList<>();
        AggregatedRoles.changed(all).forEach((name, rules) -> tasks.add(() -> apply(name, rules)));
        Together.run(tasks);
    }

    private void apply(String name, List<PolicyRule> rules) throws InterruptedException {
        var _ = rest.apply(roles, FIELD_MANAGER, "", name, now -> configuration(now, rules));
    }

    /** What is applied to a role as it is now; null if there is nothing to do. */
    private static @Nullable ObjectNode configuration(ObjectNode now, List<PolicyRule> rules) {
        if (!AggregatedRoles.collects(now) || PolicyRule.rulesOf(now).equals(rules)) {
            return null;
        }
        ObjectNode configuration =
                Json.object().put("apiVersion", GROUP + "/v1").put("kind", "ClusterRole");
        ObjectMeta.setName(configuration, ObjectMeta.name(now));
        ArrayNode list = configuration.putArray("rules");
        rules.forEach(rule -> list.add(rule.toTree()));
        return configuration;
    }

    private final class Changes implements CacheFollower.Follower {
        @Override
        public void replace(List<CacheEntry> all) {
            changed.release();
        }

        @Override
        public void put(CacheEntry entry) {
            changed.release();
        }

        @Override
        public void remove(CacheEntry entry) {
            changed.release();
        }
    }

    @Override
    public void close() {
        follower.close();
        thread.interrupt();
    }
}
