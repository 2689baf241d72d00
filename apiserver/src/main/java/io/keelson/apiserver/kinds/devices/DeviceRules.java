package io.keelson.apiserver.kinds.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with requests for devices. */
final class DeviceRules {
    private static final int REQUESTS_MAX = 32;
    private static final int SELECTORS_MAX = 32;
    private static final int ALTERNATIVES_MAX = 8;

    private DeviceRules() {}

    static void defaults(JsonNode devices) {
        for (ObjectNode request : Fill.objects(devices.path("requests"))) {
            if (request.path("exactly") instanceof ObjectNode exactly) {
                amount(exactly);
            }
            Fill.objects(request.path("firstAvailable")).forEach(DeviceRules::amount);
        }
    }

    private static void amount(ObjectNode request) {
        Fill.text(request, "allocationMode", "ExactCount");
        if (request.path("allocationMode").asText().equals("ExactCount")) {
            Fill.zero(request, "count", 1);
        }
    }

    static void claim(Place devices) {
        Place requests = devices.at("requests");
        if (requests.size() > REQUESTS_MAX) {
            requests.tooMany(REQUESTS_MAX);
        }
        Set<String> names = new HashSet<>();
        for (Place request : requests.items()) {
            name(request, names);
            Place exactly = request.at("exactly");
            Place first = request.at("firstAvailable");
            if (exactly.present() == first.size() > 0) {
                request.invalid("exactly one of `exactly` or `firstAvailable` is required");
            }
            if (exactly.present()) {
                device(exactly);
            }
            if (first.size() > ALTERNATIVES_MAX) {
                first.tooMany(ALTERNATIVES_MAX);
            }
            Set<String> alternatives = new HashSet<>();
            for (Place alternative : first.items()) {
                name(alternative, alternatives);
                device(alternative);
            }
        }
        for (String list : List.of("constraints", "config")) {
            for (Place entry : devices.at(list).items()) {
                for (Place name : entry.at("requests").items()) {
                    if (!names.contains(name.text().split("/", 2)[0])) {
                        name.invalid("must be the name of a request in the claim or the name of a request and a"
                                + " subrequest separated by '/'");
                    }
                }
            }
        }
        devices.at("config").items().forEach(DeviceRules::configuration);
    }

    private static void name(Place request, Set<String> names) {
        Place name = request.at("name");
        name.requireAndCheck(Names::dnsLabel);
        if (!names.add(name.text())) {
            name.duplicate();
        }
    }

    private static void device(Place request) {
        request.at("deviceClassName").requireAndCheck(Names::dnsSubdomain);
        selectors(request.at("selectors"));
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
    }

    /** Selectors in CEL; what is wrong with the expressions themselves is found where they are compiled. */
    static void selectors(Place selectors) {
        if (selectors.size() > SELECTORS_MAX) {
            selectors.tooMany(SELECTORS_MAX);
        }
        for (Place selector : selectors.items()) {
            if (selector.at("cel").absent()) {
                selector.at("cel").required("");
            } else {
                selector.at("cel", "expression").mustBeFilled();
            }
        }
    }

    static void configuration(Place configuration) {
        Place opaque = configuration.at("opaque");
        if (opaque.absent()) {
            opaque.required("");
            return;
        }
        driver(opaque.at("driver"));
        if (opaque.at("parameters").absent()) {
            opaque.at("parameters").required("");
        }
    }

    static void driver(Place driver) {
        driver.requireAndCheck(Names::dnsSubdomain);
        if (driver.text().length() > Names.LABEL_BYTES_MAX) {
            driver.tooLong(Names.LABEL_BYTES_MAX);
        }
    }
}
