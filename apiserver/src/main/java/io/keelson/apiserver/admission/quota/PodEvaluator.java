package io.keelson.apiserver.admission.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.kinds.pod.PodAmounts;
import io.keelson.apiserver.kinds.pod.QualityOfService;
import io.keelson.apiserver.kinds.pod.ResourceNames;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Quantity;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts pods and sums up what they request and may use at most. Those that have ended count as objects only. */
final class PodEvaluator implements Evaluator {
    private static final String COUNT = "count/pods";
    private static final String REQUESTS = "requests.";
    private static final String LIMITS = "limits.";
    private static final List<String> COMPUTED = List.of("cpu", "memory", "ephemeral-storage");

    /** What every container has to say if it is limited; of others, those that say nothing use nothing. */
    private static final Set<String> TO_BE_SAID =
            Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

    private final InstantSource clock;

    PodEvaluator(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean handles(AdmissionRequest request) {
        return switch (request.operation()) {
            case CREATE -> request.subresource().isEmpty();
            case UPDATE -> request.subresource().equals("resize");
            case DELETE, CONNECT -> false;
        };
    }

    @Override
    public Map<String, Quantity> usage(JsonNode pod) {
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put(COUNT, Amounts.ONE);
        if (!hasEnded(pod)) {
            usage.putAll(computed(PodAmounts.charged(pod), PodAmounts.chargedLimits(pod)));
        }
        return usage;
    }

    private static Map<String, Quantity> computed(Map<String, Quantity> requests, Map<String, Quantity> limits) {
        Map<String, Quantity> usage = new TreeMap<>();
        usage.put("pods", Amounts.ONE);
        requests.forEach((name, amount) -> {
            if (COMPUTED.contains(name) || ResourceNames.isHugePages(name)) {
                usage.put(name, amount);
                usage.put(REQUESTS + name, amount);
            } else if (ResourceNames.isExtended(name) || ResourceNames.isOfDeviceClass(name)) {
                usage.put(REQUESTS + name, amount);
            }
        });
        limits.forEach((name, amount) -> {
            if (COMPUTED.contains(name)) {
                usage.put(LIMITS + name, amount);
            }
        });
        return usage;
    }

    private boolean hasEnded(JsonNode pod) {
        String phase = pod.path("status").path("phase").asText();
        if (phase.equals("Failed") || phase.equals("Succeeded")) {
            return true;
        }
        Long grace = ObjectMeta.deletionGracePeriodSeconds(pod);
        if (!ObjectMeta.isBeingDeleted(pod) || grace == null) {
            return false;
        }
        try {
            return clock.instant()
                    .isAfter(Instant.parse(ObjectMeta.deletionTimestamp(pod)).plusSeconds(grace));
        } catch (DateTimeException e) {
            return false;
        }
    }

    @Override
    public boolean uses(String name) {
        if (name.equals(COUNT) || name.equals("pods") || COMPUTED.contains(name)) {
            return true;
        }
        if (name.startsWith(REQUESTS)) {
            String resource = name.substring(REQUESTS.length());
            return COMPUTED.contains(resource)
                    || ResourceNames.isHugePages(resource)
                    || ResourceNames.isOfDeviceClass(resource)
                    || !ResourceNames.isNative(name);
        }
        return ResourceNames.isHugePages(name)
                || (name.startsWith(LIMITS) && COMPUTED.contains(name.substring(LIMITS.length())));
    }

    @Override
    public boolean isIn(QuotaScope scope, JsonNode pod) {
        JsonNode spec = pod.path("spec");
        boolean terminating = spec.path("activeDeadlineSeconds").asLong(-1) >= 0;
        return switch (scope.name()) {
            case "Terminating" -> terminating;
            case "NotTerminating" -> !terminating;
            case "BestEffort" -> isBestEffort(spec);
            case "NotBestEffort" -> !isBestEffort(spec);
            case "PriorityClass" -> {
                String name = spec.path("priorityClassName").asText("");
                yield scope.picks(name.isEmpty() ? List.of() : List.of(name));
            }
            case "CrossNamespacePodAffinity" -> looksIntoOtherNamespaces(spec.path("affinity"));
            default -> false;
        };
    }

    private static boolean isBestEffort(JsonNode spec) {
        return QualityOfService.of(spec).equals("BestEffort");
    }

    private static boolean looksIntoOtherNamespaces(JsonNode affinity) {
        for (String kind : new String[] {"podAffinity", "podAntiAffinity"}) {
            for (JsonNode term : affinity.path(kind).path("requiredDuringSchedulingIgnoredDuringExecution")) {
                if (isOfOtherNamespaces(term)) {
                    return true;
                }
            }
            for (JsonNode weighted : affinity.path(kind).path("preferredDuringSchedulingIgnoredDuringExecution")) {
                if (isOfOtherNamespaces(weighted.path("podAffinityTerm"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isOfOtherNamespaces(JsonNode term) {
        return !term.path("namespaces").isEmpty() || term.hasNonNull("namespaceSelector");
    }

    @Override
    public @Nullable String missing(Set<String> limited, JsonNode pod) {
        Set<String> toBeSaid = new TreeSet<>(limited);
        toBeSaid.retainAll(TO_BE_SAID);
        JsonNode whole = pod.path("spec").path("resources");
        toBeSaid.removeAll(said(whole));
        Map<String, Set<String>> missing = new TreeMap<>();
        for (String list : List.of("containers", "initContainers")) {
            for (JsonNode container : pod.path("spec").path(list)) {
                Set<String> left = new TreeSet<>(toBeSaid);
                left.removeAll(said(container.path("resources")));
                String name = container.path("name").asText("");
                left.forEach(what ->
                        missing.computeIfAbsent(what, _ -> new TreeSet<>()).add(name));
            }
        }
        return missing.isEmpty()
                ? null
                : missing.entrySet().stream()
                        .map(entry -> entry.getKey() + " for: " + String.join(",", entry.getValue()))
                        .collect(Collectors.joining("; ", "must specify ", ""));
    }

    private static Set<String> said(JsonNode resources) {
        return computed(PodAmounts.list(resources.path("requests")), PodAmounts.list(resources.path("limits")))
                .keySet();
    }
}
