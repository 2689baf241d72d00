package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where a Service is connected to: at its cluster address, at what an external name stands for, or, if so wanted, at one of
 * the pods behind it.
 *
 * @param endpoints whether the pods are connected to
 */
record ServiceRouting(ObjectLookup objects, boolean endpoints) {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    /** @param host a name or an address */
    record Route(String host, int port) {
        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** A port of the pods behind a Service. */
    private record Target(String address, int port) {}

    /**
     * The way to a server.
     *
     * @throws UnavailableException if there is none
     */
    Route to(ApiService wanted) throws UnavailableException, InterruptedException {
        JsonNode spec = service(wanted).path("spec");
        if (type(spec).equals("ExternalName")) {
            return new Route(spec.path("externalName").asText(""), wanted.port());
        }
        JsonNode port = port(spec, wanted.port());
        if (port == null) {
            throw notListening(wanted);
        }
        if (endpoints) {
            List<Target> targets = targets(wanted, port.path("name").asText(""));
            if (targets.isEmpty()) {
                throw missing(wanted, port);
            }
            Target chosen = targets.get(ThreadLocalRandom.current().nextInt(targets.size()));
            return new Route(chosen.address(), chosen.port());
        }
        String address = spec.path("clusterIP").asText("");
        if (address.isEmpty() || address.equals("None")) {
            throw new UnavailableException(
                    "FailedDiscoveryCheck", "cannot route to service with ClusterIP \"" + address + "\"");
        }
        return new Route(address, wanted.port());
    }

    /**
     * Checks that there is somebody behind a Service, before anybody is called.
     *
     * @throws UnavailableException if not
     */
    void check(ApiService wanted) throws UnavailableException, InterruptedException {
        JsonNode spec = service(wanted).path("spec");
        if (!type(spec).equals("ClusterIP")) {
            return;
        }
        JsonNode port = port(spec, wanted.port());
        if (port == null) {
            throw notListening(wanted);
        }
        if (slices(wanted).isEmpty()) {
            throw new UnavailableException("EndpointsNotFound", "cannot find endpoints for " + shown(wanted));
        }
        if (targets(wanted, port.path("name").asText("")).isEmpty()) {
            throw missing(wanted, port);
        }
    }

    private ObjectNode service(ApiService wanted) throws UnavailableException, InterruptedException {
        ObjectNode service = objects.recent("", "services", wanted.namespace(), wanted.service());
        if (service == null) {
            throw new UnavailableException("ServiceNotFound", shown(wanted) + " is not present");
        }
        return service;
    }

    private static String type(JsonNode spec) {
        return spec.path("type").asText("ClusterIP");
    }

    private static @Nullable JsonNode port(JsonNode spec, int wanted) {
        for (JsonNode port : spec.path("ports")) {
            if (port.path("port").asInt() == wanted) {
                return port;
            }
        }
        return null;
    }

    private List<ObjectNode> slices(ApiService wanted) throws InterruptedException {
        List<ObjectNode> found = new ArrayList<>();
        for (ObjectNode slice : objects.all("discovery.k8s.io", "endpointslices", wanted.namespace())) {
            if (wanted.service().equals(ObjectMeta.labels(slice).get(SERVICE_NAME))) {
                found.add(slice);
            }
        }
        return found;
    }

    private List<Target> targets(ApiService wanted, String portName) throws InterruptedException {
        List<Target> targets = new ArrayList<>();
        for (ObjectNode slice : slices(wanted)) {
            for (JsonNode port : slice.path("ports")) {
                if (!port.path("name").asText("").equals(portName)) {
                    continue;
                }
                for (JsonNode endpoint : slice.path("endpoints")) {
                    String address = endpoint.path("addresses").path(0).asText("");
                    if (endpoint.path("conditions").path("ready").asBoolean(true) && !address.isEmpty()) {
                        targets.add(new Target(address, port.path("port").asInt(0)));
                    }
                }
            }
        }
        return targets;
    }

    private static String shown(ApiService wanted) {
        return "service/" + wanted.service() + " in \"" + wanted.namespace() + "\"";
    }

    private static UnavailableException notListening(ApiService wanted) {
        return new UnavailableException(
                "ServicePortError", shown(wanted) + " is not listening on port " + wanted.port());
    }

    private static UnavailableException missing(ApiService wanted, JsonNode port) {
        return new UnavailableException(
                "MissingEndpoints",
                "endpoints for " + shown(wanted) + " have no addresses with port name \""
                        + port.path("name").asText("") + "\"");
    }
}
