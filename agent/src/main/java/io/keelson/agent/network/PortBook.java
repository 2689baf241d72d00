package io.keelson.agent.network;

import io.keelson.agent.network.NftRules.PortElement;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which ports of the node lead to which sandbox: a file for each sandbox that has some, written before the rules are. */
final class PortBook {
    private static final Logger LOG = LoggerFactory.getLogger(PortBook.class);
    private static final String ANY = "*";

    private final Path folder;
    private final Map<String, List<PortElement>> ports = new HashMap<>();

    /**
     * Reads what is in a folder, which is made if it is not there.
     *
     * @throws IOException if that cannot be done
     */
    PortBook(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(WholeFile.UNFINISHED)) {
                    Files.deleteIfExists(file);
                } else {
                    ports.put(name, read(file));
                }
            }
        }
    }

    private static List<PortElement> read(Path file) throws IOException {
        List<PortElement> elements = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            String[] words = line.split(" ", -1);
            try {
                IpAddress pod = IpAddress.parse(words[3]);
                if (pod == null) {
                    throw new IllegalArgumentException("no address");
                }
                elements.add(new PortElement(
                        words[0],
                        words[1].equals(ANY) ? "" : words[1],
                        Integer.parseInt(words[2]),
                        pod,
                        Integer.parseInt(words[4])));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                LOG.warn("{}: the line \"{}\" is damaged, that port of the node leads nowhere", file, line);
            }
        }
        return elements;
    }

    /**
     * Writes down the ports of a sandbox.
     *
     * @throws NetworkProblem if one is another's, or it cannot be written
     */
    synchronized void put(String sandbox, List<PortElement> elements) throws NetworkProblem {
        for (Map.Entry<String, List<PortElement>> other : ports.entrySet()) {
            for (PortElement one : other.getKey().equals(sandbox) ? List.<PortElement>of() : other.getValue()) {
                for (PortElement mine : elements) {
                    if (collides(one, mine)) {
                        throw new NetworkProblem("port " + mine.hostPort() + "/" + mine.protocol()
                                + " of the node leads to the sandbox " + other.getKey() + " already");
                    }
                }
            }
        }
        StringBuilder text = new StringBuilder();
        for (PortElement element : elements) {
            text.append(String.join(
                            " ",
                            element.protocol(),
                            element.hostAddress().isEmpty() ? ANY : element.hostAddress(),
                            Integer.toString(element.hostPort()),
                            element.pod().toString(),
                            Integer.toString(element.podPort())))
                    .append('\n');
        }
        try {
            WholeFile.write(folder.resolve(sandbox), text.toString());
        } catch (IOException e) {
            throw new NetworkProblem("writing down the ports of " + sandbox + ": " + e, e);
        }
        ports.put(sandbox, List.copyOf(elements));
    }

    private static boolean collides(PortElement one, PortElement other) {
        return one.hostPort() == other.hostPort()
                && one.protocol().equals(other.protocol())
                && one.hostAddress().equals(other.hostAddress())
                && one.pod().isV6() == other.pod().isV6();
    }

    /** The ports of a sandbox. */
    synchronized List<PortElement> of(String sandbox) {
        return ports.getOrDefault(sandbox, List.of());
    }

    /** The sandboxes that have ports. */
    synchronized Set<String> sandboxes() {
        return new HashSet<>(ports.keySet());
    }

    /** All ports. */
    synchronized Collection<PortElement> all() {
        return ports.values().stream().flatMap(List::stream).toList();
    }

    /**
     * Forgets those of a sandbox.
     *
     * @throws NetworkProblem if that cannot be written down; to be tried again
     */
    synchronized void remove(String sandbox) throws NetworkProblem {
        try {
            Files.deleteIfExists(folder.resolve(sandbox));
        } catch (IOException e) {
            throw new NetworkProblem("forgetting the ports of " + sandbox + ": " + e, e);
        }
        ports.remove(sandbox);
    }
}
