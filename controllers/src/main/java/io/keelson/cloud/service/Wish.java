package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.Service;
import io.keelson.controllers.objects.OrEmpty;

/** What a Service wants of the cloud. */
enum Wish {
    /** A load balancer. */
    ENSURE,
    /** To be rid of the one that it has, or may have. */
    CLEAN_UP,
    /** Nothing. */
    NOTHING;

    /** Keeps a Service until its load balancer is gone. */
    static final String FINALIZER = "service.kubernetes.io/load-balancer-cleanup";

    /**
     * What a Service wants.
     *
     * @param served whether this process has given it a load balancer
     */
    static Wish of(Service service, boolean served) {
        boolean ending = service.getMetadata().getDeletionTimestamp() != null;
        if (hasFinalizer(service) && (ending || !isOfType(service))) {
            return CLEAN_UP;
        }
        if (!isWanted(service)) {
            return served ? CLEAN_UP : NOTHING;
        }
        // One that ends without our finalizer is past its cleanup.
        return ending ? (served ? CLEAN_UP : NOTHING) : ENSURE;
    }

    /** Whether a Service asks for a load balancer, and not for that of a certain class, which others give. */
    static boolean isWanted(Service service) {
        return isOfType(service) && service.getSpec().getLoadBalancerClass() == null;
    }

    private static boolean isOfType(Service service) {
        return service.getSpec() != null
                && "LoadBalancer".equals(service.getSpec().getType());
    }

    static boolean hasFinalizer(Service service) {
        return OrEmpty.of(service.getMetadata().getFinalizers()).contains(FINALIZER);
    }
}
