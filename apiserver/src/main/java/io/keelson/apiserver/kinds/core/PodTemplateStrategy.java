package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.pod.DisabledPodFields;
import io.keelson.apiserver.kinds.pod.PodDefaults;
import io.keelson.apiserver.kinds.pod.PodTemplateRules;
import io.keelson.apiserver.kinds.pod.PodWarnings;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Templates of pods that stand by themselves. */
public final class PodTemplateStrategy implements Strategy {
    private static final DisabledPodFields DISABLED = DisabledPodFields.at("/template/spec");

    @Override
    public boolean returnsDeleted() {
        return true;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        PodDefaults.template(object.path("template"));
    }

    @Override
    public void dropDisabled(ObjectNode object, @Nullable ObjectNode old) {
        DISABLED.drop(object, old);
    }

    @Override
    public void validate(ObjectNode object, FieldErrors errors) {
        PodTemplateRules.validate(Place.of(object, errors).at("template"));
    }

    @Override
    public void warn(ObjectNode object, @Nullable ObjectNode old, List<String> warnings) {
        if (PodWarnings.isOther(object, old)) {
            PodWarnings.tellOfTemplate(object.path("template"), "template", warnings);
        }
    }
}
