package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks for ports that several containers of a pod have, or one has twice. For one pod; one thread. */
final class PortWarnings {
    /** Ports are looked at in pairs: there is an end to what is done for a pod that has very many. */
    private static final int PAIRS_MAX = 10_000;

    private final List<String> warnings;
    private int pairs;
    private final Map<String, List<Port>> known = new HashMap<>();

    private record Port(String path, String hostIp, long hostPort) {}

    PortWarnings(List<String> warnings) {
        this.warnings = warnings;
    }

    void container(JsonNode container, String path) {
        JsonNode ports = container.path("ports");
        for (int i = 0; i < ports.size(); i++) {
            port(ports.path(i), path + ".ports[" + i + "]");
        }
    }

    private void port(JsonNode port, String path) {
        Port here = new Port(
                path, port.path("hostIP").asText(""), port.path("hostPort").asLong());
        String number = port.path("containerPort").asText();
        String protocol = port.path("protocol").asText("");
        if (!here.hostIp().isEmpty() && here.hostPort() == 0) {
            warnings.add(path + ": hostIP set without hostPort: {Name:"
                    + port.path("name").asText("")
                    + " HostPort:0 ContainerPort:" + number + " Protocol:" + protocol + " HostIP:" + here.hostIp()
                    + "}");
        }
        List<Port> others = known.computeIfAbsent(number + "/" + protocol, _ -> new ArrayList<>());
        for (Port other : others) {
            if (++pairs > PAIRS_MAX) {
                return;
            }
            String clash = clash(here, other);
            if (!clash.isEmpty()) {
                warnings.add(path + ": " + clash + " port definition with " + other.path());
            }
        }
        others.add(here);
    }

    private static String clash(Port one, Port other) {
        if (one.hostIp().equals(other.hostIp()) && one.hostPort() == other.hostPort()) {
            return "duplicate";
        }
        if (one.hostPort() == 0 || other.hostPort() == 0) {
            return "overlapping";
        }
        // Which of the two is meant where one is for all addresses, nobody can say.
        boolean oneForAll = one.hostIp().isEmpty() != other.hostIp().isEmpty();
        return one.hostPort() == other.hostPort() && oneForAll ? "dangerously ambiguous" : "";
    }
}
