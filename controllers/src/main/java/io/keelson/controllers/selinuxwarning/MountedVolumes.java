package io.keelson.controllers.selinuxwarning;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.keelson.controllers.objects.OrEmpty;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** With which labels the containers of a pod mount its volumes. */
final class MountedVolumes {
    /** A volume is labelled by being mounted with its label. */
    static final String MOUNT_OPTION = "MountOption";

    /** A volume is labelled file by file: any label after any other. */
    static final String RECURSIVE = "Recursive";

    private MountedVolumes() {}

    /**
     * The labels of each volume of a pod that is mounted, by the volume's name in the pod. Containers that may do everything
     * do not care what a volume is labelled.
     */
    static Map<String, Set<Label>> labels(Pod pod) {
        Map<String, Set<Label>> labels = new TreeMap<>();
        PodSpec spec = pod.getSpec();
        if (spec == null) {
            return labels;
        }
        Stream.concat(OrEmpty.of(spec.getInitContainers()).stream(), OrEmpty.of(spec.getContainers()).stream())
                .filter(container -> !isPrivileged(container))
                .forEach(container -> {
                    Label label = Label.of(options(spec.getSecurityContext(), container.getSecurityContext()));
                    Stream.concat(
                                    OrEmpty.of(container.getVolumeMounts()).stream()
                                            .map(mount -> mount.getName()),
                                    OrEmpty.of(container.getVolumeDevices()).stream()
                                            .map(device -> device.getName()))
                            .forEach(volume -> labels.computeIfAbsent(
                                            OrEmpty.of(volume), ignored -> new LinkedHashSet<>())
                                    .add(label));
                });
        return labels;
    }

    private static boolean isPrivileged(Container container) {
        return container.getSecurityContext() != null
                && OrEmpty.of(container.getSecurityContext().getPrivileged());
    }

    private static @Nullable SELinuxOptions options(
            @Nullable PodSecurityContext ofPod, @Nullable SecurityContext ofContainer) {
        if (ofContainer != null && ofContainer.getSeLinuxOptions() != null) {
            return ofContainer.getSeLinuxOptions();
        }
        return ofPod == null ? null : ofPod.getSeLinuxOptions();
    }

    /**
     * How a pod uses a volume.
     *
     * @param label with which its containers mount it
     * @param mounts whether the volume can be labelled by mounting it
     */
    static VolumeUses.Use use(Pod pod, Label label, boolean mounts) {
        PodSecurityContext context = pod.getSpec().getSecurityContext();
        String wanted = context == null ? "" : OrEmpty.of(context.getSeLinuxChangePolicy());
        boolean recursive = wanted.equals(RECURSIVE) || !mounts || label.equals(Label.NONE);
        return new VolumeUses.Use(recursive ? RECURSIVE : MOUNT_OPTION, recursive ? Label.NONE : label);
    }
}
