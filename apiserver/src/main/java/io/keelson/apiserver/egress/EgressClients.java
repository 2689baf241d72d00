package io.keelson.apiserver.egress;

import io.keelson.apiserver.certs.HttpClients;
import org.jspecify.annotations.Nullable;

/**
 * How other servers are called over HTTP, by where they are.
 *
 * @param controlPlane those beside this one
 * @param cluster those that run in the cluster
 */
public record EgressClients(HttpClients controlPlane, HttpClients cluster) {
    /** Everybody is connected to directly. */
    public static final EgressClients DIRECT = new EgressClients(HttpClients.DIRECT, HttpClients.DIRECT);

    /**
     * How those of a kind are called.
     *
     * @param type null for those of no kind, which are connected to directly
     */
    public HttpClients of(@Nullable EgressType type) {
        return switch (type) {
            case CONTROL_PLANE -> controlPlane;
            case CLUSTER -> cluster;
            case null, default -> HttpClients.DIRECT;
        };
    }
}
