package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.routing.ServiceEndpoints;
import io.keelson.apiserver.routing.ServicePort;

/** Looks whether there is somebody behind the Service of an API server, before anybody is called. */
record ServiceCheck(ObjectLookup objects) {
    /** @throws UnavailableException if not */
    void check(ServicePort wanted) throws UnavailableException, InterruptedException {
        String shown = "service/" + wanted.name() + " in \"" + wanted.namespace() + "\"";
        ObjectNode service = objects.recent("", "services", wanted.namespace(), wanted.name());
        if (service == null) {
            throw new UnavailableException("ServiceNotFound", shown + " is not present");
        }
        if (!service.path("spec").path("type").asText("ClusterIP").equals("ClusterIP")) {
            return;
        }
        JsonNode port = wanted.in(service);
        if (port == null) {
            throw new UnavailableException("ServicePortError", shown + " is not listening on port " + wanted.port());
        }
        ServiceEndpoints endpoints = ServiceEndpoints.of(objects, wanted.namespace(), wanted.name());
        if (endpoints.slices().isEmpty()) {
            throw new UnavailableException("EndpointsNotFound", "cannot find endpoints for " + shown);
        }
        String name = port.path("name").asText("");
        if (endpoints.ready(name).isEmpty()) {
            throw new UnavailableException(
                    "MissingEndpoints",
                    "endpoints for " + shown + " have no addresses with port name \"" + name + "\"");
        }
    }
}
