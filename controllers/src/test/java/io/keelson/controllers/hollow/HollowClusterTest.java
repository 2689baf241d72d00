package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.localpath.LocalPathVolume;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.VolumeAnnotations;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HollowClusterTest {
    private static final String RULES = """
        rules:
        - match: {selector: {matchLabels: {play: crash}}}
          runningAfter: 10ms
          exit: {after: 10ms, code: 9}
        - match: {selector: {matchLabels: {play: succeed}}}
          runningAfter: 10ms
          exit: {after: 50ms}
        - runningAfter: 10ms
          readyAfter: 10ms
          stopAfter: 10ms
        """;
    private static final Map<String, String> CAPACITY = Map.of("cpu", "4", "memory", "8Gi", "pods", "20");

    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final Time time = Time.system();
    private final String prefix = "hollow-" + System.nanoTime();

    @AfterEach
    void close() {
        time.close();
        // Those of the command, whose client is not one of this cluster's.
        cluster.client().nodes().withLabel(HollowNode.LABEL).delete();
        cluster.close();
    }

    private HollowSettings settings(int count) {
        return new HollowSettings(count, prefix, CAPACITY, 3, 0, PodRules.parse(RULES, 1));
    }

    private HollowCluster started(int count, Time clock) throws InterruptedException {
        HollowCluster hollow = new HollowCluster(settings(count), cluster.client(), clock);
        hollow.start();
        TestCluster.await("all nodes are registered", () -> hollow.registeredNodes() == count);
        return hollow;
    }

    private void create(String namespace, String name, int node, String play, String restartPolicy) {
        nodes.create(new PodBuilder(
                        TestNodes.pod(namespace, name, prefix + '-' + node).build())
                .editMetadata()
                .addToLabels("play", play)
                .endMetadata()
                .editSpec()
                .withRestartPolicy(restartPolicy)
                .endSpec());
    }

    private @Nullable Pod pod(String namespace, String name) {
        return cluster.client().pods().inNamespace(namespace).withName(name).get();
    }

    private boolean isPhase(String namespace, String name, String phase) {
        Pod pod = pod(namespace, name);
        return pod != null && Pods.phase(pod).equals(phase);
    }

    private PersistentVolume directory(String name, String node) {
        return cluster.client()
                .resource(new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withFinalizers(LocalPathVolume.FINALIZER)
                        .withAnnotations(Map.of(
                                VolumeAnnotations.PROVISIONED_BY,
                                LocalPathVolume.PROVISIONER,
                                LocalPathVolume.NODE,
                                node))
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withCapacity(Map.of("storage", new Quantity("1Mi")))
                        .withNewHostPath("/nowhere/" + name, "DirectoryOrCreate")
                        .endSpec()
                        .build())
                .create();
    }

    private @Nullable PersistentVolume again(PersistentVolume volume) {
        return volumeNow(volume).get();
    }

    private Resource<PersistentVolume> volumeNow(PersistentVolume volume) {
        return cluster.client()
                .persistentVolumes()
                .withName(volume.getMetadata().getName());
    }

    /** What the controller does that watches over volumes in use, once nobody uses it. */
    private void nobodyUses(PersistentVolume volume) {
        volumeNow(volume)
                .edit(now -> new PersistentVolumeBuilder(now)
                        .editMetadata()
                        .removeFromFinalizers("kubernetes.io/pv-protection")
                        .endMetadata()
                        .build());
    }

    @Test
    void aDirectoryOfAHollowNodeGoesWhenItsVolumeIsDeletedAndNobodyUsesIt() throws InterruptedException {
        PersistentVolume before = directory(prefix + "-before", prefix + "-0");
        PersistentVolume used = directory(prefix + "-used", prefix + "-0");
        PersistentVolume others = directory(prefix + "-others", "machine");
        for (PersistentVolume volume : List.of(before, used, others)) {
            cluster.client().resource(volume).delete();
        }
        nobodyUses(before);
        nobodyUses(others);
        try (HollowCluster hollow = started(1, time)) {
            TestCluster.await("one that was deleted before is gone", () -> again(before) == null);
            TestCluster.await("there is no more to do", hollow::resting);
            assertTrue(holdsDirectory(used), "somebody may use it still");
            assertTrue(holdsDirectory(others), "that of another machine is left alone");
            nobodyUses(used);
            TestCluster.await("one is gone when nobody uses it any more", () -> again(used) == null);
        } finally {
            volumeNow(others)
                    .edit(now -> new PersistentVolumeBuilder(now)
                            .editMetadata()
                            .withFinalizers()
                            .endMetadata()
                            .build());
        }
    }

    private boolean holdsDirectory(PersistentVolume volume) {
        PersistentVolume now = again(volume);
        return now != null && now.hasFinalizer(LocalPathVolume.FINALIZER);
    }

    @Test
    void nodesAreThereAndTheirPodsLiveAndDieByTheRules() throws InterruptedException {
        String namespace = cluster.namespace();
        try (HollowCluster hollow = started(20, time)) {
            Node node = nodes.get(prefix + "-4");
            assertNotNull(node);
            assertEquals(new Quantity("20"), node.getStatus().getAllocatable().get("pods"));
            assertEquals("zone-1", node.getMetadata().getLabels().get("topology.kubernetes.io/zone"));
            assertTrue(node.getStatus().getConditions().stream()
                    .anyMatch(condition ->
                            "Ready".equals(condition.getType()) && "KubeletReady".equals(condition.getReason())));
            Lease lease = cluster.client()
                    .leases()
                    .inNamespace("kube-node-lease")
                    .withName(prefix + "-4")
                    .get();
            assertNotNull(lease);
            assertEquals(
                    node.getMetadata().getUid(),
                    lease.getMetadata().getOwnerReferences().getFirst().getUid());
            assertEquals(40, lease.getSpec().getLeaseDurationSeconds());

            List<String> names = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                names.add("web-" + i);
                create(namespace, "web-" + i, i % 20, "run", "Always");
            }
            create(namespace, "stranger", 20, "run", "Always");
            create(namespace, "done", 0, "succeed", "Never");
            create(namespace, "broken", 1, "crash", "Never");
            create(namespace, "looping", 2, "crash", "Always");
            for (String name : names) {
                TestCluster.await(name + " is ready", () -> {
                    Pod pod = pod(namespace, name);
                    return pod != null && Pods.isReady(pod);
                });
            }
            Set<String> addresses = new HashSet<>();
            for (String name : names) {
                Pod pod = pod(namespace, name);
                assertNotNull(pod);
                assertEquals("Running", Pods.phase(pod));
                assertTrue(addresses.add(pod.getStatus().getPodIP()), "each has an address of its own");
                assertEquals(
                        pod.getStatus().getPodIP(),
                        pod.getStatus().getPodIPs().getFirst().getIp());
                assertNotNull(pod.getStatus().getHostIP());
                assertNotNull(pod.getStatus().getStartTime());
            }
            TestCluster.await("one succeeds", () -> isPhase(namespace, "done", "Succeeded"));
            TestCluster.await("one fails", () -> isPhase(namespace, "broken", "Failed"));
            TestCluster.await("one is started again, and then waits", () -> {
                Pod pod = pod(namespace, "looping");
                return pod != null
                        && !pod.getStatus().getContainerStatuses().isEmpty()
                        && pod.getStatus().getContainerStatuses().getFirst().getRestartCount() == 1
                        && pod.getStatus()
                                        .getContainerStatuses()
                                        .getFirst()
                                        .getState()
                                        .getWaiting()
                                != null;
            });
            cluster.client().pods().inNamespace(namespace).withName("web-0").delete();
            cluster.client().pods().inNamespace(namespace).withName("done").delete();
            TestCluster.await(
                    "those that are deleted are gone",
                    () -> pod(namespace, "web-0") == null && pod(namespace, "done") == null);
            assertTrue(isPhase(namespace, "stranger", "Pending"), "a pod of another node is left alone");
            TestCluster.await("those that ended are forgotten", () -> hollow.activePods() == 30);
        }
    }

    @Test
    void aSecondProcessTakesOverAndPodsKeepTheirAddresses() throws InterruptedException {
        String namespace = cluster.namespace();
        String address;
        try (HollowCluster hollow = started(2, time)) {
            assertEquals(2, hollow.registeredNodes());
            create(namespace, "web", 1, "run", "Always");
            TestCluster.await("it is ready", () -> {
                Pod pod = pod(namespace, "web");
                return pod != null && Pods.isReady(pod);
            });
            Pod pod = pod(namespace, "web");
            assertNotNull(pod);
            address = pod.getStatus().getPodIP();
        }
        create(namespace, "late", 1, "run", "Always");
        try (HollowCluster hollow = started(2, time)) {
            assertEquals(2, hollow.registeredNodes());
            TestCluster.await("the new one is ready", () -> {
                Pod pod = pod(namespace, "late");
                return pod != null && Pods.isReady(pod);
            });
            Pod web = pod(namespace, "web");
            Pod late = pod(namespace, "late");
            assertNotNull(web);
            assertNotNull(late);
            assertEquals(address, web.getStatus().getPodIP());
            assertNotEquals(address, late.getStatus().getPodIP());
        }
    }

    private ZonedDateTime renewed(int node) {
        Lease lease = cluster.client()
                .leases()
                .inNamespace("kube-node-lease")
                .withName(prefix + '-' + node)
                .get();
        assertNotNull(lease);
        return lease.getSpec().getRenewTime();
    }

    @Test
    void leasesAreRenewedEveryTenSecondsAndNotAllAtOnce() throws InterruptedException {
        ManualTime clock = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        try (HollowCluster hollow = started(10, clock)) {
            assertEquals(10, hollow.registeredNodes());
            for (int i = 0; i < 10; i++) {
                int node = i;
                TestCluster.await(
                        "it has a Lease",
                        () -> cluster.client()
                                        .leases()
                                        .inNamespace("kube-node-lease")
                                        .withName(prefix + '-' + node)
                                        .get()
                                != null);
            }
            Set<Instant> moments = new HashSet<>();
            for (int second = 1; second <= 10; second++) {
                clock.advance(Duration.ofSeconds(1));
                Instant now = clock.instant();
                int due = second % 10;
                TestCluster.await(
                        "node " + due + " renews",
                        () -> renewed(due).toInstant().equals(now));
                moments.add(renewed(due).toInstant());
            }
            assertEquals(10, moments.size());
            clock.advance(Duration.ofSeconds(1));
            TestCluster.await(
                    "the next period has come", () -> renewed(1).toInstant().equals(clock.instant()));
        }
    }

    @Test
    void turnsAreSpreadEvenlyHoweverLateNodesAreRegistered() throws InterruptedException {
        ManualTime clock = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        // The second half of the nodes are registered, by an earlier process, long before this one comes.
        try (HollowCluster earlier = started(10, clock)) {
            assertEquals(10, earlier.registeredNodes());
        }
        clock.advance(Duration.ofMillis(3_700));
        try (HollowCluster hollow = started(10, clock)) {
            TestCluster.await("all are renewed at once", () -> {
                for (int i = 0; i < 10; i++) {
                    if (!renewed(i).toInstant().equals(clock.instant())) {
                        return false;
                    }
                }
                return true;
            });
            for (int second = 1; second <= 20; second++) {
                clock.advance(Duration.ofSeconds(1));
                Instant now = clock.instant();
                int due = second % 10;
                TestCluster.await(
                        "node " + due + " renews",
                        () -> renewed(due).toInstant().equals(now));
                TestCluster.await("nobody else has anything to do", hollow::resting);
                int renewals = 0;
                for (int i = 0; i < 10; i++) {
                    renewals += renewed(i).toInstant().equals(now) ? 1 : 0;
                }
                assertEquals(1, renewals, "in second " + second);
            }
        }
    }

    private NodeCondition readiness(int index) {
        Node node = nodes.get(prefix + '-' + index);
        assertNotNull(node);
        return node.getStatus().getConditions().stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aNodeThatWasTakenForLostSaysThatItIsBackAndSinceWhen() throws InterruptedException {
        ManualTime clock = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        try (HollowCluster hollow = started(2, clock)) {
            TestCluster.await("both are renewed", hollow::resting);
            clock.advance(Duration.ofMinutes(5));
            TestCluster.await(
                    "the status is posted again",
                    () -> readiness(1).getLastHeartbeatTime().compareTo("2026-01-01T00:02:30Z") >= 0
                            && hollow.resting());
            assertEquals("2026-01-01T00:00:00Z", readiness(1).getLastTransitionTime(), "it was ready all the time");
        }
        nodes.post(prefix + "-1", "Ready", "Unknown", clock.instant());
        clock.advance(Duration.ofMinutes(10));
        AtomicBoolean away = new AtomicBoolean();
        try (KubernetesClient unreliable = ApiClient.of(cluster.client().getConfiguration(), List.of(refusing(away)));
                HollowCluster hollow = new HollowCluster(settings(2), unreliable, clock)) {
            hollow.start();
            TestCluster.await(
                    "it is ready again", () -> "True".equals(readiness(1).getStatus()) && hollow.resting());
            assertEquals("2026-01-01T00:15:00Z", readiness(1).getLastTransitionTime());
            away.set(true);
            nodes.post(prefix + "-1", "Ready", "Unknown", clock.instant());
            clock.advance(Duration.ofSeconds(60));
            TestCluster.await("all that can be tried was tried", hollow::resting);
            away.set(false);
            clock.advance(Duration.ofSeconds(3));
            TestCluster.await(
                    "it says so before its next turn",
                    () -> "True".equals(readiness(1).getStatus()) && hollow.resting());
        }
    }

    /** The API is away as long as this is set, for all that writes. */
    private static Interceptor refusing(AtomicBoolean away) {
        return new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (away.get() && !request.method().equals("GET")) {
                    throw new KubernetesClientException("the API is away");
                }
            }
        };
    }

    @Test
    void theCommandRegistersNodesAndEndsWhenItIsTold(@TempDir Path folder) throws IOException, InterruptedException {
        Path kubeconfig = withFilesBeside(cluster.kubeconfig(folder));
        StringWriter out = new StringWriter();
        CommandLine command = new CommandLine(new NodesCommand()).setOut(new PrintWriter(out));
        Thread running = Thread.ofPlatform()
                .start(() -> command.execute(
                        "simulate",
                        "--count=3",
                        "--prefix=" + prefix,
                        "--kubeconfig=" + kubeconfig,
                        "--capacity=cpu=64,pods=5",
                        "--zones=2",
                        "--qps=500",
                        "--seed=7"));
        TestCluster.await("it says so", () -> out.toString().contains("3 nodes are registered"));
        Node node = nodes.get(prefix + "-2");
        assertNotNull(node);
        assertEquals(new Quantity("64"), node.getStatus().getCapacity().get("cpu"));
        assertEquals(new Quantity("32Gi"), node.getStatus().getCapacity().get("memory"));
        running.interrupt();
        running.join(Duration.ofSeconds(10));
        assertTrue(!running.isAlive(), "it ends");
    }

    /** A kubeconfig that names its certificates and its key as files beside it. */
    private static Path withFilesBeside(Path kubeconfig) throws IOException {
        String text = Files.readString(kubeconfig);
        for (String field : List.of("certificate-authority", "client-certificate", "client-key")) {
            Matcher data =
                    Pattern.compile(field + "-data: *\"?([A-Za-z0-9+/=]+)\"?").matcher(text);
            assertTrue(data.find(), field);
            Files.write(
                    kubeconfig.resolveSibling(field + ".pem"),
                    Base64.getDecoder().decode(data.group(1)));
            text = data.replaceFirst(field + ": " + field + ".pem");
        }
        return Files.writeString(kubeconfig, text);
    }

    @Test
    void aNodeOfAMachineIsLeftAlone() throws InterruptedException {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(prefix + "-1")
                        .endMetadata()
                        .build())
                .create();
        Node before = nodes.get(prefix + "-1");
        assertNotNull(before);
        try (HollowCluster hollow = new HollowCluster(settings(3), cluster.client(), time)) {
            hollow.start();
            TestCluster.await("the others are registered", () -> hollow.registeredNodes() == 2);
            TestCluster.await("it was refused", hollow::resting);
            assertEquals(before, nodes.get(prefix + "-1"));
            cluster.client().nodes().withName(prefix + "-1").delete();
            TestCluster.await("it has made room", () -> hollow.registeredNodes() == 3);
        }
    }

    @Test
    void optionsThatCannotBeMeantAreRefused() {
        for (String option : List.of(
                "--count=-1",
                "--prefix=UPPER",
                "--capacity=pods=many",
                "--zones=-1",
                "--rules=/nonexistent",
                "--count=1000000",
                "--kubeconfig=/nonexistent")) {
            CommandLine command = new CommandLine(new NodesCommand()).setErr(new PrintWriter(new StringWriter()));
            assertEquals(2, command.execute("simulate", option), option);
        }
        assertEquals(
                2,
                new CommandLine(new NodesCommand())
                        .setErr(new PrintWriter(new StringWriter()))
                        .execute());
    }
}
