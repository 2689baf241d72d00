package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** That an API server is told where a process answers for a group. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AggregatedRegistrationTest {
    private static final String GROUP_VERSION = "tools.example.com/v1";

    private TestCluster cluster;

    @BeforeAll
    void begin() {
        cluster = TestCluster.alone();
    }

    @AfterAll
    void end() {
        cluster.close();
    }

    private AggregatedRegistration at(int port) {
        return new AggregatedRegistration(cluster.client(), "localhost", port, "tools", List.of(GROUP_VERSION));
    }

    private @Nullable APIService registered() {
        return cluster.client().apiServices().withName("v1.tools.example.com").get();
    }

    private @Nullable Service service() {
        return cluster.client()
                .services()
                .inNamespace("kube-system")
                .withName("tools")
                .get();
    }

    @Test
    void whoComesBackElsewhereTakesItOver() {
        AggregatedRegistration first = at(4001);
        first.register();
        AggregatedRegistration second = at(4002);
        second.register();
        first.withdraw();
        APIService now = registered();
        assertNotNull(now, "it is another's by now");
        assertEquals(4002, now.getSpec().getService().getPort());
        assertNotNull(service());
        second.withdraw();
        assertNull(registered());
        assertNull(service());
    }

    @Test
    void whoIsToldTwiceToEndWithdrawsItAllTheSame() {
        AggregatedRegistration registration = at(4001);
        registration.register();
        Thread.currentThread().interrupt();
        registration.withdraw();
        assertTrue(Thread.interrupted());
        assertNull(registered());
        assertNull(service());
    }
}
