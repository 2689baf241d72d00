package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.NodeAddress;
import java.util.List;
import java.util.Map;

/**
 * A machine.
 *
 * @param providerId what the Node's {@code spec.providerID} is to be; empty if the provider does not say
 * @param type what kind of machine it is; empty if the provider does not say
 * @param addresses in the order of their worth; may be empty
 * @param labels more labels for its Node, none of Kubernetes' own names
 */
public record Instance(String providerId, String type, List<NodeAddress> addresses, Map<String, String> labels) {
    public Instance {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
    }
}
