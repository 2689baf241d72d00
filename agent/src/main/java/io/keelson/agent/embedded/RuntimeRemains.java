package io.keelson.agent.embedded;

import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Pods of an embedded runtime that nobody is to take up again: for who gives the machine back, while no runtime works on these
 * folders. It needs nothing but what is on the disk and in the list of processes, whatever of it is damaged or gone; networks and
 * images are given back by others.
 */
public final class RuntimeRemains {
    private final Path sandboxes;
    private final Path run;

    /**
     * Those of a runtime.
     *
     * @param root {@link RuntimeSettings#root()}
     * @param run {@link RuntimeSettings#run()}
     */
    public RuntimeRemains(Path root, Path run) throws IOException {
        // Shims were told their folders without links.
        Path real =
                Files.exists(root) ? root.toRealPath() : root.toAbsolutePath().normalize();
        sandboxes = real.resolve("sandboxes");
        this.run = run;
    }

    /** The ids of sandboxes of which there is a folder, or a shim that runs. */
    public List<String> pods() throws IOException {
        Set<String> ids = new TreeSet<>();
        for (Path folder : children(sandboxes)) {
            ids.add(name(folder));
        }
        for (Path folder : ShimProcess.folders(sandboxes)) {
            if (sandboxes.equals(folder.getParent())) {
                ids.add(name(folder));
            }
        }
        return List.copyOf(ids);
    }

    /** What a pod is called, as {@code default/web}; its id where that is not known any more. */
    public String name(String id) {
        Sandbox sandbox = Sandbox.load(sandboxes.resolve(id), run);
        return sandbox == null
                ? id
                : sandbox.config().getMetadata().getNamespace() + "/"
                        + sandbox.config().getMetadata().getName();
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName()).toString();
    }

    private static List<Path> children(Path folder) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(children::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        return children;
    }

    /**
     * Ends all that runs in a sandbox, and takes away its mounts, its cgroups and its folder. Right when repeated.
     *
     * @throws IOException if something is still there
     */
    public void remove(String id) throws IOException, InterruptedException {
        Path folder = sandboxes.resolve(id);
        if (!sandboxes.equals(folder.normalize().getParent())) {
            throw new IllegalArgumentException(id + " is no name of a sandbox");
        }
        ShimProcess.killAll(folder);
        removeCgroups(folder);
        Files.deleteIfExists(Sandbox.socket(run, id));
        MountRemains.remove(folder);
        Records.delete(folder);
    }

    private void removeCgroups(Path folder) throws IOException, InterruptedException {
        ContainerCgroups cgroups = new ContainerCgroups(CgroupMounts.ofMachine());
        Sandbox sandbox = Sandbox.load(folder, run);
        String parent = sandbox == null ? "" : sandbox.config().getLinux().getCgroupParent();
        for (Path container : children(folder.resolve("containers"))) {
            // One that was half made has no record, and is where the pod wanted it.
            String cgroup = Records.read(container.resolve("record"))
                    .getOrDefault("cgroup", (parent.isEmpty() ? "/keelson" : parent) + "/" + name(container));
            cgroups.remove(ContainerCgroups.checked(cgroup));
        }
        if (!parent.isEmpty()) {
            cgroups.discard(ContainerCgroups.checked(parent));
        }
    }
}
