package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;

/** What may change in a service: a second address may come and go, the first one stays. */
final class ServiceUpdateRules {
    private ServiceUpdateRules() {}

    static void validate(Place spec, JsonNode before) {
        boolean named = spec.at("type").is("ExternalName")
                || before.path("type").asText().equals("ExternalName");
        boolean headless = ServiceTypes.isHeadless(spec.value());
        boolean wasHeadless = ServiceTypes.isHeadless(before);
        if (!named && !(headless && wasHeadless)) {
            list(spec, before, "clusterIPs", "primary clusterIP can not be unset", "clusterIP");
        }
        if (!named && !headless && !wasHeadless) {
            list(spec, before, "ipFamilies", "primary ipFamily can not be unset", "ipFamily");
        }
        if (ServiceTypes.isLoadBalancer(spec.value()) && ServiceTypes.isLoadBalancer(before)) {
            Place balancerClass = spec.at("loadBalancerClass");
            if (!SemanticEquality.equal(balancerClass.value(), before.path("loadBalancerClass"))) {
                balancerClass.invalid("may not change once set");
            }
        }
        if (ServiceTypes.hasHealthCheck(spec.value()) && ServiceTypes.hasHealthCheck(before)) {
            Place port = spec.at("healthCheckNodePort");
            if (port.number() != before.path("healthCheckNodePort").asLong()) {
                port.forbidden("field is immutable");
            }
        }
    }

    private static void list(Place spec, JsonNode before, String field, String unset, String one) {
        Place now = spec.at(field);
        List<String> values = now.textItems();
        JsonNode old = before.path(field);
        for (int i = 0; i < Math.min(values.size(), old.size()); i++) {
            boolean primary = i == 0 || values.size() == old.size();
            if (primary && !values.get(i).equals(old.get(i).asText())) {
                now.errors().invalid(now.path().index(i), now.value(), "may not change once set");
            }
        }
        if (values.size() < old.size()) {
            if (values.isEmpty()) {
                now.errors().invalid(now.path().index(0), now.value(), unset);
            } else if (!spec.at("ipFamilyPolicy").is("SingleStack")) {
                spec.at("ipFamilyPolicy").invalid("must be set to 'SingleStack' when releasing the secondary " + one);
            }
        }
    }
}
