package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.Mount;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files that a pod's containers see. Called by the thread of the pod, so never twice at once for the same pod; may take as
 * long as mounting takes, and ends early when interrupted. All that is made lies under the pod's folder of the agent's root, so
 * that another start of the agent finds it again.
 */
public interface PodVolumes {
    /**
     * Makes all volumes of a pod. Right when repeated: what is there is left, files of config maps and the like are brought up
     * to date, one file set after the other as a whole.
     *
     * @throws PodProblem {@code FailedMount} or {@code FailedAttachVolume} if one cannot be made now
     */
    void mount(Pod pod) throws PodProblem, InterruptedException;

    /**
     * What is mounted into a container, in the order of its {@code volumeMounts}, {@code subPath} and {@code subPathExpr}
     * resolved so that no symlink leads out of the volume.
     *
     * @param container of this pod; an ephemeral one as its common part
     * @param environment the container's variables, for {@code subPathExpr}
     * @throws PodProblem {@code CreateContainerConfigError} if a path is not there or not allowed
     */
    List<Mount> mounts(Pod pod, Container container, Map<String, String> environment) throws PodProblem;

    /** The block devices of a container. */
    List<Device> devices(Pod pod, Container container) throws PodProblem;

    /** The groups that all of a pod's processes belong to because of its volumes, {@code fsGroup} for one. */
    List<Long> supplementalGroups(Pod pod);

    /**
     * Takes all volumes of a pod away, whose containers are gone. Right when repeated, and for a pod of which nothing is there.
     *
     * @throws PodProblem if something is still mounted; to be tried again
     */
    void unmount(String podUid) throws PodProblem, InterruptedException;

    /** The uids of pods of which volumes are there, also from before a restart. */
    Set<String> podsWithVolumes();

    /** Names of {@code persistentVolumes} in use by pods here, as {@code status.volumesInUse} of the node has them. */
    Set<String> volumesInUse();
}
