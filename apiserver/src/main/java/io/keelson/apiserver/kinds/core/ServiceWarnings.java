package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.kinds.common.AddressWarnings;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;

/** What is allowed in a Service and hardly meant. */
final class ServiceWarnings {
    private static final String OLD_HINTS = "service.kubernetes.io/topology-aware-hints";
    private static final String HINTS = "service.kubernetes.io/topology-mode";

    private ServiceWarnings() {}

    static void tell(JsonNode service, List<String> warnings) {
        if (ObjectMeta.annotation(service, OLD_HINTS) != null) {
            warnings.add("annotation " + OLD_HINTS + " is deprecated, please use " + HINTS + " instead");
        }
        JsonNode spec = service.path("spec");
        String type = spec.path("type").asText("");
        boolean named = type.equals("ExternalName");
        boolean headless =
                type.equals("ClusterIP") && spec.path("clusterIP").asText("").equals("None");
        boolean external = !spec.path("externalIPs").isEmpty();
        if (!named && !headless) {
            addresses(spec.path("clusterIPs"), "spec.clusterIPs", warnings);
        }
        if (headless) {
            if (!spec.path("loadBalancerIP").asText("").isEmpty()) {
                warnings.add("spec.loadBalancerIP is ignored for headless services");
            }
            if (external) {
                warnings.add("spec.externalIPs is ignored for headless services");
            }
            if (!spec.path("sessionAffinity").asText("None").equals("None")) {
                warnings.add("spec.SessionAffinity is ignored for headless services");
            }
        }
        addresses(spec.path("externalIPs"), "spec.externalIPs", warnings);
        if (external && !headless && !named) {
            warnings.add("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
        }
        AddressWarnings.tellOfAddress(spec.path("loadBalancerIP").asText(""), "spec.loadBalancerIP", warnings);
        JsonNode ranges = spec.path("loadBalancerSourceRanges");
        for (int i = 0; i < ranges.size(); i++) {
            AddressWarnings.tellOfRange(
                    ranges.path(i).asText(""), "spec.loadBalancerSourceRanges[" + i + "]", warnings);
        }
        if (external && named) {
            warnings.add("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
        }
        if (!named && !spec.path("externalName").asText("").isEmpty()) {
            warnings.add("spec.externalName is ignored when spec.type is not \"ExternalName\"");
        }
        if (spec.path("trafficDistribution").asText("").equals("PreferClose")) {
            warnings.add("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
        }
    }

    private static void addresses(JsonNode texts, String path, List<String> warnings) {
        for (int i = 0; i < texts.size(); i++) {
            AddressWarnings.tellOfAddress(texts.path(i).asText(""), path + "[" + i + "]", warnings);
        }
    }
}
