package io.keelson.controllers.resourcequota;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.keelson.controllers.objects.Amount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts pods and sums up what they request and may use at most. Those that have ended count as objects only. */
final class PodMeasure implements Measure<Pod> {
    private static final String COUNT = "count/pods";
    private static final String REQUESTS = "requests.";
    private static final String LIMITS = "limits.";
    private static final String HUGE_PAGES = "hugepages-";
    /** In front of the name of a class of devices that is asked for like a resource of its own. */
    static final String OF_DEVICE_CLASS = "deviceclass.resource.kubernetes.io/";

    private static final Set<String> COMPUTED = Set.of("cpu", "memory", "ephemeral-storage");

    /** A century: what is longer would only overflow. */
    private static final long GRACE_MAX = 100L * 365 * 24 * 3600;

    private final InstantSource time;

    PodMeasure(InstantSource time) {
        this.time = time;
    }

    @Override
    public boolean measures(String resource) {
        if (resource.equals(COUNT) || resource.equals("pods") || COMPUTED.contains(resource)) {
            return true;
        }
        if (resource.startsWith(LIMITS)) {
            return COMPUTED.contains(resource.substring(LIMITS.length()));
        }
        if (resource.startsWith(REQUESTS)) {
            String requested = resource.substring(REQUESTS.length());
            return COMPUTED.contains(requested)
                    || requested.startsWith(HUGE_PAGES)
                    || requested.startsWith(OF_DEVICE_CLASS)
                    || isExtended(requested);
        }
        return resource.startsWith(HUGE_PAGES);
    }

    /** Whether it is somebody's own resource, and none of Kubernetes itself. */
    private static boolean isExtended(String resource) {
        return resource.indexOf('/') >= 0 && !resource.contains("kubernetes.io/") && !resource.startsWith(REQUESTS);
    }

    @Override
    public Map<String, Amount> usage(Pod pod) {
        Map<String, Amount> usage = new TreeMap<>();
        usage.put(COUNT, Amount.ONE);
        if (pod.getSpec() == null || hasEnded(pod)) {
            return usage;
        }
        usage.put("pods", Amount.ONE);
        PodAmounts.requests(pod).forEach((name, amount) -> {
            if (COMPUTED.contains(name) || name.startsWith(HUGE_PAGES)) {
                usage.put(name, amount);
                usage.put(REQUESTS + name, amount);
            } else if (isExtended(name) || name.startsWith(OF_DEVICE_CLASS)) {
                usage.put(REQUESTS + name, amount);
            }
        });
        PodAmounts.limits(pod).forEach((name, amount) -> {
            if (COMPUTED.contains(name)) {
                usage.put(LIMITS + name, amount);
            }
        });
        return usage;
    }

    /**
     * One that is still being deleted after its grace has passed is on a node that nobody hears of: it counts no more.
     */
    private boolean hasEnded(Pod pod) {
        if (Pods.isTerminal(pod)) {
            return true;
        }
        Instant deletion = Pods.time(pod.getMetadata().getDeletionTimestamp());
        Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
        return deletion != null
                && grace != null
                && grace >= 0
                && deletion.plusSeconds(Math.min(grace, GRACE_MAX)).isBefore(time.instant());
    }

    @Override
    public boolean isIn(Scope scope, Pod pod) {
        if (pod.getSpec() == null) {
            return false;
        }
        Long deadline = pod.getSpec().getActiveDeadlineSeconds();
        boolean terminating = deadline != null && deadline >= 0;
        return switch (scope.name()) {
            case "Terminating" -> terminating;
            case "NotTerminating" -> !terminating;
            case "BestEffort" -> PodAmounts.isBestEffort(pod);
            case "NotBestEffort" -> !PodAmounts.isBestEffort(pod);
            case "PriorityClass" -> {
                String name = OrEmpty.of(pod.getSpec().getPriorityClassName());
                yield scope.picks(name.isEmpty() ? List.of() : List.of(name));
            }
            case "CrossNamespacePodAffinity" ->
                looksIntoOtherNamespaces(pod.getSpec().getAffinity());
            default -> false;
        };
    }

    private static boolean looksIntoOtherNamespaces(@Nullable Affinity affinity) {
        if (affinity == null) {
            return false;
        }
        List<PodAffinityTerm> terms = new ArrayList<>();
        List<WeightedPodAffinityTerm> weighted = new ArrayList<>();
        if (affinity.getPodAffinity() != null) {
            terms.addAll(OrEmpty.of(affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()));
            weighted.addAll(OrEmpty.of(affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()));
        }
        if (affinity.getPodAntiAffinity() != null) {
            terms.addAll(OrEmpty.of(affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()));
            weighted.addAll(
                    OrEmpty.of(affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()));
        }
        weighted.forEach(one -> {
            if (one.getPodAffinityTerm() != null) {
                terms.add(one.getPodAffinityTerm());
            }
        });
        return terms.stream()
                .anyMatch(term -> !OrEmpty.of(term.getNamespaces()).isEmpty() || term.getNamespaceSelector() != null);
    }
}
