package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with what a claim asks for: its requests, what holds between them, and what is meant for drivers. */
final class DeviceClaimRules {
    private static final int REQUESTS_MAX = 32;
    private static final int CONSTRAINTS_MAX = 32;
    private static final int ALTERNATIVES_MAX = 8;
    private static final String ONE_OF = "exactly one of `exactly` or `firstAvailable` is required";

    private DeviceClaimRules() {}

    static void defaults(JsonNode devices) {
        for (ObjectNode request : Fill.objects(devices.path("requests"))) {
            if (request.path("exactly") instanceof ObjectNode exactly) {
                amount(exactly);
            }
            Fill.objects(request.path("firstAvailable")).forEach(DeviceClaimRules::amount);
        }
    }

    private static void amount(ObjectNode request) {
        Fill.text(request, "allocationMode", "ExactCount");
        if (request.path("allocationMode").asText().equals("ExactCount")) {
            Fill.zero(request, "count", 1);
        }
    }

    /** @param devices what is asked for */
    static void validate(Place devices) {
        RequestNames names = RequestNames.of(devices.value());
        List<Place> requests = Bounded.items(devices.at("requests"), REQUESTS_MAX);
        requests.forEach(DeviceClaimRules::request);
        Bounded.unique(requests, request -> request.at("name").text());
        for (Place constraint : Bounded.items(devices.at("constraints"), CONSTRAINTS_MAX)) {
            constraint(constraint, names);
        }
        for (Place configuration : Bounded.items(devices.at("config"), ConfigurationRules.CONFIGURATIONS_MAX)) {
            names.checkAll(configuration.at("requests"));
            ConfigurationRules.configuration(configuration, false);
        }
    }

    private static void request(Place request) {
        request.at("name").check(Names::dnsLabel);
        Place exactly = request.at("exactly");
        Place alternatives = request.at("firstAvailable");
        if (exactly.present() && alternatives.size() > 0) {
            request.invalid(null, ONE_OF + ", but multiple fields are set");
        } else if (exactly.present()) {
            devices(exactly);
        } else if (alternatives.size() > 0) {
            List<Place> items = Bounded.items(alternatives, ALTERNATIVES_MAX);
            for (Place alternative : items) {
                alternative.at("name").check(Names::dnsLabel);
                devices(alternative);
            }
            Bounded.unique(items, alternative -> alternative.at("name").text());
        } else {
            request.required(ONE_OF);
        }
    }

    private static void devices(Place request) {
        request.at("deviceClassName").requireAndCheck(Names::dnsSubdomain);
        SelectorRules.selectors(request.at("selectors"));
        Place count = request.at("count");
        switch (request.at("allocationMode").text()) {
            case "All" -> {
                if (count.filled()) {
                    count.invalid("must not be specified when allocationMode is 'All'");
                }
            }
            case "ExactCount" -> {
                if (count.number() <= 0) {
                    count.invalid(count.number(), "must be greater than zero");
                }
            }
            default -> request.at("allocationMode").notSupported("All", "ExactCount");
        }
        TaintRules.tolerations(request.at("tolerations"));
    }

    private static void constraint(Place constraint, RequestNames names) {
        names.checkAll(constraint.at("requests"));
        Place match = constraint.at("matchAttribute");
        Place distinct = constraint.at("distinctAttribute");
        if (match.present()) {
            DeviceNames.fullyQualified(match);
        } else if (distinct.present()) {
            DeviceNames.fullyQualified(distinct);
        } else {
            constraint.required("exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple"
                    + " fields are set");
        }
    }
}
