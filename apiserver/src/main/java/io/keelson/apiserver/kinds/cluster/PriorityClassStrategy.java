package io.keelson.apiserver.kinds.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.Map;

/** Classes of priority. */
public final class PriorityClassStrategy implements Strategy {
    private static final long USER_VALUE_MAX = 1_000_000_000;
    private static final Map<String, Long> OF_THE_SYSTEM =
            Map.of("system-cluster-critical", 2_000_000_000L, "system-node-critical", 2_000_001_000L);

    @Override
    public void applyDefaults(ObjectNode priority) {
        Fill.text(priority, "preemptionPolicy", "PreemptLowerPriority");
    }

    @Override
    public void validate(ObjectNode priority, FieldErrors errors) {
        Place whole = Place.of(priority, errors);
        Place name = whole.at("metadata", "name");
        Place value = whole.at("value");
        if (name.text().startsWith("system-")) {
            Long known = OF_THE_SYSTEM.get(name.text());
            if (known == null || known != value.number()) {
                name.forbidden("priority class names with 'system-' prefix are reserved for system use only");
            }
        } else if (value.number() > USER_VALUE_MAX) {
            value.forbidden("maximum allowed value of a user defined priority is " + USER_VALUE_MAX);
        }
        whole.at("preemptionPolicy").oneOfIfPresent("PreemptLowerPriority", "Never");
    }

    @Override
    public void validateUpdate(ObjectNode priority, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(priority, errors);
        if (whole.at("value").number() != old.path("value").asLong()) {
            whole.at("value").forbidden("may not be changed in an update.");
        }
        whole.at("preemptionPolicy").mustEqual(old.path("preemptionPolicy"));
    }
}
