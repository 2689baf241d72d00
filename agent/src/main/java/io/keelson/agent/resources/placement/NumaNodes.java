package io.keelson.agent.resources.placement;

import io.keelson.agent.resources.topology.NodeSet;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The NUMA nodes of a machine. One whose kernel knows of none has one. */
public record NumaNodes(List<Node> nodes) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Node \\d{1,5} MemTotal:\\s+(\\d{1,15}) kB$");
    private static final Pattern HUGEPAGES = Pattern.compile("hugepages-(\\d{1,15})kB");
    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti"};
    private static final long KIB = 1024;

    /**
     * A node.
     *
     * @param hugepageBytes of its memory, what is in huge pages, by the names of resources: {@code hugepages-2Mi}
     * @param distances to the nodes of the machine in their order, as the kernel has them; empty if it does not say
     */
    public record Node(
            int number, CpuSet cpus, long memoryBytes, Map<String, Long> hugepageBytes, List<Integer> distances) {
        /** Keeps copies. */
        public Node {
            hugepageBytes = Map.copyOf(hugepageBytes);
            distances = List.copyOf(distances);
        }
    }

    /** Keeps a copy, in the order of the numbers. */
    public NumaNodes {
        nodes = nodes.stream().sorted(Comparator.comparingInt(Node::number)).toList();
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a machine without NUMA nodes");
        }
    }

    /** One with everything. */
    public static NumaNodes one(CpuSet cpus, long memoryBytes) {
        return new NumaNodes(List.of(new Node(0, cpus, memoryBytes, Map.of(), List.of())));
    }

    /**
     * Reads what the kernel tells.
     *
     * @param folder {@code /sys/devices/system/node}
     * @param cpus all processors, if it tells of no nodes
     * @param memoryBytes all memory, likewise
     * @throws IOException if it tells what cannot be understood; the text names the file
     */
    public static NumaNodes read(Path folder, CpuSet cpus, long memoryBytes) throws IOException {
        Path online = folder.resolve("online");
        List<Node> nodes = new ArrayList<>();
        try {
            for (int number : CpuSet.parse(Files.readString(online).strip()).numbers()) {
                if (number >= NodeSet.NUMBER_LIMIT) {
                    throw new IOException(online + ": more than " + NodeSet.NUMBER_LIMIT + " NUMA nodes");
                }
                nodes.add(node(folder.resolve("node" + number), number));
            }
        } catch (NoSuchFileException e) {
            // A kernel without NUMA; what is in one node needs no folder.
            return one(cpus, memoryBytes);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException("the NUMA nodes in " + folder + " cannot be understood: " + e.getMessage(), e);
        }
        return nodes.isEmpty() ? one(cpus, memoryBytes) : new NumaNodes(nodes);
    }

    private static Node node(Path folder, int number) throws IOException {
        Matcher total = TOTAL.matcher(Files.readString(folder.resolve("meminfo")));
        if (!total.find()) {
            throw new IOException(folder.resolve("meminfo") + " does not say how much memory there is");
        }
        List<Integer> distances = new ArrayList<>();
        for (String distance :
                Files.readString(folder.resolve("distance")).strip().split("\\s+", -1)) {
            distances.add(Integer.parseInt(distance));
        }
        return new Node(
                number,
                CpuSet.parse(Files.readString(folder.resolve("cpulist")).strip()),
                Long.parseLong(total.group(1)) * KIB,
                hugepages(folder.resolve("hugepages")),
                distances);
    }

    private static Map<String, Long> hugepages(Path folder) throws IOException {
        Map<String, Long> bytes = new TreeMap<>();
        try (DirectoryStream<Path> sizes = Files.newDirectoryStream(folder)) {
            for (Path size : sizes) {
                Matcher name = HUGEPAGES.matcher(String.valueOf(size.getFileName()));
                if (name.matches()) {
                    long page = Long.parseLong(name.group(1)) * KIB;
                    String pages =
                            Files.readString(size.resolve("nr_hugepages")).strip();
                    bytes.put("hugepages-" + sizeText(page), Math.multiplyExact(page, Long.parseLong(pages)));
                }
            }
        } catch (NoSuchFileException e) {
            // A kernel without huge pages.
            return Map.of();
        }
        return bytes;
    }

    private static String sizeText(long bytes) {
        long size = bytes;
        int unit = 0;
        while (size % KIB == 0 && size > 0 && unit < UNITS.length - 1) {
            size /= KIB;
            unit++;
        }
        return size + UNITS[unit];
    }

    /** All of them. */
    public NodeSet all() {
        return NodeSet.of(nodes.stream().map(Node::number).toList());
    }

    /** The processors of some. */
    CpuSet cpus(NodeSet some) {
        CpuSet cpus = CpuSet.NONE;
        for (Node node : nodes) {
            if (some.has(node.number())) {
                cpus = cpus.plus(node.cpus());
            }
        }
        return cpus;
    }

    /** The nodes that some processors are in. */
    NodeSet of(CpuSet cpus) {
        return NodeSet.of(nodes.stream()
                .filter(node -> !node.cpus().common(cpus).isEmpty())
                .map(Node::number)
                .toList());
    }

    /** Orders sets of as many nodes by their numbers, the lower ones first. */
    public static Comparator<NodeSet> lowestFirst() {
        return Comparator.comparing(NodeSet::bits, Long::compareUnsigned);
    }

    /** Orders sets of as many nodes by how far these are from each other ({@code prefer-closest-numa-nodes}). */
    public Comparator<NodeSet> nearestFirst() {
        return Comparator.comparingDouble(this::distance).thenComparing(lowestFirst());
    }

    private double distance(NodeSet some) {
        double sum = 0;
        for (Node from : nodes) {
            for (int to = 0; to < Math.min(nodes.size(), from.distances().size()); to++) {
                if (some.has(from.number()) && some.has(nodes.get(to).number())) {
                    sum += from.distances().get(to);
                }
            }
        }
        return sum / ((double) some.size() * some.size());
    }
}
