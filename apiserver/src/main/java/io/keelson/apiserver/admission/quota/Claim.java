package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.pod.PodAmounts;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A write that needs something of what quotas limit. Asked by any thread, one after the other. */
final class Claim {
    private final AdmissionRequest request;
    private final Evaluator evaluator;
    private final ObjectNode object;
    private final @Nullable ObjectNode old;
    private final Map<String, Quantity> usage;

    Claim(AdmissionRequest request, Evaluator evaluator, ObjectNode object) {
        this.request = request;
        this.evaluator = evaluator;
        this.object = object;
        this.old = request.old();
        this.usage = evaluator.usage(object);
        List<String> negative = usage.entrySet().stream()
                .filter(entry -> entry.getValue().signum() < 0)
                .map(Map.Entry::getKey)
                .toList();
        if (!negative.isEmpty()) {
            throw request.forbidden("quota usage is negative for resource(s): " + String.join(",", negative));
        }
    }

    /** Whether the write needs anything that a quota limits, as far as one can see; what it needs is found out later. */
    boolean mayConcern(ObjectNode quota) {
        try {
            return !needs(quota).isEmpty();
        } catch (ApiException e) {
            return true;
        }
    }

    /**
     * What the write needs in addition of what a quota limits; nothing if the quota is not about it.
     *
     * @throws ApiException if the object does not say what it has to, or nobody has counted yet what is used
     */
    Map<String, Quantity> needs(ObjectNode quota) {
        Map<String, Quantity> hard = hard(quota);
        Set<String> limited = new TreeSet<>(hard.keySet());
        limited.removeIf(name -> !evaluator.uses(name));
        List<QuotaScope> scopes = QuotaScope.of(quota);
        if (limited.isEmpty() || !isIn(scopes, object)) {
            return Map.of();
        }
        String name = ObjectMeta.name(quota);
        String missing = evaluator.missing(limited, object);
        if (missing != null) {
            throw request.forbidden("failed quota: " + name + ": " + missing);
        }
        if (!used(quota).keySet().containsAll(limited)) {
            throw request.forbidden("status unknown for quota: " + name + ", resources: " + String.join(",", limited));
        }
        ObjectNode before = old;
        Map<String, Quantity> needed =
                before != null && isIn(scopes, before) ? Amounts.growth(usage, evaluator.usage(before)) : usage;
        return Amounts.of(needed, hard.keySet());
    }

    /**
     * Refuses the write if it uses what may be used only where a quota covers it, and none does.
     *
     * @param limited what that is, for objects of this kind
     * @param quotas of the namespace
     */
    void requireCovered(List<LimitedResource> limited, List<ObjectNode> quotas) {
        Set<String> uncovered = new TreeSet<>();
        usage.forEach((name, amount) -> {
            if (amount.signum() > 0
                    && limited.stream()
                            .anyMatch(some -> some.matchContains().stream().anyMatch(name::contains))) {
                uncovered.add(name);
            }
        });
        Set<String> coveredScopes = new HashSet<>();
        for (ObjectNode quota : quotas) {
            List<QuotaScope> scopes = QuotaScope.of(quota);
            scopes.stream()
                    .filter(scope -> evaluator.isIn(scope, object))
                    .forEach(scope -> coveredScopes.add(scope.name()));
            if (isIn(scopes, object)) {
                uncovered.removeIf(name -> evaluator.uses(name) && hard(quota).containsKey(name));
            }
        }
        if (!uncovered.isEmpty()) {
            throw request.forbidden("insufficient quota to consume: " + String.join(",", uncovered));
        }
        List<QuotaScope> uncoveredScopes = limited.stream()
                .flatMap(some -> some.scopes().stream())
                .filter(scope -> evaluator.isIn(scope, object) && !coveredScopes.contains(scope.name()))
                .toList();
        if (!uncoveredScopes.isEmpty()) {
            throw request.forbidden("insufficient quota to match these scopes: "
                    + uncoveredScopes.stream().map(QuotaScope::toString).collect(Collectors.joining(" ", "[", "]")));
        }
    }

    private boolean isIn(List<QuotaScope> scopes, JsonNode what) {
        return scopes.stream().allMatch(scope -> evaluator.isIn(scope, what));
    }

    /**
     * What is used if the write gets what it needs.
     *
     * @param used so far
     * @throws ApiException if that would be more than the quota allows
     */
    Map<String, Quantity> granted(ObjectNode quota, Map<String, Quantity> used, Map<String, Quantity> needed) {
        Map<String, Quantity> hard = hard(quota);
        Map<String, Quantity> sum = Amounts.sum(used, needed);
        Set<String> exceeded = new TreeSet<>(needed.keySet());
        exceeded.removeIf(
                name -> sum.getOrDefault(name, Quantity.ZERO).compareTo(hard.getOrDefault(name, Quantity.ZERO)) <= 0);
        // What a status reports has happened.
        if (!exceeded.isEmpty() && !request.subresource().equals("status")) {
            throw request.forbidden("exceeded quota: " + ObjectMeta.name(quota) + ", requested: "
                    + Amounts.text(needed, exceeded) + ", used: " + Amounts.text(used, exceeded) + ", limited: "
                    + Amounts.text(hard, exceeded));
        }
        return sum;
    }

    private static Map<String, Quantity> hard(ObjectNode quota) {
        return PodAmounts.list(quota.path("status").path("hard"));
    }

    static Map<String, Quantity> used(ObjectNode quota) {
        return PodAmounts.list(quota.path("status").path("used"));
    }
}
