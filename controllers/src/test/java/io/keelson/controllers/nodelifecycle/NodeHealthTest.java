package io.keelson.controllers.nodelifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodeHealthTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final String CREATED = "2025-12-31T23:59:50Z";

    private static NodeBuilder silent() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("a")
                .withUid("1")
                .withCreationTimestamp(CREATED)
                .endMetadata();
    }

    private static Node ready(String heartbeat) {
        return silent().withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastHeartbeatTime(heartbeat)
                .endCondition()
                .endStatus()
                .build();
    }

    private static Lease lease(long second) {
        return new LeaseBuilder()
                .withNewSpec()
                .withRenewTime(Instant.ofEpochSecond(second).atZone(ZoneOffset.UTC))
                .endSpec()
                .build();
    }

    private static NodeHealth observe(@Nullable NodeHealth before, Node node, @Nullable Lease lease, Instant now) {
        return NodeHealth.observe(before, node, lease, now, now);
    }

    @Test
    void aNodeThatIsSeenFirstIsHeardOfNow() {
        assertEquals(START, observe(null, ready("x"), null, START).heard());
        assertEquals(START, observe(null, silent().build(), lease(1), START).heard());
        assertEquals(
                Instant.parse(CREATED),
                observe(null, silent().build(), null, START).heard());
    }

    @Test
    void aClockThatIsSetMakesNoNodeOlder() {
        Node silent = silent().build();
        Instant created = Instant.parse(CREATED);
        NodeHealth ahead = NodeHealth.observe(null, silent, null, START.plusSeconds(3600), START);
        assertEquals(START.plusSeconds(3590), ahead.heard());
        NodeHealth behind = NodeHealth.observe(null, silent, null, START, created.minusSeconds(60));
        assertEquals(START, behind.heard());
    }

    @Test
    void whatChangesIsASignOfLifeAndWhatStaysIsNone() {
        NodeHealth first = observe(null, ready("x"), lease(10), START);
        Instant later = START.plusSeconds(7);
        assertEquals(START, observe(first, ready("x"), lease(10), later).heard());
        assertEquals(START, observe(first, ready("x"), null, later).heard());
        assertEquals(START, observe(first, ready("x"), lease(9), later).heard());
        assertEquals(later, observe(first, ready("x"), lease(11), later).heard());
        assertEquals(later, observe(first, ready("y"), lease(10), later).heard());
        Node another = new NodeBuilder(ready("x"))
                .editMetadata()
                .withUid("2")
                .endMetadata()
                .build();
        assertEquals(later, observe(first, another, lease(10), later).heard());
    }

    @Test
    void whatIsSaidInItsPlaceIsNoSignOfLife() {
        NodeHealth first = observe(null, silent().build(), null, START);
        Instant later = START.plusSeconds(100);
        List<NodeCondition> lost = LostContact.conditions(silent().build(), later);
        Node written = silent().withNewStatus().withConditions(lost).endStatus().build();
        NodeHealth then = observe(first, written, null, later);
        assertEquals(Instant.parse(CREATED), then.heard());
        assertEquals(lost, LostContact.conditions(written, later.plusSeconds(5)), "nothing is left to say");
        Node known = ready("x");
        NodeHealth heard = observe(null, known, null, START);
        Node stopped = new NodeBuilder(known)
                .editStatus()
                .withConditions(LostContact.conditions(known, later))
                .endStatus()
                .build();
        assertEquals(START, observe(heard, stopped, null, later).heard());
    }

    @Test
    void aNodeIsLostWhenTheGracePeriodIsOverAndNotBefore() {
        NodeHealth seen = observe(null, ready("x"), null, START);
        assertFalse(seen.isLost(Duration.ofSeconds(50), START.plusSeconds(50)));
        assertTrue(seen.isLost(Duration.ofSeconds(50), START.plusSeconds(51)));
    }

    @Test
    void eachConditionHasItsTaint() {
        for (String[] row : new String[][] {
            {"Ready", "False", "node.kubernetes.io/not-ready"},
            {"Ready", "Unknown", "node.kubernetes.io/unreachable"},
            {"Ready", "True", ""},
            {"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
            {"MemoryPressure", "Unknown", ""},
            {"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
            {"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
            {"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
            {"NetworkUnavailable", "False", ""},
        }) {
            Node node = silent().withNewSpec()
                    .addNewTaint()
                    .withKey("mine")
                    .withEffect("NoSchedule")
                    .endTaint()
                    .addNewTaint()
                    .withKey("node.kubernetes.io/not-ready")
                    .withEffect("NoExecute")
                    .endTaint()
                    .addNewTaint()
                    .withKey("node.kubernetes.io/unschedulable")
                    .withEffect("NoSchedule")
                    .endTaint()
                    .endSpec()
                    .withNewStatus()
                    .addNewCondition()
                    .withType(row[0])
                    .withStatus(row[1])
                    .endCondition()
                    .endStatus()
                    .build();
            List<String> taints = ConditionTaints.change(node).appliedTo(node, START).stream()
                    .map(taint -> taint.getKey() + ':' + taint.getEffect())
                    .toList();
            List<String> own = List.of("mine:NoSchedule", "node.kubernetes.io/not-ready:NoExecute");
            assertEquals(
                    row[2].isEmpty() ? own : List.of(own.get(0), own.get(1), row[2] + ":NoSchedule"), taints, row[0]);
        }
    }

    @Test
    void zonesAndLabelsAreReadAsTheyWereNamedOverTime() {
        assertEquals("", Zones.of(silent().build()));
        Node node = silent().editMetadata()
                .withLabels(Map.of(
                        "topology.kubernetes.io/zone", "b",
                        "topology.kubernetes.io/region", "r",
                        "failure-domain.beta.kubernetes.io/zone", "a",
                        "kubernetes.io/arch", "arm64",
                        "beta.kubernetes.io/arch", "amd64"))
                .endMetadata()
                .build();
        assertEquals("r:\0:a", Zones.of(node));
        assertEquals(Map.of("beta.kubernetes.io/arch", "arm64"), BetaLabels.missing(node));
        assertEquals(Map.of(), BetaLabels.missing(silent().build()));
    }
}
