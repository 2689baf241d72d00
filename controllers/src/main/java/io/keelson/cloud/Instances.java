package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.Node;
import java.util.Optional;

/** The machines of a provider. All methods throw {@link CloudException} if the provider cannot be asked. */
public interface Instances {
    /** Whether a Node's machine is there, running or not. One that is not is gone for good: its Node is deleted. */
    boolean exists(Node node);

    /** Whether a Node's machine is there and does not run. */
    boolean isShutDown(Node node);

    /** What is known of a Node's machine; empty if there is none. */
    Optional<Instance> find(Node node);
}
