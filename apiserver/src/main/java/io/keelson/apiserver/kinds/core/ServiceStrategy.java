package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Services. Addresses and ports of nodes are given out by others, before an object is stored; here, what was given out stays
 * when a client leaves it out, and goes when the type changes.
 */
public final class ServiceStrategy extends SpecAndStatus {
    private static final int AFFINITY_SECONDS = 10_800;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    @Override
    public void applyDefaults(ObjectNode service) {
        ObjectNode spec = Fill.object(service, "spec");
        affinity(spec);
        Fill.text(spec, "type", "ClusterIP");
        String type = spec.path("type").asText();
        for (ObjectNode port : Fill.objects(spec.path("ports"))) {
            Fill.text(port, "protocol", "TCP");
            JsonNode target = port.path("targetPort");
            boolean none =
                    target.isNumber() ? target.asLong() == 0 : target.asText("").isEmpty();
            if (none && port.has("port")) {
                port.set("targetPort", port.get("port"));
            }
        }
        if (ServiceTypes.isExternallyAccessible(spec)) {
            Fill.text(spec, "externalTrafficPolicy", "Cluster");
        }
        if (List.of("NodePort", "LoadBalancer", "ClusterIP").contains(type)) {
            Fill.text(spec, "internalTrafficPolicy", "Cluster");
        }
        if (type.equals("LoadBalancer")) {
            Fill.flag(spec, "allocateLoadBalancerNodePorts", true);
            for (ObjectNode ingress :
                    Fill.objects(service.path("status").path("loadBalancer").path("ingress"))) {
                if (!ingress.path("ip").asText("").isEmpty()) {
                    Fill.text(ingress, "ipMode", "VIP");
                }
            }
        }
    }

    private static void affinity(ObjectNode spec) {
        Fill.text(spec, "sessionAffinity", "None");
        switch (spec.path("sessionAffinity").asText()) {
            case "None" -> spec.remove("sessionAffinityConfig");
            case "ClientIP" ->
                Fill.number(
                        Fill.object(Fill.object(spec, "sessionAffinityConfig"), "clientIP"),
                        "timeoutSeconds",
                        AFFINITY_SECONDS);
            default -> {
                // The validation says that there is no such affinity.
            }
        }
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.putObject("loadBalancer");
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode service) {
        super.prepareForCreate(context, service);
        ObjectNode spec = Fill.object(service, "spec");
        String address = spec.path("clusterIP").asText("");
        if (!address.isEmpty() && spec.path("clusterIPs").isEmpty()) {
            spec.putArray("clusterIPs").add(address);
        }
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode service, ObjectNode old) {
        super.prepareForUpdate(context, service, old);
        if (old.path("spec") instanceof ObjectNode before) {
            ObjectNode spec = Fill.object(service, "spec");
            ServiceTypes.keepAllocated(spec, before);
            ServiceTypes.dropUnfit(spec, before);
        }
    }

    @Override
    public void validate(ObjectNode service, FieldErrors errors) {
        ServiceRules.validate(Place.of(service, errors));
    }

    @Override
    public void validateUpdate(ObjectNode service, ObjectNode old, FieldErrors errors) {
        ServiceUpdateRules.validate(Place.of(service, errors).at("spec"), old.path("spec"));
    }

    @Override
    public void validateStatusUpdate(ObjectNode service, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(service, errors);
        Place ingresses = whole.at("status", "loadBalancer", "ingress");
        if (!whole.at("spec", "type").is("LoadBalancer") && ingresses.size() > 0) {
            ingresses.forbidden("may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }
        for (Place ingress : ingresses.items()) {
            Place mode = ingress.at("ipMode");
            if (ingress.at("ip").filled()) {
                ingress.at("ip").check(Addresses::ip);
                if (mode.absent()) {
                    mode.required("must be specified when `ip` is set");
                }
                mode.oneOfIfPresent("Proxy", "VIP");
            } else {
                mode.mustBeAbsent("may not be specified when `ip` is not set");
            }
            Place hostname = ingress.at("hostname");
            if (hostname.filled()) {
                hostname.check(Names::dnsSubdomain);
                if (Addresses.ip(hostname.text()).isEmpty()) {
                    hostname.invalid("must be a DNS name, not an IP address");
                }
            }
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode service) {
        JsonNode spec = service.path("spec");
        return Map.of(
                "spec.clusterIP", spec.path("clusterIP").asText(""),
                "spec.type", spec.path("type").asText(""));
    }

    @Override
    public void warn(ObjectNode service, @Nullable ObjectNode old, List<String> warnings) {
        ServiceWarnings.tell(service, warnings);
    }
}
