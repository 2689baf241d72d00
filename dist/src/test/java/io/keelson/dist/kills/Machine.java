package io.keelson.dist.kills;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.wire.cri.PodSandboxMetadata;
import io.keelson.agent.wire.cri.RunPodSandboxRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What there is on this machine, in the network that this process is in, as the kernel and the disk tell. Nobody is asked who
 * has made any of it.
 */
final class Machine {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Of the proxy: one for each number of endpoints that a Service ever had, made when it is met and kept. */
    private static final Pattern CHOICE = Pattern.compile("[a-z]+-\\d+");

    private final NodeFiles files;
    private final Path temporary;

    /** @param temporary the folder of temporary files of the processes */
    Machine(NodeFiles files, Path temporary) {
        this.files = files;
        this.temporary = temporary;
    }

    /** Pods whose shims run. */
    List<RunningPod> pods() {
        String beginning = "\0pod\0" + files.sandboxes() + "/";
        List<RunningPod> pods = new ArrayList<>();
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            String line = read(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            int at = line.indexOf(beginning);
            if (at >= 0 && line.endsWith("\0") && !isChildOfTheSame(process, line)) {
                RunningPod pod = pod(line.substring(at + beginning.length(), line.length() - 1), process.pid());
                if (pod != null) {
                    pods.add(pod);
                }
            }
        }
        return pods;
    }

    /** What a shim starts looks like the shim until it has become another program. */
    private static boolean isChildOfTheSame(ProcessHandle process, String line) {
        return process.parent()
                .map(parent -> read(Path.of("/proc", Long.toString(parent.pid()), "cmdline")))
                .filter(line::equals)
                .isPresent();
    }

    /** Null if it is gone by now. */
    private @Nullable RunningPod pod(String sandbox, long shim) {
        try {
            PodSandboxMetadata metadata = RunPodSandboxRequest.parseFrom(Files.readAllBytes(
                            files.sandboxes().resolve(sandbox).resolve("request")))
                    .getConfig()
                    .getMetadata();
            return new RunningPod(sandbox, metadata.getUid(), metadata.getNamespace(), metadata.getName(), shim);
        } catch (IOException gone) {
            return null;
        }
    }

    /** The network namespace of a pod. */
    Path network(RunningPod pod) {
        return files.sandboxes().resolve(pod.sandbox()).resolve("netns");
    }

    /** The processes of containers, with the id of the container of each. */
    Map<Long, String> containers() throws IOException {
        Map<Long, String> processes = new HashMap<>();
        for (Path hierarchy : hierarchies()) {
            for (Path group : folders(hierarchy.resolve(files.cgroup()))) {
                read(group.resolve("cgroup.procs"))
                        .lines()
                        .forEach(pid -> processes.put(Long.parseLong(pid), String.valueOf(group.getFileName())));
            }
        }
        // Those of other namespaces of processes.
        processes.remove(0L);
        return processes;
    }

    /** The pod of a container; null if it is not known. */
    @Nullable
    String podOf(String container) {
        for (String sandbox : names(files.sandboxes())) {
            if (Files.exists(
                    files.sandboxes().resolve(sandbox).resolve("containers").resolve(container))) {
                RunningPod pod = pod(sandbox, 0);
                return pod == null ? null : pod.uid();
            }
        }
        return null;
    }

    /** Kills a process as by kill -9, and returns whether it was there. */
    static boolean kill(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    static <T> T any(List<T> those, SplittableRandom random) {
        return those.get(random.nextInt(those.size()));
    }

    /** Counts everything. */
    Belongings count() throws IOException, InterruptedException {
        Belongings all = new Belongings();
        all.add("sandboxes", names(files.sandboxes()));
        all.add("shims", pods().stream().map(RunningPod::sandbox).toList());
        all.add(
                "processes of containers",
                containers().entrySet().stream().map(String::valueOf).toList());
        all.add("mounts", mounts());
        all.add("snapshots", names(files.node().resolve("images").resolve("snapshots")));
        all.add(
                "interfaces",
                said("ip", "-o", "link").lines().map(Machine::link).toList());
        all.add(
                "neighbours",
                said("ip", "neigh", "show", "nud", "permanent").lines().toList());
        all.add("routes", said("ip", "route").lines().toList());
        all.add("rules", rules());
        Set<String> cgroups = new TreeSet<>();
        for (Path hierarchy : hierarchies()) {
            folders(hierarchy.resolve(files.cgroup())).forEach(group -> cgroups.add(group.toString()));
        }
        all.add("cgroups", cgroups);
        all.add("files", files(files.node()));
        all.add("sockets", files(files.run()));
        all.add("temporary files", files(temporary));
        return all;
    }

    private static String link(String line) {
        // "7: kl4f@if2: <BROADCAST …": the number is another one each time.
        return line.split(": ", 3)[1].split("@", 2)[0];
    }

    private List<String> mounts() {
        return read(Path.of("/proc/self/mountinfo"))
                .lines()
                .map(line -> line.split(" ", 6)[4])
                .filter(place -> Path.of(place).startsWith(files.node())
                        || Path.of(place).startsWith(files.run()))
                .toList();
    }

    /** Rules, chains and elements, each with where it is, without numbers that change when it is made anew. */
    private static List<String> rules() throws IOException, InterruptedException {
        List<String> rules = new ArrayList<>();
        for (JsonNode entry :
                JSON.readTree(said("nft", "-j", "list", "ruleset")).path("nftables")) {
            entry.properties().forEach(each -> {
                if (each.getValue() instanceof ObjectNode object) {
                    object.remove("handle");
                    JsonNode elements = object.remove("elem");
                    String chain = object.path(each.getKey().equals("chain") ? "name" : "chain")
                            .asText();
                    if (!each.getKey().equals("metainfo")
                            && !CHOICE.matcher(chain).matches()) {
                        rules.add(each.getKey() + " " + object);
                    }
                    if (elements != null) {
                        String place = object.path("table").asText() + " "
                                + object.path("name").asText();
                        elements.forEach(element -> rules.add(place + " " + element));
                    }
                }
            });
        }
        return rules;
    }

    private static List<Path> hierarchies() throws IOException {
        List<Path> all = new ArrayList<>(List.of(CGROUPS));
        for (String name : names(CGROUPS)) {
            all.add(CGROUPS.resolve(name));
        }
        return all;
    }

    /** A folder and all below it that are still there. */
    private static List<Path> folders(Path top) throws IOException {
        List<Path> folders = new ArrayList<>();
        walk(top, folders, false);
        return folders;
    }

    private static List<String> files(Path top) throws IOException {
        List<Path> all = new ArrayList<>();
        walk(top, all, true);
        return all.stream().map(Path::toString).toList();
    }

    private static void walk(Path top, List<Path> into, boolean withFiles) throws IOException {
        if (!Files.exists(top)) {
            return;
        }
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                into.add(folder);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (withFiles) {
                    into.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static List<String> names(Path folder) {
        String[] names = folder.toFile().list();
        return names == null ? List.of() : Arrays.stream(names).sorted().toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException gone) {
            return "";
        } catch (IOException ended) {
            // Files of a process that has just ended are there, and cannot be read.
            return "";
        }
    }

    /** What a program prints. */
    static String said(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var output = process.getInputStream()) {
            String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            int _ = process.waitFor();
            return said;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
