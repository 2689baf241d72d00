package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.wire.cri.PodSandboxConfig;

/** Has the images of containers at hand. */
public interface ContainerImages {
    /**
     * An image that is there.
     *
     * @param reference what {@code CreateContainer} is told
     * @param id the image's id, {@code sha256:…}
     */
    record Image(String reference, String id) {}

    /**
     * Pulls an image if its policy says so, with the secrets that the pod names. Waits while it is pulled. Tells the pod's events
     * ({@code Pulling}, {@code Pulled}, {@code BackOff}, {@code Failed}) by itself.
     *
     * @throws PodProblem {@code ErrImagePull}, {@code ImagePullBackOff} without waiting, {@code ErrImageNeverPull}, {@code
     *     InvalidImageName}, {@code ImageInspectError}
     */
    Image ensure(Pod pod, Container container, PodSandboxConfig sandbox) throws PodProblem, InterruptedException;
}
