package io.keelson.agent.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A cluster of a few Services, looked through one after the other. */
final class KnownCluster implements ClusterNames {
    private final List<ServiceNames> services = new ArrayList<>();
    private Set<String> pods = Set.of();
    private boolean isComplete = true;

    KnownCluster with(Service service, EndpointSlice... slices) {
        services.add(ServiceNames.of(service, List.of(slices)));
        return this;
    }

    KnownCluster pods(String... namespaceAndAddress) {
        pods = Set.of(namespaceAndAddress);
        return this;
    }

    KnownCluster incomplete() {
        isComplete = false;
        return this;
    }

    @Override
    public boolean isComplete() {
        return isComplete;
    }

    @Override
    public @Nullable ServiceNames service(String namespace, String name) {
        return services.stream()
                .filter(service ->
                        service.namespace().equals(namespace) && service.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    @Override
    public List<ServiceNames> withClusterAddress(String address) {
        return services.stream()
                .filter(service ->
                        service.addresses().stream().map(ServiceNames::text).anyMatch(address::equals))
                .toList();
    }

    @Override
    public List<ServiceNames> withNamedEndpoint(String address) {
        return services.stream()
                .filter(service -> service.endpoints().stream()
                        .anyMatch(target -> target.isNamed()
                                && ServiceNames.text(target.address()).equals(address)))
                .toList();
    }

    @Override
    public boolean hasPod(String namespace, String address) {
        return pods.contains(namespace + ' ' + address);
    }

    @Override
    public int serial() {
        return 42;
    }
}
