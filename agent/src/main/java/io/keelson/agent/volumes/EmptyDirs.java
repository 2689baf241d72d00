package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.mounts.MountTable;
import io.keelson.agent.pods.PodFolders;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.StorageSizes;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Volumes that are empty at first and end with their pod: on the node's disk, in memory, or of huge pages. */
final class EmptyDirs {
    static final String PLUGIN = "empty-dir";
    private static final String HUGE_PAGES = "hugepages-";

    private final VolumeFolders folders;
    private final Supplier<Node> node;

    EmptyDirs(VolumeFolders folders, Supplier<Node> node) {
        this.folders = folders;
        this.node = node;
    }

    MountedVolume mount(VolumeRequest request) throws VolumeException, IOException {
        String medium = OrEmpty.of(request.volume().getEmptyDir().getMedium());
        Path folder = folders.volume(request.podUid(), PLUGIN, request.name());
        Path ready = folders.ready(request.podUid(), PLUGIN, request.name());
        boolean onDisk = medium.isEmpty();
        if (Files.exists(ready) && Files.isDirectory(folder) && (onDisk || MountTable.isMounted(folder))) {
            return MountedVolume.own(request.name(), folder, false);
        }
        PodFolders.make(folder);
        if (!onDisk && !MountTable.isMounted(folder)) {
            if ("Memory".equals(medium)) {
                memory(
                        folder,
                        size(request.pod(), request.volume().getEmptyDir().getSizeLimit()));
            } else {
                hugePages(request.pod(), medium, folder);
            }
        }
        try (Descriptor held = Descriptor.folder(folder)) {
            request.owner().open(held);
        }
        VolumeFolders.makeFor(ready);
        if (!Files.exists(ready)) {
            Files.createFile(ready);
        }
        return MountedVolume.own(request.name(), folder, false);
    }

    /**
     * Mounts a filesystem in memory, which is never written to swap where the kernel can say so.
     *
     * @param sizeBytes 0 for as much as the kernel gives
     */
    static void memory(Path folder, long sizeBytes) throws IOException {
        String size = sizeBytes > 0 ? "size=" + sizeBytes : "";
        try {
            Libc.mount("tmpfs", folder.toString(), "tmpfs", 0, size.isEmpty() ? "noswap" : size + ",noswap");
        } catch (Libc.Failure e) {
            // Linux before 6.4, or in a user namespace.
            if (e.error() != Libc.EINVAL && e.error() != Libc.EPERM) {
                throw e;
            }
            Libc.mount("tmpfs", folder.toString(), "tmpfs", 0, size);
        }
    }

    /** As much as the pod may have of the node's memory, or less if the volume says so. */
    long size(Pod pod, @Nullable Quantity limit) {
        Node here = node.get();
        BigDecimal size = here.getStatus() == null
                ? BigDecimal.ZERO
                : StorageSizes.of(OrEmpty.of(here.getStatus().getAllocatable()).get("memory"));
        size = lesser(size, podLimit(pod));
        size = lesser(size, StorageSizes.of(limit));
        return size.setScale(0, RoundingMode.CEILING)
                .min(BigDecimal.valueOf(Long.MAX_VALUE))
                .longValue();
    }

    private static BigDecimal lesser(BigDecimal known, BigDecimal other) {
        return other.signum() <= 0 || (known.signum() > 0 && known.compareTo(other) <= 0) ? known : other;
    }

    /** The memory that a pod may have; 0 if one of its containers has no limit. */
    private static BigDecimal podLimit(Pod pod) {
        BigDecimal ofPod = memory(pod.getSpec().getResources());
        if (ofPod.signum() > 0) {
            return ofPod;
        }
        BigDecimal sum = BigDecimal.ZERO;
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            BigDecimal limit = memory(container.getResources());
            if (limit.signum() <= 0) {
                return BigDecimal.ZERO;
            }
            sum = sum.add(limit);
        }
        for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
            BigDecimal limit = memory(container.getResources());
            if (limit.signum() <= 0) {
                return BigDecimal.ZERO;
            }
            sum = "Always".equals(container.getRestartPolicy()) ? sum.add(limit) : sum.max(limit);
        }
        return sum;
    }

    private static BigDecimal memory(@Nullable ResourceRequirements resources) {
        return resources == null
                ? BigDecimal.ZERO
                : StorageSizes.of(OrEmpty.of(resources.getLimits()).get("memory"));
    }

    private static void hugePages(Pod pod, String medium, Path folder) throws VolumeException, IOException {
        if (!medium.startsWith("HugePages")) {
            throw new VolumeException("unknown storage medium \"" + medium + '"');
        }
        Set<String> asked = new TreeSet<>();
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getInitContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getContainers()));
        for (Container container : containers) {
            if (container.getResources() != null) {
                OrEmpty.of(container.getResources().getRequests()).keySet().stream()
                        .filter(resource -> resource.startsWith(HUGE_PAGES))
                        .map(resource -> resource.substring(HUGE_PAGES.length()))
                        .forEach(asked::add);
            }
        }
        String page;
        if ("HugePages".equals(medium)) {
            if (asked.size() != 1) {
                throw new VolumeException(
                        asked.isEmpty()
                                ? "medium \"HugePages\" requires a request of huge pages in a container"
                                : "medium \"HugePages\" can not be used with multiple huge page resources " + asked);
            }
            page = asked.iterator().next();
        } else {
            page = medium.startsWith("HugePages-") ? medium.substring("HugePages-".length()) : "";
            if (!asked.contains(page)) {
                throw new VolumeException(
                        "medium \"" + medium + "\" requires a request of hugepages-" + page + " in a container");
            }
        }
        BigDecimal bytes = StorageSizes.of(new Quantity(page));
        try {
            Libc.mount("nodev", folder.toString(), "hugetlbfs", 0, "pagesize=" + bytes.toBigInteger());
        } catch (Libc.Failure e) {
            throw new VolumeException("this node has no huge pages of " + page + ": " + e.getMessage(), e);
        }
    }
}
