package io.keelson.apiserver.routing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;

/**
 * Who stands behind a Service.
 *
 * @param slices its EndpointSlices
 */
public record ServiceEndpoints(List<ObjectNode> slices) {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    public ServiceEndpoints {
        slices = List.copyOf(slices);
    }

    /**
     * One of them, at one port.
     *
     * @param target the object that it is, as a reference; nothing or null if nobody has said
     */
    public record Endpoint(Route route, JsonNode target) {
        /** The name of the pod that it is; empty if it is none. */
        public String pod() {
            return target.path("kind").asText("").equals("Pod")
                    ? target.path("name").asText("")
                    : "";
        }
    }

    /** As the cache has them. */
    public static ServiceEndpoints of(ObjectLookup objects, String namespace, String service)
            throws InterruptedException {
        List<ObjectNode> slices = new ArrayList<>();
        for (ObjectNode slice : objects.all("discovery.k8s.io", "endpointslices", namespace)) {
            if (service.equals(ObjectMeta.labels(slice).get(SERVICE_NAME))) {
                slices.add(slice);
            }
        }
        return new ServiceEndpoints(slices);
    }

    /** Those that are ready, or do not say, at the port of a name; empty is a name as any. */
    public List<Endpoint> ready(String portName) {
        List<Endpoint> ready = new ArrayList<>();
        for (ObjectNode slice : slices) {
            for (JsonNode port : slice.path("ports")) {
                int number = port.path("port").asInt(0);
                if (number > 0 && port.path("name").asText("").equals(portName)) {
                    addReady(slice, number, ready);
                }
            }
        }
        return ready;
    }

    private static void addReady(ObjectNode slice, int port, List<Endpoint> ready) {
        for (JsonNode endpoint : slice.path("endpoints")) {
            // Whichever of its addresses is taken leads to the same.
            String address = endpoint.path("addresses").path(0).asText("");
            if (endpoint.path("conditions").path("ready").asBoolean(true) && !address.isEmpty()) {
                ready.add(new Endpoint(new Route(address, port), endpoint.path("targetRef")));
            }
        }
    }
}
