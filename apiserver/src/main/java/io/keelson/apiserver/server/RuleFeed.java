package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.rest.RestApi;
import java.util.List;
import java.util.Map;

/** Keeps the index of roles and bindings as the caches of those kinds are. */
final class RuleFeed implements AutoCloseable {
    private static final Map<RuleIndex.Kind, String> RESOURCES = Map.of(
            RuleIndex.Kind.ROLE, "roles",
            RuleIndex.Kind.CLUSTER_ROLE, "clusterroles",
            RuleIndex.Kind.ROLE_BINDING, "rolebindings",
            RuleIndex.Kind.CLUSTER_ROLE_BINDING, "clusterrolebindings");

    private final RestApi rest;
    private final RuleIndex index;
    private final CacheFollower follower;

    RuleFeed(RestApi rest, RuleIndex index) {
        this.rest = rest;
        this.index = index;
        this.follower = new CacheFollower(rest);
    }

    void start() {
        RESOURCES.forEach(
                (kind, name) -> follower.follow(rest.resource("rbac.authorization.k8s.io", name), new Rules(kind)));
    }

    /** Whether the index has everything that was there at the start. */
    boolean isLoaded() {
        return follower.isLoaded();
    }

    private final class Rules implements CacheFollower.Follower {
        private final RuleIndex.Kind kind;

        Rules(RuleIndex.Kind kind) {
            this.kind = kind;
        }

        @Override
        public void replace(List<CacheEntry> all) {
            index.replace(kind, all.stream().map(CacheEntry::tree).toList());
        }

        @Override
        public void put(CacheEntry entry) {
            index.put(kind, entry.tree());
        }

        @Override
        public void remove(CacheEntry entry) {
            index.remove(kind, entry.namespace(), entry.name());
        }
    }

    @Override
    public void close() {
        follower.close();
    }
}
