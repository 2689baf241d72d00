package io.keelson.agent.dns;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of the cluster, for questions. Any thread; nothing waits. */
interface ClusterNames {
    /** Whether all is known, so that what is not known is not there. */
    boolean isComplete();

    /** A Service; null if there is none of that name. */
    @Nullable
    ServiceNames service(String namespace, String name);

    /**
     * The Services of a cluster address.
     *
     * @param address as the API writes it
     */
    List<ServiceNames> withClusterAddress(String address);

    /** The Services that have an endpoint of this address that has a name of its own, and perhaps others. */
    List<ServiceNames> withNamedEndpoint(String address);

    /** Whether a pod has this address that is not at its end. */
    boolean hasPod(String namespace, String address);

    /** Grows with each change. */
    int serial();
}
