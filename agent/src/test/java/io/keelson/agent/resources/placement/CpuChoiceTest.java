package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuChoiceTest {
    /** Numbered as usual: first one thread of each core, going round the sockets, then the other threads. */
    static CpuTopology machine(int sockets, int coresPerSocket, int threads) {
        List<CpuTopology.Cpu> cpus = new ArrayList<>();
        int cores = sockets * coresPerSocket;
        for (int number = 0; number < cores * threads; number++) {
            int core = number % cores;
            cpus.add(new CpuTopology.Cpu(number, core, core % sockets));
        }
        return new CpuTopology(cpus);
    }

    private static String choose(CpuTopology topology, String free, int count) {
        return CpuChoice.choose(topology, CpuSet.parse(free), count).toString();
    }

    @Test
    void aWholeSocketComesBeforeItsParts() {
        // Sockets are 0,2,4,6 and 1,3,5,7; cores are 0,4 and so on.
        CpuTopology topology = machine(2, 2, 2);
        assertEquals("0,2,4,6", choose(topology, "0-7", 4));
        assertEquals("1,3,5,7", choose(topology, "1-7", 4));
        assertEquals("0-7", choose(topology, "0-7", 8));
    }

    @Test
    void aWholeCoreComesBeforeThreads() {
        CpuTopology topology = machine(1, 4, 2);
        assertEquals("0,4", choose(topology, "0-7", 2));
        assertEquals("1,5", choose(topology, "1-7", 2));
        // The thread whose core is taken already comes before one of a free core.
        assertEquals("4", choose(topology, "1-7", 1));
        assertEquals("1,4-5", choose(topology, "1-7", 3));
    }

    @Test
    void whereLeastIsFreeIsTakenFromFirst() {
        CpuTopology topology = machine(2, 4, 1);
        // Of the even ones three are free, of the odd ones four.
        assertEquals("2,4", choose(topology, "1-7", 2));
    }

    @Test
    void moreThanThereAreCannotBeHad() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> choose(machine(1, 2, 1), "0-1", 3));
        assertEquals("not enough cpus available to satisfy request: requested=3, available=2", refusal.getMessage());
    }

    @Property(tries = 500)
    void asManyAsWantedAreChosenOfThoseThatAreFreeAndNoCoreIsSplitWithoutNeed(
            @ForAll @IntRange(min = 1, max = 3) int sockets,
            @ForAll @IntRange(min = 1, max = 4) int cores,
            @ForAll @IntRange(min = 1, max = 2) int threads,
            @ForAll Set<@IntRange(max = 23) Integer> taken,
            @ForAll @IntRange(max = 24) int wanted) {
        CpuTopology topology = machine(sockets, cores, threads);
        CpuSet free = topology.all().minus(CpuSet.of(taken));
        int count = Math.min(wanted, free.size());
        CpuSet chosen = CpuChoice.choose(topology, free, count);
        assertEquals(count, chosen.size());
        assertTrue(free.hasAll(chosen));
        long whole = topology.cores().values().stream().filter(free::hasAll).count();
        long chosenWhole =
                topology.cores().values().stream().filter(chosen::hasAll).count();
        assertEquals(Math.min(whole, count / threads), threads == 1 ? count : chosenWhole);
    }

    @Test
    void theMachineIsReadFromTheKernel(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("online"), "0-3\n");
        for (int number = 0; number < 4; number++) {
            Path topology = Files.createDirectories(folder.resolve("cpu" + number + "/topology"));
            Files.writeString(topology.resolve("physical_package_id"), number / 2 + "\n");
            // The same numbers in each socket.
            Files.writeString(topology.resolve("core_id"), "0\n");
        }
        CpuTopology topology = CpuTopology.read(folder);
        assertEquals(2, topology.threadsPerCore());
        assertEquals(
                List.of("0-1", "2-3"),
                topology.cores().values().stream().map(CpuSet::toString).toList());
        assertEquals("0-3", topology.all().toString());
        Files.writeString(folder.resolve("online"), "0-1,9\n");
        assertEquals("0-1,9", CpuTopology.read(folder).all().toString());
    }
}
