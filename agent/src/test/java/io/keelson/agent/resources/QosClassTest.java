package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static io.keelson.agent.resources.TestSpecs.withOwn;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Container;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QosClassTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', BEST_EFFORT",
        "cpu=0, memory=0, BEST_EFFORT",
        "example.com/gpu=1, example.com/gpu=1, BEST_EFFORT",
        "cpu=100m, '', BURSTABLE",
        "'', memory=1Gi, BURSTABLE",
        "cpu=1 memory=1Gi, cpu=1 memory=1Gi, GUARANTEED",
        "cpu=1000m memory=1024Mi, cpu=1 memory=1Gi, GUARANTEED",
        "cpu=1 memory=1Gi, cpu=2 memory=1Gi, BURSTABLE",
        "cpu=1, cpu=1, BURSTABLE",
        "'', cpu=1 memory=1Gi, BURSTABLE",
    })
    void oneContainerDecides(String requests, String limits, QosClass expected) {
        assertEquals(expected, QosClass.of(pod(container("c", requests, limits))));
    }

    @Test
    void initContainersCountAsWell() {
        Container guaranteed = container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi");
        assertEquals(QosClass.BURSTABLE, QosClass.of(pod("a", List.of(container("i", "", "")), guaranteed)));
        assertEquals(QosClass.GUARANTEED, QosClass.of(pod("a", List.of(guaranteed), guaranteed)));
        assertEquals(
                QosClass.BURSTABLE,
                QosClass.of(pod("a", List.of(container("i", "cpu=1", "")), container("c", "", ""))));
    }

    @Test
    void whatAPodSaysForItselfDecidesAlone() {
        assertEquals(
                QosClass.GUARANTEED,
                QosClass.of(withOwn(pod(container("c", "cpu=100m", "")), "cpu=1 memory=1Gi", "cpu=1 memory=1Gi")));
        assertEquals(
                QosClass.BURSTABLE,
                QosClass.of(withOwn(pod(container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi")), "cpu=2", "cpu=2")));
    }

    @Provide
    Arbitrary<String> amounts() {
        return Arbitraries.of(
                "",
                "cpu=1",
                "cpu=2",
                "memory=1Gi",
                "cpu=1 memory=1Gi",
                "cpu=2 memory=1Gi",
                "cpu=0 memory=1Gi",
                "x.io/y=1");
    }

    /** Written from the documentation's sentences, container by container. */
    @Property(tries = 400)
    void guaranteedMeansThatEachContainerIsFullyLimitedAndAllOfThemAskForThatMuch(
            @ForAll @Size(min = 1, max = 4) List<List<@From("amounts") String>> texts) {
        List<Container> containers = new ArrayList<>();
        long[] sums = new long[4];
        boolean nothing = true;
        boolean limited = true;
        for (List<String> text : texts) {
            String requests = text.isEmpty() ? "" : text.getFirst();
            String limits = text.size() < 2 ? "" : text.get(1);
            containers.add(container("c" + containers.size(), requests, limits));
            long[] own = {cpu(requests), memory(requests), cpu(limits), memory(limits)};
            for (int i = 0; i < own.length; i++) {
                sums[i] += own[i];
                nothing &= own[i] == 0;
            }
            limited &= own[2] > 0 && own[3] > 0;
        }
        QosClass expected = nothing
                ? QosClass.BEST_EFFORT
                : limited && sums[0] == sums[2] && sums[1] == sums[3] ? QosClass.GUARANTEED : QosClass.BURSTABLE;
        assertEquals(expected, QosClass.of(pod(containers.toArray(new Container[0]))));
    }

    private static long cpu(String text) {
        return text.contains("cpu=1") ? 1 : text.contains("cpu=2") ? 2 : 0;
    }

    private static long memory(String text) {
        return text.contains("memory=1Gi") ? 1 : 0;
    }
}
