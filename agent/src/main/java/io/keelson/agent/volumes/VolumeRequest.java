package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume that is to be made for a pod.
 *
 * @param owner whose its files are to be
 */
record VolumeRequest(Pod pod, Volume volume, Ownership owner) {
    /** What a pod wants of one of its volumes. */
    static VolumeRequest of(Pod pod, Volume volume) {
        return new VolumeRequest(pod, volume, ownership(pod));
    }

    String podUid() {
        return pod.getMetadata().getUid();
    }

    String name() {
        return volume.getName();
    }

    private static Ownership ownership(Pod pod) {
        PodSecurityContext security = pod.getSpec().getSecurityContext();
        Long group = security == null ? null : security.getFsGroup();
        boolean onRootMismatch = security != null && "OnRootMismatch".equals(security.getFsGroupChangePolicy());
        return new Ownership(group == null ? -1 : group, onRootMismatch, user(pod));
    }

    /** As whom all containers run, if that is one and the same user who is named. */
    private static long user(Pod pod) {
        PodSecurityContext security = pod.getSpec().getSecurityContext();
        Long ofPod = security == null ? null : security.getRunAsUser();
        List<Container> containers = new ArrayList<>(OrEmpty.of(pod.getSpec().getInitContainers()));
        containers.addAll(OrEmpty.of(pod.getSpec().getContainers()));
        long all = -1;
        for (Container container : containers) {
            long user = user(container.getSecurityContext(), ofPod);
            if (user < 0 || (all >= 0 && all != user)) {
                return -1;
            }
            all = user;
        }
        return all;
    }

    private static long user(@Nullable SecurityContext security, @Nullable Long ofPod) {
        Long own = security == null ? null : security.getRunAsUser();
        Long user = own == null ? ofPod : own;
        return user == null ? -1 : user;
    }
}
