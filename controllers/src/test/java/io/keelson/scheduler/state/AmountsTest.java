package io.keelson.scheduler.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
    private final ResourceTable table = new ResourceTable();

    private Amounts amounts(String resource, String quantity) {
        return Amounts.of(Map.of(resource, new Quantity(quantity)), table);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1000",
        "0.5, 500",
        "1m, 1",
        "0.0001, 1",
        "0, 0",
        "-1, 0",
        "1e999999, 9223372036854775807",
        "1e-999999, 1"
    })
    void cpuIsInThousandthsRoundedUp(String quantity, long expected) {
        assertEquals(expected, amounts("cpu", quantity).get(ResourceTable.CPU));
    }

    @ParameterizedTest
    @CsvSource({"1Ki, 1024", "1k, 1000", "1500m, 2", "9E, 9000000000000000000", "10E, 9223372036854775807"})
    void otherResourcesAreInWholeUnitsRoundedUp(String quantity, long expected) {
        assertEquals(expected, amounts("memory", quantity).get(ResourceTable.MEMORY));
    }

    @Test
    void whatIsNotNamedIsNothing() {
        assertEquals(0, new Amounts().get(4000));
        assertEquals(new Amounts(), Amounts.of(null, table));
    }

    @Test
    void theSameAmountsAreEqualHoweverManyResourcesTheyHaveRoomFor() {
        Amounts one = new Amounts();
        Amounts other = new Amounts();
        other.set(40, 1);
        assertFalse(one.equals(other));
        other.set(40, 0);
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
    }

    @Test
    void aCopyIsChangedApart() {
        Amounts one = amounts("cpu", "1");
        Amounts copy = one.copy();
        copy.add(one);
        assertEquals(1000, one.get(ResourceTable.CPU));
        assertEquals(2000, copy.get(ResourceTable.CPU));
    }

    @Test
    void raisingKeepsTheLargerOfEach() {
        Amounts one = amounts("cpu", "2");
        one.raise(amounts("cpu", "1"));
        one.raise(amounts("memory", "5"));
        assertEquals(2000, one.get(ResourceTable.CPU));
        assertEquals(5, one.get(ResourceTable.MEMORY));
    }

    @Test
    void takingAwayIsExactUnlessTheSumWasTooLarge() {
        Amounts sum = amounts("memory", "8E");
        sum.add(amounts("memory", "1"));
        assertTrue(sum.subtract(amounts("memory", "1")));
        sum.add(amounts("memory", "8E"));
        assertEquals(Long.MAX_VALUE, sum.get(ResourceTable.MEMORY));
        assertFalse(sum.subtract(amounts("memory", "8E")));
    }

    private static Pod pod(String uid, String memory) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(uid)
                .withNamespace("default")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withNewResources()
                .addToRequests("memory", new Quantity(memory))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    @Test
    void aNodeKnowsWhatIsRequestedAfterPodsThatRequestedMoreThanANumberHolds() {
        ClusterState cluster = new ClusterState();
        cluster.setNode(new NodeBuilder()
                .withNewMetadata()
                .withName("node")
                .endMetadata()
                .build());
        NodeState node = Objects.requireNonNull(cluster.node("node"));
        cluster.put(PodInfo.of(pod("huge", "8E"), cluster.table()), "node");
        cluster.put(PodInfo.of(pod("also huge", "8E"), cluster.table()), "node");
        cluster.put(PodInfo.of(pod("small", "3"), cluster.table()), "node");
        cluster.remove("huge");
        assertEquals(8_000_000_000_000_000_003L, node.requested(ResourceTable.MEMORY));
        cluster.remove("also huge");
        assertEquals(3, node.requested(ResourceTable.MEMORY));
        assertEquals(3, node.usual(ResourceTable.MEMORY));
    }
}
