package io.keelson.agent.pods.launch;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.agent.pods.PodProblem;
import io.keelson.controllers.objects.OrEmpty;
import org.jspecify.annotations.Nullable;

/** Which of the runtime's handlers runs a pod. */
@FunctionalInterface
public interface RuntimeHandlers {
    /** The runtime's own choice for all. */
    RuntimeHandlers DEFAULT = pod -> "";

    /**
     * The handler of a pod; empty for the runtime's own choice.
     *
     * @throws PodProblem {@code FailedCreatePodSandBox} if its RuntimeClass is not there
     */
    String of(Pod pod) throws PodProblem;

    /** As the RuntimeClass of the API says that the pod names. */
    static RuntimeHandlers inApi(KubernetesClient client) {
        return pod -> {
            String name = OrEmpty.of(pod.getSpec().getRuntimeClassName());
            if (name.isEmpty()) {
                return "";
            }
            RuntimeClass found;
            try {
                found = client.resources(RuntimeClass.class).withName(name).get();
            } catch (KubernetesClientException e) {
                throw missing("failed to get RuntimeClass \"" + name + "\": " + e.getMessage(), e);
            }
            if (found == null) {
                throw missing("runtimeclasses.node.k8s.io \"" + name + "\" not found", null);
            }
            return OrEmpty.of(found.getHandler());
        };
    }

    private static PodProblem missing(String message, @Nullable Throwable cause) {
        String text = "Failed to create pod sandbox: " + message;
        return cause == null
                ? new PodProblem("ContainerCreating", "FailedCreatePodSandBox", text)
                : new PodProblem("ContainerCreating", "FailedCreatePodSandBox", text, cause);
    }
}
