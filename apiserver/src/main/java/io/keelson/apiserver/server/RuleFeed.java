package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Escalation;
import io.keelson.apiserver.authz.PolicyRule;
import io.keelson.apiserver.authz.RoleRef;
import io.keelson.apiserver.authz.RuleIndex;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.rest.RestApi;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Keeps the index of roles and bindings as the caches of those kinds are; and who grants by it. */
final class RuleFeed implements AutoCloseable {
    private static final String GROUP = "rbac.authorization.k8s.io";
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
        RESOURCES.forEach((kind, name) -> follower.follow(rest.resource(GROUP, name), new Rules(kind)));
    }

    /** Keeps users from granting what they do not have by this index. */
    Escalation escalation(Authorizer authorizer) {
        return new Escalation(index, authorizer, this::now);
    }

    private @Nullable List<PolicyRule> now(RoleRef role, String namespace) throws InterruptedException {
        boolean clusterWide = role.kind().equals(RoleRef.CLUSTER_ROLE);
        if (!clusterWide && namespace.isEmpty()) {
            return null;
        }
        ObjectNode there = rest.read(
                rest.resource(GROUP, clusterWide ? "clusterroles" : "roles"),
                clusterWide ? "" : namespace,
                role.name());
        return there == null ? null : PolicyRule.rulesOf(there);
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
