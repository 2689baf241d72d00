package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.ResourceTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObservedClusterTest {
    private final ClusterState state = new ClusterState();
    private final List<ClusterEvent> events = new ArrayList<>();
    private final ObservedCluster cluster = new ObservedCluster(state, events::add);

    @BeforeEach
    void thereIsANode() {
        state.setNode(TestGangs.node("node", 8));
    }

    /** @param set what the node has set aside for it; empty if it has said nothing yet */
    private static Pod pod(String cpu, String set) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withName("pod")
                .withNamespace("default")
                .withUid("uid")
                .endMetadata()
                .withNewSpec()
                .withNodeName("node")
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(cpu)))
                .endResources()
                .endContainer()
                .endSpec();
        return set.isEmpty()
                ? pod.build()
                : pod.withNewStatus()
                        .addNewContainerStatus()
                        .withName("main")
                        .withAllocatedResources(Map.of("cpu", new Quantity(set)))
                        .withNewResources()
                        .withRequests(Map.of("cpu", new Quantity(set)))
                        .endResources()
                        .endContainerStatus()
                        .endStatus()
                        .build();
    }

    private long requested() {
        NodeState node = state.node("node");
        assertNotNull(node, "it is there");
        return node.requested(ResourceTable.CPU);
    }

    private List<Kind> happened() {
        List<Kind> kinds = events.stream().map(ClusterEvent::kind).toList();
        events.clear();
        return kinds;
    }

    @Test
    void whatAResizedPodGivesBackIsThereWhenItsNodeSaysSo() {
        cluster.assigned(pod("4", "4"), false);
        assertEquals(List.of(Kind.POD_ASSIGNED), happened());
        cluster.assigned(pod("1", "4"), false);
        assertEquals(List.of(Kind.POD_CHANGED), happened());
        assertEquals(4000, requested());
        cluster.assigned(pod("1", "1"), false);
        assertEquals(List.of(Kind.POD_CHANGED), happened());
        assertEquals(1000, requested());
    }

    @Test
    void aResizeThatTheNodeCannotDoCountsNoMore() {
        cluster.assigned(pod("1", "1"), false);
        cluster.assigned(pod("6", "1"), false);
        assertEquals(6000, requested());
        happened();
        cluster.assigned(
                new PodBuilder(pod("6", "1"))
                        .editStatus()
                        .addNewCondition()
                        .withType("PodResizePending")
                        .withStatus("True")
                        .withReason("Infeasible")
                        .endCondition()
                        .endStatus()
                        .build(),
                false);
        assertEquals(List.of(Kind.POD_CHANGED), happened());
        assertEquals(1000, requested());
    }

    @Test
    void whatANodeSaysOfAPodThatIsNotResizedMeansNothingToOthers() {
        cluster.assigned(pod("1", ""), false);
        happened();
        cluster.assigned(pod("1", "1"), false);
        cluster.assigned(pod("1", "1"), false);
        assertEquals(List.of(), happened());
        assertEquals(1000, requested());
    }
}
