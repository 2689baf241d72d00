package io.keelson.controllers.leader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class LeaseElectionTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ElectionTerms terms = new ElectionTerms(
            namespace, "election", Duration.ofSeconds(4), Duration.ofMillis(2500), Duration.ofMillis(100));
    private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void close() throws InterruptedException {
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        cluster.close();
    }

    private LeaseElection election(String identity) {
        return new LeaseElection(cluster.client(), terms, identity);
    }

    /** Takes part until the test ends, and tells when it came to lead. */
    private Thread run(LeaseElection election, Runnable elected) {
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                election.acquire();
                elected.run();
                election.holdUntilLost();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        threads.add(thread);
        return thread;
    }

    private Lease lease() {
        return cluster.client()
                .leases()
                .inNamespace(namespace)
                .withName("election")
                .get();
    }

    @Test
    void oneOfManyLeadsAndAnotherGoesOnWithinTheLeaseTimeWhenItDies() throws InterruptedException {
        List<String> leaders = Collections.synchronizedList(new ArrayList<>());
        List<LeaseElection> elections = new ArrayList<>();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String identity = "process-" + i;
            LeaseElection election = election(identity);
            elections.add(election);
            running.add(run(election, () -> leaders.add(identity)));
        }
        TestCluster.await("one leads", () -> leaders.size() == 1);
        Thread.sleep(2 * terms.leaseDuration().toMillis());
        assertEquals(1, leaders.size(), () -> "leaders one after the other: " + leaders);
        assertEquals(1, elections.stream().filter(LeaseElection::leads).count());
        int first = Integer.parseInt(leaders.getFirst().substring("process-".length()));
        assertEquals(leaders.getFirst(), lease().getSpec().getHolderIdentity());
        assertEquals(0, lease().getSpec().getLeaseTransitions());

        running.get(first).interrupt();
        running.get(first).join();
        long died = System.nanoTime();
        TestCluster.await("another leads", () -> leaders.size() == 2);
        Duration without = Duration.ofNanos(System.nanoTime() - died);
        assertTrue(without.compareTo(terms.leaseDuration().multipliedBy(2)) < 0, () -> "without a leader: " + without);
        assertFalse(elections.get(first).leads());
        assertEquals(1, lease().getSpec().getLeaseTransitions());
    }

    @Test
    void whoReleasesIsFollowedAtOnce() throws InterruptedException {
        LeaseElection first = election("first");
        first.acquire();
        AtomicBoolean elected = new AtomicBoolean();
        LeaseElection second = election("second");
        run(second, () -> elected.set(true));
        Thread.sleep(300);
        assertFalse(elected.get());
        long released = System.nanoTime();
        first.release();
        assertFalse(first.leads());
        TestCluster.await("the second leads", elected::get);
        assertTrue(System.nanoTime() - released < terms.leaseDuration().toNanos());
    }

    @Test
    void aLeaderThatCannotRenewStopsBeforeOthersMayStart() throws InterruptedException {
        LeaseElection first = election("first");
        first.acquire();
        AtomicLong ended = new AtomicLong();
        AtomicLong began = new AtomicLong();
        run(election("second"), () -> began.set(System.nanoTime()));
        TestCluster.await("its time is over", () -> {
            if (!first.leads()) {
                ended.compareAndSet(0, System.nanoTime());
                return true;
            }
            return false;
        });
        assertEquals(0, began.get(), "the second led while the first did");
        TestCluster.await("the second leads", () -> began.get() != 0);
        assertTrue(began.get() > ended.get());
        first.holdUntilLost();
        assertFalse(first.leads());
    }

    @Test
    void aClockThatJumpsTakesNoLease() throws InterruptedException {
        LeaseElection first = election("first");
        AtomicBoolean elected = new AtomicBoolean();
        run(first, () -> elected.set(true));
        TestCluster.await("the first leads", elected::get);
        // Its wall clock is a day ahead, as is the renewal that it would compare with that clock.
        InstantSource ahead = () -> Instant.now().plus(Duration.ofDays(1));
        AtomicBoolean jumped = new AtomicBoolean();
        run(new LeaseElection(cluster.client(), terms, "ahead", ahead, System::nanoTime), () -> jumped.set(true));
        Thread.sleep(2 * terms.leaseDuration().toMillis());
        assertFalse(jumped.get());
        assertTrue(first.leads());
    }

    @Test
    void aLeaseThatSaysNothingIsTaken() throws InterruptedException {
        cluster.client()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("election")
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        LeaseElection first = election("first");
        first.acquire();
        assertTrue(first.leads());
        assertEquals("first", lease().getSpec().getHolderIdentity());
    }

    @Test
    void aLeaderThatHangsIsNotWell() throws InterruptedException {
        AtomicLong nanos = new AtomicLong(System.nanoTime());
        LeaseElection hanging =
                new LeaseElection(cluster.client(), terms, "hanging", InstantSource.system(), nanos::get);
        assertTrue(hanging.well(), "it waits");
        hanging.acquire();
        nanos.addAndGet(terms.leaseDuration().plusSeconds(20).toNanos() - 1);
        assertFalse(hanging.leads());
        assertTrue(hanging.well(), "it may still end in order");
        nanos.addAndGet(1);
        assertFalse(hanging.well());
        hanging.holdUntilLost();
        assertTrue(hanging.well());
    }

    @Test
    void aProcessThatComesBackUnderItsNameGoesOnAtOnce() throws InterruptedException {
        election("first").acquire();
        LeaseElection again = election("first");
        again.acquire();
        assertTrue(again.leads());
        assertEquals(0, lease().getSpec().getLeaseTransitions());
    }

    @Test
    void whoseLeaseIsTakenAwayStops() throws InterruptedException {
        LeaseElection first = election("first");
        Thread running = run(first, () -> {});
        TestCluster.await("the first leads", first::leads);
        // Whatever has become of it meanwhile: it is being renewed.
        cluster.client()
                .leases()
                .inNamespace(namespace)
                .withName("election")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"holderIdentity\":\"somebody else\"}}");
        running.join(Duration.ofSeconds(5));
        assertFalse(first.leads());
        assertFalse(running.isAlive());
    }

    @Test
    void aFenceLetsNoWritePassOnceItsProcessDoesNotLead() {
        AtomicBoolean leads = new AtomicBoolean(true);
        try (KubernetesClient fenced =
                ApiClient.of(cluster.client().getConfiguration(), List.of(new Fence(leads::get)))) {
            fenced.resource(configMap("before")).create();
            leads.set(false);
            assertThrows(
                    RuntimeException.class,
                    () -> fenced.resource(configMap("after")).create());
            assertEquals(
                    "before",
                    fenced.configMaps()
                            .inNamespace(namespace)
                            .withName("before")
                            .get()
                            .getMetadata()
                            .getName());
        }
        assertEquals(
                null,
                cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("after")
                        .get());
    }

    private ConfigMap configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    @Test
    void termsThatMakeNoSenseAreRefusedWithTheFlagsName() {
        Duration second = Duration.ofSeconds(1);
        String duration = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ElectionTerms("n", "l", second, second, Duration.ofMillis(1)))
                .getMessage();
        assertTrue(String.valueOf(duration).contains("--leader-elect-lease-duration"), duration);
        String retry = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ElectionTerms("n", "l", second.multipliedBy(2), second, second))
                .getMessage();
        assertTrue(String.valueOf(retry).contains("--leader-elect-retry-period"), retry);
    }
}
