package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** What is wrong with a pod. */
public final class PodRules {
    private PodRules() {}

    /** Looks over a pod, new or changed. */
    public static void validate(ObjectNode pod, FieldErrors errors) {
        Place whole = Place.of(pod, errors);
        Place spec = whole.at("spec");
        PodAnnotationRules.validate(whole.at("metadata", "annotations"), spec);
        PodSpecRules.validate(spec, whole.at("metadata", "name").text(), true);
        if (spec.at("serviceAccountName").empty()) {
            for (Place volume : spec.at("volumes").items()) {
                for (Place source : volume.at("projected", "sources").items()) {
                    source.at("serviceAccountToken")
                            .mustBeAbsent("must not be specified when serviceAccountName is not set");
                }
            }
        }
        spec.at("containers").items().forEach(ContainerRules::image);
        spec.at("initContainers").items().forEach(ContainerRules::image);
    }

    /** Looks over what only a new pod may not have. */
    public static void validateCreate(ObjectNode pod, FieldErrors errors) {
        Place spec = Place.of(pod, errors).at("spec");
        if (spec.at("ephemeralContainers").size() > 0) {
            spec.at("ephemeralContainers").forbidden("cannot be set on create");
        }
        if (spec.at("nodeName").filled() && spec.at("schedulingGates").size() > 0) {
            spec.at("nodeName").forbidden("cannot be set until all schedulingGates have been cleared");
        }
        PodAnnotationRules.mustMatchFields(Place.of(pod, errors).at("metadata", "annotations"), spec);
    }
}
