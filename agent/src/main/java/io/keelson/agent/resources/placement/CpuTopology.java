package io.keelson.agent.resources.placement;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * The processors of a machine, and how they belong together. What the kernel calls a processor is a thread of a core;
 * cores are in sockets.
 */
public record CpuTopology(List<Cpu> cpus) {
    /**
     * A processor.
     *
     * @param core of which it is a thread; cores of different sockets are different
     */
    public record Cpu(int number, int core, int socket) {}

    /** Keeps a copy. */
    public CpuTopology {
        cpus = List.copyOf(cpus);
    }

    /**
     * Reads what the kernel tells.
     *
     * @param folder {@code /sys/devices/system/cpu}
     */
    public static CpuTopology read(Path folder) throws IOException {
        List<Cpu> cpus = new ArrayList<>();
        Map<String, Integer> cores = new TreeMap<>();
        for (int number :
                CpuSet.parse(Files.readString(folder.resolve("online")).strip()).numbers()) {
            Path topology = folder.resolve("cpu" + number).resolve("topology");
            int socket = number(topology.resolve("physical_package_id"), 0);
            String core = socket + "/" + number(topology.resolve("core_id"), number);
            Integer known = cores.putIfAbsent(core, number);
            cpus.add(new Cpu(number, known == null ? number : known, socket));
        }
        return new CpuTopology(cpus);
    }

    private static int number(Path file, int otherwise) throws IOException {
        try {
            return Integer.parseInt(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            // Virtual machines do not tell.
            return otherwise;
        } catch (NumberFormatException e) {
            throw new IOException(file + " says no number", e);
        }
    }

    /** All of them. */
    public CpuSet all() {
        return CpuSet.of(cpus.stream().map(Cpu::number).toList());
    }

    /** How many threads the core with the most of them has. */
    public int threadsPerCore() {
        return groups(Cpu::core).values().stream().mapToInt(CpuSet::size).max().orElse(1);
    }

    /** The processors of each core, by the least number in it. */
    Map<Integer, CpuSet> cores() {
        return groups(Cpu::core);
    }

    /** The processors of each socket. */
    Map<Integer, CpuSet> sockets() {
        return groups(Cpu::socket);
    }

    private Map<Integer, CpuSet> groups(ToIntFunction<Cpu> of) {
        Map<Integer, List<Integer>> groups = new TreeMap<>();
        cpus.forEach(cpu -> groups.computeIfAbsent(of.applyAsInt(cpu), _ -> new ArrayList<>())
                .add(cpu.number()));
        Map<Integer, CpuSet> sets = new TreeMap<>();
        groups.forEach((key, numbers) -> sets.put(key, CpuSet.of(numbers)));
        return sets;
    }
}
