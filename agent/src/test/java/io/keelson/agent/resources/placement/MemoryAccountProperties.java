package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryAccountProperties {
    static final NumaNodes MACHINE = new NumaNodes(List.of(
            new NumaNodes.Node(0, CpuSet.parse("0"), 120, Map.of("hugepages-2Mi", 10L), List.of()),
            new NumaNodes.Node(1, CpuSet.parse("1"), 100, Map.of(), List.of()),
            new NumaNodes.Node(2, CpuSet.parse("2"), 100, Map.of(), List.of())));
    private static final MemoryAccount EMPTY = MemoryAccount.of(MACHINE, Map.of(0, Map.of("memory", 10L)));

    private static void assertConsistent(MemoryAccount account) {
        account.nodes().forEach((number, node) -> {
            assertTrue(node.group().has(number));
            node.tables().values().forEach(table -> {
                assertTrue(table.free() >= 0 && table.reserved() >= 0, table::toString);
            });
            // All that is in a group is of that group.
            for (String sort : node.tables().keySet()) {
                long given = account.blocks().values().stream()
                        .flatMap(containers -> containers.values().stream())
                        .flatMap(List::stream)
                        .filter(block -> block.nodes().equals(node.group())
                                && block.sort().equals(sort))
                        .mapToLong(MemoryBlock::bytes)
                        .sum();
                long reserved = node.group().numbers().stream()
                        .map(account.nodes()::get)
                        .mapToLong(each -> each == null ? 0 : each.table(sort).reserved())
                        .sum();
                assertEquals(given, reserved, () -> sort + " of " + node.group());
            }
        });
        account.blocks()
                .values()
                .forEach(containers -> containers
                        .values()
                        .forEach(blocks -> blocks.forEach(block -> {
                            for (int number : block.nodes().numbers()) {
                                NodeMemory node = account.nodes().get(number);
                                assertEquals(block.nodes(), node == null ? NodeSet.NONE : node.group());
                            }
                        })));
        MemoryCheck.check(account, EMPTY);
        assertEquals(account, MemoryCheckpoint.parse(MemoryCheckpoint.json(account)));
    }

    @Property(tries = 150)
    void whateverPodsComeAndGoEveryByteIsAccountedFor(
            @ForAll Random random, @ForAll @IntRange(min = 1, max = 40) int steps) {
        MemoryAccount account = EMPTY;
        for (int step = 0; step < steps; step++) {
            String pod = "pod" + random.nextInt(4);
            if (random.nextInt(3) == 0) {
                account = account.without(pod);
                assertTrue(!account.blocks().containsKey(pod));
            } else {
                account = served(account, pod, random);
            }
            assertConsistent(account);
        }
        for (int i = 0; i < 4; i++) {
            account = account.without("pod" + i);
        }
        assertEquals(EMPTY, account);
    }

    /** The account after a container more, if there is enough for it; one of the hints, or none, says where. */
    private static MemoryAccount served(MemoryAccount account, String pod, Random random) {
        Map<String, List<MemoryBlock>> own = account.blocks().getOrDefault(pod, Map.of());
        String container = "c" + own.size();
        List<String> ended =
                own.keySet().stream().filter(_ -> random.nextBoolean()).toList();
        Map<String, Long> request = new TreeMap<>(Map.of("memory", 1L + random.nextInt(150)));
        if (random.nextInt(4) == 0) {
            request.put("hugepages-2Mi", 1L + random.nextInt(10));
        }
        List<Hint> hints = account.hints(pod, ended, request);
        Hint where = hints.isEmpty() || random.nextBoolean()
                ? new Hint(Optional.empty(), random.nextBoolean())
                : hints.get(random.nextInt(hints.size()));
        try {
            MemoryAccount next = account.with(pod, container, ended, request, where);
            assertTrue(!hints.isEmpty());
            Map<String, Long> given = new HashMap<>();
            next.blocks(pod, container).forEach(block -> given.put(block.sort(), block.bytes()));
            assertEquals(request, given);
            return next;
        } catch (MemoryAccount.Lack e) {
            assertTrue(
                    hints.isEmpty() || where.nodes().isEmpty() || where.preferred() || !ended.isEmpty(), e::toString);
            return account;
        }
    }

    @Test
    void whatIsSpreadOverNodesTakesNothingOfWhatIsBoundToOne() throws MemoryAccount.Lack {
        MemoryAccount one = EMPTY.with("a", "c", List.of(), Map.of("memory", 60L), Hint.ANY);
        assertEquals(NodeSet.of(List.of(0)), one.blocks("a", "c").getFirst().nodes());
        // Of the second and the third node only, since somebody has memory of the first one alone.
        MemoryAccount two = one.with("b", "c", List.of(), Map.of("memory", 150L), Hint.ANY);
        assertEquals(NodeSet.of(List.of(1, 2)), two.blocks("b", "c").getFirst().nodes());
        assertEquals("[memorymanager] failed to find the default preferred hint", refusal(two, 41, Hint.ANY));
        assertEquals(
                NodeSet.of(List.of(1, 2)),
                two.with("d", "c", List.of(), Map.of("memory", 41L), Hint.FREE)
                        .blocks("d", "c")
                        .getFirst()
                        .nodes());
        assertEquals(
                "[memorymanager] failed to get the default NUMA affinity, no NUMA nodes with enough memory is available",
                refusal(two, 51, Hint.FREE));
        assertEquals(
                "[memorymanager] preferred hint violates NUMA node allocation",
                refusal(two, 30, Hint.of(NodeSet.of(List.of(0, 1)), false)));
    }

    private static String refusal(MemoryAccount account, long bytes, Hint where) {
        return String.valueOf(assertThrows(
                        MemoryAccount.Lack.class,
                        () -> account.with("d", "c", List.of(), Map.of("memory", bytes), where))
                .getMessage());
    }

    @Test
    void whatAnInitContainerHadIsUsedAgain() throws MemoryAccount.Lack {
        MemoryAccount first = EMPTY.with("a", "init", List.of(), Map.of("memory", 80L), Hint.ANY);
        MemoryAccount second = first.with("a", "main", List.of("init"), Map.of("memory", 90L), Hint.ANY);
        assertEquals(0, second.blocks("a", "init").getFirst().bytes());
        assertEquals(90, second.nodes().get(0) == null ? 0 : 100 - free(second, 0));
        assertConsistent(second);
    }

    private static long free(MemoryAccount account, int node) {
        NodeMemory memory = account.nodes().get(node);
        return memory == null ? -1 : memory.table("memory").free();
    }

    /** A file of a kubelet. */
    private static final String KUBELETS = """
            {"policyName":"static",
            "machineState":{"0":{"numberOfAssignments":0,"memoryMap":{"memory":{"total":2048,"systemReserved":512,
            "allocatable":1536,"reserved":512,"free":1024}},"cells":[]}},
            "entries":{"pod":{"container1":[{"numaAffinity":[0],"type":"memory","size":512}]}},
            "checksum":4215593881}""";

    @Test
    void theChecksumIsTheKubelets() {
        assertEquals(
                "[memorymanager] configured policy \"Static\" differs from state checkpoint policy \"static\"",
                assertThrows(IllegalArgumentException.class, () -> MemoryCheckpoint.parse(KUBELETS))
                        .getMessage());
        assertEquals(
                "checkpoint is corrupted",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> MemoryCheckpoint.parse(KUBELETS.replace("\"size\":512", "\"size\":511")))
                        .getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "null",
                "{\"policyName\":\"Static\",\"machineState\":{\"x\":{}}}",
                "{\"policyName\":\"Static\",\"machineState\":{\"99\":{}},\"entries\":{}}",
                "{\"policyName\":\"Static\",\"machineState\":{\"0\":{\"memoryMap\":{\"memory\":{\"total\":-1}}}}}",
                "{\"policyName\":\"Static\",\"machineState\":{\"0\":{\"memoryMap\":{\"memory\":{\"total\":1e99}}}}}",
                "{\"policyName\":\"Static\",\"machineState\":{\"0\":{\"cells\":[\"a\"]}}}",
                "{\"policyName\":\"Static\",\"machineState\":{\"0\":{\"cells\":[1000000]}}}",
                "{\"policyName\":\"Static\",\"machineState\":{},\"entries\":{\"p\":{\"c\":[{\"numaAffinity\":[5],"
                        + "\"type\":\"memory\",\"size\":1}]}}}",
                "{\"policyName\":\"Static\",\"machineState\":{},\"entries\":{\"p\":{\"c\":[{\"numaAffinity\":[0],"
                        + "\"type\":\"gold\",\"size\":1}]}}}"
            })
    void damagedFilesAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> MemoryCheck.check(MemoryCheckpoint.parse(text), EMPTY));
    }
}
