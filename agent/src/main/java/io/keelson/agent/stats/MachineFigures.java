package io.keelson.agent.stats;

import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.resources.CgroupUsage.Cpu;
import io.keelson.agent.resources.CgroupUsage.Memory;
import io.keelson.agent.resources.CgroupUsage.Pressure;
import io.keelson.agent.resources.CgroupUsage.Tasks;
import io.keelson.agent.resources.PressureText;
import io.keelson.agent.stats.NodeUsage.Interface;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.Processes;
import io.keelson.agent.stats.NodeUsage.Traffic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a Linux machine as a whole uses, by {@code /proc} and its topmost cgroup. Any thread. */
final class MachineFigures {
    private static final long KIB = 1024;
    private static final Pattern KIBIBYTES = Pattern.compile("(?m)^([\\w()]+):\\s+(\\d{1,15}) kB$");
    private static final Pattern RUNNING = Pattern.compile("\\d+/(\\d{1,10})");
    private static final Pattern BEGIN = Pattern.compile("(?m)^btime (\\d{1,12})$");
    private static final int BYTES_MAX = 1 << 20;
    private static final int INTERFACES_MAX = 256;

    private final Path proc;

    /** @param proc {@code /proc} */
    MachineFigures(Path proc) {
        this.proc = proc;
    }

    private String text(String file) {
        // Numbers of the kernel's settings are told to the first read, and only as much as it asks for.
        try (InputStream in = Files.newInputStream(proc.resolve(file))) {
            return new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            // Not every kernel has everything, and a process may be gone.
            return "";
        }
    }

    /** When the machine began to run. */
    Instant since() {
        Matcher begin = BEGIN.matcher(text("stat"));
        return begin.find() ? Instant.ofEpochSecond(Long.parseLong(begin.group(1))) : Instant.EPOCH;
    }

    /**
     * What all processes use.
     *
     * @throws IOException if not even the memory is known
     */
    CgroupUsage usage(CgroupReader cgroups) throws IOException {
        CgroupUsage top = cgroups.read("/").orElseThrow(() -> new IOException("this machine shows no cgroups"));
        Map<String, Long> memory = new HashMap<>();
        Matcher line = KIBIBYTES.matcher(text("meminfo"));
        while (line.find()) {
            memory.put(line.group(1), Long.parseLong(line.group(2)) * KIB);
        }
        Long total = memory.get("MemTotal");
        if (total == null) {
            throw new IOException(proc.resolve("meminfo") + " does not say how much memory there is");
        }
        Cpu cpu = top.cpu();
        return new CgroupUsage(
                cpu,
                memory(top.memory(), memory, total),
                new Tasks(top.tasks().processes(), running(), OptionalLong.of(processesMax())),
                top.devices(),
                pressure());
    }

    /** The topmost cgroup of version 2 does not count what the machine tells itself. */
    private static Memory memory(Memory top, Map<String, Long> memory, long total) {
        long bytes = top.bytes() > 0 ? top.bytes() : total - memory.getOrDefault("MemFree", 0L);
        long inactive =
                top.inactiveFileBytes() > 0 ? top.inactiveFileBytes() : memory.getOrDefault("Inactive(file)", 0L);
        long swap = memory.getOrDefault("SwapTotal", 0L);
        return new Memory(
                bytes,
                Math.max(0, bytes - inactive),
                top.anonymousBytes() > 0 ? top.anonymousBytes() : memory.getOrDefault("AnonPages", 0L),
                top.cacheBytes() > 0 ? top.cacheBytes() : memory.getOrDefault("Cached", 0L),
                top.mappedBytes() > 0 ? top.mappedBytes() : memory.getOrDefault("Mapped", 0L),
                top.activeFileBytes() > 0 ? top.activeFileBytes() : memory.getOrDefault("Active(file)", 0L),
                inactive,
                top.kernelBytes(),
                top.peakBytes(),
                top.failures(),
                top.faults(),
                top.majorFaults(),
                OptionalLong.of(total),
                Math.max(0, swap - memory.getOrDefault("SwapFree", 0L)),
                OptionalLong.of(swap),
                top.oomKills());
    }

    private Optional<Pressure> pressure() {
        String cpu = text("pressure/cpu");
        return cpu.isEmpty()
                ? Optional.empty()
                : Optional.of(new Pressure(
                        PressureText.of(cpu),
                        PressureText.of(text("pressure/memory")),
                        PressureText.of(text("pressure/io"))));
    }

    /** How many processes there are, and how many there can be. */
    Processes processes(Instant now) {
        return new Processes(now, running(), processesMax());
    }

    private long running() {
        Matcher running = RUNNING.matcher(text("loadavg"));
        return running.find() ? Long.parseLong(running.group(1)) : 0;
    }

    private long processesMax() {
        long least = Long.MAX_VALUE;
        for (String file : new String[] {"sys/kernel/pid_max", "sys/kernel/threads-max"}) {
            try {
                least = Math.min(least, Long.parseLong(text(file)));
            } catch (NumberFormatException e) {
                // The other one counts.
            }
        }
        return least;
    }

    /** The cgroup of this process, for what it uses itself; empty if it has none of its own. */
    Optional<String> ownCgroup() {
        for (String line : text("self/cgroup").split("\n", -1)) {
            String[] parts = line.split(":", 3);
            boolean counts = parts.length == 3 && (parts[1].isEmpty() || parts[1].contains("memory"));
            // One that is seen from outside of this process's own tree has no folder here.
            if (counts && !parts[2].equals("/") && !parts[2].startsWith("/..")) {
                return Optional.of(parts[2]);
            }
        }
        return Optional.empty();
    }

    /** What went through the machine's own interfaces. */
    Network network(Instant now) {
        return network(now, "net", "");
    }

    /** What went through those that a process sees; empty if it is gone. */
    Optional<Network> network(Instant now, long process) {
        Network network = network(now, process + "/net", "eth0");
        return network.interfaces().isEmpty() ? Optional.empty() : Optional.of(network);
    }

    private Network network(Instant now, String folder, String usual) {
        List<Interface> interfaces = new ArrayList<>();
        for (String line : text(folder + "/dev").split("\n", -1)) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            String[] counts = line.substring(colon + 1).strip().split("\\s+", -1);
            boolean isOther = name.isEmpty()
                    || name.equals("lo")
                    || name.startsWith("veth")
                    || counts.length < 16
                    || interfaces.size() >= INTERFACES_MAX;
            if (!isOther) {
                interfaces.add(new Interface(name, traffic(counts, 0), traffic(counts, 8)));
            }
        }
        String main = outside(folder);
        boolean hasUsual = interfaces.stream().anyMatch(one -> one.name().equals(usual));
        return new Network(now, main.isEmpty() && hasUsual ? usual : main, interfaces);
    }

    private static Traffic traffic(String[] counts, int from) {
        return new Traffic(
                number(counts[from]), number(counts[from + 1]), number(counts[from + 2]), number(counts[from + 3]));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The interface of the default route; empty if there is none. */
    private String outside(String folder) {
        for (String line : text(folder + "/route").split("\n", -1)) {
            String[] words = line.split("\\s+", -1);
            if (words.length > 7 && words[1].equals("00000000") && words[7].equals("00000000")) {
                return words[0];
            }
        }
        return "";
    }
}
