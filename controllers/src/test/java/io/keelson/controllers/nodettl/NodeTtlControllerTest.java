package io.keelson.controllers.nodettl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeTtlControllerTest {
    @Test
    void stepsOverlap() {
        ClusterSize size = new ClusterSize();
        int[][] up = {{100, 0}, {101, 15}, {500, 15}, {501, 30}, {1000, 30}, {1001, 60}, {2000, 60}, {2001, 300}};
        int count = 0;
        for (int[] row : up) {
            while (count < row[0]) {
                size.add("n" + count++);
            }
            assertEquals(row[1], size.seconds(), count + " nodes");
        }
        size.add("n0");
        int[][] down = {{1800, 300}, {1799, 60}, {900, 60}, {899, 30}, {450, 30}, {449, 15}, {90, 15}, {89, 0}, {0, 0}};
        for (int[] row : down) {
            while (count > row[0]) {
                size.remove("n" + --count);
                size.remove("n" + count);
            }
            assertEquals(row[1], size.seconds(), count + " nodes");
        }
    }

    @Test
    void nodesAreToldForHowLong() throws InterruptedException {
        try (TestCluster cluster = new TestCluster()) {
            TestNodes nodes = new TestNodes(cluster.client());
            String name = nodes.create(Map.of());
            cluster.run(NodeTtlController.descriptor());
            TestCluster.await("it has the annotation", () -> {
                Node node = nodes.get(name);
                return node != null
                        && node.getMetadata().getAnnotations() != null
                        && "0".equals(node.getMetadata().getAnnotations().get(NodeTtlController.ANNOTATION));
            });
        }
    }
}
