package io.keelson.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PolicyTableProperties {
    private static final int CHANGES = 60;
    private static final int PACKETS = 40;

    @Property(tries = 150)
    void theTableLetsPassWhatPoliciesAllow(@ForAll long seed) {
        RandomCluster cluster = new RandomCluster(seed);
        PolicyTable table = new PolicyTable();
        TableModel model = new TableModel();
        for (int i = 0; i < CHANGES; i++) {
            cluster.change(table);
            if (i % 3 == 0) {
                model.apply(table.content().changes());
            }
        }
        model.apply(table.content().changes());
        ReferencePolicies reference =
                new ReferencePolicies(cluster.policies(), cluster.pods(), cluster.namespaces(), RandomCluster.NODE);
        for (int i = 0; i < PACKETS; i++) {
            Packet packet = cluster.packet();
            assertEquals(reference.allows(packet), model.passes(packet), packet::toString);
        }
    }

    @Property(tries = 100)
    void whateverTheWayTheTableIsThatOfWhatThereIs(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int together) {
        RandomCluster cluster = new RandomCluster(seed);
        PolicyTable table = new PolicyTable();
        TableModel model = new TableModel();
        for (int i = 0; i < CHANGES; i++) {
            cluster.change(table);
            if (i % together == 0) {
                model.apply(table.content().changes());
                model.assertSame(cluster.fresh().content());
            }
        }
    }

    @Property(tries = 20)
    void whatIsWrittenAsAWholeIsTheSame(@ForAll long seed) {
        RandomCluster cluster = new RandomCluster(seed);
        PolicyTable table = new PolicyTable();
        for (int i = 0; i < CHANGES; i++) {
            cluster.change(table);
        }
        TableModel model = new TableModel();
        model.apply(table.content().everything());
        model.assertSame(table.content());
        assertTrue(table.content().changes().isEmpty(), "nothing is left to be told");
    }
}
