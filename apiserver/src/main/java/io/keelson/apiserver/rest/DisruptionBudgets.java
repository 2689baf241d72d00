package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.Subresource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks the disruption budget of a pod whether it may be evicted. Permission is taken from the budget at once, and who it was
 * given for is written down there, so that two who ask at the same time do not both get the last one.
 */
final class DisruptionBudgets {
    static final GroupResource BUDGETS = new GroupResource("policy", "poddisruptionbudgets");

    /** As errors name it. */
    private static final GroupResource BUDGET = new GroupResource("policy", "poddisruptionbudget");

    private static final String REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";
    private static final String CAUSE = "DisruptionBudget";
    private static final String CONDITION = "DisruptionAllowed";
    private static final String OWN_FIELD_MANAGER = "kube-apiserver";
    private static final int RETRY_SECONDS = 10;

    /** More evictions than this that the budget's controller has not seen yet are not allowed. */
    private static final int DISRUPTED_MAX = 2_000;

    private final ResourceRegistry registry;
    private final ResourceHandler.OpenCaches caches;
    private final Backend backend;
    private final Update update;

    /**
     * What came of asking.
     *
     * @param budget its name; empty if the pod has none
     * @param onlyAsItIs whether permission is for the pod as it was found, not ready, and for no later state of it
     */
    record Permission(String budget, boolean onlyAsItIs) {}

    DisruptionBudgets(ResourceRegistry registry, ResourceHandler.OpenCaches caches, Backend backend) {
        this.registry = registry;
        this.caches = caches;
        this.backend = backend;
        this.update = new Update(backend.withoutAdmission(), ContentCheck.NONE);
    }

    /**
     * Asks for permission.
     *
     * @param eviction of which pod, and whether it is only tried
     * @throws ApiException TooManyRequests if the budget does not allow it, or does not allow it yet
     */
    Permission ask(Write eviction, ObjectNode pod) throws InterruptedException {
        Resource resource = registry.current().find(BUDGETS);
        if (resource == null) {
            return new Permission("", false);
        }
        List<ObjectNode> budgets = of(resource, pod);
        if (budgets.isEmpty()) {
            return new Permission("", false);
        }
        if (budgets.size() > 1) {
            throw ApiException.of(
                    Reason.UNKNOWN,
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
        }
        ObjectNode budget = budgets.getFirst();
        String name = ObjectMeta.name(budget);
        if (!isReady(pod) && allowsWhatIsNotReady(budget)) {
            return new Permission(name, true);
        }
        take(resource, eviction, name);
        return new Permission(name, false);
    }

    private List<ObjectNode> of(Resource resource, ObjectNode pod) throws InterruptedException {
        List<ObjectNode> found = new ArrayList<>();
        Iterator<CacheEntry> all = caches.of(resource).consistentSnapshot().iterator(ObjectMeta.namespace(pod), "");
        while (all.hasNext()) {
            ObjectNode budget = all.next().tree();
            if (selects(budget.path("spec").get("selector"), pod)) {
                found.add(budget);
            }
        }
        return found;
    }

    private static boolean selects(@Nullable JsonNode selector, ObjectNode pod) {
        try {
            return LabelSelector.of(selector).matches(ObjectMeta.labels(pod));
        } catch (MalformedException e) {
            // It was stored in spite of that, and chooses nothing.
            return false;
        }
    }

    private static boolean isReady(ObjectNode pod) {
        for (JsonNode condition : pod.path("status").path("conditions")) {
            if (condition.path("type").asText("").equals("Ready")) {
                return condition.path("status").asText("").equals("True");
            }
        }
        return false;
    }

    private static boolean allowsWhatIsNotReady(ObjectNode budget) {
        if (budget.path("spec").path("unhealthyPodEvictionPolicy").asText("").equals("AlwaysAllow")) {
            return true;
        }
        long desired = budget.path("status").path("desiredHealthy").asLong();
        return desired > 0 && budget.path("status").path("currentHealthy").asLong() >= desired;
    }

    private void take(Resource resource, Write eviction, String name) throws InterruptedException {
        Write write = new Write(
                resource,
                resource.versions().getFirst(),
                "",
                Subresource.STATUS,
                eviction.namespace(),
                name,
                UserInfo.LOOPBACK,
                eviction.dryRun(),
                OWN_FIELD_MANAGER,
                Json.object(),
                new ArrayList<>(),
                new HashMap<>(),
                backend.clock().instant());
        var managers = Part.of(resource, Subresource.STATUS).managers(write, backend.clock());
        Update.Updated updated;
        try {
            updated = update.update(write, Part.UNRULED, Preconditions.NONE, old -> {
                ObjectNode less = withOneLess(old, eviction.name(), write.now());
                String version = write.version().version();
                ObjectNode managed = managers.update(
                        Versions.fromStorage(resource, old.deepCopy(), version),
                        Versions.fromStorage(resource, less, version),
                        OWN_FIELD_MANAGER);
                ObjectNode stored = Versions.toStorage(resource, managed, version);
                ObjectMeta.setResourceVersion(stored, "");
                return stored;
            });
        } catch (ApiException e) {
            if (e.reason() != Reason.CONFLICT) {
                throw e;
            }
            throw ApiException.of(
                    Reason.TIMEOUT,
                    "Timeout: couldn't update PodDisruptionBudget \"" + name + "\" due to conflicts",
                    StatusDetails.NONE.withRetryAfterSeconds(RETRY_SECONDS));
        }
        if (updated == null) {
            throw ApiException.notFound(BUDGETS, name);
        }
    }

    /** The budget after one more disruption. */
    private static ObjectNode withOneLess(ObjectNode old, String pod, Instant now) {
        requireOne(old);
        ObjectNode budget = old.deepCopy();
        ObjectNode status = Fill.object(budget, "status");
        long left = status.path("disruptionsAllowed").asLong() - 1;
        status.put("disruptionsAllowed", left);
        Fill.object(status, "disruptedPods").put(pod, Timestamps.seconds(now));
        if (left == 0) {
            insufficient(status, now);
        }
        return budget;
    }

    private static void requireOne(ObjectNode budget) {
        String name = ObjectMeta.name(budget);
        JsonNode status = budget.path("status");
        if (status.path("observedGeneration").asLong() < ObjectMeta.generation(budget)) {
            throw stillProcessed(name);
        }
        long allowed = status.path("disruptionsAllowed").asLong();
        if (allowed < 0) {
            throw ApiException.forbidden(BUDGET, name, "pdb disruptions allowed is negative");
        }
        if (status.path("disruptedPods").size() > DISRUPTED_MAX) {
            throw ApiException.forbidden(
                    BUDGET, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
        }
        if (allowed == 0) {
            throw refusal("The disruption budget " + name + " " + why(status), 0);
        }
    }

    private static String why(JsonNode status) {
        long desired = status.path("desiredHealthy").asLong();
        long current = status.path("currentHealthy").asLong();
        JsonNode condition = condition(status);
        String message = condition.path("message").asText("");
        String reason = condition.path("reason").asText("");
        boolean told = condition.path("status").asText("").equals("False") && !message.isEmpty();
        if (told && reason.equals("SyncFailed")) {
            return "does not allow evicting pods currently because it failed sync: " + message;
        }
        if (current <= desired) {
            return "needs " + desired + " healthy pods and has " + current + " currently";
        }
        return "does not allow evicting pods currently" + (told ? " (" + reason + "): " + message : "");
    }

    private static JsonNode condition(JsonNode status) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText("").equals(CONDITION)) {
                return condition;
            }
        }
        return Json.object();
    }

    private static void insufficient(ObjectNode status, Instant now) {
        ObjectNode condition = Json.object();
        condition.put("type", CONDITION).put("status", "False");
        long generation = status.path("observedGeneration").asLong();
        if (generation > 0) {
            condition.put("observedGeneration", generation);
        }
        JsonNode before = condition(status);
        boolean stays = before.path("status").asText("").equals("False");
        condition.put(
                "lastTransitionTime", stays ? before.path("lastTransitionTime").asText() : Timestamps.seconds(now));
        condition.put("reason", "InsufficientPods").put("message", "");
        ArrayNode conditions = Fill.list(status, "conditions");
        for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).path("type").asText("").equals(CONDITION)) {
                conditions.set(i, condition);
                return;
            }
        }
        conditions.add(condition);
    }

    /** The budget has changed and nobody has counted yet, or the pod has. */
    static ApiException stillProcessed(String budget) {
        return refusal("The disruption budget " + budget + " is still being processed by the server.", RETRY_SECONDS);
    }

    private static ApiException refusal(String cause, int retrySeconds) {
        return ApiException.of(
                Reason.TOO_MANY_REQUESTS,
                REFUSAL,
                StatusDetails.NONE
                        .withRetryAfterSeconds(retrySeconds)
                        .withCauses(List.of(new StatusCause(CAUSE, cause, ""))));
    }
}
