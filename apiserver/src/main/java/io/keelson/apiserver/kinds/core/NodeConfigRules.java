package io.keelson.apiserver.kinds.core;

import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;

/**
 * What is wrong with the ConfigMaps that a node's agent is to be configured by, and those that it says it is. The feature is
 * gone, but nodes that were stored with it keep what they have.
 */
final class NodeConfigRules {
    private NodeConfigRules() {}

    /** What is wanted, in the specification: a ConfigMap by its name, whatever it is. */
    static void wanted(Place source) {
        if (source.absent()) {
            return;
        }
        Place map = source.at("configMap");
        if (map.absent()) {
            noReference(source);
            return;
        }
        if (map.at("uid").filled()) {
            map.at("uid").forbidden("uid must not be set in spec");
        }
        if (map.at("resourceVersion").filled()) {
            map.at("resourceVersion").forbidden("resourceVersion must not be set in spec");
        }
        key(map);
    }

    /** What the agent tells, in the status: ConfigMaps as they were when it took them. */
    static void told(Place config) {
        for (String field : List.of("assigned", "active", "lastKnownGood")) {
            Place source = config.at(field);
            if (source.absent()) {
                continue;
            }
            Place map = source.at("configMap");
            if (map.absent()) {
                noReference(source);
                continue;
            }
            mustBeSet(map.at("uid"), "uid must be set in status");
            mustBeSet(map.at("resourceVersion"), "resourceVersion must be set in status");
            key(map);
        }
    }

    private static void noReference(Place source) {
        source.invalid("exactly one reference subfield must be non-nil");
    }

    private static void key(Place map) {
        mustBeSet(map.at("namespace"), "namespace must be set");
        map.at("namespace").checkIfFilled(Names::dnsLabel);
        mustBeSet(map.at("name"), "name must be set");
        map.at("name").checkIfFilled(Names::dnsSubdomain);
        mustBeSet(map.at("kubeletConfigKey"), "kubeletConfigKey must be set");
        map.at("kubeletConfigKey").checkIfFilled(Names::configKey);
    }

    private static void mustBeSet(Place place, String otherwise) {
        if (place.empty()) {
            place.required(otherwise);
        }
    }
}
