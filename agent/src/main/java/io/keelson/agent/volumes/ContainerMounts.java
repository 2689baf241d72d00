package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.keelson.agent.environment.Expansion;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.MountPropagation;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a container is given of its pod's volumes. */
final class ContainerMounts {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerMounts.class);

    private final SubPaths subPaths;
    private final Predicate<Pod> recursiveReadOnly;

    /**
     * @param recursiveReadOnly whether the runtime that runs a pod can make what is mounted in a volume read-only, too
     */
    ContainerMounts(SubPaths subPaths, Predicate<Pod> recursiveReadOnly) {
        this.subPaths = subPaths;
        this.recursiveReadOnly = recursiveReadOnly;
    }

    /** The mounts in their order. */
    List<Mount> mounts(
            Pod pod, Container container, Map<String, String> environment, Map<String, MountedVolume> volumes)
            throws VolumeException {
        List<Mount> mounts = new ArrayList<>();
        List<VolumeMount> wanted = OrEmpty.of(container.getVolumeMounts());
        for (int i = 0; i < wanted.size(); i++) {
            mounts.add(mount(pod, container, wanted.get(i), i, environment, volumes));
        }
        return mounts;
    }

    private Mount mount(
            Pod pod,
            Container container,
            VolumeMount wanted,
            int index,
            Map<String, String> environment,
            Map<String, MountedVolume> volumes)
            throws VolumeException {
        MountedVolume volume = volumes.get(wanted.getName());
        if (volume == null || volume.device() != null) {
            throw new VolumeException("cannot find volume \"%s\" to mount into container \"%s\""
                    .formatted(wanted.getName(), container.getName()));
        }
        String subPath = subPath(wanted, environment);
        String problem = SubPaths.problem(subPath);
        if (!problem.isEmpty()) {
            throw new VolumeException(problem);
        }
        String place = OrEmpty.of(wanted.getMountPath());
        Mount.Builder mount = Mount.newBuilder()
                .setContainerPath(place.startsWith("/") ? place : '/' + place)
                .setReadonly(OrEmpty.of(wanted.getReadOnly()) || volume.readOnly())
                .setRecursiveReadOnly(isRecursive(pod, wanted))
                .setSelinuxRelabel(volume.relabel())
                .setPropagation(propagation(OrEmpty.of(wanted.getMountPropagation())));
        Path path = volume.path();
        if (path == null) {
            return mount.setImage(ImageSpec.newBuilder().setImage(volume.image()))
                    .setImageSubPath(subPath)
                    .build();
        }
        return mount.setHostPath((subPath.isEmpty()
                                ? path
                                : part(pod, container, wanted, index, volume.folderName(), path, subPath))
                        .toString())
                .build();
    }

    private Path part(
            Pod pod, Container container, VolumeMount wanted, int index, String folderName, Path volume, String subPath)
            throws VolumeException {
        try {
            return subPaths.bind(pod.getMetadata().getUid(), folderName, volume, container.getName(), index, subPath);
        } catch (IOException | IllegalArgumentException e) {
            // What the node has where is nobody's business in a pod's status.
            LOG.warn(
                    "subPath of mount {} of container {} of pod {}: {}",
                    wanted.getName(),
                    container.getName(),
                    pod.getMetadata().getName(),
                    e.toString());
            throw new VolumeException(
                    "failed to prepare subPath for volumeMount \"%s\" of container \"%s\""
                            .formatted(wanted.getName(), container.getName()),
                    e);
        }
    }

    private static String subPath(VolumeMount wanted, Map<String, String> environment) throws VolumeException {
        String expression = OrEmpty.of(wanted.getSubPathExpr());
        if (expression.isEmpty()) {
            return OrEmpty.of(wanted.getSubPath());
        }
        Set<String> missing = new TreeSet<>();
        String expanded = Expansion.of(expression, name -> {
            String value = environment.get(name);
            if (value == null || value.isEmpty()) {
                missing.add(name);
            }
            return value;
        });
        if (!missing.isEmpty()) {
            throw new VolumeException("missing value for \"" + String.join("\", \"", missing) + '"');
        }
        return expanded;
    }

    private static MountPropagation propagation(String mode) throws VolumeException {
        return switch (mode) {
            case "", "None" -> MountPropagation.PROPAGATION_PRIVATE;
            case "HostToContainer" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
            case "Bidirectional" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
            default -> throw new VolumeException("invalid MountPropagation mode: \"" + mode + '"');
        };
    }

    private boolean isRecursive(Pod pod, VolumeMount wanted) throws VolumeException {
        String mode = OrEmpty.of(wanted.getRecursiveReadOnly());
        if (mode.isEmpty() || "Disabled".equals(mode)) {
            return false;
        }
        String problem = "";
        if (!"Enabled".equals(mode) && !"IfPossible".equals(mode)) {
            throw new VolumeException(
                    "failed to resolve recursive read-only mode: unknown recursive read-only mode \"" + mode + '"');
        }
        if (!OrEmpty.of(wanted.getReadOnly())) {
            problem = "but it is not read-only";
        } else if (propagation(OrEmpty.of(wanted.getMountPropagation())) != MountPropagation.PROPAGATION_PRIVATE) {
            problem = "but it is not compatible with propagation " + wanted.getMountPropagation();
        } else if (!recursiveReadOnly.test(pod)) {
            problem = "but it is not supported by the runtime";
        }
        if (!problem.isEmpty() && "Enabled".equals(mode)) {
            throw new VolumeException(("failed to resolve recursive read-only mode: volume \"%s\" requested recursive"
                            + " read-only mode, %s")
                    .formatted(wanted.getName(), problem));
        }
        return problem.isEmpty();
    }

    /** The block devices in their order. */
    static List<Device> devices(Container container, Map<String, MountedVolume> volumes) throws VolumeException {
        List<Device> devices = new ArrayList<>();
        for (VolumeDevice wanted : OrEmpty.of(container.getVolumeDevices())) {
            if (!OrEmpty.of(wanted.getDevicePath()).startsWith("/")) {
                throw new VolumeException("error DevicePath `" + wanted.getDevicePath() + "` must be an absolute path");
            }
            MountedVolume volume = volumes.get(wanted.getName());
            Path link = volume == null ? null : volume.device();
            if (volume == null || link == null) {
                throw new VolumeException("cannot find volume \"%s\" to pass into container \"%s\""
                        .formatted(wanted.getName(), container.getName()));
            }
            devices.add(Device.newBuilder()
                    .setHostPath(link.toString())
                    .setContainerPath(wanted.getDevicePath())
                    .setPermissions(volume.readOnly() ? "r" : "mrw")
                    .build());
        }
        return devices;
    }
}
