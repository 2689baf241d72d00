package io.keelson.apiserver.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.Addresses;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.Map;

/** Addresses that are taken; they are named after themselves. */
public final class IpAddressStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public NameRule nameRule() {
        return NameRule.PATH_SEGMENT;
    }

    @Override
    public void validate(ObjectNode address, FieldErrors errors) {
        Place whole = Place.of(address, errors);
        whole.at("metadata", "name").checkIfFilled(Addresses::canonicalIp);
        Place parent = whole.at("spec", "parentRef");
        if (parent.absent()) {
            parent.required("");
            return;
        }
        parent.at("group").checkIfFilled(Names::dnsSubdomain);
        parent.at("resource").requireAndCheck(Names::pathSegment);
        parent.at("name").requireAndCheck(Names::pathSegment);
        parent.at("namespace").checkIfFilled(Names::pathSegment);
    }

    @Override
    public void validateUpdate(ObjectNode address, ObjectNode old, FieldErrors errors) {
        Place.of(address, errors)
                .at("spec", "parentRef")
                .mustEqual(old.path("spec").path("parentRef"));
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode address) {
        JsonNode parent = address.path("spec").path("parentRef");
        return Map.of(
                "spec.parentRef.group", parent.path("group").asText(""),
                "spec.parentRef.resource", parent.path("resource").asText(""),
                "spec.parentRef.namespace", parent.path("namespace").asText(""),
                "spec.parentRef.name", parent.path("name").asText(""));
    }
}
