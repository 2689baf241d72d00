package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** The pods of a Service become ready, as a kubelet would say, and its EndpointSlices have all of them. */
final class ServiceEndpoints implements ControllerCase {
    @Override
    public String name() {
        return "endpoints";
    }

    @Override
    public String title(int size) {
        return String.format("a Service has the endpoints of %,d pods that become ready", size);
    }

    @Override
    public int usualSize() {
        return 1_000;
    }

    @Override
    public double wantedSeconds() {
        return 0;
    }

    @Override
    public void prepare(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        ObjectNode service = Samples.service("web");
        service.withObjectProperty("metadata").put("name", "web");
        playground.create(namespace, List.of(service));
        ObjectNode pod = Samples.pod("web");
        // Nobody would end it on its node.
        pod.withObjectProperty("spec").put("nodeName", node(namespace)).put("terminationGracePeriodSeconds", 0);
        playground.create(namespace, "pod", size, pod);
    }

    /** Endpoints are pods on nodes that are there; it comes late, as nodes that say nothing for long are taken for dead. */
    private static String node(String namespace) {
        return namespace + "-node";
    }

    @Override
    public void run(Playground playground, String namespace, int size) throws IOException, InterruptedException {
        ObjectNode node = Samples.node();
        node.withObjectProperty("metadata").put("name", node(namespace));
        playground.create("", List.of(node));
        playground
                .objects()
                .each(
                        "statuses",
                        size,
                        i -> playground
                                .objects()
                                .merge("/api/v1/namespaces/" + namespace + "/pods/pod-" + i + "/status", ready(i)));
        String slices = "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
        playground.await(
                "each pod being an endpoint",
                100,
                () -> ready(playground.objects().get(slices)) >= size);
        playground.objects().delete("/api/v1/nodes/" + node(namespace));
    }

    private static String ready(int number) {
        String address = "10.200." + number / 250 + "." + (1 + number % 250);
        return """
            {"status":{"phase":"Running","podIP":"%s","podIPs":[{"ip":"%s"}],
            "conditions":[{"type":"Ready","status":"True"}]}}\
            """.formatted(address, address);
    }

    /** How many endpoints of a list of slices are ready. */
    static int ready(JsonNode slices) {
        int ready = 0;
        for (JsonNode slice : slices.path("items")) {
            for (JsonNode endpoint : slice.path("endpoints")) {
                if (endpoint.path("conditions").path("ready").asBoolean(true)) {
                    ready += endpoint.path("addresses").size();
                }
            }
        }
        return ready;
    }
}
