package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;

/** What is wrong with a template of pods, as kinds have it that make them. */
public final class PodTemplateRules {
    private PodTemplateRules() {}

    public static void validate(Place template) {
        metadata(template);
        PodSpecRules.validate(template.at("spec"), "", false);
        if (template.at("spec", "ephemeralContainers").size() > 0) {
            template.at("spec", "ephemeralContainers").forbidden("ephemeral containers not allowed in pod template");
        }
    }

    /** Labels and annotations; their paths leave the word metadata out, as they always did. */
    private static void metadata(Place template) {
        Place metadata = template.at("metadata");
        LabelValidation.labels(metadata.at("labels").as(template.path().child("labels")));
        Place annotations = metadata.at("annotations").as(template.path().child("annotations"));
        LabelValidation.annotations(annotations);
        PodAnnotationRules.validate(annotations, template.at("spec"));
    }

    /** Complains if a selector does not choose the pods that the template makes. */
    public static void mustMatch(Place template, Place selector) {
        Place labels = template.at("metadata", "labels");
        try {
            if (!LabelSelector.of(selector.value()).matches(labels.texts())) {
                labels.invalid("`selector` does not match template `labels`");
            }
        } catch (MalformedException e) {
            // What is wrong with the selector is said where it stands.
        }
    }

    /** As {@link #mustMatch} for a selector that is but a map of labels; an empty one matches nothing and everything. */
    public static void mustMatchLabels(Place template, Place selector) {
        Place labels = template.at("metadata", "labels");
        if (selector.size() > 0 && !LabelSelector.ofLabels(selector.texts()).matches(labels.texts())) {
            labels.invalid("`selector` does not match template `labels`");
        }
    }

    /** Complains about pods that would end by themselves, where the kind keeps them running. */
    public static void alwaysRestarted(Place template, String kind) {
        Place policy = template.at("spec", "restartPolicy");
        if (!policy.is("Always")) {
            policy.notSupported("Always");
        }
        template.at("spec", "activeDeadlineSeconds")
                .mustBeAbsent("activeDeadlineSeconds in " + kind + " is not Supported");
    }
}
