package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The containers of a pod in the order of its specification. */
public final class PodContainers {
    private PodContainers() {}

    /** Init containers and sidecars, in the order in which they start. */
    public static List<PodContainer> initial(Pod pod) {
        List<PodContainer> all = new ArrayList<>();
        for (Container container : OrEmpty.of(pod.getSpec().getInitContainers())) {
            Sort sort = "Always".equals(container.getRestartPolicy()) ? Sort.SIDECAR : Sort.INIT;
            all.add(new PodContainer(sort, container, ""));
        }
        return all;
    }

    /** What the pod is for. */
    public static List<PodContainer> ordinary(Pod pod) {
        List<PodContainer> all = new ArrayList<>();
        for (Container container : OrEmpty.of(pod.getSpec().getContainers())) {
            all.add(new PodContainer(Sort.ORDINARY, container, ""));
        }
        return all;
    }

    /** Those that were put into it to look into it. */
    public static List<PodContainer> ephemeral(Pod pod) {
        List<PodContainer> all = new ArrayList<>();
        for (EphemeralContainer container : OrEmpty.of(pod.getSpec().getEphemeralContainers())) {
            all.add(new PodContainer(
                    Sort.EPHEMERAL, common(container), OrEmpty.of(container.getTargetContainerName())));
        }
        return all;
    }

    /** All of them: initial, ordinary, ephemeral. */
    public static List<PodContainer> all(Pod pod) {
        List<PodContainer> all = new ArrayList<>(initial(pod));
        all.addAll(ordinary(pod));
        all.addAll(ephemeral(pod));
        return all;
    }

    /** A container by its name. */
    public static Optional<PodContainer> find(Pod pod, String name) {
        return all(pod).stream()
                .filter(container -> container.name().equals(name))
                .findFirst();
    }

    /**
     * Where a container is in its pod, as events tell it. One that the pod does not have, as when only the runtime remembers the
     * pod, is told in the kubelet's words for it.
     */
    public static String fieldPath(Pod pod, String name) {
        return find(pod, name).map(PodContainer::fieldPath).orElse("implicitly required container " + name);
    }

    private static Container common(EphemeralContainer container) {
        return new ContainerBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withImagePullPolicy(container.getImagePullPolicy())
                .withCommand(container.getCommand())
                .withArgs(container.getArgs())
                .withWorkingDir(container.getWorkingDir())
                .withPorts(container.getPorts())
                .withEnv(container.getEnv())
                .withEnvFrom(container.getEnvFrom())
                .withResources(container.getResources())
                .withVolumeMounts(container.getVolumeMounts())
                .withVolumeDevices(container.getVolumeDevices())
                .withSecurityContext(container.getSecurityContext())
                .withStdin(container.getStdin())
                .withStdinOnce(container.getStdinOnce())
                .withTty(container.getTty())
                .withTerminationMessagePath(container.getTerminationMessagePath())
                .withTerminationMessagePolicy(container.getTerminationMessagePolicy())
                .build();
    }
}
