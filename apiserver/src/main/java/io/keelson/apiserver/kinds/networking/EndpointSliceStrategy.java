package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Formats;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Endpoint slices. */
public final class EndpointSliceStrategy implements Strategy {
    private static final int ENDPOINTS_MAX = 1_000;
    private static final int ADDRESSES_MAX = 100;
    private static final int PORTS_MAX = 20_000;
    private static final int HINTS_MAX = 8;

    @Override
    public void applyDefaults(ObjectNode slice) {
        for (ObjectNode port : Fill.objects(slice.path("ports"))) {
            if (!port.hasNonNull("name")) {
                port.put("name", "");
            }
            Fill.text(port, "protocol", "TCP");
        }
    }

    @Override
    public void validate(ObjectNode slice, FieldErrors errors) {
        Place whole = Place.of(slice, errors);
        Place type = whole.at("addressType");
        type.oneOf("FQDN", "IPv4", "IPv6");
        Place endpoints = whole.at("endpoints");
        if (endpoints.size() > ENDPOINTS_MAX) {
            endpoints.tooMany(ENDPOINTS_MAX);
        } else {
            endpoints.items().forEach(endpoint -> endpoint(endpoint, type.text()));
        }
        ports(whole.at("ports"));
    }

    private static void endpoint(Place endpoint, String type) {
        Place addresses = endpoint.at("addresses");
        if (addresses.size() == 0) {
            addresses.required("must contain at least 1 address");
        } else if (addresses.size() > ADDRESSES_MAX) {
            addresses.tooMany(ADDRESSES_MAX);
        }
        for (Place address : addresses.items()) {
            switch (type) {
                case "IPv4" -> {
                    address.check(Addresses::ipv4);
                    address.check(Addresses::reachableIp);
                }
                case "IPv6" -> {
                    address.check(Addresses::ipv6);
                    address.check(Addresses::reachableIp);
                }
                case "FQDN" -> address.check(Formats::fullyQualifiedDomain);
                default -> {
                    // That there is no such type was said.
                }
            }
        }
        if (endpoint.at("nodeName").present()) {
            endpoint.at("nodeName").check(Names::dnsSubdomain);
        }
        LabelValidation.labels(endpoint.at("deprecatedTopology"));
        if (endpoint.at("hostname").present()) {
            endpoint.at("hostname").check(Names::dnsLabel);
        }
        for (String list : List.of("forZones", "forNodes")) {
            hints(endpoint.at("hints", list));
        }
    }

    private static void hints(Place hints) {
        if (hints.size() > HINTS_MAX) {
            hints.tooMany(HINTS_MAX);
            return;
        }
        Set<String> names = new HashSet<>();
        for (Place hint : hints.items()) {
            if (!names.add(hint.at("name").text())) {
                hint.at("name").duplicate();
            }
            hint.at("name").check(hints.key().equals("forZones") ? Names::labelValue : Names::dnsSubdomain);
        }
    }

    private static void ports(Place ports) {
        if (ports.size() > PORTS_MAX) {
            ports.tooMany(PORTS_MAX);
            return;
        }
        Set<String> names = new HashSet<>();
        for (Place port : ports.items()) {
            port.at("name").checkIfFilled(Names::dnsLabel);
            if (!names.add(port.at("name").text())) {
                port.at("name").duplicate();
            }
            port.at("protocol").oneOf("SCTP", "TCP", "UDP");
            if (port.at("appProtocol").present()) {
                port.at("appProtocol").check(Names::qualifiedName);
            }
        }
    }

    @Override
    public void validateUpdate(ObjectNode slice, ObjectNode old, FieldErrors errors) {
        Place.of(slice, errors).at("addressType").mustEqual(old.path("addressType"));
    }
}
