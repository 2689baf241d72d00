package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class ClusterUpkeepTest {
    private static void refused(String message, Supplier<?> making) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, making::get).getMessage());
    }

    @Test
    void namesTheFlagWhoseRangesCannotBeUsed() {
        refused(
                "--service-cluster-ip-range must not contain more than two entries",
                () -> ClusterUpkeep.ranges("10.0.0.0/24,fd00::/112,10.1.0.0/24"));
        refused(
                "--service-cluster-ip-range[0] and --service-cluster-ip-range[1] must be of different IP family",
                () -> ClusterUpkeep.ranges("10.0.0.0/24,10.1.0.0/24"));
        refused(
                "--service-cluster-ip-range: \"x\" is no range of addresses such as 10.96.0.0/12",
                () -> ClusterUpkeep.ranges("x"));
        assertEquals(2, ClusterUpkeep.ranges("10.0.0.0/24, fd00::/112").size());
    }

    @Test
    void isNamedAfterTheMachine() {
        assertEquals("apiserver-lgabes5ywnaqeagh5dny4zlzs4", ServerIdentity.nameOf("node-1"));
    }
}
