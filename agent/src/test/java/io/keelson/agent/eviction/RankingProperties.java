package io.keelson.agent.eviction;

import static io.keelson.agent.eviction.TestUse.asking;
import static io.keelson.agent.eviction.TestUse.disk;
import static io.keelson.agent.eviction.TestUse.memory;
import static io.keelson.agent.eviction.TestUse.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.eviction.NodePicture.PodUse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RankingProperties {
    /** What a pod is to the ranking: {@code used} is negative where nothing is known. */
    record Case(int asked, int used, int priority) {}

    @Provide
    Arbitrary<List<Case>> cases() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(-1, 4),
                        Arbitraries.integers().between(0, 2))
                .as(Case::new)
                .list()
                .ofMaxSize(12);
    }

    private static List<String> uids(List<Pod> pods) {
        return pods.stream().map(pod -> pod.getMetadata().getUid()).toList();
    }

    /** Whether the documentation has one end before another. */
    private static boolean mayPrecede(Case one, Case other) {
        boolean oneUnknown = one.used() < 0;
        boolean otherUnknown = other.used() < 0;
        if (oneUnknown != otherUnknown) {
            return oneUnknown;
        }
        boolean oneExceeds = one.used() > one.asked();
        boolean otherExceeds = other.used() > other.asked();
        if (oneExceeds != otherExceeds) {
            return oneExceeds;
        }
        if (one.priority() != other.priority()) {
            return one.priority() < other.priority();
        }
        return oneUnknown || one.used() - one.asked() >= other.used() - other.asked();
    }

    @Property(tries = 200)
    void podsEndInTheOrderThatIsDocumented(@ForAll("cases") List<Case> cases, @ForAll Random random) {
        List<Pod> pods = new ArrayList<>();
        Map<String, PodUse> uses = new HashMap<>();
        Map<String, Case> byUid = new HashMap<>();
        for (int i = 0; i < cases.size(); i++) {
            Case each = cases.get(i);
            String uid = "p" + i;
            byUid.put(uid, each);
            pods.add(asking(uid, each.asked(), each.priority()));
            if (each.used() >= 0) {
                uses.put(uid, memory(each.used()));
            }
        }
        List<String> ranked = uids(Ranking.of(pods, Signal.MEMORY_AVAILABLE, DiskLayout.ONE, uses));
        for (int i = 0; i < ranked.size(); i++) {
            for (int j = i + 1; j < ranked.size(); j++) {
                Case one = byUid.get(ranked.get(i));
                Case other = byUid.get(ranked.get(j));
                if (one == null || other == null || !mayPrecede(one, other)) {
                    throw new AssertionError(one + " before " + other);
                }
            }
        }
        Collections.shuffle(pods, random);
        assertEquals(ranked, uids(Ranking.of(pods, Signal.MEMORY_AVAILABLE, DiskLayout.ONE, uses)));
    }

    @Test
    void ofADiskOnlyCountsWhatIsOnIt() {
        String volumes = """
                containers: [{name: c, image: i}]
                volumes: [{name: own, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}, {name: far, nfs: {}}]
                """;
        Pod writer = pod("writer", volumes);
        Pod logger = pod("logger", volumes);
        Pod keeper = pod("keeper", volumes);
        Map<String, PodUse> uses = Map.of(
                "writer", disk(100, 0, Map.of("memory", 1000L, "far", 1000L)),
                "logger", disk(10, 50, Map.of()),
                "keeper", disk(1, 0, Map.of("own", 70L)));
        List<Pod> pods = List.of(keeper, logger, writer);
        assertEquals(
                List.of("writer", "keeper", "logger"),
                uids(Ranking.of(pods, Signal.NODEFS_AVAILABLE, DiskLayout.ONE, uses)));
        assertEquals(
                List.of("keeper", "logger", "writer"),
                uids(Ranking.of(pods, Signal.NODEFS_INODES_FREE, DiskLayout.IMAGES_APART, uses)));
        assertEquals(
                List.of("writer", "logger", "keeper"),
                uids(Ranking.of(pods, Signal.CONTAINERFS_AVAILABLE, DiskLayout.IMAGES_APART, uses)));
    }

    @Test
    void forProcessesPriorityComesFirst() {
        List<Pod> pods = List.of(asking("few", 0, 0), asking("many", 0, 1), asking("more", 0, 0));
        Map<String, PodUse> uses = Map.of("few", processes(1), "many", processes(1000), "more", processes(2));
        assertEquals(
                List.of("more", "few", "many"), uids(Ranking.of(pods, Signal.PID_AVAILABLE, DiskLayout.ONE, uses)));
    }

    private static PodUse processes(long number) {
        return new PodUse(OptionalLong.empty(), OptionalLong.of(number), OptionalLong.empty(), List.of(), Map.of());
    }
}
