package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Endpoints, the predecessors of endpoint slices. */
public final class EndpointsStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    @Override
    public void applyDefaults(ObjectNode endpoints) {
        for (ObjectNode subset : Fill.objects(endpoints.path("subsets"))) {
            Fill.objects(subset.path("ports")).forEach(port -> Fill.text(port, "protocol", "TCP"));
        }
    }

    @Override
    public void validate(ObjectNode endpoints, FieldErrors errors) {
        for (Place subset : Place.of(endpoints, errors).at("subsets").items()) {
            if (subset.at("addresses").size() + subset.at("notReadyAddresses").size() == 0) {
                subset.required("must specify `addresses` or `notReadyAddresses`");
            }
            for (String list : List.of("addresses", "notReadyAddresses")) {
                subset.at(list).items().forEach(EndpointsStrategy::address);
            }
            for (Place port : subset.at("ports").items()) {
                port(port, subset.at("ports").size() > 1);
            }
        }
    }

    private static void address(Place address) {
        address.at("ip").check(Addresses::ip);
        address.at("hostname").checkIfFilled(Names::dnsLabel);
        if (address.at("nodeName").present()) {
            address.at("nodeName").check(Names::dnsSubdomain);
        }
        address.at("ip").check(Addresses::reachableIp);
    }

    private static void port(Place port, boolean named) {
        if (named && port.at("name").empty()) {
            port.at("name").required("");
        } else {
            port.at("name").checkIfFilled(Names::dnsLabel);
        }
        ObjectRules.port(port.at("port"));
        port.at("protocol").oneOf("SCTP", "TCP", "UDP");
        if (port.at("appProtocol").present()) {
            port.at("appProtocol").check(Names::qualifiedName);
        }
    }
}
