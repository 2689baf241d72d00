package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.validation.Addresses;
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
        address(spec.path("loadBalancerIP").asText(""), "spec.loadBalancerIP", warnings);
        JsonNode ranges = spec.path("loadBalancerSourceRanges");
        for (int i = 0; i < ranges.size(); i++) {
            range(ranges.path(i).asText(""), "spec.loadBalancerSourceRanges[" + i + "]", warnings);
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
            address(texts.path(i).asText(""), path + "[" + i + "]", warnings);
        }
    }

    /** There are several ways to write an address, and programs that do not know all of them. */
    private static void address(String text, String path, List<String> warnings) {
        String canonical = Addresses.canonical(text);
        if (canonical == null || canonical.equals(text)) {
            return;
        }
        warnings.add(
                canonical.indexOf(':') >= 0
                        ? path + ": IPv6 address " + GoText.quoted(text) + " should be in RFC 5952 canonical format ("
                                + GoText.quoted(canonical) + ")"
                        : path + ": non-standard IP address " + GoText.quoted(text)
                                + " will be considered invalid in a future Kubernetes release: use "
                                + GoText.quoted(canonical));
    }

    /** As for addresses; besides, a range should begin with its first address. */
    private static void range(String text, String path, List<String> warnings) {
        Addresses.Cidr range = Addresses.Cidr.parse(text);
        if (range == null) {
            return;
        }
        String address = text.substring(0, text.indexOf('/'));
        String first = range.first();
        String canonical = first + "/" + range.prefix();
        String canonicalAddress = String.valueOf(Addresses.canonical(address));
        boolean ambiguous = !canonicalAddress.equals(first);
        if (ambiguous) {
            warnings.add(path + ": CIDR value " + GoText.quoted(text) + " is ambiguous in this context (should be "
                    + GoText.quoted(canonical) + " or " + GoText.quoted(canonicalAddress + "/" + range.bits()) + "?)");
        }
        boolean standard = range.bits() == 32
                ? text.equals(canonicalAddress + "/" + range.prefix())
                : text.endsWith("/" + range.prefix());
        if (!standard) {
            warnings.add(path + ": non-standard CIDR value " + GoText.quoted(text)
                    + " will be considered invalid in a future Kubernetes release: use " + GoText.quoted(canonical));
        } else if (!ambiguous && !text.equals(canonical)) {
            warnings.add(path + ": IPv6 CIDR value " + GoText.quoted(text) + " should be in RFC 5952 canonical format ("
                    + GoText.quoted(canonical) + ")");
        }
    }
}
