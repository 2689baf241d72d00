package io.keelson.agent.pods.launch;

import com.google.protobuf.ByteString;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.pods.ContainerEnvironment;
import io.keelson.agent.pods.ContainerImages.Image;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodResources.Devices;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.plan.ContainerHash;
import io.keelson.agent.pods.status.StopSignals;
import io.keelson.agent.wire.cri.ContainerConfig;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.KeyValue;
import io.keelson.agent.wire.cri.LinuxContainerConfig;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.cri.LinuxContainerSecurityContext;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.controllers.objects.OrEmpty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the runtime is told of a container. */
final class ContainerConfigs {
    private ContainerConfigs() {}

    /**
     * What the other rooms say of it.
     *
     * @param mounts all of them, also those of devices
     */
    record Parts(
            Image image,
            Map<String, String> variables,
            List<Mount> mounts,
            List<Device> devices,
            Devices shared,
            LinuxContainerResources resources,
            LinuxContainerSecurityContext security) {}

    static ContainerConfig of(
            Pod pod,
            PodContainer container,
            int attempt,
            Parts parts,
            ContainerEnvironment environment,
            KubernetesSerialization json) {
        Container wanted = container.container();
        ContainerConfig.Builder config = ContainerConfig.newBuilder()
                .setMetadata(
                        ContainerMetadata.newBuilder().setName(container.name()).setAttempt(attempt))
                .setImage(ImageSpec.newBuilder()
                        .setImage(parts.image().reference())
                        .setUserSpecifiedImage(OrEmpty.of(wanted.getImage())))
                .setWorkingDir(OrEmpty.of(wanted.getWorkingDir()))
                .putLabels(RuntimeLabels.CONTAINER_NAME, container.name())
                .putLabels(RuntimeLabels.POD_NAME, pod.getMetadata().getName())
                .putLabels(RuntimeLabels.POD_NAMESPACE, pod.getMetadata().getNamespace())
                .putLabels(RuntimeLabels.POD_UID, pod.getMetadata().getUid())
                .putAllAnnotations(annotations(pod, wanted, attempt, json))
                .setLogPath(PodFolders.logPath(container.name(), attempt))
                .setStdin(OrEmpty.of(wanted.getStdin()))
                .setStdinOnce(OrEmpty.of(wanted.getStdinOnce()))
                .setTty(OrEmpty.of(wanted.getTty()))
                .putAllAnnotations(parts.shared().annotations())
                .addAllMounts(parts.mounts())
                .addAllDevices(parts.devices())
                .addAllDevices(parts.shared().devices())
                .addAllCDIDevices(parts.shared().names())
                .setLinux(LinuxContainerConfig.newBuilder()
                        .setResources(parts.resources())
                        .setSecurityContext(parts.security()));
        OrEmpty.of(wanted.getCommand())
                .forEach(word -> config.addCommand(environment.expanded(word, parts.variables())));
        OrEmpty.of(wanted.getArgs()).forEach(word -> config.addArgs(environment.expanded(word, parts.variables())));
        parts.variables()
                .forEach((name, value) ->
                        config.addEnvs(KeyValue.newBuilder().setKey(name).setValue(ByteString.copyFromUtf8(value))));
        if (wanted.getLifecycle() != null && wanted.getLifecycle().getStopSignal() != null) {
            config.setStopSignal(StopSignals.of(wanted.getLifecycle().getStopSignal()));
        }
        return config.build();
    }

    private static Map<String, String> annotations(
            Pod pod, Container container, int attempt, KubernetesSerialization json) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(ContainerHash.ANNOTATION, ContainerHash.of(container));
        all.put(Annotations.RESTART_COUNT, Integer.toString(attempt));
        all.put(Annotations.MESSAGE_PATH, PodTraits.terminationMessagePath(container));
        all.put(Annotations.MESSAGE_POLICY, PodTraits.terminationMessagePolicy(container));
        Long deletion = pod.getMetadata().getDeletionGracePeriodSeconds();
        if (deletion != null) {
            all.put(Annotations.DELETION_GRACE, deletion.toString());
        }
        Long grace = pod.getSpec().getTerminationGracePeriodSeconds();
        if (grace != null) {
            all.put(Annotations.GRACE, grace.toString());
        }
        if (container.getLifecycle() != null && container.getLifecycle().getPreStop() != null) {
            all.put(Annotations.PRE_STOP, json.asJson(container.getLifecycle().getPreStop()));
        }
        if (!OrEmpty.of(container.getPorts()).isEmpty()) {
            all.put(Annotations.PORTS, json.asJson(container.getPorts()));
        }
        return all;
    }
}
