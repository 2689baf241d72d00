package io.keelson.controllers.nodeipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeIpamControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());

    @AfterEach
    void close() {
        cluster.close();
    }

    private List<String> ranges(String name) {
        Node node = nodes.get(name);
        return node == null || node.getSpec() == null || node.getSpec().getPodCIDRs() == null
                ? List.of()
                : node.getSpec().getPodCIDRs();
    }

    @Test
    void nodesGetRangesUntilThereAreNoneAndAgainWhenOneIsGone() throws InterruptedException {
        String settled = nodes.create(Map.of());
        cluster.client()
                .nodes()
                .withName(settled)
                .edit(node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withPodCIDR("10.7.1.0/24")
                        .withPodCIDRs("10.7.1.0/24")
                        .endSpec()
                        .build());
        // Four ranges: one is for services, one is taken.
        Figures figures = new Figures();
        cluster.run(
                Time.system(),
                figures.metrics(),
                NodeIpamController.descriptor(
                        new NodeIpamSettings(List.of("10.7.0.0/22", "fd07::/56"), List.of("10.7.0.0/25"))));
        String first = nodes.create(Map.of());
        String second = nodes.create(Map.of());
        TestCluster.await(
                "two have ranges",
                () -> ranges(first).size() == 2 && ranges(second).size() == 2);
        assertNotEquals(ranges(first).getFirst(), ranges(second).getFirst());
        for (String each : List.of(first, second)) {
            assertEquals(
                    true,
                    List.of("10.7.2.0/24", "10.7.3.0/24").contains(ranges(each).getFirst()));
            assertEquals(
                    true,
                    ranges(each).getLast().startsWith("fd07:0:0:")
                            || ranges(each).getLast().equals("fd07::/64"));
        }
        String third = nodes.create(Map.of());
        TestCluster.await(
                "the third is told",
                () -> cluster.client().v1().events().inNamespace("default").list().getItems().stream()
                        .anyMatch(event -> third.equals(
                                        event.getInvolvedObject().getName())
                                && "CIDRNotAvailable".equals(event.getReason())
                                && event.getMessage().equals("Node " + third + " status is now: CIDRNotAvailable")));
        String prefix = "node_ipam_controller_";
        String label = "{clusterCIDR=\"10.7.0.0/22\"}";
        assertEquals(4, figures.of(prefix + "cirdset_max_cidrs" + label));
        assertEquals(0.75, figures.of(prefix + "cidrset_usage_cidrs" + label));
        assertEquals(3, figures.of(prefix + "cidrset_cidrs_allocations_total" + label));
        assertEquals(2, figures.of(prefix + "cidrset_allocation_tries_per_request_count" + label));
        String freed = ranges(first).getFirst();
        nodes.delete(first);
        TestCluster.await("it gets what was freed", () -> ranges(third).contains(freed));
        assertEquals(List.of("10.7.1.0/24"), ranges(settled));
        assertEquals(1, figures.of(prefix + "cidrset_cidrs_releases_total" + label));
    }
}
