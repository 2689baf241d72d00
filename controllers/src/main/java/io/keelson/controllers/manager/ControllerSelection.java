package io.keelson.controllers.manager;

import io.keelson.controllers.runtime.ControllerDescriptor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which controllers run, by the flag {@code --controllers}: {@code foo} runs one, {@code -foo} does not, {@code *} stands for
 * all that run by default. The first word that says something of a controller decides. A controller may be called by the
 * name that it had before Kubernetes 1.28.
 */
public final class ControllerSelection {
    private static final Map<String, String> OLD_NAMES = oldNames();

    private final List<ControllerDescriptor> known;
    private final Set<String> offByDefault;
    private final Set<String> absent;

    /**
     * A choice among controllers.
     *
     * @param offByDefault names of those for which {@code *} does not stand
     */
    public ControllerSelection(List<ControllerDescriptor> known, Set<String> offByDefault) {
        this(known, offByDefault, Set.of());
    }

    /**
     * The same.
     *
     * @param absent names of those that may be named though they cannot run: that has no effect
     */
    public ControllerSelection(List<ControllerDescriptor> known, Set<String> offByDefault, Set<String> absent) {
        this.known = List.copyOf(known);
        this.offByDefault = Set.copyOf(offByDefault);
        this.absent = Set.copyOf(absent);
    }

    private static Map<String, String> oldNames() {
        Map<String, String> names = new HashMap<>();
        for (String same : List.of(
                "replicationcontroller",
                "resourcequota",
                "namespace",
                "serviceaccount",
                "daemonset",
                "job",
                "deployment",
                "replicaset",
                "disruption",
                "statefulset",
                "cronjob",
                "ttl",
                "endpointslice",
                "ttl-after-finished",
                "clusterrole-aggregation",
                "persistentvolume-binder",
                "persistentvolume-expander",
                "ephemeral-volume")) {
            names.put(same, same + "-controller");
        }
        names.put("endpoint", "endpoints-controller");
        names.put("endpointslicemirroring", "endpointslice-mirroring-controller");
        names.put("podgc", "pod-garbage-collector-controller");
        names.put("garbagecollector", "garbage-collector-controller");
        names.put("horizontalpodautoscaling", "horizontal-pod-autoscaler-controller");
        names.put("csrsigning", "certificatesigningrequest-signing-controller");
        names.put("csrapproving", "certificatesigningrequest-approving-controller");
        names.put("csrcleaner", "certificatesigningrequest-cleaner-controller");
        names.put("bootstrapsigner", "bootstrap-signer-controller");
        names.put("tokencleaner", "token-cleaner-controller");
        names.put("nodeipam", "node-ipam-controller");
        names.put("nodelifecycle", "node-lifecycle-controller");
        names.put("attachdetach", "persistentvolume-attach-detach-controller");
        names.put("pvc-protection", "persistentvolumeclaim-protection-controller");
        names.put("pv-protection", "persistentvolume-protection-controller");
        names.put("root-ca-cert-publisher", "root-ca-certificate-publisher-controller");
        names.put("serviceaccount-token", "serviceaccount-token-controller");
        names.put("legacy-service-account-token-cleaner", "legacy-serviceaccount-token-cleaner-controller");
        names.put("cloud-node", "cloud-node-controller");
        names.put("cloud-node-lifecycle", "cloud-node-lifecycle-controller");
        names.put("service", "service-lb-controller");
        names.put("route", "node-route-controller");
        return Map.copyOf(names);
    }

    /**
     * The controllers that words choose, in the order in which they are known.
     *
     * @throws IllegalArgumentException if a word names no known controller
     */
    public List<ControllerDescriptor> choose(List<String> words) {
        Set<String> names = known.stream().map(ControllerDescriptor::name).collect(Collectors.toSet());
        List<String> wishes = new ArrayList<>();
        for (String word : words) {
            boolean off = word.startsWith("-");
            String name = off ? word.substring(1) : word;
            String current = OLD_NAMES.getOrDefault(name, name);
            if (!current.equals("*") && !names.contains(current) && !absent.contains(current)) {
                throw new IllegalArgumentException("\"" + name + "\" is not in the list of known controllers; they are "
                        + String.join(", ", new TreeSet<>(names)));
            }
            wishes.add(off ? '-' + current : current);
        }
        return known.stream()
                .filter(controller -> isChosen(controller.name(), wishes))
                .toList();
    }

    private boolean isChosen(String name, List<String> wishes) {
        for (String wish : wishes) {
            if (wish.equals(name)) {
                return true;
            }
            if (wish.equals('-' + name)) {
                return false;
            }
        }
        return wishes.contains("*") && !offByDefault.contains(name);
    }
}
