package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.Node;

/** Where a provider's machines are. */
@FunctionalInterface
public interface Zones {
    /**
     * Where a Node's machine is.
     *
     * @throws CloudException if the provider cannot be asked, or knows no such machine
     */
    Zone of(Node node);

    /**
     * A place of machines.
     *
     * @param zone what fails together; empty if the provider does not say
     * @param region what holds several zones; empty if the provider does not say
     */
    record Zone(String zone, String region) {}
}
