package io.keelson.agent.resources.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.Samples;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopologyAdmissionTest {
    private static final NodeSet ALL = NodeSet.of(List.of(0, 1));
    private static final Hint FIRST = Hint.of(NodeSet.of(List.of(0)), true);
    private static final Hint SECOND = Hint.of(NodeSet.of(List.of(1)), true);
    private static final Pod POD = Samples.pod("""
            initContainers: [{name: i, image: x}]
            containers: [{name: a, image: x}, {name: b, image: x}]
            """);

    /** Gives what a test says, by the name of the container, or {@code pod}. */
    private static final class Source implements HintSource {
        final Map<String, Map<String, List<Hint>>> hints = new HashMap<>();
        final List<String> calls = new ArrayList<>();
        String fails = "";

        @Override
        public Map<String, List<Hint>> hints(Pod pod, Container container) {
            return hints.getOrDefault(container.getName(), Map.of());
        }

        @Override
        public Map<String, List<Hint>> hints(Pod pod) {
            return hints.getOrDefault("pod", Map.of());
        }

        @Override
        public void allocate(Pod pod, Container container, Hint where) throws PodProblem {
            if (container.getName().equals(fails)) {
                throw new PodProblem("UnexpectedAdmissionError", "UnexpectedAdmissionError", "nothing left");
            }
            calls.add(container.getName() + where.nodes().map(NodeSet::toString).orElse("[any]"));
        }

        @Override
        public void release(String podUid) {
            calls.add("release");
        }
    }

    private static Optional<Refusal> refusal(TopologyPolicy policy, TopologyScope scope, HintSource... sources) {
        return new TopologyAdmission(
                        policy,
                        scope,
                        ALL,
                        Comparator.comparingLong(NodeSet::bits),
                        8,
                        List.of(sources),
                        new ManualTime(Instant.EPOCH),
                        new TopologyMetrics(new PrometheusRegistry()))
                .take(POD);
    }

    @Test
    void eachContainerIsServedWhereAllSourcesCan() {
        Source cpus = new Source();
        Source memory = new Source();
        cpus.hints.put("a", Map.of("cpu", List.of(FIRST, SECOND)));
        memory.hints.put("a", Map.of("memory", List.of(SECOND)));
        memory.hints.put("b", Map.of("memory", List.of(FIRST, SECOND)));
        assertEquals(Optional.empty(), refusal(TopologyPolicy.RESTRICTED, TopologyScope.CONTAINER, cpus, memory));
        assertEquals(List.of("i[0, 1]", "a[1]", "b[0]"), cpus.calls);
        assertEquals(cpus.calls, memory.calls);
    }

    @Test
    void allContainersOfAPodAreServedFromTheSameNodes() {
        Source cpus = new Source();
        cpus.hints.put("pod", Map.of("cpu", List.of(SECOND)));
        assertEquals(Optional.empty(), refusal(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD, cpus));
        assertEquals(List.of("i[1]", "a[1]", "b[1]"), cpus.calls);
    }

    @Test
    void whoCannotBeServedCloseTogetherIsKeptOutAndHasNothing() {
        Source cpus = new Source();
        Source memory = new Source();
        cpus.hints.put("b", Map.of("cpu", List.of(FIRST)));
        memory.hints.put("b", Map.of("memory", List.of(SECOND), "hugepages-2Mi", List.of()));
        Optional<Refusal> apart = Optional.of(
                new Refusal("TopologyAffinityError", "Resources cannot be allocated with Topology locality"));
        for (TopologyPolicy policy : List.of(TopologyPolicy.RESTRICTED, TopologyPolicy.SINGLE_NUMA_NODE)) {
            cpus.calls.clear();
            assertEquals(apart, refusal(policy, TopologyScope.CONTAINER, cpus, memory));
            assertEquals(3, cpus.calls.size());
            assertEquals("release", cpus.calls.getLast());
            assertEquals("release", memory.calls.getLast());
        }
        assertEquals(Optional.empty(), refusal(TopologyPolicy.BEST_EFFORT, TopologyScope.CONTAINER, cpus, memory));
        assertEquals("b[0, 1]", cpus.calls.getLast());
    }

    @Test
    void whatIsNotThereIsSaid() {
        Source cpus = new Source();
        cpus.fails = "a";
        assertEquals(
                Optional.of(new Refusal("UnexpectedAdmissionError", "nothing left")),
                refusal(TopologyPolicy.NONE, TopologyScope.POD, cpus));
        assertEquals(List.of("i[any]", "release"), cpus.calls);
    }

    @Test
    void tooManyNodesAreRefusedWhereTheyMatter() {
        NodeSet many = new NodeSet(0x1ff);
        for (TopologyPolicy policy : TopologyPolicy.values()) {
            Runnable make = () -> {
                var _ = new TopologyAdmission(
                        policy,
                        TopologyScope.POD,
                        many,
                        Comparator.comparingLong(NodeSet::bits),
                        8,
                        List.of(),
                        new ManualTime(Instant.EPOCH),
                        new TopologyMetrics(new PrometheusRegistry()));
            };
            if (policy == TopologyPolicy.NONE) {
                make.run();
            } else {
                assertEquals(
                        "unsupported on machines with more than 8 NUMA Nodes",
                        assertThrows(IllegalArgumentException.class, make::run).getMessage());
            }
        }
    }
}
