package io.keelson.dist.up;

import io.keelson.agent.cri.RuntimeChoice;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeEndpoint;
import io.keelson.agent.cri.RuntimeSockets;
import io.keelson.agent.cri.RuntimeUnusableException;
import io.keelson.agent.cri.SandboxRemains;
import io.keelson.agent.embedded.MountRemains;
import io.keelson.agent.embedded.RuntimeRemains;
import io.keelson.agent.network.NetworkRemains;
import io.keelson.agent.resources.CgroupRemains;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.controllers.process.Parts;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node of a cluster has on this machine besides its process: pods, which run without it, and what they use. All of it is
 * known by the cluster's folder. For when the process has ended.
 */
final class ClusterRemains implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterRemains.class);

    private final Path folder;
    private final Path node;
    private final Path run;
    private final String cgroup;
    private final Parts parts = new Parts();
    private final Time time = parts.opened(Time.system());

    /** @param folder of the cluster, whatever of it is still there */
    ClusterRemains(Path folder) {
        this.folder = folder;
        node = NodePlace.folder(folder);
        run = NodePlace.run(folder);
        cgroup = NodePlace.cgroup(folder);
    }

    /** Its pods, in whichever runtime. */
    List<Remain> pods() throws IOException {
        List<Remain> remains = new ArrayList<>();
        RuntimeRemains embedded = new RuntimeRemains(node.resolve("runtime"), run);
        for (String id : embedded.pods()) {
            remains.add(new Remain("pod " + embedded.name(id), () -> {
                embedded.remove(id);
                removePort(id);
            }));
        }
        Set<String> uids = names(node.resolve("kubelet").resolve("pods"));
        if (!uids.isEmpty()) {
            Set<RuntimeEndpoint> endpoints = new LinkedHashSet<>(RuntimeChoice.WELL_KNOWN);
            endpoints.addAll(new OutsideFile(folder).runtimes());
            for (RuntimeEndpoint endpoint : endpoints) {
                if (RuntimeSockets.isThere(endpoint) && RuntimeSockets.answers(endpoint)) {
                    remains.addAll(pods(endpoint, uids));
                }
            }
        }
        return remains;
    }

    private List<Remain> pods(RuntimeEndpoint endpoint, Set<String> uids) throws IOException {
        List<Remain> remains = new ArrayList<>();
        try {
            RuntimeSockets sockets = parts.opened(new RuntimeSockets(time));
            RuntimeConnection connection = sockets.connect(endpoint, endpoint);
            SandboxRemains sandboxes = new SandboxRemains(connection, uids);
            for (PodSandbox sandbox : sandboxes.find()) {
                String name = sandbox.getMetadata().getNamespace() + "/"
                        + sandbox.getMetadata().getName();
                remains.add(new Remain("pod " + name + " in " + endpoint, () -> sandboxes.remove(sandbox.getId())));
            }
        } catch (RuntimeUnusableException e) {
            throw new IOException(e.getMessage(), e);
        }
        return remains;
    }

    private static void removePort(String sandbox) throws IOException, InterruptedException {
        try (NetworkRemains network = new NetworkRemains(null)) {
            network.removeLink(NetworkRemains.port(sandbox));
        }
    }

    private static Set<String> names(Path parent) throws IOException {
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            children.forEach(child ->
                    names.add(Objects.requireNonNull(child.getFileName()).toString()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Set.of();
        }
        return names;
    }

    /** All of it, the folder with the data last; while something is mounted there, that stays. */
    List<Remain> all() throws IOException {
        List<Remain> remains = new ArrayList<>(pods());
        CgroupRemains cgroups = new CgroupRemains(cgroup);
        if (cgroups.exists()) {
            remains.add(new Remain("cgroup " + cgroup, cgroups::remove));
        }
        for (Path each : List.of(folder, run)) {
            int mounts = MountRemains.below(each).size();
            if (mounts > 0) {
                remains.add(new Remain(
                        mounts + (mounts == 1 ? " mount in " : " mounts in ") + each, () -> MountRemains.remove(each)));
            }
        }
        for (Path lock : NodeLock.left(folder)) {
            remains.add(new Remain("file " + lock, () -> {
                NodeLock.remove(lock, folder);
                removeIfEmpty(Objects.requireNonNull(lock.getParent()));
            }));
        }
        if (Files.exists(run)) {
            remains.add(new Remain("folder " + run, () -> {
                ClusterFolder.removeAll(run);
                // Other clusters' are there, too.
                removeIfEmpty(Objects.requireNonNull(run.getParent()));
            }));
        }
        if (Files.exists(folder)) {
            remains.add(new Remain("folder " + folder + " with all data", () -> ClusterFolder.wipe(folder)));
        }
        return remains;
    }

    private static void removeIfEmpty(Path parent) throws IOException {
        try {
            Files.deleteIfExists(parent);
        } catch (FileSystemException e) {
            LOG.debug("{} stays: {}", parent, e.getMessage());
        }
    }

    @Override
    public void close() {
        parts.close();
    }
}
