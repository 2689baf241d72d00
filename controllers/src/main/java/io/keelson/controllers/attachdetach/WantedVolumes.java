package io.keelson.controllers.attachdetach;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodVolumes;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which volumes the pods of a node want attached. */
final class WantedVolumes {
    private final Sight sight;

    /** What is seen of the rest of the cluster. */
    interface Sight {
        @Nullable
        PersistentVolumeClaim claim(String namespace, String name);

        @Nullable
        PersistentVolume volume(String name);

        /** Whether volumes of a driver have to be attached: so it is for one that does not say. */
        boolean needsAttach(String driver);
    }

    WantedVolumes(Sight sight) {
        this.sight = sight;
    }

    /**
     * The volumes that pods want, by name.
     *
     * @param keepTerminated whether pods that have ended keep their volumes, as the node wishes
     */
    Map<String, WantedVolume> of(Collection<Pod> pods, boolean keepTerminated) {
        Map<String, PersistentVolume> volumes = new TreeMap<>();
        Map<String, List<Pod>> users = new TreeMap<>();
        pods.stream()
                .filter(pod -> keepTerminated || !isTerminated(pod))
                .sorted(Comparator.comparing(
                                (Pod pod) -> OrEmpty.of(pod.getMetadata().getNamespace()))
                        .thenComparing(pod -> pod.getMetadata().getName()))
                .forEach(pod -> PodVolumes.of(pod).forEach(volume -> {
                    PersistentVolume wanted = volume(pod, volume);
                    if (wanted != null) {
                        String name = wanted.getMetadata().getName();
                        volumes.put(name, wanted);
                        List<Pod> known = users.computeIfAbsent(name, ignored -> new ArrayList<>());
                        if (!known.contains(pod)) {
                            known.add(pod);
                        }
                    }
                }));
        Map<String, WantedVolume> wanted = new TreeMap<>();
        volumes.forEach((name, volume) ->
                wanted.put(name, new WantedVolume(volume, users.getOrDefault(name, List.of()))));
        return wanted;
    }

    private @Nullable PersistentVolume volume(Pod pod, Volume described) {
        String name = PodVolumes.claim(pod, described);
        PersistentVolumeClaim claim =
                name == null ? null : sight.claim(OrEmpty.of(pod.getMetadata().getNamespace()), name);
        if (claim == null
                || (described.getEphemeral() != null && PodVolumes.conflict(pod, claim) != null)
                || claim.getStatus() == null
                || !"Bound".equals(claim.getStatus().getPhase())
                || OrEmpty.of(claim.getSpec().getVolumeName()).isEmpty()) {
            return null;
        }
        PersistentVolume volume = sight.volume(claim.getSpec().getVolumeName());
        boolean usable = volume != null
                && volume.getSpec().getCsi() != null
                && volume.getSpec().getClaimRef() != null
                && claim.getMetadata()
                        .getUid()
                        .equals(volume.getSpec().getClaimRef().getUid())
                && sight.needsAttach(OrEmpty.of(volume.getSpec().getCsi().getDriver()));
        return usable ? volume : null;
    }

    /** Whether a pod has ended, or is being deleted and none of its containers runs any more. */
    static boolean isTerminated(Pod pod) {
        return Pods.isTerminal(pod) || (Pods.isTerminating(pod) && !isRunning(pod));
    }

    private static boolean isRunning(Pod pod) {
        if (pod.getStatus() == null) {
            return false;
        }
        for (ContainerStatus container : OrEmpty.of(pod.getStatus().getContainerStatuses())) {
            ContainerState state = container.getState();
            if (state == null || (state.getTerminated() == null && state.getWaiting() == null)) {
                return true;
            }
        }
        return false;
    }
}
