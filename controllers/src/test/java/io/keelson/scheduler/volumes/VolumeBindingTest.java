package io.keelson.scheduler.volumes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.CSIDriver;
import io.fabric8.kubernetes.api.model.storage.CSIStorageCapacity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.plugins.NodeResourcesFit.Point;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VolumeBindingTest {
    private static final KubernetesClient UNUSED = (KubernetesClient) Proxy.newProxyInstance(
            VolumeBindingTest.class.getClassLoader(),
            new Class<?>[] {KubernetesClient.class},
            (proxy, method, args) -> {
                throw new AssertionError("nothing has to be written, but " + method + " is called");
            });

    private final ClusterState cluster = new ClusterState();
    private final StorageState storage = new StorageState();
    private final VolumeBinding binding = binding(Duration.ofSeconds(20), List.of());
    private final Map<String, HasMetadata> live = new ConcurrentHashMap<>();
    private long version;

    VolumeBindingTest() {
        for (String node : List.of("a", "b")) {
            cluster.setNode(object(Node.class, """
                    metadata: {name: %1$s, labels: {kubernetes.io/hostname: %1$s}}
                    """.formatted(node)));
            live.put("node " + node, state(node).node());
        }
        storageClass("made", "csi.example.com");
        storageClass("local", "kubernetes.io/no-provisioner");
        storage.see(new LiveStorage() {
            @Override
            public @Nullable Pod pod(Key key) {
                return (Pod) live.get("pod " + key.name());
            }

            @Override
            public @Nullable Node node(String name) {
                return (Node) live.get("node " + name);
            }

            @Override
            public @Nullable PersistentVolumeClaim claim(Key key) {
                return (PersistentVolumeClaim) live.get("claim " + key.name());
            }

            @Override
            public @Nullable PersistentVolume volume(String name) {
                return (PersistentVolume) live.get("volume " + name);
            }
        });
    }

    private VolumeBinding binding(Duration timeout, List<Point> shape) {
        return new VolumeBinding(storage, timeout, shape);
    }

    private NodeState state(String node) {
        return Objects.requireNonNull(cluster.node(node));
    }

    private <T extends HasMetadata> T object(Class<T> kind, String yaml) {
        T object = Serialization.unmarshal(yaml, kind);
        object.getMetadata().setUid("uid-" + object.getMetadata().getName());
        object.getMetadata().setResourceVersion(String.valueOf(++version));
        return object;
    }

    private void storageClass(String name, String provisioner) {
        storage.storageClass(new Change<>(null, object(StorageClass.class, """
                metadata: {name: %s}
                provisioner: %s
                volumeBindingMode: WaitForFirstConsumer
                """.formatted(name, provisioner))));
    }

    private PersistentVolumeClaim claim(String name, String storageClass) {
        return told(object(PersistentVolumeClaim.class, """
                metadata: {namespace: default, name: %s}
                spec:
                  accessModes: [ReadWriteOncePod]
                  storageClassName: %s
                  resources: {requests: {storage: 1Gi}}
                """.formatted(name, storageClass)));
    }

    private PersistentVolumeClaim told(PersistentVolumeClaim claim) {
        live.put("claim " + claim.getMetadata().getName(), claim);
        storage.claim(new Change<>(null, claim));
        return claim;
    }

    private PersistentVolumeClaimBuilder next(PersistentVolumeClaim claim) {
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .withResourceVersion(String.valueOf(++version))
                .endMetadata();
    }

    private PersistentVolume volume(String name, String node) {
        PersistentVolume volume = object(PersistentVolume.class, """
                metadata: {name: %s}
                spec:
                  accessModes: [ReadWriteOncePod]
                  storageClassName: local
                  capacity: {storage: 1Gi}
                  nodeAffinity:
                    required:
                      nodeSelectorTerms:
                      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]
                status: {phase: Available}
                """.formatted(name, node));
        live.put("volume " + name, volume);
        storage.volume(new Change<>(null, volume));
        return volume;
    }

    private PodInfo pod(String name, String... claims) {
        StringBuilder volumes = new StringBuilder();
        for (String claim : claims) {
            volumes.append("\n  - {name: v-%1$s, persistentVolumeClaim: {claimName: %1$s}}".formatted(claim));
        }
        Pod pod = object(Pod.class, """
                metadata: {namespace: default, name: %s}
                spec:
                  priority: 0
                  volumes: %s
                """.formatted(name, claims.length == 0 ? "[]" : volumes));
        live.put("pod " + name, pod);
        return PodInfo.of(pod, cluster.table());
    }

    private List<String> reasons(PodInfo pod, String node) {
        var test = binding.prepare(pod, cluster);
        return test == null
                ? List.of()
                : test.test(state(node)).stream().map(Rejection::reason).toList();
    }

    private static Reservation taken(@Nullable Reservation reservation) {
        assertNotNull(reservation);
        return reservation;
    }

    @Test
    void aPodWithoutVolumesCostsNothing() throws ReservationException {
        PodInfo pod = pod("p");
        assertNull(binding.prepare(pod, cluster));
        assertNull(binding.rejectEverywhere(pod, cluster));
        assertNull(binding.reserve(pod, state("a")));
        assertTrue(state("a").volumeUsers().isEmpty());
    }

    @Test
    void aVolumeThatIsTakenIsNobodyElsesUntilItIsGivenBack() throws ReservationException {
        volume("v", "a");
        claim("one", "local");
        claim("other", "local");
        PodInfo first = pod("first", "one");
        PodInfo second = pod("second", "other");
        assertEquals(List.of(), reasons(second, "a"));
        assertEquals(List.of(VolumeFinder.BIND_CONFLICT), reasons(second, "b"));
        Reservation reservation = taken(binding.reserve(first, state("a")));
        assertEquals(List.of(VolumeFinder.BIND_CONFLICT), reasons(second, "a"));
        assertThrows(ReservationException.class, () -> binding.reserve(second, state("a")));
        reservation.release();
        reservation.release();
        assertEquals(List.of(), reasons(second, "a"));
    }

    @Test
    void podsOfOneClaimGoToTheNodeThatWasChosenForIt() throws ReservationException {
        claim("c", "made");
        Reservation first = taken(binding.reserve(pod("first", "c"), state("b")));
        PodInfo pod = pod("second", "c");
        assertEquals(List.of(VolumeFinder.BIND_CONFLICT), reasons(pod, "a"));
        Reservation second = taken(binding.reserve(pod, state("b")));
        first.release();
        assertEquals(List.of(VolumeFinder.BIND_CONFLICT), reasons(pod, "a"));
        second.release();
        assertEquals(List.of(), reasons(pod, "a"));
    }

    @Test
    void whatIsWrittenAlreadyIsOnlyWaitedFor() throws Exception {
        PersistentVolumeClaim claim = told(next(claim("c", "made"))
                .editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", "a")
                .endMetadata()
                .build());
        Reservation reservation = taken(binding.reserve(pod("p", "c"), state("a")));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> written = threads.submit(() -> {
                reservation.write(UNUSED);
                return null;
            });
            volume("v", "a");
            told(next(claim)
                    .editMetadata()
                    .addToAnnotations("pv.kubernetes.io/bind-completed", "yes")
                    .endMetadata()
                    .editSpec()
                    .withVolumeName("v")
                    .endSpec()
                    .build());
            written.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatDoesNotComeInTimeIsGivenUp() throws ReservationException {
        told(next(claim("c", "made"))
                .editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", "a")
                .endMetadata()
                .build());
        Reservation reservation =
                taken(binding(Duration.ofMillis(30), List.of()).reserve(pod("p", "c"), state("a")));
        assertEquals(
                "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded",
                assertThrows(ReservationException.class, () -> reservation.write(UNUSED))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> binding(Duration.ofSeconds(-1), List.of()));
    }

    private String failure(BindingProgress progress) {
        return String.valueOf(assertThrows(ReservationException.class, () -> progress.isComplete(storage.live()))
                .getMessage());
    }

    @Test
    void whatWillNotBeBoundAnyMoreIsSaid() throws ReservationException {
        PodInfo pod = pod("p", "c", "m");
        PersistentVolumeClaim matched = claim("m", "local");
        PersistentVolume written = volume("v", "a");
        BindingProgress progress = new BindingProgress(pod.key(), pod.uid(), "a");
        progress.matched(written, matched);
        assertEquals("ClaimRef got reset for pv \"v\"", failure(progress));
        live.remove("volume v");
        assertEquals("failed to check binding: persistentvolume \"v\" not found", failure(progress));
        live.put("volume v", written);
        live.remove("claim m");
        assertEquals("failed to check binding: persistentvolumeclaim \"m\" not found", failure(progress));

        PersistentVolumeClaim asked = claim("c", "made");
        BindingProgress making = new BindingProgress(pod.key(), pod.uid(), "a");
        making.asked(asked);
        assertEquals("selectedNode annotation reset for PVC \"c\"", failure(making));
        told(next(asked)
                .editMetadata()
                .addToAnnotations("other", "x")
                .endMetadata()
                .build());
        assertEquals("provisioning failed for PVC \"c\"", failure(making));
        volume("elsewhere", "b");
        told(next(asked)
                .editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", "a")
                .endMetadata()
                .editSpec()
                .withVolumeName("elsewhere")
                .endSpec()
                .build());
        assertEquals(
                "pv \"elsewhere\" node affinity doesn't match node \"a\": no matching NodeSelectorTerms",
                failure(making));
        live.remove("claim c");
        assertEquals("failed to check provisioning pvc: persistentvolumeclaim \"c\" not found", failure(making));
        live.remove("node a");
        assertEquals("failed to get node \"a\": node \"a\" not found", failure(making));
        live.remove("pod p");
        assertEquals("pod does not exist any more: pod \"p\" not found", failure(making));
    }

    @Test
    void aCacheThatIsBehindTheWriteSaysNothing() throws ReservationException {
        PodInfo pod = pod("p", "c");
        PersistentVolumeClaim seen = claim("c", "made");
        BindingProgress progress = new BindingProgress(pod.key(), pod.uid(), "a");
        progress.asked(next(seen).build());
        assertFalse(progress.isComplete(storage.live()));
    }

    @Test
    void nodesWithMoreRoomAreBetterIfThatIsCompared() {
        storage.driver(new Change<>(null, object(CSIDriver.class, """
                metadata: {name: csi.example.com}
                spec: {storageCapacity: true}
                """)));
        capacity("few", "a", "2Gi");
        capacity("much", "b", "10Gi");
        claim("c", "made");
        PodInfo pod = pod("p", "c");
        List<NodeState> nodes = List.of(state("a"), state("b"));
        assertNull(binding.prepare(pod, cluster, nodes));
        Score.Rating rating =
                Objects.requireNonNull(binding(Duration.ZERO, List.of(new Point(0, 10), new Point(100, 0)))
                        .prepare(pod, cluster, nodes));
        assertEquals(List.of(50L, 90L), nodes.stream().map(rating::rate).toList());
    }

    private void capacity(String name, String node, String size) {
        storage.capacity(new Change<>(null, object(CSIStorageCapacity.class, """
                metadata: {namespace: default, name: %s}
                storageClassName: made
                capacity: %s
                nodeTopology: {matchLabels: {kubernetes.io/hostname: %s}}
                """.formatted(name, size, node))));
    }

    @Test
    void whoeverUsesAClaimForOnePodHasToGoIfSomebodyMoreImportantWantsIt() {
        claim("c", "local");
        PodInfo user = pod("user", "c");
        cluster.put(user, "a");
        Pod asking = pod("important", "c").pod();
        asking.getSpec().setPriority(10);
        PodInfo important = PodInfo.of(asking, cluster.table());
        VolumeRestrictions restrictions = new VolumeRestrictions(storage);
        Filter.Test test = Objects.requireNonNull(restrictions.prepare(important, cluster));
        Map<NodeState, List<Rejection>> rejections = new HashMap<>();
        cluster.nodes().forEach(node -> rejections.put(node, test.test(node)));
        DefaultPreemption preemption = new DefaultPreemption(List.of(restrictions), new Random(1));
        var result = preemption.find(
                important, new Decision.Impossible(rejections), cluster, 0, () -> new Budgets(List.of()));
        assertTrue(
                result instanceof DefaultPreemption.Result.Found found
                        && found.candidate().victims().equals(List.of(user)),
                () -> "found: " + result);
    }
}
