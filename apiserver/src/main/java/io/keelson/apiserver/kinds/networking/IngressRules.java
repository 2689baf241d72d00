package io.keelson.apiserver.kinds.networking;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** What is wrong with the parts of an ingress. */
final class IngressRules {
    private static final List<String> NOT_IN_PATHS = List.of("//", "/./", "/../", "%2f", "%2F");
    private static final List<String> NOT_AT_END = List.of("/..", "/.");

    private IngressRules() {}

    static void rule(Place rule) {
        Place host = rule.at("host");
        if (host.filled()) {
            if (Addresses.ip(host.text()).isEmpty()) {
                host.invalid("must be a DNS name, not an IP address");
            }
            host.check(host.text().indexOf('*') >= 0 ? Names::wildcardSubdomain : Names::dnsSubdomain);
        }
        Place paths = rule.at("http", "paths");
        if (rule.at("http").present() && paths.size() == 0) {
            paths.required("");
        }
        paths.items().forEach(IngressRules::path);
    }

    private static void path(Place path) {
        Place type = path.at("pathType");
        if (type.absent()) {
            type.required("pathType must be specified");
            return;
        }
        Place text = path.at("path");
        boolean absolute = text.text().startsWith("/");
        switch (type.text()) {
            case "Exact", "Prefix" -> {
                if (!absolute) {
                    text.invalid("must be an absolute path");
                }
                for (String sequence : NOT_IN_PATHS) {
                    if (text.text().contains(sequence)) {
                        text.invalid("must not contain '" + sequence + "'");
                    }
                }
                for (String end : NOT_AT_END) {
                    if (text.text().endsWith(end)) {
                        text.invalid("cannot end with '" + end + "'");
                    }
                }
            }
            case "ImplementationSpecific" -> {
                if (text.filled() && !absolute) {
                    text.invalid("must be an absolute path");
                }
            }
            default -> type.notSupported("Exact", "ImplementationSpecific", "Prefix");
        }
        backend(path.at("backend"));
    }

    static void backend(Place backend) {
        Place resource = backend.at("resource");
        Place service = backend.at("service");
        if (resource.present() && service.present()) {
            backend.invalid("", "cannot set both resource and service backends");
        } else if (resource.present()) {
            reference(resource);
        } else if (service.present()) {
            service.at("name").requireAndCheck(Names::dnsLabel);
            Place name = service.at("port", "name");
            Place number = service.at("port", "number");
            if (name.filled() && number.filled()) {
                backend.invalid("", "cannot set both port name & port number");
            } else if (name.filled()) {
                name.check(Names::portName);
            } else if (number.filled()) {
                ObjectRules.port(number);
            } else {
                backend.required("port name or number is required");
            }
        } else {
            backend.invalid("", "resource or service backend is required");
        }
    }

    static void reference(Place reference) {
        if (reference.at("apiGroup").present()) {
            reference.at("apiGroup").check(Names::dnsSubdomain);
        }
        for (String field : List.of("kind", "name")) {
            if (reference.at(field).empty()) {
                reference.at(field).required(field + " is required");
            } else {
                reference.at(field).check(Names::pathSegment);
            }
        }
    }

    static void tls(Place tls) {
        for (Place host : tls.at("hosts").items()) {
            host.check(host.text().indexOf('*') >= 0 ? Names::wildcardSubdomain : Names::dnsSubdomain);
        }
        tls.at("secretName").checkIfFilled(Names::dnsSubdomain);
    }
}
