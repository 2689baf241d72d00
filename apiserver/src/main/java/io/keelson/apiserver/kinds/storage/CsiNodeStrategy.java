package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.pod.VolumeSourceRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashSet;
import java.util.Set;

/** Drivers of storage on a node. */
public final class CsiNodeStrategy implements Strategy {
    private static final int NODE_ID_CHARS_MAX = 256;

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void validate(ObjectNode node, FieldErrors errors) {
        Set<String> names = new HashSet<>();
        for (Place driver : Place.of(node, errors).at("spec", "drivers").items()) {
            VolumeSourceRules.driverName(driver.at("name"));
            Place id = driver.at("nodeID");
            id.mustBeFilled();
            if (id.text().length() > NODE_ID_CHARS_MAX) {
                id.invalid("must be " + NODE_ID_CHARS_MAX + " characters or less");
            }
            driver.at("allocatable", "count").notNegative();
            if (!names.add(driver.at("name").text())) {
                driver.at("name").duplicate();
            }
            Set<String> keys = new HashSet<>();
            for (Place key : driver.at("topologyKeys").items()) {
                if (key.empty()) {
                    driver.required("");
                }
                if (!keys.add(key.text())) {
                    driver.duplicate(key.text());
                }
                for (String wrong : Names.qualifiedName(key.text())) {
                    driver.invalid(driver.at("topologyKeys").value(), wrong);
                }
            }
        }
    }

    /** What a driver says of itself stays, but for how many volumes it can attach. */
    @Override
    public void validateUpdate(ObjectNode node, ObjectNode old, FieldErrors errors) {
        Place drivers = Place.of(node, errors).at("spec", "drivers");
        for (JsonNode before : old.path("spec").path("drivers")) {
            for (Place driver : drivers.items()) {
                boolean same = driver.at("name").is(before.path("name").asText(""));
                if (same && !SemanticEquality.equal(fixed(driver.value()), fixed(before))) {
                    driver.as(FieldPath.of("CSINodeDriver")).invalid("field is immutable");
                }
            }
        }
    }

    private static JsonNode fixed(JsonNode driver) {
        return driver instanceof ObjectNode object ? object.deepCopy().without("allocatable") : driver;
    }
}
