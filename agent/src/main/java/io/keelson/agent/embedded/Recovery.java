package io.keelson.agent.embedded;

import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.wire.cri.ContainerConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what a former process of the agent left: pods that run go on under this one, what was half made is taken away,
 * and so is what nobody knows any more.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final RuntimeSettings settings;
    private final Inventory inventory;
    private final Sandboxes sandboxes;
    private final Containers containers;
    private final ShimWatch watch;
    private final ContainerCgroups cgroups;

    Recovery(
            RuntimeSettings settings,
            Inventory inventory,
            Sandboxes sandboxes,
            Containers containers,
            ShimWatch watch,
            ContainerCgroups cgroups) {
        this.settings = settings;
        this.inventory = inventory;
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.watch = watch;
        this.cgroups = cgroups;
    }

    void run() throws IOException, InterruptedException {
        Path folder = settings.root().resolve("sandboxes");
        Files.createDirectories(folder);
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            children.forEach(found::add);
        }
        for (Path one : found) {
            try {
                recover(one);
            } catch (IOException | RuntimeException failure) {
                // The others are not to suffer from one; it is tried again at the next start.
                LOG.warn("sandbox {} cannot be taken up again: {}", one.getFileName(), failure.getMessage());
            }
        }
        removeUnknownSnapshots();
        releaseUnknownNetworks();
    }

    private void releaseUnknownNetworks() throws InterruptedException {
        Set<String> connected = inventory.sandboxes().stream()
                .filter(sandbox -> sandbox.hasOwnNetwork() && sandbox.step() == Sandbox.Step.READY)
                .map(Sandbox::id)
                .collect(Collectors.toSet());
        try {
            settings.network().collect(connected);
        } catch (IOException later) {
            LOG.warn("networks that no sandbox has cannot be taken back now: {}", later.getMessage());
        }
    }

    private void recover(Path folder) throws IOException, InterruptedException {
        Sandbox sandbox = Sandbox.load(folder, settings.run());
        if (sandbox == null) {
            Records.delete(folder);
            return;
        }
        if (sandbox.step() == Sandbox.Step.MAKING) {
            LOG.info("sandbox {} was not made to its end, and is taken away", sandbox.id());
            sandboxes.destroy(sandbox);
            return;
        }
        loadContainers(sandbox);
        inventory.add(sandbox);
        if (sandbox.step() == Sandbox.Step.STOPPED) {
            return;
        }
        if (ShimWatch.answers(sandbox)) {
            watch.begin(sandbox);
            watch.settleBy(sandbox, new ShimClient(sandbox.socket()).status());
            return;
        }
        sandbox.lose();
        for (Container container : sandbox.containers().values()) {
            cgroups.kill(container.cgroup());
        }
        watch.settle(sandbox);
    }

    private void loadContainers(Sandbox sandbox) throws IOException, InterruptedException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(sandbox.containersFolder())) {
            children.forEach(folders::add);
        }
        for (Path folder : folders) {
            Container container = Container.load(sandbox, folder);
            if (container != null) {
                sandbox.containers().put(container.id(), container);
                continue;
            }
            String id = Objects.requireNonNull(folder.getFileName()).toString();
            String parent = sandbox.config().getLinux().getCgroupParent();
            containers.giveBack(
                    sandbox,
                    id,
                    (parent.isEmpty() ? "/keelson" : parent) + "/" + id,
                    ContainerConfig.getDefaultInstance());
        }
    }

    private void removeUnknownSnapshots() {
        try {
            for (Snapshots.Snapshot snapshot : settings.images().snapshots().list()) {
                String key = snapshot.key();
                int dot = key.indexOf('.');
                String container = dot < 0 ? key : key.substring(0, dot);
                if (container.matches("[0-9a-f]{64}") && inventory.findContainer(container) == null) {
                    settings.images().snapshots().remove(key);
                }
            }
        } catch (IOException later) {
            LOG.warn("snapshots that no container has cannot be removed now: {}", later.getMessage());
        }
    }
}
