package io.keelson.agent.node;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a Linux machine is from its files. Any thread. */
public final class MachineReader {
    private static final Logger LOG = LoggerFactory.getLogger(MachineReader.class);
    private static final long KIB = 1024;
    private static final Pattern KIBIBYTES = Pattern.compile("(?m)^(\\w+):\\s+(\\d{1,15}) kB$");
    private static final Pattern PRETTY_NAME = Pattern.compile("(?m)^PRETTY_NAME=\"?([^\"\\n]*)\"?$");
    private static final Pattern HUGEPAGES = Pattern.compile("hugepages-(\\d{1,12})kB");

    private final Path root;
    private final Path agentFolder;

    /**
     * @param root {@code /}
     * @param agentFolder {@code /var/lib/kubelet}; one that is there
     */
    public MachineReader(Path root, Path agentFolder) {
        this.root = root;
        this.agentFolder = agentFolder;
    }

    /** @throws IOException if what no machine is without cannot be read; the text names it */
    public MachineFacts read() throws IOException {
        Map<String, Long> memory = new TreeMap<>();
        Matcher line = KIBIBYTES.matcher(Files.readString(root.resolve("proc/meminfo")));
        while (line.find()) {
            memory.put(line.group(1), Long.parseLong(line.group(2)) * KIB);
        }
        Long total = memory.get("MemTotal");
        if (total == null) {
            throw new IOException(root.resolve("proc/meminfo") + " does not say how much memory there is");
        }
        return new MachineFacts(
                cpus(),
                total,
                memory.getOrDefault("SwapTotal", 0L),
                Files.getFileStore(agentFolder).getTotalSpace(),
                hugepages(),
                text("proc/sys/kernel/osrelease"),
                osImage(),
                text("etc/machine-id"),
                text("sys/class/dmi/id/product_uuid"),
                text("proc/sys/kernel/random/boot_id"),
                architecture(System.getProperty("os.arch", "")));
    }

    private int cpus() throws IOException {
        // What this process may use is another thing than what there is.
        long found = Files.readString(root.resolve("proc/cpuinfo"))
                .lines()
                .filter(line -> line.startsWith("processor") && line.indexOf(':') > 0)
                .count();
        return found > 0 ? Math.toIntExact(found) : Runtime.getRuntime().availableProcessors();
    }

    private Map<Long, Long> hugepages() throws IOException {
        Map<Long, Long> found = new TreeMap<>();
        try (DirectoryStream<Path> sizes = Files.newDirectoryStream(root.resolve("sys/kernel/mm/hugepages"))) {
            for (Path size : sizes) {
                Matcher name = HUGEPAGES.matcher(size.getFileName().toString());
                if (name.matches()) {
                    long bytes = Long.parseLong(name.group(1)) * KIB;
                    String count =
                            Files.readString(size.resolve("nr_hugepages")).strip();
                    found.put(bytes, Math.multiplyExact(bytes, Long.parseLong(count)));
                }
            }
        } catch (NoSuchFileException e) {
            // The kernel has none.
            return Map.of();
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IOException("the huge pages of this machine cannot be counted: " + e.getMessage(), e);
        }
        return found;
    }

    private String osImage() {
        for (String file : new String[] {"etc/os-release", "usr/lib/os-release"}) {
            Matcher name = PRETTY_NAME.matcher(text(file));
            if (name.find()) {
                return name.group(1);
            }
        }
        return "Linux";
    }

    /** The text of a file that not every machine has, or shows to everybody; empty without it. */
    private String text(String file) {
        try {
            return Files.readString(root.resolve(file)).strip();
        } catch (IOException e) {
            LOG.debug("{} is not known: {}", file, e.toString());
            return "";
        }
    }

    /** As Go calls what Java knows by another name. */
    static String architecture(String java) {
        return switch (java) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> java;
        };
    }
}
