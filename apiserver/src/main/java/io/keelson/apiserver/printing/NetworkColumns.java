package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How services and what belongs to the network are shown. */
public final class NetworkColumns {
    public static final List<Column> SERVICES = Columns.named()
            .text("Type", "How it is reached.", o -> o.path("spec").path("type").asText(""))
            .text(
                    "Cluster-IP",
                    "Its address within the cluster.",
                    o -> Texts.orNone(o.path("spec").path("clusterIPs").path(0)))
            .text("External-IP", "Its addresses outside of the cluster.", NetworkColumns::externalAddress)
            .text("Port(s)", "Its ports.", NetworkColumns::ports)
            .age()
            .wide(
                    "Selector",
                    "Which pods stand behind it.",
                    o -> Texts.labels(o.path("spec").path("selector")))
            .list();

    public static final List<Column> ENDPOINTS = Columns.named()
            .text("Endpoints", "Addresses of the pods.", NetworkColumns::endpoints)
            .age()
            .list();

    public static final List<Column> ENDPOINT_SLICES = Columns.named()
            .text(
                    "AddressType",
                    "What the addresses are.",
                    o -> o.path("addressType").asText(""))
            .text(
                    "Ports",
                    "The ports.",
                    o -> Texts.some(
                            o.path("ports")
                                    .valueStream()
                                    .map(NetworkColumns::slicePort)
                                    .toList(),
                            Columns.UNSET))
            .text(
                    "Endpoints",
                    "The addresses.",
                    o -> Texts.some(
                            o.path("endpoints")
                                    .valueStream()
                                    .flatMap(endpoint -> Texts.texts(endpoint.path("addresses"), "").stream())
                                    .toList(),
                            Columns.UNSET))
            .age()
            .list();

    public static final List<Column> INGRESSES = Columns.named()
            .text(
                    "Class",
                    "Who serves it.",
                    o -> o.path("spec").path("ingressClassName").asText(Columns.NONE))
            .text("Hosts", "For which hosts.", NetworkColumns::hosts)
            .text("Address", "Where it is reached.", o -> Texts.loadBalancer(o.path("status")))
            .text("Ports", "Its ports.", o -> o.path("spec").path("tls").isEmpty() ? "80" : "80, 443")
            .age()
            .list();

    public static final List<Column> INGRESS_CLASSES = Columns.named()
            .text(
                    "Controller",
                    "Who serves ingresses of this class.",
                    o -> o.path("spec").path("controller").asText(""))
            .text("Parameters", "What else it needs.", NetworkColumns::parameters)
            .age()
            .list();

    public static final List<Column> NETWORK_POLICIES = Columns.named()
            .text(
                    "Pod-Selector",
                    "For which pods it holds.",
                    o -> Texts.selector(o.path("spec").path("podSelector")))
            .age()
            .list();

    public static final List<Column> SERVICE_CIDRS = Columns.named()
            .text(
                    "CIDRs",
                    "Out of which ranges services get addresses.",
                    o -> Texts.each(o.path("spec").path("cidrs"), ""))
            .age()
            .list();

    public static final List<Column> IP_ADDRESSES = Columns.named()
            .text("ParentRef", "Whose address it is.", NetworkColumns::parent)
            .list();

    private NetworkColumns() {}

    private static String externalAddress(JsonNode service) {
        JsonNode spec = service.path("spec");
        String external = Texts.each(spec.path("externalIPs"), "");
        return switch (spec.path("type").asText()) {
            case "ClusterIP", "NodePort" -> external.isEmpty() ? Columns.NONE : external;
            case "LoadBalancer" -> {
                List<String> all = new ArrayList<>(List.of(Texts.loadBalancer(service.path("status")), external));
                all.removeIf(String::isEmpty);
                yield all.isEmpty() ? "<pending>" : String.join(",", all);
            }
            case "ExternalName" -> spec.path("externalName").asText("");
            default -> Ages.UNKNOWN;
        };
    }

    private static String ports(JsonNode service) {
        String ports = service.path("spec")
                .path("ports")
                .valueStream()
                .map(port -> port.path("port").asLong()
                        + (port.path("nodePort").asLong() > 0
                                ? ":" + port.path("nodePort").asLong()
                                : "")
                        + "/"
                        + port.path("protocol").asText(""))
                .collect(Collectors.joining(","));
        return ports.isEmpty() ? Columns.NONE : ports;
    }

    private static String endpoints(JsonNode endpoints) {
        if (endpoints.path("subsets").isEmpty()) {
            return Columns.NONE;
        }
        List<String> all = new ArrayList<>();
        for (JsonNode subset : endpoints.path("subsets")) {
            List<String> addresses = Texts.texts(subset.path("addresses"), "ip");
            if (subset.path("ports").isEmpty()) {
                all.addAll(addresses);
            }
            for (JsonNode port : subset.path("ports")) {
                for (String address : addresses) {
                    all.add((address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":"
                            + port.path("port").asLong());
                }
            }
        }
        return Texts.some(all, "");
    }

    private static String slicePort(JsonNode port) {
        if (port.path("port").isNumber()) {
            return port.path("port").asText();
        }
        return port.path("name").isTextual() ? port.path("name").asText() : "*";
    }

    private static String hosts(JsonNode ingress) {
        JsonNode rules = ingress.path("spec").path("rules");
        List<String> shown = new ArrayList<>();
        boolean more = false;
        for (JsonNode rule : rules) {
            String host = rule.path("host").asText("");
            if (shown.size() == 3) {
                more = true;
            } else if (!host.isEmpty()) {
                shown.add(host);
            }
        }
        if (shown.isEmpty()) {
            return "*";
        }
        String text = String.join(",", shown);
        return more ? text + " + " + (rules.size() - 3) + " more..." : text;
    }

    private static String parameters(JsonNode ingressClass) {
        JsonNode parameters = ingressClass.path("spec").path("parameters");
        if (!parameters.isObject()) {
            return Columns.NONE;
        }
        String group = parameters.path("apiGroup").isTextual()
                ? "." + parameters.path("apiGroup").asText()
                : "";
        return parameters.path("kind").asText("") + group + "/"
                + parameters.path("name").asText("");
    }

    private static String parent(JsonNode address) {
        JsonNode parent = address.path("spec").path("parentRef");
        if (!parent.isObject()) {
            return Columns.NONE;
        }
        GroupResource resource = new GroupResource(
                parent.path("group").asText(""), parent.path("resource").asText(""));
        String namespace = parent.path("namespace").asText("");
        return resource.toString().toLowerCase(Locale.ROOT) + (namespace.isEmpty() ? "" : "/" + namespace) + "/"
                + parent.path("name").asText("");
    }
}
