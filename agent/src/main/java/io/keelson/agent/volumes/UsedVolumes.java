package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.keelson.controllers.objects.OrEmpty;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which of its volumes a pod needs: those that a container mentions. Others need not even exist. */
final class UsedVolumes {
    private final Set<String> names = new HashSet<>();

    private UsedVolumes() {}

    /** Their names. */
    static Set<String> of(Pod pod) {
        UsedVolumes used = new UsedVolumes();
        OrEmpty.of(pod.getSpec().getInitContainers()).forEach(used::add);
        OrEmpty.of(pod.getSpec().getContainers()).forEach(used::add);
        for (EphemeralContainer container : OrEmpty.of(pod.getSpec().getEphemeralContainers())) {
            used.add(container.getVolumeMounts(), container.getVolumeDevices(), container.getEnv());
        }
        return used.names;
    }

    private void add(Container container) {
        add(container.getVolumeMounts(), container.getVolumeDevices(), container.getEnv());
    }

    private void add(
            @Nullable List<VolumeMount> mounts,
            @Nullable List<VolumeDevice> devices,
            @Nullable List<EnvVar> variables) {
        OrEmpty.of(mounts).forEach(mount -> names.add(mount.getName()));
        OrEmpty.of(devices).forEach(device -> names.add(device.getName()));
        for (EnvVar variable : OrEmpty.of(variables)) {
            if (variable.getValueFrom() != null && variable.getValueFrom().getFileKeyRef() != null) {
                names.add(variable.getValueFrom().getFileKeyRef().getVolumeName());
            }
        }
    }
}
