package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.validation.LabelValidation;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.Set;

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

    /** As {@link #validate}, where volumes are made out of claims beside those that the template has. */
    public static void validateWithClaims(Place template, Place claims) {
        metadata(template);
        if (template.at("spec").value() instanceof ObjectNode spec) {
            ObjectNode complete = spec.deepCopy();
            Set<String> made = new HashSet<>();
            for (Place claim : claims.items()) {
                made.add(claim.at("metadata", "name").text());
            }
            ArrayNode volumes = Fill.list(complete, "volumes");
            for (int i = volumes.size() - 1; i >= 0; i--) {
                if (made.contains(volumes.get(i).path("name").asText())) {
                    volumes.remove(i);
                }
            }
            for (String name : made) {
                volumes.addObject()
                        .put("name", name)
                        .putObject("persistentVolumeClaim")
                        .put("claimName", name);
            }
            PodSpecRules.validate(template.at("spec").with(complete), "", false);
        } else {
            PodSpecRules.validate(template.at("spec"), "", false);
        }
    }

    /** Labels and annotations; their paths leave the word metadata out, as they always did. */
    private static void metadata(Place template) {
        Place metadata = template.at("metadata");
        LabelValidation.labels(metadata.at("labels").as(template.path().child("labels")));
        Place annotations = metadata.at("annotations").as(template.path().child("annotations"));
        LabelValidation.annotations(annotations);
        PodAnnotationRules.validate(annotations, template.at("spec"));
        PodAnnotationRules.mustMatchFields(annotations, template.at("spec"));
    }

    /** Complains if a selector does not choose the pods that the template makes. One that is not there chooses none. */
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
