package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.keelson.controllers.objects.OrEmpty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ports that are named or numbered. */
public final class ContainerPorts {
    private ContainerPorts() {}

    /**
     * The number of a port.
     *
     * @throws IllegalArgumentException if the container has no port of that name, or the number is none; in the words
     *     of Go
     */
    public static int number(@Nullable IntOrString port, List<ContainerPort> ports) {
        if (port == null) {
            throw new IllegalArgumentException("invalid port number: 0");
        }
        int number;
        if (port.getIntVal() != null) {
            number = port.getIntVal();
        } else {
            String name = OrEmpty.of(port.getStrVal());
            number = ports.stream()
                    .filter(one -> name.equals(one.getName()))
                    .map(one -> OrEmpty.of(one.getContainerPort()))
                    .findFirst()
                    .orElseGet(() -> parsed(name));
        }
        if (number <= 0 || number > 65_535) {
            throw new IllegalArgumentException("invalid port number: " + number);
        }
        return number;
    }

    private static int parsed(String name) {
        try {
            return Integer.parseInt(name);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("strconv.Atoi: parsing \"" + name + "\": invalid syntax", e);
        }
    }
}
