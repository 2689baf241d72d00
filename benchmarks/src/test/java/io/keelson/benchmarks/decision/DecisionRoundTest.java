package io.keelson.benchmarks.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class DecisionRoundTest {
    @ParameterizedTest
    @EnumSource
    void decidesOnEachPodAndLeavesTheClusterAsItWas(Asking asking) {
        ClusterState cluster = new ClusterState();
        MachinePark.fill(cluster, 60);
        DecisionRound round = DecisionRound.run(asking, cluster, 100, 1);
        assertEquals(0, round.impossible());
        assertTrue(round.perSecond() > 0 && round.p50Ms() <= round.p99Ms(), round::toString);
        assertEquals(0, cluster.uids().size());
        for (NodeState node : cluster.nodes()) {
            assertTrue(node.pods().isEmpty());
        }
    }

    @Test
    void podsForWhichThereIsNoNodeAreCounted() {
        ClusterState cluster = new ClusterState();
        MachinePark.fill(cluster, 1);
        assertEquals(60, DecisionRound.run(Asking.BASIC, cluster, 100, 1).impossible());
    }

    @Test
    void mediansAreTakenFigureByFigure() {
        assertEquals(
                new DecisionRound(2, 20, 30, 5),
                DecisionRound.median(List.of(
                        new DecisionRound(1, 10, 50, 0),
                        new DecisionRound(3, 20, 30, 5),
                        new DecisionRound(2, 30, 10, 0))));
    }
}
