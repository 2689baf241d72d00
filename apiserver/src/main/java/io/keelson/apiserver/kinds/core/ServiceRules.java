package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with a service. */
final class ServiceRules {
    private static final int AFFINITY_SECONDS_MAX = 86_400;
    private static final String OLD_HINTS = "service.kubernetes.io/topology-aware-hints";
    private static final String HINTS = "service.kubernetes.io/topology-mode";
    private static final String RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private ServiceRules() {}

    static void validate(Place service) {
        hints(service.at("metadata", "annotations"));
        Place spec = service.at("spec");
        JsonNode value = spec.value();
        boolean headless = ServiceTypes.isHeadless(value);
        Place type = spec.at("type");
        Place ports = spec.at("ports");
        if (ports.size() == 0 && !headless && !type.is("ExternalName")) {
            ports.required("");
        }
        switch (type.text()) {
            case "LoadBalancer", "NodePort" -> {
                if (headless) {
                    Place first = spec.at("clusterIPs").items().getFirst();
                    first.invalid("may not be set to 'None' for " + type.text() + " services");
                }
            }
            case "ExternalName" -> externalName(spec);
            default -> {
                // Nothing is special about the others.
            }
        }
        ports(spec, ports);
        LabelValidation.labels(spec.at("selector"));
        affinity(spec);
        if (!type.is("ExternalName")) {
            ClusterIpRules.validate(spec);
        }
        for (Place address : spec.at("externalIPs").items()) {
            if (Addresses.ip(address.text()).isEmpty()) {
                address.check(Addresses::reachableIp);
            } else {
                address.check(Addresses::ip);
            }
        }
        type.oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        sourceRanges(service, spec);
        loadBalancer(spec);
        traffic(spec);
    }

    /** An annotation that has got another name; who writes both has to mean the same. */
    private static void hints(Place annotations) {
        Place hints = annotations.at(HINTS);
        Place old = annotations.at(OLD_HINTS);
        if (hints.present() && old.present() && !hints.is(old.text())) {
            hints.as(annotations.path().key(HINTS))
                    .invalid("must match annotations[" + OLD_HINTS + "] when both are specified");
        }
    }

    private static void externalName(Place spec) {
        for (String field : List.of("clusterIPs", "ipFamilies")) {
            if (spec.at(field).size() > 0) {
                spec.at(field).forbidden("may not be set for ExternalName services");
            }
        }
        spec.at("ipFamilyPolicy").mustBeAbsent("may not be set for ExternalName services");
        Place name = spec.at("externalName");
        String text =
                name.text().endsWith(".") ? name.text().substring(0, name.text().length() - 1) : name.text();
        if (text.isEmpty()) {
            name.required("");
        } else {
            Names.dnsSubdomain(text).forEach(wrong -> name.invalid(text, wrong));
        }
    }

    private static void ports(Place spec, Place ports) {
        Set<String> names = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        Set<String> nodePorts = new HashSet<>();
        for (Place port : ports.items()) {
            Place name = port.at("name");
            if (name.empty()) {
                if (ports.size() > 1) {
                    name.required("");
                }
            } else {
                name.check(Names::dnsLabel);
                if (!names.add(name.text())) {
                    name.duplicate();
                }
            }
            ObjectRules.port(port.at("port"));
            Place protocol = port.at("protocol");
            protocol.oneOf("SCTP", "TCP", "UDP");
            ObjectRules.portNumberOrName(port.at("targetPort"));
            if (port.at("appProtocol").present()) {
                port.at("appProtocol").check(Names::qualifiedName);
            }
            Place nodePort = port.at("nodePort");
            if (nodePort.number() != 0) {
                if (spec.at("type").is("ClusterIP")) {
                    nodePort.forbidden("may not be used when `type` is 'ClusterIP'");
                }
                if (!nodePorts.add(protocol.text() + nodePort.number())) {
                    nodePort.duplicate();
                }
            }
            if (!numbers.add(protocol.text() + port.at("port").number())) {
                port.duplicate(portKey(port));
            }
        }
    }

    private static JsonNode portKey(Place port) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("protocol", port.at("protocol").text())
                .put("port", port.at("port").number())
                .put("targetPort", 0);
    }

    private static void affinity(Place spec) {
        Place affinity = spec.at("sessionAffinity");
        Place config = spec.at("sessionAffinityConfig");
        affinity.oneOf("ClientIP", "None");
        if (affinity.is("None")) {
            config.mustBeAbsent("must not be set when session affinity is None");
        } else if (affinity.is("ClientIP")) {
            Place seconds = config.at("clientIP", "timeoutSeconds");
            String why = "when session affinity type is ClientIP";
            if (config.absent()) {
                config.required(why);
            } else if (config.at("clientIP").absent()) {
                config.at("clientIP").required(why);
            } else if (seconds.absent()) {
                seconds.required(why);
            } else if (seconds.number() <= 0 || seconds.number() > AFFINITY_SECONDS_MAX) {
                seconds.invalid("must be greater than 0 and less than " + AFFINITY_SECONDS_MAX);
            }
        }
    }

    private static void sourceRanges(Place service, Place spec) {
        boolean balanced = spec.at("type").is("LoadBalancer");
        Place ranges = spec.at("loadBalancerSourceRanges").as(spec.path().child("LoadBalancerSourceRanges"));
        Place annotation = service.at("metadata", "annotations", RANGES_ANNOTATION)
                .as(FieldPath.of("metadata", "annotations").key(RANGES_ANNOTATION));
        if (ranges.size() > 0) {
            if (!balanced) {
                ranges.forbidden("may only be used when `type` is 'LoadBalancer'");
            }
            for (Place range : ranges.items()) {
                String text = range.text().strip();
                Addresses.cidr(text).forEach(wrong -> range.invalid(text, wrong));
            }
        } else if (annotation.present()) {
            if (!balanced) {
                annotation.forbidden("may only be used when `type` is 'LoadBalancer'");
            }
            if (!annotation.text().isBlank()) {
                for (String part : annotation.text().split(",", -1)) {
                    Addresses.cidr(part.strip()).forEach(wrong -> annotation.invalid(part.strip(), wrong));
                }
            }
        }
    }

    private static void loadBalancer(Place spec) {
        boolean balanced = spec.at("type").is("LoadBalancer");
        Place allocate = spec.at("allocateLoadBalancerNodePorts");
        Place balancerClass = spec.at("loadBalancerClass");
        if (balanced) {
            if (allocate.absent()) {
                allocate.as(FieldPath.of("allocateLoadBalancerNodePorts")).required("");
            }
            if (balancerClass.present()) {
                balancerClass.check(Names::qualifiedName);
            }
        } else {
            allocate.mustBeAbsent("may only be used when `type` is 'LoadBalancer'");
            balancerClass.mustBeAbsent("may only be used when `type` is 'LoadBalancer'");
        }
    }

    private static void traffic(Place spec) {
        Place external = spec.at("externalTrafficPolicy");
        if (ServiceTypes.isExternallyAccessible(spec.value())) {
            external.oneOf("Cluster", "Local");
        } else if (external.filled()) {
            external.invalid("may only be set for externally-accessible services");
        }
        Place health = spec.at("healthCheckNodePort");
        if (health.number() != 0) {
            if (ServiceTypes.hasHealthCheck(spec.value())) {
                ObjectRules.port(health);
            } else {
                health.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
            }
        }
        Place internal = spec.at("internalTrafficPolicy");
        if (internal.absent()) {
            if (ServiceTypes.hasAddress(spec.value())) {
                internal.required("");
            }
        } else {
            internal.oneOf("Cluster", "Local");
        }
        spec.at("trafficDistribution").oneOfIfPresent("PreferClose", "PreferSameNode", "PreferSameZone");
    }
}
