package io.keelson.apiserver.services;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.RestApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The Endpoints and EndpointSlices of the Service {@code kubernetes}: the addresses of all API servers. There is a slice of
 * each family that the cluster has; the second one is filled only while every server has an address of both.
 */
final class ApiEndpoints {
    private static final String NAMESPACE = "default";
    private static final String NAME = "kubernetes";
    private static final String SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";

    private final RestApi rest;
    private final Resource endpoints;
    private final Resource slices;
    private final List<IpFamily> families;

    /** @param families the one to prefer first */
    ApiEndpoints(RestApi rest, List<IpFamily> families) {
        this.rest = rest;
        this.endpoints = rest.resource("", "endpoints");
        this.slices = rest.resource("discovery.k8s.io", "endpointslices");
        this.families = List.copyOf(families);
    }

    /**
     * Makes them as they should be.
     *
     * @param port at which servers are reached
     * @param settlePort whether another port that stands there is replaced
     */
    void settle(List<String> addresses, int port, boolean settlePort) throws InterruptedException {
        List<String> preferred = ofFamily(addresses, families.getFirst());
        List<String> second = families.size() > 1 ? ofFamily(addresses, families.get(1)) : List.of();
        if (second.size() != preferred.size()) {
            second = List.of();
        }
        settleEndpoints(preferred, port, settlePort);
        settleSlice(NAME, families.getFirst(), preferred, port, settlePort);
        List<String> ours = new ArrayList<>(List.of(NAME));
        if (families.size() > 1) {
            String name = NAME + (families.get(1) == IpFamily.V4 ? "-v4" : "-v6");
            ours.add(name);
            settleSlice(name, families.get(1), second, port, settlePort);
        }
        for (ObjectNode slice : rest.all("discovery.k8s.io", "endpointslices", NAMESPACE)) {
            if (NAME.equals(ObjectMeta.label(slice, SERVICE_NAME)) && !ours.contains(ObjectMeta.name(slice))) {
                rest.delete(slices, NAMESPACE, ObjectMeta.name(slice));
            }
        }
    }

    private static List<String> ofFamily(List<String> addresses, IpFamily family) {
        return addresses.stream()
                .filter(text -> {
                    Address address = Address.parse(text);
                    return address != null && address.family() == family;
                })
                .toList();
    }

    private void settleEndpoints(List<String> addresses, int port, boolean settlePort) throws InterruptedException {
        if (addresses.isEmpty()) {
            // Endpoints without an address are none.
            return;
        }
        settle(endpoints, NAME, object -> {
            ObjectMeta.setLabels(object, Map.of(SKIP_MIRROR, "true"));
            JsonNode before = object.path("subsets");
            JsonNode ports = before.size() == 1 ? before.get(0).path("ports") : Json.array();
            ObjectNode subset = object.putArray("subsets").addObject();
            ArrayNode list = subset.putArray("addresses");
            addresses.forEach(address -> list.addObject().put("ip", address));
            subset.set("ports", ports.isEmpty() || settlePort ? ports(port) : ports);
        });
    }

    private void settleSlice(String name, IpFamily family, List<String> addresses, int port, boolean settlePort)
            throws InterruptedException {
        ObjectNode present = rest.read(slices, NAMESPACE, name);
        if (present != null && !present.path("addressType").asText().equals(family.toString())) {
            // Which family a slice has never changes.
            rest.delete(slices, NAMESPACE, name);
        }
        settle(slices, name, object -> {
            ObjectMeta.setLabels(object, Map.of(SERVICE_NAME, NAME));
            object.put("addressType", family.toString());
            ArrayNode list = object.putArray("endpoints");
            for (String address : addresses) {
                ObjectNode endpoint = list.addObject();
                endpoint.putArray("addresses").add(address);
                endpoint.putObject("conditions").put("ready", true);
            }
            if (object.path("ports").isEmpty() || settlePort) {
                object.set("ports", ports(port));
            }
        });
    }

    private static ArrayNode ports(int port) {
        ArrayNode ports = Json.array();
        ports.addObject().put("name", "https").put("port", port).put("protocol", "TCP");
        return ports;
    }

    private void settle(Resource resource, String name, Consumer<ObjectNode> filling) throws InterruptedException {
        var _ = rest.updateOrCreate(resource, NAMESPACE, name, () -> true, object -> {
            filling.accept(object);
            return object;
        });
    }
}
