package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.AddressWarnings;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Endpoints, the predecessors of endpoint slices. */
public final class EndpointsStrategy implements Strategy {
    private static final List<String> ADDRESSES = List.of("addresses", "notReadyAddresses");

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
            for (String list : ADDRESSES) {
                subset.at(list).items().forEach(EndpointsStrategy::address);
            }
            for (Place port : subset.at("ports").items()) {
                port(port, subset.at("ports").size() > 1);
            }
        }
    }

    /** Subsets that stay as they were may be as they were: not all that is refused now was so ever. */
    @Override
    public void validateChanged(ObjectNode endpoints, ObjectNode old, FieldErrors errors) {
        FieldErrors found = new FieldErrors();
        validate(endpoints, found);
        if (!found.isEmpty() && !SemanticEquality.equal(endpoints.path("subsets"), old.path("subsets"))) {
            errors.addAll(found);
        }
    }

    @Override
    public void warn(ObjectNode endpoints, @Nullable ObjectNode old, List<String> warnings) {
        JsonNode subsets = endpoints.path("subsets");
        for (int i = 0; i < subsets.size(); i++) {
            for (String list : ADDRESSES) {
                JsonNode addresses = subsets.path(i).path(list);
                for (int j = 0; j < addresses.size(); j++) {
                    AddressWarnings.tellOfAddress(
                            addresses.path(j).path("ip").asText(""),
                            "subsets[" + i + "]." + list + "[" + j + "].ip",
                            warnings);
                }
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
