package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static io.keelson.agent.resources.TestSpecs.sidecar;
import static io.keelson.agent.resources.TestSpecs.withOwn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class OomScoreTest {
    private static final long MEMORY = 8L << 30;

    private static long score(Pod pod, Container container) {
        return OomScore.of(pod, container, MEMORY);
    }

    @Test
    void theClassesHaveTheirPlaces() {
        Container nothing = container("c", "", "");
        assertEquals(1000, score(pod(nothing), nothing));
        Container guaranteed = container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi");
        assertEquals(-997, score(pod(guaranteed), guaranteed));
        Container half = container("c", "memory=4Gi", "");
        assertEquals(500, score(pod(half), half));
        Container cpu = container("c", "cpu=1", "");
        assertEquals(999, score(pod(cpu), cpu));
        Container all = container("c", "memory=8Gi", "");
        assertEquals(3, score(pod(all), all));
        Container more = container("c", "memory=800Gi", "");
        assertEquals(3, score(pod(more), more));
    }

    @Test
    void whatTheNodeCannotBeWithoutIsKilledLast() {
        Container nothing = container("c", "", "");
        Pod critical = new PodBuilder(pod(nothing))
                .editSpec()
                .withPriority(2_000_001_000)
                .withPriorityClassName("system-node-critical")
                .endSpec()
                .build();
        assertEquals(-997, score(critical, nothing));
        Pod other = new PodBuilder(critical)
                .editSpec()
                .withPriorityClassName("system-cluster-critical")
                .endSpec()
                .build();
        assertEquals(1000, score(other, nothing));
    }

    @Test
    void aSidecarIsNotKilledBeforeTheContainersItServes() {
        Container sidecar = sidecar("s", "memory=1Gi", "");
        Container big = container("b", "memory=4Gi", "");
        Container small = container("c", "memory=2Gi", "");
        Pod pod = pod("a", List.of(sidecar), big, small);
        assertEquals(750, score(pod, sidecar));
        assertEquals(750, score(pod, small));
        Container init = container("i", "memory=1Gi", "");
        assertEquals(875, score(pod("a", List.of(init), big), init));
    }

    @Test
    void whatAPodAsksForBesidesItsContainersIsDividedAmongThem() {
        Container one = container("c", "memory=1Gi", "");
        Container other = container("d", "memory=1Gi", "");
        Pod pod = withOwn(pod(one, other), "memory=4Gi", "");
        // 1 of its own, and half of the 2 that none asks for.
        assertEquals(750, score(pod, one));
        assertEquals(875, score(withOwn(pod(one, other), "cpu=1", ""), one));
    }

    @Property(tries = 300)
    void burstableOnesAreBetweenTheOthersAndAskingForMoreNeverHarms(
            @ForAll @LongRange(min = 1, max = 100L << 30) long bytes,
            @ForAll @LongRange(min = 0, max = 10L << 30) long more) {
        Container less = container("c", "memory=" + bytes, "");
        Container greater = container("c", "memory=" + (bytes + more), "");
        long score = score(pod(less), less);
        assertTrue(score >= 3 && score <= 999);
        assertTrue(score(pod(greater), greater) <= score);
    }
}
