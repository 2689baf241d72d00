package io.keelson.apiserver.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.kinds.pod.OldNodeLabels;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How much room there is in a class of storage. */
public final class CsiStorageCapacityStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void validate(ObjectNode capacity, FieldErrors errors) {
        Place whole = Place.of(capacity, errors);
        LabelValidation.selector(whole.at("nodeTopology"));
        whole.at("storageClassName").check(Names::dnsSubdomain);
        for (String field : List.of("capacity", "maximumVolumeSize")) {
            if (whole.at(field).present()) {
                ObjectRules.notNegativeQuantity(whole.at(field));
            }
        }
    }

    @Override
    public void validateUpdate(ObjectNode capacity, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(capacity, errors);
        for (String field : List.of("nodeTopology", "storageClassName")) {
            whole.at(field).mustEqual(old.path(field));
        }
    }

    @Override
    public void warn(ObjectNode capacity, @Nullable ObjectNode old, List<String> warnings) {
        JsonNode topology = capacity.path("nodeTopology");
        OldNodeLabels.tellOfExpressions(topology.path("matchExpressions"), "nodeTopology.matchExpressions", warnings);
        topology.path("matchLabels").fieldNames().forEachRemaining(label -> {
            String advice = OldNodeLabels.advice(label);
            if (advice != null) {
                warnings.add("nodeTopology.matchLabels." + label + ": " + advice);
            }
        });
    }
}
