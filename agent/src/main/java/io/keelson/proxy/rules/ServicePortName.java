package io.keelson.proxy.rules;

import io.keelson.controllers.runtime.Key;
import java.util.Comparator;

/**
 * One port of a Service.
 *
 * @param service whose
 * @param port its name; empty for the only one
 */
public record ServicePortName(Key service, String port, Transport transport) implements Comparable<ServicePortName> {
    private static final Comparator<ServicePortName> ORDER = Comparator.comparing(
                    (ServicePortName name) -> name.service().namespace())
            .thenComparing(name -> name.service().name())
            .thenComparing(ServicePortName::port)
            .thenComparing(ServicePortName::transport);

    @Override
    public int compareTo(ServicePortName other) {
        return ORDER.compare(this, other);
    }

    /** {@code namespace/name:port}, as the original writes it. */
    @Override
    public String toString() {
        return port.isEmpty() ? service.toString() : service + ":" + port;
    }
}
