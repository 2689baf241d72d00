package io.keelson.apiserver.aggregation;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** In which order the groups and versions that are built in are listed, as every cluster has it. */
final class Priorities {
    /** Custom kinds come after everything that is built in. */
    static final Priority CUSTOM = new Priority(1_000, 100);

    private static final Map<String, Priority> BUILT_IN = Map.ofEntries(
            Map.entry("v1.", new Priority(18_000, 1)),
            Map.entry("v1.apps", new Priority(17_800, 15)),
            Map.entry("v1.events.k8s.io", new Priority(17_750, 15)),
            Map.entry("v1.authentication.k8s.io", new Priority(17_700, 15)),
            Map.entry("v1.authorization.k8s.io", new Priority(17_600, 15)),
            Map.entry("v1.autoscaling", new Priority(17_500, 15)),
            Map.entry("v2.autoscaling", new Priority(17_500, 30)),
            Map.entry("v1.batch", new Priority(17_400, 15)),
            Map.entry("v1.certificates.k8s.io", new Priority(17_300, 15)),
            Map.entry("v1beta1.certificates.k8s.io", new Priority(17_300, 9)),
            Map.entry("v1.networking.k8s.io", new Priority(17_200, 15)),
            Map.entry("v1.policy", new Priority(17_100, 15)),
            Map.entry("v1.rbac.authorization.k8s.io", new Priority(17_000, 15)),
            Map.entry("v1.storage.k8s.io", new Priority(16_800, 15)),
            Map.entry("v1.apiextensions.k8s.io", new Priority(16_700, 15)),
            Map.entry("v1.admissionregistration.k8s.io", new Priority(16_700, 15)),
            Map.entry("v1.scheduling.k8s.io", new Priority(16_600, 15)),
            Map.entry("v1.coordination.k8s.io", new Priority(16_500, 15)),
            Map.entry("v1.node.k8s.io", new Priority(16_300, 15)),
            Map.entry("v1.discovery.k8s.io", new Priority(16_200, 15)),
            Map.entry("v1.resource.k8s.io", new Priority(16_200, 20)),
            Map.entry("v1beta2.resource.k8s.io", new Priority(16_200, 15)),
            Map.entry("v1.flowcontrol.apiserver.k8s.io", new Priority(16_100, 21)),
            Map.entry("v1beta1.storagemigration.k8s.io", new Priority(15_800, 9)));

    private Priorities() {}

    /**
     * @param group the higher, the earlier among groups
     * @param version likewise among the versions of the group
     */
    record Priority(int group, int version) {}

    /** That of a group and version, by the name of its {@code APIService}; null if it has none. */
    static @Nullable Priority of(String name) {
        return BUILT_IN.get(name);
    }
}
