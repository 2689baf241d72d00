package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.policy.TypeChecking;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import java.util.List;

/**
 * Tells ValidatingAdmissionPolicies which of their expressions do not fit the kinds they are for: in {@code
 * status.typeChecking}, once for every generation. With a kube-controller-manager beside it, or several servers, whoever comes
 * first does it.
 */
final class PolicyStatus implements AutoCloseable {
    private final RestApi rest;
    private final ResourceRegistry registry;
    private final Resource policies;
    private final CacheFollower follower;

    PolicyStatus(RestApi rest, ResourceRegistry registry) {
        this.rest = rest;
        this.registry = registry;
        this.policies = rest.resource("admissionregistration.k8s.io", "validatingadmissionpolicies");
        this.follower = new CacheFollower(rest);
    }

    void start() {
        follower.follow(policies, new CacheFollower.Follower() {
            @Override
            public void replace(List<CacheEntry> all) throws InterruptedException {
                for (CacheEntry entry : all) {
                    put(entry);
                }
            }

            @Override
            public void put(CacheEntry entry) throws InterruptedException {
                ObjectNode policy = entry.tree();
                if (!isChecked(policy, ObjectMeta.generation(policy))) {
                    check(policy);
                }
            }

            @Override
            public void remove(CacheEntry entry) {
                // Takes its status along.
            }
        });
    }

    private static boolean isChecked(ObjectNode policy, long generation) {
        return policy.path("status").path("observedGeneration").asLong() >= generation;
    }

    private void check(ObjectNode policy) throws InterruptedException {
        long generation = ObjectMeta.generation(policy);
        ArrayNode warnings = new TypeChecking(registry.current().resources()).warnings(policy);
        var _ = rest.adjust(policies, "", ObjectMeta.name(policy), now -> {
            // A later generation may have been seen to meanwhile, and another policy may have the name by now.
            if (ObjectMeta.uid(now).equals(ObjectMeta.uid(policy)) && !isChecked(now, generation)) {
                ObjectNode status = Fill.object(now, "status");
                status.put("observedGeneration", generation);
                ObjectNode checked = status.putObject("typeChecking");
                if (!warnings.isEmpty()) {
                    checked.set("expressionWarnings", warnings);
                }
            }
            return now;
        });
    }

    @Override
    public void close() {
        follower.close();
    }
}
