package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What takes traffic for Services from outside. Each method may be called again with the same arguments, after a crash
 * say, and comes to the same end. All throw {@link CloudException} if it cannot be done. The objects are shared and not
 * changed.
 */
public interface LoadBalancers {
    private static int nameLengthMax() {
        return 32;
    }

    /**
     * What clouds call a Service's load balancer by custom: {@code a} and its uid, without dashes, 32 characters at
     * most.
     */
    static String name(Service service) {
        String name = 'a' + service.getMetadata().getUid().replace("-", "").toLowerCase(Locale.ROOT);
        return name.length() > nameLengthMax() ? name.substring(0, nameLengthMax()) : name;
    }

    /**
     * Tells of all Services that have load balancers or are to have them, once and before any other call: what one of
     * them holds by its status must not be given to another.
     */
    default void recover(String cluster, List<Service> services) {}

    /** A Service's load balancer as it is; empty if it has none. */
    Optional<LoadBalancerStatus> find(String cluster, Service service);

    /**
     * Makes a Service's load balancer, or brings it to what the Service asks for now.
     *
     * @param nodes which take its traffic; may be empty
     * @return under which addresses or names it answers
     */
    LoadBalancerStatus ensure(String cluster, Service service, List<Node> nodes);

    /** Brings a Service's load balancer, which exists, to other nodes. */
    void update(String cluster, Service service, List<Node> nodes);

    /** Takes a Service's load balancer away, whether all of it is there or not. */
    void delete(String cluster, Service service);
}
