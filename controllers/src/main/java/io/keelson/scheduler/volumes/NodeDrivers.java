package io.keelson.scheduler.volumes;

import io.fabric8.kubernetes.api.model.storage.CSINode;
import io.fabric8.kubernetes.api.model.storage.CSINodeDriver;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the CSI drivers of a node say.
 *
 * @param limits how many volumes of a driver the node can have; of one that does not say, as many as one likes
 * @param migrated the in-tree plugins whose volumes CSI drivers attach there, such as {@code kubernetes.io/aws-ebs}
 */
record NodeDrivers(Map<String, Integer> limits, Set<String> migrated) {
    /** Of a node of which nothing is known. */
    static final NodeDrivers NONE = new NodeDrivers(Map.of(), Set.of());

    private static final String MIGRATED = "storage.alpha.kubernetes.io/migrated-plugins";

    static NodeDrivers of(CSINode node) {
        Map<String, Integer> limits = new HashMap<>();
        List<CSINodeDriver> drivers =
                node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getDrivers());
        for (CSINodeDriver driver : drivers) {
            if (driver.getAllocatable() != null && driver.getAllocatable().getCount() != null) {
                limits.put(driver.getName(), driver.getAllocatable().getCount());
            }
        }
        String migrated =
                OrEmpty.of(OrEmpty.of(node.getMetadata().getAnnotations()).get(MIGRATED));
        return new NodeDrivers(limits, Set.copyOf(Arrays.asList(migrated.split(","))));
    }
}
