package io.keelson.cloud.file;

import io.fabric8.kubernetes.api.model.NodeAddress;
import java.util.List;
import java.util.Map;

/**
 * A machine as the file has it.
 *
 * @param name of its Node
 * @param providerId given, or made of its name
 * @param type empty for not given
 * @param zone empty for not given
 * @param region empty for not given
 * @param running false if it is shut down
 */
record Machine(
        String name,
        String providerId,
        String type,
        String zone,
        String region,
        List<NodeAddress> addresses,
        Map<String, String> labels,
        boolean running) {
    Machine {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
    }
}
