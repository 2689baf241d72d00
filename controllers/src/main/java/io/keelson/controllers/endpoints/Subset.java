package io.keelson.controllers.endpoints;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.EndpointSubsetBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses that have the same ports: each of them at each of these. */
record Subset(List<Address> ready, List<Address> notReady, List<Port> ports) {
    Subset {
        ready = List.copyOf(ready);
        notReady = List.copyOf(notReady);
        ports = List.copyOf(ports);
    }

    /** One address; without the resource version of its target, which changes without meaning anything here. */
    record Address(
            String ip,
            @Nullable String hostname,
            @Nullable String nodeName,
            @Nullable Target target) {}

    /** The pod behind an address. */
    record Target(
            @Nullable String kind,
            @Nullable String namespace,
            @Nullable String name,
            @Nullable String uid) {}

    /** One port; its name is empty if it has none. */
    record Port(
            String name,
            int number,
            String protocol,
            @Nullable String appProtocol) {}

    int size() {
        return ready.size() + notReady.size();
    }

    static Subset of(EndpointSubset subset) {
        return new Subset(
                OrEmpty.of(subset.getAddresses()).stream().map(Subset::of).toList(),
                OrEmpty.of(subset.getNotReadyAddresses()).stream()
                        .map(Subset::of)
                        .toList(),
                OrEmpty.of(subset.getPorts()).stream().map(Subset::of).toList());
    }

    private static Address of(EndpointAddress address) {
        String hostname = OrEmpty.of(address.getHostname());
        return new Address(
                OrEmpty.of(address.getIp()),
                hostname.isEmpty() ? null : hostname,
                address.getNodeName(),
                address.getTargetRef() == null ? null : of(address.getTargetRef()));
    }

    static Target of(ObjectReference target) {
        return new Target(target.getKind(), target.getNamespace(), target.getName(), target.getUid());
    }

    private static Port of(EndpointPort port) {
        String protocol = OrEmpty.of(port.getProtocol());
        return new Port(
                OrEmpty.of(port.getName()),
                OrEmpty.of(port.getPort()),
                protocol.isEmpty() ? "TCP" : protocol,
                port.getAppProtocol());
    }

    EndpointSubset toSubset() {
        return new EndpointSubsetBuilder()
                .withAddresses(ready.stream().map(Subset::toAddress).toList())
                .withNotReadyAddresses(notReady.stream().map(Subset::toAddress).toList())
                .withPorts(ports.stream().map(Subset::toPort).toList())
                .build();
    }

    private static EndpointAddress toAddress(Address address) {
        Target target = address.target();
        return new EndpointAddressBuilder()
                .withIp(address.ip())
                .withHostname(address.hostname())
                .withNodeName(address.nodeName())
                .withTargetRef(
                        target == null
                                ? null
                                : new ObjectReferenceBuilder()
                                        .withKind(target.kind())
                                        .withNamespace(target.namespace())
                                        .withName(target.name())
                                        .withUid(target.uid())
                                        .build())
                .build();
    }

    private static EndpointPort toPort(Port port) {
        return new EndpointPortBuilder()
                .withName(port.name().isEmpty() ? null : port.name())
                .withPort(port.number())
                .withProtocol(port.protocol())
                .withAppProtocol(port.appProtocol())
                .build();
    }
}
