package io.keelson.agent.network;

import java.util.List;

/**
 * What a sandbox got.
 *
 * @param addresses without prefix lengths; the pod's first one first, one of each family at most
 */
public record PodAddresses(List<String> addresses) {
    public PodAddresses {
        addresses = List.copyOf(addresses);
    }
}
