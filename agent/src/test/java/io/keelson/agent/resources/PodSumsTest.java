package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static io.keelson.agent.resources.TestSpecs.sidecar;
import static io.keelson.agent.resources.TestSpecs.withOwn;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PodSumsTest {
    @Test
    void whatAPodSaysForItselfComesInPlaceOfTheSumAndOverheadIsAdded() {
        Pod pod = new PodBuilder(withOwn(pod(container("c", "cpu=1 memory=1Gi", "cpu=2")), "cpu=3", "memory=4Gi"))
                .editSpec()
                .withOverhead(TestSpecs.quantities("cpu=250m memory=1Mi"))
                .endSpec()
                .build();
        assertEquals(Map.of("cpu", 3250L, "memory", ((1L << 30) + (1L << 20)) * 1000), PodSums.requests(pod));
        assertEquals(Map.of("cpu", 2250L, "memory", ((4L << 30) + (1L << 20)) * 1000), PodSums.limits(pod));
        assertEquals(3000, PodSums.requestsWithoutOverhead(pod).getOrDefault("cpu", 0L));
    }

    @Test
    void whatIsOnlyLimitedIsAskedFor() {
        assertEquals(Map.of("cpu", 2000L), PodSums.requests(pod(container("c", "", "cpu=2"))));
    }

    @Test
    void hugeAmountsStayHuge() {
        Pod pod = pod(container("c", "memory=8E", ""), container("d", "memory=8E", ""));
        assertEquals(Long.MAX_VALUE, PodSums.requests(pod).getOrDefault("memory", 0L));
        assertEquals(2, PodSums.bytes(1001));
    }

    /**
     * Goes through a pod's life: one init container after the other, each with the sidecars that run by then, and at
     * the end all containers with all sidecars. Even numbers are sidecars.
     */
    @Property(tries = 400)
    void theSumIsTheMostThatRunsAtATime(
            @ForAll @Size(max = 6) List<@IntRange(max = 50) Integer> inits,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 50) Integer> containers) {
        List<Container> initContainers = new ArrayList<>();
        int running = 0;
        int most = 0;
        for (int init : inits) {
            String name = "i" + initContainers.size();
            if (init % 2 == 0) {
                initContainers.add(sidecar(name, "cpu=" + init, ""));
                running += init;
                most = Math.max(most, running);
            } else {
                initContainers.add(container(name, "cpu=" + init, ""));
                most = Math.max(most, running + init);
            }
        }
        List<Container> all = new ArrayList<>();
        for (int container : containers) {
            all.add(container("c" + all.size(), "cpu=" + container, ""));
            running += container;
        }
        most = Math.max(most, running);
        assertEquals(
                most * 1000L,
                PodSums.requests(pod("a", initContainers, all.toArray(new Container[0])))
                        .getOrDefault("cpu", 0L));
    }
}
