package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/** Network policies. */
public final class NetworkPolicyStrategy implements Strategy {
    @Override
    public void applyDefaults(ObjectNode policy) {
        ObjectNode spec = Fill.object(policy, "spec");
        for (String direction : List.of("ingress", "egress")) {
            for (JsonNode rule : spec.path(direction)) {
                Fill.objects(rule.path("ports")).forEach(port -> Fill.text(port, "protocol", "TCP"));
            }
        }
        if (spec.path("policyTypes").isEmpty()) {
            Fill.list(spec, "policyTypes").add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                Fill.list(spec, "policyTypes").add("Egress");
            }
        }
    }

    @Override
    public void validate(ObjectNode policy, FieldErrors errors) {
        Place spec = Place.of(policy, errors).at("spec");
        LabelValidation.selector(spec.at("podSelector"));
        for (String direction : List.of("ingress", "egress")) {
            for (Place rule : spec.at(direction).items()) {
                rule.at("ports").items().forEach(NetworkPolicyStrategy::port);
                rule.at(direction.equals("ingress") ? "from" : "to").items().forEach(NetworkPolicyStrategy::peer);
            }
        }
        Place types = spec.at("policyTypes");
        if (types.size() > 2) {
            types.invalid("may not specify more than two policyTypes");
            return;
        }
        for (Place type : types.items()) {
            if (!type.is("Ingress") && !type.is("Egress")) {
                type.notSupported("Ingress", "Egress");
            }
        }
    }

    private static void port(Place port) {
        port.at("protocol").oneOfIfPresent("TCP", "UDP", "SCTP");
        Place number = port.at("port");
        Place end = port.at("endPort");
        if (number.isNumber()) {
            ObjectRules.port(number);
            if (end.present()) {
                if (end.number() < number.number()) {
                    end.invalid(number.number(), "must be greater than or equal to `port`");
                }
                ObjectRules.port(end);
            }
            return;
        }
        if (number.present()) {
            if (end.present()) {
                end.invalid("may not be specified when `port` is non-numeric");
            }
            number.check(Names::portName);
        } else if (end.present()) {
            end.invalid("may not be specified when `port` is not specified");
        }
    }

    private static void peer(Place peer) {
        Place block = peer.at("ipBlock");
        boolean selectors =
                peer.at("podSelector").present() || peer.at("namespaceSelector").present();
        LabelValidation.selector(peer.at("podSelector"));
        LabelValidation.selector(peer.at("namespaceSelector"));
        if (block.present()) {
            block(block);
            if (selectors) {
                peer.forbidden("may not specify both ipBlock and another peer");
            }
        } else if (!selectors) {
            peer.required("must specify a peer");
        }
    }

    private static void block(Place block) {
        Place cidr = block.at("cidr");
        if (cidr.empty()) {
            cidr.required("");
            return;
        }
        Addresses.Cidr range = Addresses.Cidr.parse(cidr.text());
        if (range == null) {
            cidr.check(Addresses::cidr);
            return;
        }
        for (Place except : block.at("except").items()) {
            Addresses.Cidr inner = Addresses.Cidr.parse(except.text());
            if (inner == null) {
                except.check(Addresses::cidr);
            } else if (!range.strictlyContains(inner)) {
                except.invalid("must be a strict subset of `cidr`");
            }
        }
    }
}
