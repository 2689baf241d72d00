package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which pods a Service selects, and which Services select a pod, without a look at all of either. Pods are found by each of
 * their labels, Services by the first label of their selector; so a pod asks for as many labels as it has, a Service for one.
 */
public final class ServiceMembership {
    private static final String BY_LABEL = "label within namespace";
    private static final String BY_SELECTOR = "first label of selector within namespace";

    private ServiceMembership() {}

    /** Makes {@link #pods} fast. Before the caches start. */
    public static void indexPods(Cache<Pod> pods) {
        pods.index(
                BY_LABEL,
                pod -> entries(
                        pod.getMetadata().getNamespace(),
                        OrEmpty.of(pod.getMetadata().getLabels())));
    }

    /** Makes {@link #services} fast. Before the caches start. */
    public static void indexServices(Cache<Service> services) {
        services.index(
                BY_SELECTOR,
                service -> entries(service.getMetadata().getNamespace(), selector(service)).stream()
                        .limit(1)
                        .toList());
    }

    private static List<String> entries(String namespace, Map<String, String> labels) {
        List<String> entries = new ArrayList<>();
        new TreeMap<>(labels).forEach((key, value) -> entries.add(namespace + '/' + key + '=' + value));
        return entries;
    }

    /** What a Service selects by; empty if it selects nothing. */
    public static Map<String, String> selector(Service service) {
        return service.getSpec() == null
                ? Map.of()
                : OrEmpty.of(service.getSpec().getSelector());
    }

    /** The pods of its namespace that a Service selects; none if it has no selector. */
    public static List<Pod> pods(Cache<Pod> pods, Service service) {
        Map<String, String> selector = selector(service);
        if (selector.isEmpty()) {
            return List.of();
        }
        Predicate<Map<String, String>> selected = Selectors.of(selector);
        String first = entries(service.getMetadata().getNamespace(), selector).getFirst();
        List<Pod> found = pods.indexed(BY_LABEL, first);
        found.removeIf(pod -> !selected.test(OrEmpty.of(pod.getMetadata().getLabels())));
        return found;
    }

    /** The keys of the Services that select a pod. */
    public static Set<Key> services(Cache<Service> services, Pod pod) {
        Map<String, String> labels = OrEmpty.of(pod.getMetadata().getLabels());
        Set<Key> found = new HashSet<>();
        for (String entry : entries(pod.getMetadata().getNamespace(), labels)) {
            for (Service service : services.indexed(BY_SELECTOR, entry)) {
                if (labels.entrySet().containsAll(selector(service).entrySet())) {
                    found.add(Key.of(service));
                }
            }
        }
        return found;
    }

    /** The Services whose endpoints a change of a pod may change. */
    public static Collection<Key> concerned(Cache<Service> services, Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        if (before == null || now == null) {
            return services(services, change.object());
        }
        boolean changed = matters(before, now);
        boolean relabelled = !Objects.equals(
                OrEmpty.of(before.getMetadata().getLabels()),
                OrEmpty.of(now.getMetadata().getLabels()));
        if (!changed && !relabelled) {
            return List.of();
        }
        Set<Key> selecting = services(services, now);
        if (!relabelled) {
            return selecting;
        }
        Set<Key> selected = services(services, before);
        Set<Key> concerned = new HashSet<>(selecting);
        concerned.addAll(selected);
        if (!changed) {
            concerned.removeIf(service -> selecting.contains(service) && selected.contains(service));
        }
        return concerned;
    }

    /** Whether two states of a pod make different endpoints. */
    private static boolean matters(Pod before, Pod now) {
        return !before.getMetadata().getUid().equals(now.getMetadata().getUid())
                || Pods.isTerminating(before) != Pods.isTerminating(now)
                || Pods.isTerminal(before) != Pods.isTerminal(now)
                || Pods.isReady(before) != Pods.isReady(now)
                || !Pods.node(before).equals(Pods.node(now))
                || !EndpointPods.addresses(before).equals(EndpointPods.addresses(now))
                || !Objects.equals(EndpointPods.hostname(before), EndpointPods.hostname(now));
    }
}
