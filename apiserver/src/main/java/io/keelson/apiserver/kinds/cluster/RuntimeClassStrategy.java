package io.keelson.apiserver.kinds.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.pod.OldNodeLabels;
import io.keelson.apiserver.kinds.pod.ResourceDefaults;
import io.keelson.apiserver.kinds.pod.ResourceRules;
import io.keelson.apiserver.kinds.pod.TolerationRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Classes of runtimes. */
public final class RuntimeClassStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode runtime) {
        ResourceDefaults.canonical(runtime.path("overhead").path("podFixed"));
    }

    @Override
    public void validate(ObjectNode runtime, FieldErrors errors) {
        Place whole = Place.of(runtime, errors);
        whole.at("handler").check(Names::dnsLabel);
        for (Place entry : whole.at("overhead", "podFixed").entries()) {
            ResourceRules.limitName(entry, true);
            ResourceRules.amount(entry);
        }
        LabelValidation.labels(whole.at("scheduling", "nodeSelector"));
        TolerationRules.tolerations(whole.at("scheduling", "tolerations"));
    }

    @Override
    public void validateUpdate(ObjectNode runtime, ObjectNode old, FieldErrors errors) {
        Place.of(runtime, errors).at("handler").mustEqual(old.path("handler"));
    }

    @Override
    public void warn(ObjectNode runtimeClass, @Nullable ObjectNode old, List<String> warnings) {
        runtimeClass.path("scheduling").path("nodeSelector").fieldNames().forEachRemaining(label -> {
            String advice = OldNodeLabels.advice(label);
            if (advice != null) {
                warnings.add("scheduling.nodeSelector: " + advice);
            }
        });
    }
}
