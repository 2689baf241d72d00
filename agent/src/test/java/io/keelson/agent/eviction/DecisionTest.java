package io.keelson.agent.eviction;

import static io.keelson.agent.eviction.TestUse.MEBI;
import static io.keelson.agent.eviction.TestUse.asking;
import static io.keelson.agent.eviction.TestUse.disk;
import static io.keelson.agent.eviction.TestUse.memory;
import static io.keelson.agent.eviction.TestUse.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.eviction.Decision.BeyondLimits;
import io.keelson.agent.eviction.Decision.Calm;
import io.keelson.agent.eviction.Decision.Lack;
import io.keelson.agent.eviction.Decision.Victim;
import io.keelson.agent.eviction.DiskLayout.Waste;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.pods.PodTraits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionTest {
    private static final Threshold MEMORY = threshold("memory.available", "100Mi");
    private static final NodePicture LITTLE = picture(Map.of());

    private static Threshold threshold(String signal, String value) {
        return Thresholds.parse(Map.of(signal, value), Map.of(), Map.of(), Map.of(), false)
                .getFirst();
    }

    private static NodePicture picture(Map<String, PodUse> uses) {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        return new NodePicture(
                Map.of(
                        Signal.MEMORY_AVAILABLE, new Observation(92 * MEBI + 1024, 1000 * MEBI, now),
                        Signal.NODEFS_AVAILABLE, new Observation(5 * MEBI, 100 * MEBI, now),
                        Signal.NODEFS_INODES_FREE, new Observation(4000, 100_000, now)),
                uses);
    }

    private static Decision decide(List<Threshold> urgent, NodePicture picture, Pod... pods) {
        return Decision.of(EvictionSettings.DEFAULTS, DiskLayout.ONE, urgent, picture, List.of(pods));
    }

    private static Victim victim(Decision decision) {
        return assertInstanceOf(Lack.class, decision).victim().orElseThrow();
    }

    @Test
    void whoUsesMoreMemoryThanItAsksForEndsAndIsToldWhy() {
        Victim victim = victim(decide(
                List.of(MEMORY),
                picture(Map.of("modest", memory(200 * MEBI), "greedy", memory(300 * MEBI))),
                asking("modest", 200 * MEBI, 0),
                asking("greedy", 200 * MEBI, 0)));
        assertEquals(
                "The node was low on resource: memory. Threshold quantity: 100Mi, available: 94209Ki. Container c was "
                        + "using 300Mi, request is 209715200, has larger consumption of memory. ",
                victim.message());
        assertEquals("memory.available", victim.signal());
        assertEquals(1, victim.graceSeconds());
    }

    @Test
    void requestsAreToldAsTheyAreWritten() {
        Pod web = pod("web", """
                resources: {requests: {memory: 20Mi}}
                containers:
                - {name: c, image: i, resources: {requests: {memory: 10Mi}}}
                ephemeralContainers: [{name: debug, image: i}]
                """);
        PodUse use = new PodUse(
                OptionalLong.of(25 * MEBI),
                OptionalLong.empty(),
                OptionalLong.empty(),
                List.of(
                        new NodePicture.ContainerUse(
                                "debug", OptionalLong.of(MEBI), Optional.empty(), Optional.empty()),
                        new NodePicture.ContainerUse(
                                "c", OptionalLong.of(24 * MEBI), Optional.empty(), Optional.empty())),
                Map.of());
        assertEquals(
                "The node was low on resource: memory. Threshold quantity: 100Mi, available: 94209Ki. "
                        + "Pod web was using 25Mi, request is 20Mi, has larger consumption of memory. "
                        + "Container c was using 24Mi, request is 10Mi, has larger consumption of memory. ",
                victim(decide(List.of(MEMORY), picture(Map.of("web", use)), web))
                        .message());
    }

    @Test
    void ofWhomNothingIsKnownIsToldWhatTheNodeLacks() {
        assertEquals(
                "The node was low on resource: inodes. Threshold quantity: 5k, available: 4k. ",
                victim(decide(List.of(threshold("nodefs.inodesFree", "5k")), LITTLE, asking("p", 0, 0)))
                        .message());
    }

    @Test
    void diskIsFoundInWasteFirst() {
        Lack lack = assertInstanceOf(
                Lack.class,
                decide(
                        List.of(threshold("nodefs.available", "10%")),
                        picture(Map.of("p", disk(2 * MEBI, MEBI, Map.of()))),
                        asking("p", 0, 0)));
        assertEquals(List.of(Waste.CONTAINERS, Waste.IMAGES), lack.wastes());
        assertEquals(
                "The node was low on resource: ephemeral-storage. Threshold quantity: 10Mi, available: 5Mi. Container c "
                        + "was using 3Mi, request is 0, has larger consumption of ephemeral-storage. ",
                lack.victim().orElseThrow().message());
        assertEquals(
                List.of(),
                assertInstanceOf(Lack.class, decide(List.of(MEMORY), LITTLE)).wastes());
        assertEquals(List.of(), DiskLayout.IMAGES_APART.wastes(Signal.NODEFS_AVAILABLE));
        assertEquals(List.of(Waste.IMAGES), DiskLayout.ONLY_IMAGES_APART.wastes(Signal.IMAGEFS_INODES_FREE));
        assertEquals(List.of(Waste.CONTAINERS), DiskLayout.ONLY_IMAGES_APART.wastes(Signal.CONTAINERFS_AVAILABLE));
    }

    @Test
    void whatTheNodeCannotDoWithoutIsSpared() {
        Pod fixed = new PodBuilder(asking("fixed", 0, 0))
                .editMetadata()
                .addToAnnotations(PodTraits.SOURCE, "file")
                .endMetadata()
                .build();
        Lack lack = assertInstanceOf(
                Lack.class,
                decide(
                        List.of(MEMORY),
                        picture(Map.of("system", memory(900 * MEBI))),
                        asking("system", 0, 2_000_000_000),
                        fixed));
        assertEquals(Optional.empty(), lack.victim());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "20, 20", "90, 45", "-1, 45"})
    void forASoftThresholdPodsHaveTime(long most, long seconds) {
        EvictionSettings settings =
                new EvictionSettings(List.of(), Duration.ofMinutes(5), most, Duration.ofSeconds(10), true);
        Threshold soft = new Threshold(MEMORY.signal(), MEMORY.value(), Duration.ofSeconds(1), Optional.empty());
        Pod slow = pod("slow", "terminationGracePeriodSeconds: 45\ncontainers: [{name: c, image: i}]");
        assertEquals(
                seconds,
                victim(Decision.of(settings, DiskLayout.ONE, List.of(soft), LITTLE, List.of(slow)))
                        .graceSeconds());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 | 0 | 1048577 | emptydirfs.limit | Usage of EmptyDir volume "cache" exceeds the limit "1Mi"
            2097153 | 0 | 0 | ephemeralcontainerfs.limit | Container c exceeded its local ephemeral storage limit "2Mi"
            0 | 2097153 | 0 | ephemeralcontainerfs.limit | Container c exceeded its local ephemeral storage limit "2Mi"
            """)
    void whoGoesBeyondItsOwnLimitEndsThoughNothingIsLacking(
            long root, long logs, long volume, String limit, String message) {
        Pod pod = pod("p", """
                containers:
                - {name: c, image: i, resources: {limits: {ephemeral-storage: 2Mi}}}
                - {name: d, image: i, resources: {limits: {ephemeral-storage: 1Mi}}}
                volumes: [{name: cache, emptyDir: {sizeLimit: 1Mi}}, {name: free, emptyDir: {}}]
                """);
        BeyondLimits beyond = assertInstanceOf(
                BeyondLimits.class,
                decide(List.of(), picture(Map.of("p", disk(root, logs, Map.of("cache", volume)))), pod));
        assertEquals(limit, beyond.victims().getFirst().signal());
        assertEquals(message + ". ", beyond.victims().getFirst().message());
        assertInstanceOf(
                Calm.class, decide(List.of(), picture(Map.of("p", disk(MEBI, MEBI, Map.of("cache", MEBI)))), pod));
    }

    @Test
    void theLimitsOfAllContainersAreThePods() {
        Pod pod = pod("p", """
                containers:
                - {name: c, image: i, resources: {limits: {ephemeral-storage: 2Mi}}}
                - {name: d, image: i, resources: {limits: {ephemeral-storage: 1Mi}}}
                volumes: [{name: free, emptyDir: {}}]
                """);
        BeyondLimits beyond = assertInstanceOf(
                BeyondLimits.class,
                decide(List.of(), picture(Map.of("p", disk(MEBI, MEBI, Map.of("free", MEBI + 1)))), pod));
        assertEquals(
                "Pod ephemeral local storage usage exceeds the total limit of containers 3Mi. ",
                beyond.victims().getFirst().message());
        assertEquals("ephemeralpodfs.limit", beyond.victims().getFirst().signal());
    }

    @Test
    void whatIsOnTheDiskOfImagesIsNotTheContainersLimit() {
        Pod pod = pod("p", "containers: [{name: c, image: i, resources: {limits: {ephemeral-storage: 2Mi}}}]");
        PodUse use = new PodUse(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(MEBI),
                disk(3 * MEBI, MEBI, Map.of()).containers(),
                Map.of());
        assertInstanceOf(
                Calm.class,
                Decision.of(
                        EvictionSettings.DEFAULTS,
                        DiskLayout.IMAGES_APART,
                        List.of(),
                        picture(Map.of("p", use)),
                        List.of(pod)));
    }
}
