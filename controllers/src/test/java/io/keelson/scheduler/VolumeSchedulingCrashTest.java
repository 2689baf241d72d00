package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.http.HttpRequest;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.SchedulerCrashTest.Fault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A scheduler that dies before or after any write of a volume, a claim or a binding, and is told all late and twice. */
class VolumeSchedulingCrashTest {
    private static final int PODS = 8;

    private final TestVolumes volumes = new TestVolumes();
    private final TestScheduler test = volumes.test;

    @AfterEach
    void close() {
        volumes.close();
    }

    private static boolean counts(HttpRequest request) {
        String path = request.uri().getPath();
        return path.endsWith("/binding") || (!request.method().equals("GET") && path.contains("/persistentvolume"));
    }

    private boolean allBound() {
        for (int i = 0; i < PODS; i++) {
            if (test.nodeOf("p" + i).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    @Test
    void whateverALifeLeavesEachClaimGetsOneVolumeWhereItsPodIs() throws InterruptedException {
        volumes.runControllers();
        List<String> nodes = List.of(volumes.node("4"), volumes.node("4"));
        String local = volumes.storageClass("local", TestVolumes.NO_PROVISIONER, "WaitForFirstConsumer");
        String made = volumes.storageClass("made", TestVolumes.LOCAL_PATH, "WaitForFirstConsumer");
        for (int i = 0; i < PODS; i++) {
            if (i % 2 == 0) {
                volumes.volume("v" + i, local, nodes.get(i / 2 % 2));
            }
            volumes.claim("c" + i, i % 2 == 0 ? local : made, "ReadWriteOnce");
            volumes.pod("p" + i, "c" + i);
        }
        int deaths = 0;
        for (int life = 1; !allBound(); life++) {
            Fault fault = new Fault(life, life % 2 == 0, true, VolumeSchedulingCrashTest::counts);
            try (var _ = test.start(
                    ApiClient.of(test.client.getConfiguration(), List.of(fault)),
                    SchedulerCrashTest.lateAndTwice(life))) {
                TestCluster.await("life " + life + " ends", () -> fault.dead || allBound());
            }
            deaths += fault.dead ? 1 : 0;
        }
        assertTrue(deaths >= 2, "deaths: " + deaths);
        Set<String> used = new HashSet<>();
        for (int i = 0; i < PODS; i++) {
            String claim = "c" + i;
            used.add(volumes.theClaim(claim).get().getSpec().getVolumeName());
            String affinity = String.valueOf(volumes.volumeOf(claim).getSpec().getNodeAffinity());
            assertTrue(affinity.contains(test.nodeOf("p" + i)), affinity);
        }
        assertEquals(PODS, used.size());
    }
}
