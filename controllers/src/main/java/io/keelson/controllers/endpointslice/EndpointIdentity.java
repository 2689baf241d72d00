package io.keelson.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What makes an endpoint the same one though its state has changed.
 *
 * @param hostname empty if it has none
 * @param namespace of the pod behind it; empty if there is none
 * @param name of the pod behind it; empty if there is none
 */
public record EndpointIdentity(List<String> addresses, String hostname, String namespace, String name) {
    /** An endpoint's. */
    public static EndpointIdentity of(Endpoint endpoint) {
        ObjectReference target = endpoint.getTargetRef();
        List<String> addresses = OrEmpty.of(endpoint.getAddresses());
        return new EndpointIdentity(
                addresses.size() < 2 ? addresses : addresses.stream().sorted().toList(),
                OrEmpty.of(endpoint.getHostname()),
                target == null ? "" : OrEmpty.of(target.getNamespace()),
                target == null ? "" : OrEmpty.of(target.getName()));
    }

    /** Whether two endpoints of one identity are in the same state; hints aside, which are given later. */
    public static boolean isSameState(Endpoint one, Endpoint other) {
        return Objects.equals(one.getNodeName(), other.getNodeName())
                && Objects.equals(one.getZone(), other.getZone())
                && isSameState(one.getConditions(), other.getConditions())
                && isSameTarget(one.getTargetRef(), other.getTargetRef());
    }

    private static boolean isSameState(@Nullable EndpointConditions one, @Nullable EndpointConditions other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return Objects.equals(one.getReady(), other.getReady())
                && Objects.equals(one.getServing(), other.getServing())
                && Objects.equals(one.getTerminating(), other.getTerminating());
    }

    private static boolean isSameTarget(@Nullable ObjectReference one, @Nullable ObjectReference other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return Objects.equals(one.getKind(), other.getKind())
                && Objects.equals(one.getUid(), other.getUid())
                && Objects.equals(one.getFieldPath(), other.getFieldPath());
    }

    /** Whether an endpoint takes traffic. */
    static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() != null
                && OrEmpty.of(endpoint.getConditions().getReady());
    }
}
